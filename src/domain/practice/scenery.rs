//! Surroundings: sky, horizon, sea, weather, water, space, studio, and the abstract picture.

use super::colour::{Ink, Rgb, darker, gradient, lighter, mix};
use super::compose::wall_for;
use super::noise::{Chance, cosine, sine};
use super::pen::Pen;
use super::shape::Placed;
use super::things;
use super::words::{Reading, Thing, Time};

/// The rectangle that a scene fills, in pixels, and its light.
pub(super) struct View {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
    /// The shorter edge.
    pub(super) unit: f32,
    pub(super) light: Light,
}

/// Colours of a time of day.
pub(super) struct Light {
    pub(super) time: Time,
    sky: [Rgb; 2],
    far: Rgb,
    ground: [Rgb; 2],
    /// The light on things: its colour, and how much of it.
    pub(super) shade: (Rgb, f32),
}

impl Light {
    /// The light of a prompt.
    pub(super) fn of(reading: &Reading, indoors: bool, chance: &mut Chance) -> Self {
        let moonlit = reading.has(Thing::Moon) && !reading.has(Thing::Sun);
        let time = reading
            .time
            .unwrap_or(if moonlit { Time::Night } else { Time::Day });
        let (sky, far, ground, shade) = match time {
            Time::Day => {
                let (sky, ground) = chance.pick(&[
                    ([0x7F_C4E8, 0xE9_F6F1], [0xA6_CE8A, 0x78_B07A]),
                    ([0x9A_D2EA, 0xFD_F1DD], [0xC2_D591, 0x8F_BA77]),
                    ([0x86_B9EA, 0xEA_F0FB], [0x9F_D09B, 0x69_AA86]),
                ]);
                (sky, mix(ground[1], sky[1], 0.55), ground, (0, 0.0))
            }
            Time::Sunset => (
                [0x5A_4B8C, 0xFF_B57E],
                0xA3_668E,
                [0x80_5F78, 0x54_3F60],
                (0x6A_3A5E, 0.16),
            ),
            Time::Night => (
                [0x12_1B3C, 0x40_5390],
                0x2E_4070,
                [0x2A_3D63, 0x19_2645],
                (0x14_1E46, 0.3),
            ),
            Time::Dawn => (
                [0x94_AEE0, 0xFF_D8C6],
                0xC4_B7CF,
                [0xA3_BB9C, 0x7B_9C8B],
                (0xC0_90A8, 0.1),
            ),
        };
        let mut light = Self {
            time,
            sky,
            far,
            ground,
            shade: if indoors { (0, 0.0) } else { shade },
        };
        light.weather(reading);
        light
    }

    /// Rain greys the sky, snow whitens the ground, a colour by itself tints the day.
    fn weather(&mut self, reading: &Reading) {
        if reading.has(Thing::Rain) {
            self.sky = self.sky.map(|colour| mix(colour, 0x6F_8096, 0.6));
            self.far = mix(self.far, 0x75_8799, 0.5);
        }
        if reading.has(Thing::Snow) || reading.has(Thing::Snowman) {
            let night = self.time == Time::Night;
            self.ground = if night {
                [0xA9_B8DA, 0x7F_92C0]
            } else {
                [0xF8_FBFE, 0xD9_E6F2]
            };
            self.far = mix(self.far, self.ground[0], 0.6);
        }
        if let Some(colour) = reading.colour.filter(|_| self.time == Time::Day) {
            self.sky = [
                mix(self.sky[0], colour, 0.45),
                mix(self.sky[1], colour, 0.12),
            ];
        }
    }
}

impl View {
    fn pen<'s>(&self, shapes: &'s mut Vec<Placed>) -> Pen<'s> {
        Pen::new(shapes, self.left, self.top, self.unit)
    }

    /// Width and height in units of the shorter edge.
    fn extent(&self) -> [f32; 2] {
        [self.width / self.unit, self.height / self.unit]
    }
}

fn fill(shapes: &mut Vec<Placed>, view: &View, ink: Ink) {
    // Bounds of a block are round its centre, so the gradient is put on an upright rectangle by its ground form.
    let mut pen = Pen::new(shapes, view.left, view.top, view.height);
    pen.ground(-0.01, [0.0, 1.0, 0.0, 1.0], ink);
}

pub(super) fn sky(shapes: &mut Vec<Placed>, view: &View) {
    let mut pen = Pen::new(shapes, view.left, view.top, view.height);
    pen.ground(
        -0.01,
        [0.0, 1.0, 0.0, 0.72],
        gradient(view.light.sky[0], view.light.sky[1]),
    );
}

pub(super) fn stars(shapes: &mut Vec<Placed>, view: &View, count: u32, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let mut pen = view.pen(shapes);
    for number in 0..count {
        let at = [chance.unit() * wide, chance.unit() * high * 0.62];
        if number % 9 == 0 {
            things::star(&mut pen.at(at, chance.between(0.012, 0.02)), 0xFF_F3C4);
        } else {
            let ink = Ink::from(0xFF_FFFF).at(chance.between(0.5, 0.95));
            pen.disc(at, chance.between(0.0014, 0.0034), ink);
        }
    }
}

/// Thin clouds, hardly there.
pub(super) fn wisps(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let mut pen = view.pen(shapes);
    for band in 0..3 {
        let at = [
            wide * (0.2 + 0.3 * band as f32 + chance.between(-0.1, 0.1)),
            high * chance.between(0.1, 0.42),
        ];
        let half = chance.between(0.07, 0.13);
        let ink = Ink::from(0xFF_FFFF).at(0.34);
        pen.block(at, [half, 0.012], 0.012, ink);
        pen.block(
            [at[0] + half * 0.35, at[1] - 0.024],
            [half * 0.55, 0.012],
            0.012,
            ink,
        );
    }
}

/// What lies between sky and feet: far hills, mountains, a skyline, a forest, the sea, the ground.
pub(super) fn horizon(
    shapes: &mut Vec<Placed>,
    view: &View,
    reading: &Reading,
    level: f32,
    chance: &mut Chance,
) {
    let [_, high] = view.extent();
    let light = &view.light;
    let sea = reading.has(Thing::Sea);
    if !sea {
        let waves = [0.035, 0.9, chance.unit(), 0.2];
        view.pen(shapes).ground(
            level * high - 0.05,
            waves,
            gradient(light.far, mix(light.far, light.ground[0], 0.5)),
        );
    }
    let colour = |thing| reading.colour_of(thing);
    if reading.has(Thing::Mountain) {
        mountains(shapes, view, level, colour(Thing::Mountain), chance);
    }
    if reading.has(Thing::City) {
        skyline(shapes, view, level, chance);
    }
    if reading.has(Thing::Forest) {
        woods(shapes, view, level, colour(Thing::Forest), chance);
    }
    if sea {
        water(shapes, view, level, colour(Thing::Sea), chance);
    } else {
        meadow(shapes, view, level, chance);
    }
}

/// The ground at one's feet, with some grass.
fn meadow(shapes: &mut Vec<Placed>, view: &View, level: f32, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let mut pen = view.pen(shapes);
    let [near, deep] = view.light.ground;
    pen.ground(
        level * high,
        [0.022, 0.8, chance.unit(), 0.4],
        gradient(near, mix(near, deep, 0.7)),
    );
    pen.ground(
        (level + 0.12) * high,
        [0.025, 1.1, chance.unit(), 0.3],
        gradient(mix(near, deep, 0.45), deep),
    );
    for _ in 0..7 {
        let at = [
            chance.unit() * wide,
            high * chance.between(level + 0.16, 0.97),
        ];
        let ink = Ink::from(lighter(near, 0.25)).at(0.5);
        pen.path(&[at, [at[0] + 0.004, at[1] - 0.014]], 0.002, ink);
        pen.path(
            &[[at[0] + 0.01, at[1]], [at[0] + 0.016, at[1] - 0.01]],
            0.002,
            ink,
        );
    }
}

fn mountains(
    shapes: &mut Vec<Placed>,
    view: &View,
    level: f32,
    colour: Option<Rgb>,
    chance: &mut Chance,
) {
    let [wide, high] = view.extent();
    let base = colour.unwrap_or(mix(0x6E_86B0, view.light.far, 0.35));
    let peaks = [(0.2, 0.26, 0.3), (0.8, 0.3, 0.34), (0.5, 0.4, 0.42)];
    let shift = chance.between(-0.08, 0.08);
    for (place, (x, tall, half)) in peaks.into_iter().enumerate() {
        let ink = mix(base, view.light.sky[1], 0.34 - 0.17 * place as f32);
        let at = [(x + shift) * wide, level * high + 0.04];
        let size = chance.between(0.92, 1.08);
        let mut pen = view.pen(shapes);
        things::mountain(&mut pen.at(at, 1.0), [half * size, tall * size], ink);
    }
}

fn skyline(shapes: &mut Vec<Placed>, view: &View, level: f32, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let base = mix(0x6B_7BA6, view.light.far, 0.45);
    let lit = matches!(view.light.time, Time::Night | Time::Sunset);
    let mut pen = view.pen(shapes);
    for row in 0..2 {
        let ink = mix(base, view.light.sky[1], if row == 0 { 0.5 } else { 0.12 });
        let mut x = chance.between(-0.06, 0.0);
        while x < wide {
            let half = chance.between(0.03, 0.055);
            let near_middle = 1.0 - (x / wide - 0.5).abs();
            let tall =
                chance.between(0.12, 0.34) * near_middle * if row == 0 { 1.25 } else { 0.85 };
            let foot = level * high + 0.05;
            pen.block(
                [x + half, foot - tall / 2.0],
                [half, tall / 2.0],
                0.006,
                gradient(ink, lighter(ink, 0.12)),
            );
            if row == 1 {
                windows(&mut pen, [x + half, foot - tall], [half, tall], lit, chance);
            }
            x += half * 2.0
                + if row == 0 {
                    0.0
                } else {
                    chance.between(0.004, 0.03)
                };
        }
    }
}

fn windows(
    pen: &mut Pen<'_>,
    [x, top]: [f32; 2],
    [half, tall]: [f32; 2],
    lit: bool,
    chance: &mut Chance,
) {
    let ink = if lit {
        Ink::from(0xFF_DE8A).at(0.9)
    } else {
        Ink::from(0xFF_FFFF).at(0.4)
    };
    let mut y = top + 0.022;
    while y < top + tall - 0.05 {
        for column in [-0.5, 0.0, 0.5] {
            if chance.unit() < 0.6 {
                pen.block([x + column * half, y], [0.0045, 0.0065], 0.001, ink);
            }
        }
        y += 0.026;
    }
}

fn woods(
    shapes: &mut Vec<Placed>,
    view: &View,
    level: f32,
    colour: Option<Rgb>,
    chance: &mut Chance,
) {
    let [wide, high] = view.extent();
    let base = mix(
        colour.unwrap_or(0x3E_7D62),
        view.light.shade.0,
        view.light.shade.1 * 1.6,
    );
    for row in 0..3 {
        let ink = mix(base, view.light.far, 0.6 - 0.28 * row as f32);
        let mut x = chance.between(-0.05, 0.0);
        while x < wide + 0.05 {
            let size = chance.between(0.07, 0.11) + 0.025 * row as f32;
            let at = [x, level * high + 0.03 + 0.035 * row as f32];
            things::pine(&mut view.pen(shapes).at(at, size), ink);
            x += size * chance.between(0.55, 0.9);
        }
    }
}

fn water(
    shapes: &mut Vec<Placed>,
    view: &View,
    level: f32,
    colour: Option<Rgb>,
    chance: &mut Chance,
) {
    let [wide, high] = view.extent();
    let light = &view.light;
    let base = colour.unwrap_or(match light.time {
        Time::Day => 0x3E_97B8,
        Time::Sunset => 0x6B_5A8E,
        Time::Night => 0x1E_3A6B,
        Time::Dawn => 0x6E_9CBF,
    });
    let mut pen = view.pen(shapes);
    let ink = gradient(mix(base, light.sky[1], 0.45), darker(base, 0.2));
    pen.ground(level * high, [0.0, 1.0, 0.0, (1.0 - level) * high], ink);
    for line in 0..26 {
        let depth = (line as f32 + chance.unit()) / 26.0;
        let at = [
            chance.unit() * wide,
            high * (level + 0.015 + (1.0 - level) * depth),
        ];
        let half = 0.02 + 0.05 * depth * chance.unit();
        let ink = Ink::from(lighter(base, 0.55)).at(0.3);
        pen.block(at, [half, 0.0016 + 0.0016 * depth], 0.003, ink);
    }
}

/// The sand in front of the sea, or the bank.
pub(super) fn beach(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    let [_, high] = view.extent();
    let snowy = reading.has(Thing::Snow);
    let sand = if snowy {
        view.light.ground[0]
    } else {
        mix(0xF2_DFB8, view.light.shade.0, view.light.shade.1)
    };
    let waves = [0.02, 1.1, chance.unit(), 0.25];
    let mut pen = view.pen(shapes);
    pen.ground(high * 0.775, waves, Ink::from(0xFF_FFFF).at(0.75));
    pen.ground(high * 0.787, waves, gradient(sand, darker(sand, 0.1)));
}

/// A few trees far away, where nothing else stands.
pub(super) fn quiet_trees(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let ink = mix(view.light.ground[1], 0x2F_6B5C, 0.45);
    for x in [0.12, 0.17, 0.23, 0.71, 0.86] {
        let at = [
            wide * (x + chance.between(-0.02, 0.02)),
            high * chance.between(0.73, 0.77),
        ];
        let size = chance.between(0.05, 0.085);
        let ink = mix(ink, view.light.shade.0, view.light.shade.1);
        things::pine(&mut view.pen(shapes).at(at, size), ink);
    }
}

pub(super) fn rain(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let mut pen = view.pen(shapes);
    for _ in 0..110 {
        let at = [chance.unit() * wide * 1.1, chance.unit() * high];
        let long = chance.between(0.02, 0.045);
        pen.path(
            &[at, [at[0] - long * 0.3, at[1] + long]],
            0.0013,
            Ink::from(0xE6_F1FB).at(0.55),
        );
    }
}

pub(super) fn snowfall(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let mut pen = view.pen(shapes);
    for _ in 0..90 {
        let at = [chance.unit() * wide, chance.unit() * high];
        pen.disc(
            at,
            chance.between(0.003, 0.008),
            Ink::from(0xFF_FFFF).at(0.85),
        );
    }
}

pub(super) fn deep_water(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    fill(shapes, view, gradient(0x7F_D3DC, 0x1F_5C94));
    let mut pen = view.pen(shapes);
    for ray in 0..4 {
        let x = wide * (0.15 + 0.24 * ray as f32) + chance.between(-0.04, 0.04);
        let corners = [
            [x, -0.02],
            [x + 0.07, -0.02],
            [x - 0.05, high * 0.8],
            [x - 0.22, high * 0.8],
        ];
        pen.polygon(&corners, 0.0, gradient(0xFF_FFFF, 0x7F_D3DC).at(0.1));
    }
    pen.ground(
        high * 0.86,
        [0.02, 0.9, chance.unit(), 0.2],
        gradient(0xE3_D3A2, 0xA9_A98A),
    );
    for _ in 0..9 {
        let foot = [chance.unit() * wide, high * chance.between(0.88, 0.97)];
        let tall = chance.between(0.08, 0.2);
        let ink = chance.pick(&[0x3B_8F78, 0x56_A86B, 0x2F_7A7C]);
        let bend = |step: f32| [foot[0] + 0.014 * sine(step * 1.2), foot[1] - tall * step];
        let stalk: Vec<[f32; 2]> = (0..=14).map(|step| bend(step as f32 / 14.0)).collect();
        pen.path(&stalk, 0.007, ink);
    }
}

pub(super) fn bubbles(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    let mut pen = view.pen(shapes);
    for _ in 0..16 {
        let at = [chance.unit() * wide, high * chance.between(0.05, 0.8)];
        let size = chance.between(0.005, 0.016);
        pen.disc(at, size, Ink::from(0xFF_FFFF).at(0.28));
        pen.disc(
            [at[0] - size * 0.3, at[1] - size * 0.3],
            size * 0.3,
            Ink::from(0xFF_FFFF).at(0.7),
        );
    }
}

pub(super) fn deep_space(shapes: &mut Vec<Placed>, view: &View, chance: &mut Chance) {
    let [wide, high] = view.extent();
    fill(shapes, view, gradient(0x15_1638, 0x3A_2F6B));
    let mut pen = view.pen(shapes);
    for colour in [0x7A_4FA3, 0x2F_6FA8, 0xB0_5C8E] {
        let at = [chance.unit() * wide, high * chance.between(0.3, 0.9)];
        pen.glow(at, 0.55, Ink::from(colour).at(0.32));
    }
}

/// A wall, a floor and a round patch of light.
pub(super) fn studio(
    shapes: &mut Vec<Placed>,
    view: &View,
    wish: Option<Rgb>,
    main: Option<Rgb>,
    chance: &mut Chance,
) {
    let [wide, high] = view.extent();
    let wall = wall_for(main, wish, chance);
    fill(shapes, view, gradient(lighter(wall, 0.25), wall));
    let mut pen = view.pen(shapes);
    pen.disc(
        [wide / 2.0, high * 0.47],
        0.36,
        Ink::from(lighter(wall, 0.6)).at(0.75),
    );
    let floor = mix(wall, 0x9A_6F5A, 0.22);
    pen.ground(
        high * 0.72,
        [0.0, 1.0, 0.0, 0.3 * high],
        gradient(lighter(floor, 0.12), floor),
    );
}

/// Five colours that go together: paper, three inks, a dark one.
fn family(colour: Option<Rgb>, chance: &mut Chance) -> [Rgb; 5] {
    let families = [
        [0xF4_E9DA, 0xE7_6F51, 0x2A_9D8F, 0xE9_C46A, 0x26_4653],
        [0xEE_F1F6, 0x5B_7DB1, 0xF2_A65A, 0x9F_C2CC, 0x2F_3E5C],
        [0xF7_ECEA, 0xC9_6F85, 0x6D_597A, 0xF0_B67F, 0x35_5070],
        [0xEA_F2E3, 0x6A_994E, 0xF2_E8A0, 0x38_6641, 0xBC_4749],
        [0xF0_ECF8, 0x7B_6FC4, 0xF4_9CBB, 0x8F_D3D1, 0x3A_3163],
    ];
    match colour {
        Some(colour) => [
            lighter(colour, 0.82),
            colour,
            lighter(colour, 0.4),
            darker(colour, 0.35),
            darker(colour, 0.6),
        ],
        None => chance.pick(&families),
    }
}

/// Calm overlapping forms in one family of colours, for prompts in which no word was known.
pub(super) fn abstract_picture(
    shapes: &mut Vec<Placed>,
    view: &View,
    colour: Option<Rgb>,
    chance: &mut Chance,
) {
    let family = family(colour, chance);
    let [wide, high] = view.extent();
    let [paper, first, second, third, dark] = family;
    fill(shapes, view, gradient(lighter(paper, 0.4), paper));
    let mut pen = view.pen(shapes);
    let lean = chance.between(-0.12, 0.12);
    pen.disc(
        [wide * (0.36 + lean), high * 0.4],
        0.27,
        gradient(first, mix(first, second, 0.35)),
    );
    for (step, colour) in [third, second, dark].into_iter().enumerate() {
        let at = high * (0.56 + 0.13 * step as f32);
        let waves = [
            chance.between(0.03, 0.07),
            chance.between(0.7, 1.2),
            chance.unit(),
            0.5,
        ];
        pen.ground(at, waves, gradient(lighter(colour, 0.12), colour).at(0.92));
    }
    ornaments(&mut pen, [wide, high], lean, family, chance);
}

/// Two bows, a field of dots and a ring of them.
fn ornaments(
    pen: &mut Pen<'_>,
    [wide, high]: [f32; 2],
    lean: f32,
    [paper, _, second, third, dark]: [Rgb; 5],
    chance: &mut Chance,
) {
    let turn = chance.between(-0.06, 0.06);
    pen.arc(
        [wide * (0.68 - lean), high * 0.62],
        [0.2, 0.028],
        [turn, 0.25],
        second,
    );
    pen.arc(
        [wide * (0.68 - lean), high * 0.62],
        [0.12, 0.028],
        [turn, 0.25],
        paper,
    );
    let (x, y) = (wide * (0.72 + lean), high * 0.2);
    for dot in 0..12 {
        let (column, line) = ((dot % 4) as f32, (dot / 4) as f32);
        let at = [x + 0.035 * column, y + 0.035 * line];
        pen.disc(at, 0.007, dark);
    }
    let ring = chance.unit();
    for dot in 0..5 {
        let angle = ring + dot as f32 / 12.0;
        let at = [
            wide * (0.36 + lean) + 0.33 * cosine(angle),
            high * 0.4 + 0.33 * sine(angle),
        ];
        pen.disc(at, 0.008 + 0.003 * dot as f32, third);
    }
}
