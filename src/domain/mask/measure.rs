//! How long things take and how much they hold at the largest sizes: `cargo test --release --package mask measure -- --ignored --nocapture --test-threads 1`.

use std::time::Instant;

use super::raster::Mask;
use super::*;

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    let took = start.elapsed();
    eprintln!("{what}: {:.1} ms", took.as_secs_f64() * 1e3);
    result
}

fn press(x: f32, y: f32) -> Event {
    Event::Press {
        at: ImagePoint::new(x, y),
        pressure: 1.0,
        line: false,
        subtract: false,
    }
}

fn go(x: f32, y: f32) -> Event {
    Event::Move {
        at: ImagePoint::new(x, y),
        pressure: 1.0,
    }
}

/// A wide wave over the whole picture, in so many moves.
fn wave(editor: &mut MaskEditor, seed: u32, moves: u32) {
    let Pixels { width, height } = editor.mask().pixels();
    let (width, height) = (width as f32, height as f32);
    let phase = seed as f32 * 0.7;
    let at = |step: u32| {
        let share = step as f32 / moves as f32;
        let y = height * (0.5 + 0.45 * (phase + share * 3.2).sin());
        (width * share, y)
    };
    let (x, y) = at(0);
    editor.handle(press(x, y));
    for step in 1..=moves {
        let (x, y) = at(step);
        editor.handle(go(x, y));
    }
    editor.handle(Event::Release);
}

/// Small dots everywhere, and softly: the worst that hands do.
fn noisy(pixels: Pixels) -> Mask {
    let mut seed = 1_u32;
    let drawn = Mask::from_rows(pixels, 0..pixels.height as usize, |_, row| {
        for value in row {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *value = (seed >> 24) as u8;
        }
        Ok::<(), std::convert::Infallible>(())
    });
    drawn.unwrap()
}

/// Edges that a wand would leave: noise in a band around a wave.
fn noisy_edges(pixels: Pixels) -> Mask {
    let mut editor = MaskEditor::new(pixels);
    editor.brush.size = 700.0;
    editor.brush.hardness = 20;
    wave(&mut editor, 3, 200);
    let noise = noisy(pixels);
    let mut mask = editor.mask().clone();
    let all = 0..mask.tiles().len();
    let soft = mask.clone();
    for index in all {
        let (tile, noise) = (soft.tile(index), noise.tile(index).block());
        let mut block = tile.block();
        for (value, noise) in block.iter_mut().zip(&noise) {
            if (1..255).contains(value) {
                *value = *noise;
            }
        }
        mask.set_block(index, block);
    }
    mask
}

fn exports() {
    let pixels = Pixels::new(3840, 2160);
    let mut editor = MaskEditor::new(pixels);
    editor.brush.size = 500.0;
    wave(&mut editor, 1, 200);
    let brushed = editor.mask().clone();
    editor.handle(Event::Feather(200));
    for (name, mask) in [
        ("brushed", brushed),
        ("feathered", editor.mask().clone()),
        ("noisy edges", noisy_edges(pixels)),
        ("nothing but noise", noisy(pixels)),
    ] {
        let exported = timed(&format!("export 3840x2160 {name}"), || png::export(&mask)).unwrap();
        eprintln!(
            "    {} bytes, {} levels",
            exported.bytes.len(),
            exported.alpha_levels
        );
        let read = timed("import", || png::import(&exported.bytes, pixels)).unwrap();
        assert!(exported.alpha_levels < 256 || read == mask);
        let draft = timed("draft", || mask.to_bytes());
        eprintln!("    {} bytes", draft.len());
    }
    let noise = noisy(Pixels::new(4096, 4096));
    let exported = timed("export 4096x4096 nothing but noise", || png::export(&noise));
    eprintln!(
        "    {:?}",
        exported.map(|it| (it.bytes.len(), it.alpha_levels))
    );
}

fn history(name: &str, size: f32, hardness: u8) {
    let mut editor = MaskEditor::new(Pixels::new(4096, 4096));
    (editor.brush.size, editor.brush.hardness) = (size, hardness);
    let start = Instant::now();
    for step in 0..200 {
        if step % 2 == 1 {
            editor.tool = Tool::Eraser;
            (editor.eraser.size, editor.eraser.hardness) = (size, hardness);
        } else {
            editor.tool = Tool::Brush;
        }
        wave(&mut editor, step, 20);
    }
    let spent = start.elapsed();
    let bytes = editor.history_bytes();
    eprintln!(
        "200 strokes at 4096x4096 {name}: {:.2} ms a move, {:.1} MB of history",
        spent.as_secs_f64() * 1e3 / 200.0 / 21.0,
        bytes as f64 / 1e6
    );
    for event in [Event::Undo, Event::Redo] {
        let mut times: Vec<_> = (0..200)
            .map(|_| {
                let begun = Instant::now();
                editor.handle(event.clone());
                begun.elapsed()
            })
            .collect();
        times.sort();
        let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3);
        eprintln!(
            "    {event:?}: median {:.2} ms, most {:.2} ms",
            ms(100),
            ms(199)
        );
    }
}

#[test]
#[ignore = "figures of this machine; nothing is asserted"]
fn measure() {
    let pixels = Pixels::new(4096, 4096);
    let noise = noisy(pixels);
    for radius in [8, 60, 400] {
        let mut mask = noise.clone();
        timed(&format!("feather {radius} of noise"), || {
            mask.feather(radius);
        });
    }
    let mut editor = MaskEditor::new(pixels);
    editor.brush.size = 600.0;
    wave(&mut editor, 0, 100);
    for radius in [8, 32, 100] {
        let mut mask = editor.mask().clone();
        timed(&format!("feather {radius}"), || mask.feather(radius));
        let mut mask = editor.mask().clone();
        timed(&format!("grow {radius}"), || mask.grow(radius));
    }
    timed("invert", || editor.handle(Event::Invert));
    editor.tool = Tool::Fill;
    timed("fill", || editor.handle(press(5.0, 5.0)));
    let rgba = vec![90; 4096 * 4096 * 4];
    editor.set_picture(Some(Arc::new(PicturePixels { pixels, rgba })));
    editor.tool = Tool::MagicWand;
    timed("wand", || editor.handle(press(5.0, 5.0)));
    editor.tool = Tool::Ellipse;
    editor.handle(press(5.0, 5.0));
    editor.handle(go(4000.0, 4000.0));
    timed("ellipse", || editor.handle(Event::Release));
    exports();
}

#[test]
#[ignore = "figures of this machine; nothing is asserted"]
fn measure_history() {
    history("100 px", 100.0, 80);
    history("400 px", 400.0, 80);
    history("1000 px, soft", 1000.0, 0);
}

/// The strokes of `cargo xtask bench -- --only masks`.
#[test]
#[ignore = "figures of this machine; nothing is asserted"]
fn measure_strokes() {
    for hardness in [100, 30] {
        let mut editor = MaskEditor::new(Pixels::new(4096, 4096));
        (editor.brush.size, editor.brush.hardness) = (64.0, hardness);
        let at = |stroke: u16, step: u16| {
            let share = f32::from(step) / 200.0;
            let top = 0.1 + 0.08 * f32::from(stroke) + (share * 12.0).sin() * 0.04;
            (4096.0 * (0.05 + 0.9 * share), 4096.0 * top)
        };
        let start = Instant::now();
        for stroke in 0..10 {
            let (x, y) = at(stroke, 0);
            editor.handle(press(x, y));
            for step in 1..=200 {
                let (x, y) = at(stroke, step);
                editor.handle(go(x, y));
            }
            editor.handle(Event::Release);
        }
        let micros = start.elapsed().as_secs_f64() * 1e6 / 2000.0;
        eprintln!("hardness {hardness}: {micros:.1} µs a move");
    }
}
