//! The mask editor by scripts and pictures, and what must hold for every hand.

use proptest::prelude::*;

use super::*;

const TOOLS: [(&str, Tool); 8] = [
    ("brush", Tool::Brush),
    ("eraser", Tool::Eraser),
    ("rectangle", Tool::Rectangle),
    ("ellipse", Tool::Ellipse),
    ("lasso", Tool::Lasso),
    ("polygon", Tool::Polygon),
    ("wand", Tool::MagicWand),
    ("fill", Tool::Fill),
];

/// `press 1 1` is the middle of the pixel (1, 1).
fn event(words: &[&str]) -> Option<Event> {
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<f32>().ok());
    let at = || ImagePoint::new(number(1).unwrap() + 0.5, number(2).unwrap() + 0.5);
    let pressure = number(3).unwrap_or(1.0);
    let pixels = |at: usize| number(at).unwrap() as i32;
    let press = |line: bool, subtract: bool| Event::Press {
        at: at(),
        pressure,
        line,
        subtract,
    };
    let event = match *words.first()? {
        "press" => press(false, false),
        "line" => press(true, false),
        "alt" => press(false, true),
        "move" => Event::Move { at: at(), pressure },
        "release" => Event::Release,
        "cancel" => Event::Cancel,
        "close" => Event::ClosePolygon,
        "undo" => Event::Undo,
        "redo" => Event::Redo,
        "clear" => Event::Clear,
        "all" => Event::CoverAll,
        "invert" => Event::Invert,
        "grow" => Event::Grow(number(1).unwrap() as u32),
        "shrink" => Event::Shrink(number(1).unwrap() as u32),
        "feather" => Event::Feather(number(1).unwrap() as u32),
        "box" => Event::SelectBox(
            Rect::new(pixels(1), pixels(2), pixels(3), pixels(4)),
            Combine::Add,
        ),
        _ => return None,
    };
    Some(event)
}

fn run(editor: &mut MaskEditor, script: &str) {
    for line in script.split(';') {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(event) = event(&words) {
            editor.handle(event);
            continue;
        }
        match words.as_slice() {
            ["thin"] => editor.brush.size = 1.0,
            ["size", size] => editor.brush.size = size.parse().unwrap(),
            ["pens"] => editor.brush.pressure = true,
            ["near", gap] => editor.close_within = gap.parse().unwrap(),
            ["anywhere"] => editor.wand.contiguous = false,
            ["subtract"] => editor.combine = Combine::Subtract,
            ["replace"] => editor.combine = Combine::Replace,
            ["intersect"] => editor.combine = Combine::Intersect,
            [name] => editor.tool = TOOLS.iter().find(|(tool, _)| tool == name).unwrap().1,
            _ => panic!("{line}"),
        }
    }
}

fn editor(pixels: Pixels) -> MaskEditor {
    let mut editor = MaskEditor::new(pixels);
    let brush = Brush {
        size: 3.0,
        hardness: 100,
        pressure: false,
    };
    (editor.brush, editor.eraser) = (brush, brush);
    editor
}

fn drawn(mask: &Mask) -> Vec<String> {
    let Pixels { width, height } = mask.pixels();
    let shade = |x: u32, y: u32| match mask.coverage(x as i32, y as i32) {
        0..64 => '.',
        64..192 => '+',
        192.. => '#',
    };
    (0..height)
        .map(|y| (0..width).map(|x| shade(x, y)).collect())
        .collect()
}

#[track_caller]
fn check<const N: usize>(script: &str, picture: [&str; N]) {
    let mut editor = editor(Pixels::new(picture[0].len() as u32, N as u32));
    // A picture for the wand: a light column on the left, a light corner on the right.
    let light = |at: usize| at % picture[0].len() < 2 || at == picture[0].len() - 1;
    let rgba = (0..picture[0].len() * N).flat_map(|at| [if light(at) { 200 } else { 90 }; 4]);
    editor.set_picture(Some(Arc::new(PicturePixels {
        pixels: editor.mask().pixels(),
        rgba: rgba.collect(),
    })));
    run(&mut editor, script);
    assert_eq!(drawn(editor.mask()), picture, "{script}");
}

#[test]
fn a_brush_draws_and_an_eraser_takes_away() {
    let line = ["........", ".#####..", "........"];
    let none = ["........"; 3];
    check("thin; press 1 1; move 5 1; release", line);
    check("thin; press 1 1; move 5 1; release; undo", none);
    check("thin; press 1 1; move 5 1; release; undo; redo", line);
    check("thin; press 1 1; move 5 1; cancel", none);
    check("thin; press 1 1; release; line 5 1; release", line);
    check("thin; press 1 1; move 5 1; undo; clear; release", line);
    check(
        "thin; press 5 1; move 90 1; move 90 9; move 1 1; release",
        ["........", ".###+###", "....++++"],
    );
    check(
        "size 1; press -9 1; move 3 1; release",
        ["........", "####....", "........"],
    );
    check(
        "press 2 2; release",
        [".....", ".+#+.", ".###.", ".+#+.", "....."],
    );
    check(
        "box 0 0 6 3; eraser; press 2 1; release",
        ["#+.+##..", "#...##..", "#+.+##.."],
    );
    check(
        "thin; box 0 0 6 3; alt 0 1; move 4 1; release",
        ["######..", ".....#..", "######.."],
    );
    check(
        "thin; pens; size 5; press 2 2 0.2; move 6 2 0.2; release",
        [".........", ".........", "..#####..", "........."],
    );
}

#[test]
fn shapes_are_put_together_with_what_is_there() {
    check(
        "rectangle; press 1 1; move 4 2; release",
        ["......", ".####.", ".####.", "......"],
    );
    check(
        "rectangle; press 4 2; move 9 9; move 1 1; release",
        ["......", ".####.", ".####.", "......"],
    );
    check(
        "rectangle; press 4 2; release",
        ["......", "......", "......", "......"],
    );
    check(
        "rectangle; press 1 1; move 4 2; cancel; release",
        ["......"; 4],
    );
    check(
        "box 0 0 6 3; rectangle; alt 1 1; move 4 1; release",
        ["######", "#....#", "######", "......"],
    );
    check(
        "box 0 0 3 3; rectangle; subtract; press 1 1; move 8 8; release",
        ["###...", "#.....", "#.....", "......"],
    );
    check(
        "box 0 0 3 3; rectangle; intersect; press 1 1; move 8 8; release",
        ["......", ".##...", ".##...", "......"],
    );
    check(
        "box 0 0 3 3; rectangle; replace; press 4 0; move 5 1; release",
        ["....##", "....##", "......", "......"],
    );
    check(
        "ellipse; press 0 0; move 6 6; release",
        [
            ".+###+.", "+#####+", "#######", "#######", "#######", "+#####+", ".+###+.",
        ],
    );
    check(
        "lasso; press -0.5 -0.5; move 3.5 -0.5; move 3.5 3.5; move -0.5 3.5; release",
        ["####..", "####..", "####..", "####.."],
    );
    check(
        "lasso; press -0.5 -0.5; move 3.5 3.5; move -0.5 3.5; release",
        ["+...", "#+..", "##+.", "###+"],
    );
}

#[test]
fn a_polygon_is_made_corner_by_corner() {
    let square = ["####..", "####..", "####..", "####.."];
    let corners = "polygon; press -0.5 -0.5; release; move 3 3; press 3.5 -0.5; press 3.5 3.5; press -0.5 3.5";
    check(&format!("{corners}; close"), square);
    check(&format!("{corners}; close; undo; redo"), square);
    check(&format!("{corners}; near 2; press 0 0"), square);
    check(&format!("{corners}; press 9 9; undo; close"), square);
    check(&format!("{corners}; cancel; close"), ["......"; 4]);
    check(
        "polygon; press 1 1; press 3 3; close; release",
        ["......"; 4],
    );
    check(
        "polygon; press 1 1; undo; thin; brush; press 0 0; release",
        ["#.....", "......"],
    );
}

#[test]
fn the_wand_and_the_fill_select_regions() {
    check("wand; press 0 0", ["##....", "##....", "##...."]);
    check("wand; anywhere; press 0 0", ["##...#", "##....", "##...."]);
    check("wand; press 3 1", ["..###.", "..####", "..####"]);
    check("wand; press 9 9", ["......", "......"]);
    let ring = "thin; press 1 1; move 5 1; move 5 4; move 1 4; move 1 1; release; fill";
    let full = [
        ".......", ".#####.", ".#####.", ".#####.", ".#####.", ".......",
    ];
    check(&format!("{ring}; press 3 3"), full);
    check(
        &format!("{ring}; press 1 1"),
        [
            ".......", ".#####.", ".#...#.", ".#...#.", ".#####.", ".......",
        ],
    );
    check(&format!("{ring}; alt 1 1"), ["......."; 6]);
    check(
        &format!("{ring}; press 0 0"),
        [
            "#######", "#######", "##...##", "##...##", "#######", "#######",
        ],
    );
}

#[test]
fn whole_masks_change_and_can_be_taken_back() {
    let square = ["......", ".####.", ".####.", "......"];
    check(
        "box 1 1 5 3; grow 1",
        [".####.", "######", "######", ".####."],
    );
    check("box 1 1 5 3; grow 1; shrink 1; undo; undo", square);
    check(
        "box 0 0 5 4; shrink 1",
        ["####..", "####..", "####..", "####.."],
    );
    check(
        "box 1 1 5 3; invert",
        ["######", "#....#", "#....#", "######"],
    );
    check("box 1 1 5 3; clear", ["......"; 4]);
    check("box 1 1 5 3; clear; undo", square);
    check(
        "box 0 0 3 4; feather 3",
        ["##++..", "##++..", "##++..", "##++.."],
    );
}

#[test]
fn the_editor_says_how_much_is_covered_and_where() {
    let mut editor = editor(Pixels::new(100, 90));
    assert!(editor.view().is_empty && !editor.view().can_undo);
    run(&mut editor, "box 70 0 100 30");
    let view = editor.view();
    assert_eq!((view.covered_percent, view.place), (10.0, Place::TopRight));
    assert!(!view.is_empty && view.can_undo && !view.can_redo);
    run(&mut editor, "undo; invert");
    assert!(editor.view().is_full && editor.mask().is_full());
    assert_eq!(editor.view().place, Place::Centre);
    run(&mut editor, "ellipse; press 10 10; move 20 30");
    assert!(editor.is_busy());
    assert_eq!(
        editor.outline(),
        Some(Outline::Ellipse(Rect::new(10, 10, 21, 31)))
    );
    let other = Mask::new(Pixels::new(9, 9));
    run(&mut editor, "cancel");
    assert_eq!(editor.handle(Event::Import(other)), None);
    let same = Mask::new(Pixels::new(100, 90));
    assert!(editor.handle(Event::Import(same)).is_some() && editor.view().is_empty);
    assert!(editor.handle(Event::Undo).is_some() && editor.view().is_full);
}

#[test]
fn a_brush_measured_on_the_screen_is_finer_in_the_image_the_nearer_one_looks() {
    let size = |unit: Unit, zoom: f32, density: f32| {
        let view = Viewport {
            zoom,
            ..Viewport::default()
        };
        let brush = Brush {
            size: 60.0,
            ..Brush::default()
        };
        let drawn = brush.scaled(unit.image_pixels(view, density));
        // In the image, and on the screen.
        (drawn.size, drawn.size * zoom / density)
    };
    assert_eq!(size(Unit::Image, 1.0, 1.0), (60.0, 60.0));
    assert_eq!(size(Unit::Image, 4.0, 2.0), (60.0, 120.0));
    assert_eq!(size(Unit::Screen, 1.0, 1.0), (60.0, 60.0));
    assert_eq!(size(Unit::Screen, 4.0, 1.0), (15.0, 60.0));
    assert_eq!(size(Unit::Screen, 4.0, 2.0), (30.0, 60.0));
    assert_eq!(size(Unit::Screen, 0.5, 1.0), (120.0, 60.0));
    // No brush is finer than a pixel, nor larger than brushes are.
    assert_eq!(size(Unit::Screen, 120.0, 1.0).0, 1.0);
    assert_eq!(size(Unit::Screen, 0.01, 1.0).0, 2000.0);
}

#[test]
fn a_stroke_keeps_the_brush_that_it_began_with() {
    let mut editor = editor(Pixels::new(100, 90));
    run(&mut editor, "press 20 20");
    let (begun, finer) = (editor.brush_in_hand(), editor.brush.scaled(0.4));
    editor.brush = finer;
    run(&mut editor, "move 60 20");
    assert_eq!(editor.brush_in_hand(), begun);
    assert_eq!(editor.mask().coverage(50, 21), 255);
    run(&mut editor, "release");
    assert_eq!(editor.brush_in_hand(), finer);
    run(&mut editor, "press 20 60; move 60 60; release");
    assert!(editor.mask().coverage(50, 61) < 128);
    run(&mut editor, "eraser");
    assert_eq!(editor.brush_in_hand(), editor.eraser);
}

#[test]
fn all_is_masked_in_one_step() {
    let mut editor = editor(Pixels::new(100, 90));
    run(&mut editor, "press 9 9; release; all");
    assert!(editor.view().is_full);
    // Nothing is left to be masked: no step.
    run(&mut editor, "all; undo");
    assert!(!editor.view().is_full && !editor.view().is_empty);
    run(&mut editor, "undo");
    assert!(editor.view().is_empty && !editor.view().can_undo);
    run(&mut editor, "redo; redo");
    assert!(editor.view().is_full && !editor.view().can_redo);
}

#[test]
fn a_hidden_mask_is_seen_again_when_something_is_done_to_it() {
    let pixels = Pixels::new(100, 90);
    let mut editor = editor(pixels);
    run(&mut editor, "press 9 9; release");
    for (script, is_hidden) in [
        ("move 7 7", true),
        ("press 5 5", false),
        ("press 5 5; move 6 6; release", false),
        // Two fingers that move the picture, and two that undo.
        ("press 5 5; cancel", true),
        ("press 5 5; cancel; undo", false),
        ("press 5 5; release; press 5 5; cancel", false),
        ("move 7 7; release; cancel", true),
        ("invert", false),
        ("feather 2", false),
        (
            "polygon; press 1 1; release; press 9 1; cancel; brush",
            false,
        ),
    ] {
        editor.handle(Event::Cancel);
        if !editor.is_hidden() {
            editor.show_or_hide();
        }
        run(&mut editor, script);
        assert_eq!(editor.view().is_hidden, is_hidden, "{script}");
    }
    // All of it has to be painted then.
    editor.handle(Event::Release);
    editor.show_or_hide();
    let press = event(&["press", "5", "5"]).unwrap();
    assert_eq!(editor.handle(press), Some(Rect::of(pixels)));
    editor.handle(Event::Release);
    editor.show_or_hide();
    editor.show_or_hide();
    assert!(!editor.is_hidden());
}

#[test]
fn many_large_steps_take_little_memory() {
    let mut editor = editor(Pixels::new(1024, 1024));
    editor.brush.size = 200.0;
    (editor.brush.hardness, editor.eraser.size) = (50, 150.0);
    let mut before = Vec::new();
    for step in 0..60 {
        before.push(editor.mask().clone());
        let (tool, y) = (["brush", "eraser"][step % 2], step * 331 % 1000);
        run(
            &mut editor,
            &format!("{tool}; press 0 {y}; move 1000 {}; release", 1000 - y),
        );
    }
    let bytes = editor.history_bytes();
    assert!(bytes < 60 * 300_000, "{bytes}");
    for mask in before.iter().rev() {
        editor.handle(Event::Undo);
        assert!(editor.mask() == mask);
    }
}

/// As a hand paints for an hour: mostly with a usual brush, every fourth time with one of 200 to 400 pixels, hard and soft,
/// in waves across the picture, and now and then with the eraser.
#[test]
fn two_hundred_steps_at_the_largest_size_fit_into_64_megabytes() {
    let mut editor = MaskEditor::new(Pixels::new(4096, 4096));
    for step in 0_u8..200 {
        let nth = f32::from(step);
        let size = match step % 16 {
            0 => 400.0,
            4 => 300.0,
            8 | 12 => 200.0,
            _ => 64.0,
        };
        let brush = Brush {
            size,
            hardness: [100, 80, 50][usize::from(step % 3)],
            pressure: false,
        };
        (editor.brush, editor.eraser) = (brush, brush);
        editor.tool = if step % 5 == 4 {
            Tool::Eraser
        } else {
            Tool::Brush
        };
        let way = (0_u8..=40).map(|at| {
            let share = f32::from(at) / 40.0;
            let wave = (nth + 9.0 * share).sin() * 400.0;
            ImagePoint::new(200.0 + 3600.0 * share, (nth * 331.0) % 4096.0 + wave)
        });
        for (nth, at) in way.enumerate() {
            let pressure = 1.0;
            editor.handle(match nth {
                0 => Event::Press {
                    at,
                    pressure,
                    line: false,
                    subtract: false,
                },
                _ => Event::Move { at, pressure },
            });
        }
        editor.handle(Event::Release);
    }
    let bytes = editor.history_bytes();
    assert!(bytes < 64_000_000, "{bytes}");
    while editor.view().can_undo {
        editor.handle(Event::Undo);
    }
    assert!(editor.mask().is_empty());
}

fn point() -> impl Strategy<Value = ImagePoint> {
    let edge = prop_oneof![
        -30.0_f32..160.0,
        -30.0_f32..160.0,
        Just(f32::NAN),
        Just(-1e30_f32)
    ];
    (edge.clone(), edge).prop_map(|(x, y)| ImagePoint::new(x, y))
}

fn any_event() -> impl Strategy<Value = Event> {
    let press = (point(), 0_f32..=1.0, any::<bool>(), any::<bool>());
    let press = press.prop_map(|(at, pressure, line, subtract)| Event::Press {
        at,
        pressure,
        line,
        subtract,
    });
    let go = (point(), 0_f32..=1.0).prop_map(|(at, pressure)| Event::Move { at, pressure });
    let boxed = (-9_i32..150, -9_i32..100, 0_i32..90, 0_i32..90)
        .prop_map(|(x, y, w, h)| Event::SelectBox(Rect::new(x, y, x + w, y + h), Combine::Replace));
    prop_oneof![
        4 => press,
        6 => go,
        4 => Just(Event::Release),
        1 => Just(Event::Cancel),
        1 => Just(Event::ClosePolygon),
        1 => Just(Event::Undo),
        1 => Just(Event::Redo),
        1 => Just(Event::Clear),
        1 => Just(Event::CoverAll),
        1 => Just(Event::Invert),
        1 => (0_u32..40).prop_map(Event::Grow),
        1 => (0_u32..40).prop_map(Event::Shrink),
        1 => (0_u32..90).prop_map(Event::Feather),
        1 => boxed,
    ]
}

/// What a hand does, each time with a tool.
fn hands() -> impl Strategy<Value = Vec<(usize, u8, Event)>> {
    proptest::collection::vec((0..TOOLS.len(), 0_u8..=100, any_event()), 0..24)
}

fn set(editor: &mut MaskEditor, tool: usize, value: u8) {
    editor.tool = TOOLS[tool].1;
    editor.brush = Brush {
        size: f32::from(value),
        hardness: value,
        pressure: value.is_multiple_of(2),
    };
    editor.close_within = f32::from(value);
}

fn differences(one: &Mask, other: &Mask) -> Rect {
    let Pixels { width, height } = one.pixels();
    let mut found = Rect::default();
    for (y, x) in (0..height as i32).flat_map(|y| (0..width as i32).map(move |x| (y, x))) {
        if one.coverage(x, y) != other.coverage(x, y) {
            found = found.union(Rect::new(x, y, x + 1, y + 1));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_hand_can_be_taken_back(hands in hands()) {
        let pixels = Pixels::new(130, 70);
        let mut editor = editor(pixels);
        editor.set_picture(Some(Arc::new(PicturePixels { pixels, rgba: vec![7; 130 * 70 * 4] })));
        let mut kept = vec![editor.mask().clone()];
        for (tool, value, event) in hands {
            set(&mut editor, tool, value);
            let before = editor.mask().clone();
            let is_cancel = matches!(event, Event::Cancel | Event::Undo | Event::Redo);
            let dirty = editor.handle(event).unwrap_or_default();
            prop_assert_eq!(dirty.clipped(pixels), dirty);
            // What is not painted again has not changed.
            let changed = differences(&before, editor.mask());
            prop_assert_eq!(changed.union(dirty), dirty);
            if !editor.is_busy() {
                let (sums, view) = (editor.mask().sums(), editor.view());
                prop_assert_eq!(sums, editor.sums);
                prop_assert_eq!(view.is_empty, editor.mask().is_empty());
                prop_assert_eq!(view.is_full, editor.mask().is_full());
                if !is_cancel && kept.last() != Some(editor.mask()) {
                    kept.push(editor.mask().clone());
                } else if is_cancel {
                    // Steps back and forth: begin anew.
                    editor.history = History::default();
                    kept = vec![editor.mask().clone()];
                }
            }
        }
        editor.handle(Event::Cancel);
        prop_assert_eq!(kept.last(), Some(editor.mask()));
        for mask in kept.iter().rev().skip(1) {
            prop_assert!(editor.handle(Event::Undo).is_some());
            prop_assert_eq!(mask, editor.mask());
        }
        prop_assert!(editor.handle(Event::Undo).is_none());
        for mask in kept.iter().skip(1) {
            prop_assert!(editor.handle(Event::Redo).is_some());
            prop_assert_eq!(mask, editor.mask());
        }
        prop_assert!(editor.handle(Event::Redo).is_none());
        let file = png::export(editor.mask()).unwrap();
        prop_assert_eq!(&png::import(&file.bytes, pixels).unwrap(), editor.mask());
        prop_assert_eq!(&Mask::from_bytes(&editor.mask().to_bytes()).unwrap(), editor.mask());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Two editors, one of which is put away and taken up again at any points: nobody can tell them apart.
    #[test]
    fn a_draft_keeps_its_steps(hands in hands(), reloads in proptest::collection::vec(any::<bool>(), 60), ways in proptest::collection::vec(any::<bool>(), 40)) {
        let pixels = Pixels::new(130, 70);
        let picture = Arc::new(PicturePixels { pixels, rgba: vec![7; 130 * 70 * 4] });
        let mut straight = editor(pixels);
        straight.set_picture(Some(Arc::clone(&picture)));
        let mut reloaded = straight.clone();
        for ((tool, value, event), reloads) in hands.into_iter().zip(reloads.iter().cycle()) {
            if *reloads && !reloaded.is_busy() {
                let last = reloaded.last;
                let (brush, eraser) = (reloaded.brush, reloaded.eraser);
                let draft = Draft::from_bytes(&reloaded.to_draft()).unwrap();
                reloaded = MaskEditor { brush, eraser, last, ..editor(pixels) };
                reloaded.set_picture(Some(Arc::clone(&picture)));
                let dirty = reloaded.take_up(draft);
                prop_assert_eq!(dirty, Some(Rect::of(pixels)));
            }
            for editor in [&mut straight, &mut reloaded] {
                set(editor, tool, value);
                editor.handle(event.clone());
            }
            prop_assert_eq!(straight.mask(), reloaded.mask());
            prop_assert_eq!(straight.sums, reloaded.sums);
        }
        // In the middle of a stroke, the mask before it is what is kept.
        let draft = Draft::from_bytes(&reloaded.to_draft()).unwrap();
        straight.handle(Event::Cancel);
        prop_assert_eq!(straight.mask(), &draft.mask);
        let mut reloaded = editor(pixels);
        reloaded.take_up(draft);
        for is_back in ways {
            let event = if is_back { Event::Undo } else { Event::Redo };
            prop_assert_eq!(straight.handle(event.clone()).is_some(), reloaded.handle(event).is_some());
            prop_assert_eq!(straight.mask(), reloaded.mask());
            prop_assert_eq!(straight.view(), reloaded.view());
        }
    }
}

fn dots(count: u32) -> MaskEditor {
    let mut editor = editor(Pixels::new(200, 100));
    for number in 0..count {
        run(
            &mut editor,
            &format!("press {} 50; release", number * 3 % 200),
        );
    }
    editor
}

#[test]
fn damaged_steps_do_not_take_the_mask_with_them() {
    let mut editor = dots(3);
    run(&mut editor, "undo");
    let bytes = editor.to_draft();
    let length = 9 + u32::from_le_bytes(bytes[5..9].try_into().unwrap()) as usize;
    for at in length..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        let cut = &bytes[..at];
        for draft in [&damaged[..], cut].map(Draft::from_bytes) {
            let draft = draft.unwrap();
            assert_eq!(
                (&draft.mask, draft.history.is_empty()),
                (editor.mask(), true),
                "{at}"
            );
        }
    }
    for at in 0..length {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert!(Draft::from_bytes(&damaged).is_err(), "{at}");
    }
    let alone = Draft::from_bytes(&editor.mask().to_bytes()).unwrap();
    assert_eq!(
        (&alone.mask, alone.history.is_empty()),
        (editor.mask(), true)
    );
}

#[test]
fn of_too_many_steps_the_nearest_are_kept() {
    let mut editor = dots(40);
    run(&mut editor, "undo;".repeat(10).trim_end_matches(';'));
    let count = |most: usize| {
        let bytes = editor.history.to_bytes(most);
        assert!(bytes.len() <= most + 12, "{} of {most}", bytes.len());
        let kept = History::from_bytes(&bytes, editor.mask().tiles().len()).unwrap();
        let mut other = MaskEditor {
            history: kept,
            ..MaskEditor::with(editor.mask().clone())
        };
        let mut straight = editor.clone();
        let mut steps = [0_u32; 2];
        for (event, steps) in [Event::Undo, Event::Redo].into_iter().zip(&mut steps) {
            while other.handle(event.clone()).is_some() {
                straight.handle(event.clone());
                assert_eq!(other.mask(), straight.mask());
                *steps += 1;
            }
            other.mask.clone_from(editor.mask());
            (straight, other.history) = (
                editor.clone(),
                History::from_bytes(&bytes, editor.mask().tiles().len()).unwrap(),
            );
        }
        steps
    };
    assert_eq!(count(0), [0, 0]);
    assert_eq!(count(usize::MAX >> 1), [30, 10]);
    let [back, forth] = count(editor.history.to_bytes(usize::MAX >> 1).len() / 4);
    assert!(
        (4..8).contains(&back) && back.abs_diff(forth) <= 1,
        "{back}, {forth}"
    );
}

/// A stroke as a hand makes it: in CSS pixels of the page.
#[derive(Debug, Clone)]
struct Way {
    points: Vec<(f32, f32)>,
    size: f32,
    is_eraser: bool,
}

#[derive(Debug, Clone)]
struct Screen {
    zoom: f32,
    ratio: f32,
    /// Of the canvas, in image pixels.
    middle: (f32, f32),
}

fn way() -> impl Strategy<Value = Way> {
    let points = proptest::collection::vec((0.0_f32..300.0, 0.0_f32..200.0), 1..5);
    (points, 1.0_f32..60.0, any::<bool>()).prop_map(|(points, size, is_eraser)| Way {
        points,
        size,
        is_eraser,
    })
}

fn screen() -> impl Strategy<Value = Screen> {
    let zoom = (0.1_f32.ln()..20_f32.ln()).prop_map(f32::exp);
    let ratio = prop_oneof![Just(1.0_f32), Just(1.5), Just(2.0)];
    (zoom, ratio, (0.0_f32..90.0, 0.0_f32..70.0)).prop_map(|(zoom, ratio, middle)| Screen {
        zoom,
        ratio,
        middle,
    })
}

impl Screen {
    fn viewport(&self) -> Viewport {
        let half = (150.0 * self.ratio, 100.0 * self.ratio);
        Viewport {
            zoom: self.zoom,
            origin: ViewPoint::new(
                half.0 - self.middle.0 * self.zoom,
                half.1 - self.middle.1 * self.zoom,
            ),
        }
    }

    /// The same by hand: what is at a place of the page.
    fn image(&self, client: (f32, f32)) -> (f64, f64) {
        let along = |client: f32, half: f64, middle: f32| {
            (f64::from(client) - half) * f64::from(self.ratio) / f64::from(self.zoom)
                + f64::from(middle)
        };
        (
            along(client.0, 150.0, self.middle.0),
            along(client.1, 100.0, self.middle.1),
        )
    }
}

/// How far a point is from a segment.
fn distance(at: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    let dot = (at.0 - from.0) * dx + (at.1 - from.1) * dy;
    let share = if length > 0.0 {
        (dot / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (at.0 - from.0 - share * dx).hypot(at.1 - from.1 - share * dy)
}

/// How far the pixel is outside of a stroke.
fn outside(screen: &Screen, way: &Way, pixel: (f64, f64)) -> f64 {
    let points: Vec<_> = way
        .points
        .iter()
        .map(|point| screen.image(*point))
        .collect();
    let first = points[0];
    let starts = [first].into_iter().chain(points.iter().copied());
    let gaps = starts
        .zip(&points)
        .map(|(from, to)| distance(pixel, from, *to));
    gaps.fold(f64::MAX, f64::min) - f64::from(way.size) / 2.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_sent_is_what_was_drawn_at_every_zoom(screen in screen(), ways in proptest::collection::vec(way(), 1..4)) {
        let pixels = Pixels::new(90, 70);
        let mut editor = editor(pixels);
        let viewport = screen.viewport();
        let at = |point: &(f32, f32)| viewport.image_from_view(ViewPoint::new(point.0 * screen.ratio, point.1 * screen.ratio));
        for way in &ways {
            editor.tool = if way.is_eraser { Tool::Eraser } else { Tool::Brush };
            (editor.brush.size, editor.eraser.size) = (way.size, way.size);
            let at: Vec<_> = way.points.iter().map(at).collect();
            editor.handle(Event::Press { at: at[0], pressure: 0.5, line: false, subtract: false });
            for at in at {
                editor.handle(Event::Move { at, pressure: 0.5 });
            }
            editor.handle(Event::Release);
        }
        let file = png::export(editor.mask()).unwrap();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(&file.bytes)).read_info().unwrap();
        for y in 0..70 {
            let row = reader.next_row().unwrap().unwrap();
            for (x, pixel) in row.data().chunks_exact(4).enumerate() {
                // Unknown where an edge is within a pixel.
                let mut expected = Some(255);
                for way in &ways {
                    let gap = outside(&screen, way, (x as f64 + 0.5, f64::from(y) + 0.5));
                    if gap < 1.0 {
                        expected = (gap < -1.0).then_some(if way.is_eraser { 255 } else { 0 });
                    }
                }
                if let Some(alpha) = expected {
                    prop_assert_eq!(pixel, [0, 0, 0, alpha], "at {} {}", x, y);
                }
            }
        }
    }
}
