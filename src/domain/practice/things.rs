//! The things themselves: each drawn about two units high, standing on the origin, or round it where it flies.

use super::colour::{Ink, Rgb, darker, gradient, lighter, mix};
use super::noise::{Chance, cosine, sine};
use super::pen::Pen;
use super::words::{Item, Thing};

/// How large a thing is beside the others.
pub(super) fn stature(thing: Thing) -> f32 {
    match thing {
        Thing::Tree | Thing::House | Thing::Boat => 1.2,
        Thing::Apple | Thing::Mushroom | Thing::Gift | Thing::Cup | Thing::Cake => 0.85,
        Thing::Cat | Thing::Rabbit | Thing::Dog | Thing::Flower => 0.9,
        Thing::Bird | Thing::Butterfly => 0.85,
        Thing::Cloud => 1.2,
        _ => 1.0,
    }
}

const BRIGHT: &[Rgb] = &[
    0xE0_5A4E, 0x3F_8FC4, 0xF2_B544, 0x6C_B07A, 0x9A_74C6, 0xEF_8BA8,
];

/// Draws a thing in its colour, or one of its own.
pub(super) fn draw(pen: &mut Pen<'_>, item: &Item, chance: &mut Chance) {
    let (paint, own) = look(item.thing);
    let colour = item.colour.unwrap_or_else(|| chance.pick(own));
    paint(pen, colour);
}

/// How a thing is painted, and the colours it has when none is named.
#[rustfmt::skip]
fn look(thing: Thing) -> (fn(&mut Pen<'_>, Rgb), &'static [Rgb]) {
    match thing {
        Thing::Sun => (sun, &[0xFF_D56B]),
        Thing::Moon => (moon, &[0xFB_EFC4]),
        Thing::Star => (star, &[0xF8_CB53]),
        Thing::Cloud | Thing::Rain | Thing::Snow => (cloud, &[0xFF_FFFF]),
        Thing::Rainbow => (rainbow, &[0]),
        Thing::Bird => (bird, &[0x4A_7FB0, 0xD9_6A55, 0x58_8B7C]),
        Thing::Butterfly => (butterfly, BRIGHT),
        Thing::Balloon => (balloon, BRIGHT),
        Thing::Rocket => (rocket, &[0xE2_574C]),
        Thing::Planet => (planet, &[0xE8_A85C, 0x7F_A8D8, 0xD9_8BB0]),
        Thing::Mountain => (|pen, colour| mountain(pen, [1.0, 1.5], colour), &[0x6E_86B0]),
        Thing::Forest | Thing::Tree => (tree, &[0x5C_A36A, 0x4B_9478, 0x7F_B05A]),
        Thing::Flower | Thing::Hill => (flower, &[0xEE_7F9B, 0xF2_A541, 0x9A_74C6, 0xE8_5F55]),
        Thing::House => (house, &[0xF3_E3C8, 0xE9_C9B4, 0xD8_E3E6]),
        Thing::City => (city, &[0x6B_7BA6]),
        Thing::Boat | Thing::Sea => (boat, &[0xD9_5B4C, 0x2F_5D8C, 0x8A_5A44]),
        Thing::Car => (car, BRIGHT),
        Thing::Umbrella => (umbrella, BRIGHT),
        Thing::Cat => (cat, &[0xE8_9B52, 0x5A_5F70, 0xC9_B29A, 0x3E_4250]),
        Thing::Dog => (dog, &[0xC9_8F5A, 0xE6_C9A0, 0x8E_6548]),
        Thing::Rabbit => (rabbit, &[0xF3_EEE8]),
        Thing::Fish => (fish, &[0xF2_8A3C, 0xE8_5F55, 0xF4_C648, 0x8A_67C0]),
        Thing::Mushroom => (mushroom, &[0xD9_4B45]),
        Thing::Snowman => (snowman, &[0xD9_4B45]),
        Thing::Person => (person, BRIGHT),
        Thing::Cup => (cup, &[0xE8_6F5C, 0x3F_8F96, 0xF7_F3EA, 0x5B_7DB1]),
        Thing::Apple => (apple, &[0xDB_4A43]),
        Thing::Book => (book, BRIGHT),
        Thing::Lamp => (lamp, &[0xF2_C14E]),
        Thing::Robot => (robot, &[0x7F_A6C4, 0xE8_A15C, 0x8F_B7A0]),
        Thing::Bottle => (bottle, &[0x6C_B0A8, 0xE8_A0A8, 0xE2_B25C]),
        Thing::Cake => (cake, &[0xF3_B6C4]),
        Thing::Plant => (plant, &[0x4F_A070]),
        Thing::Gift => (gift, &[0x4F_9DA6]),
        Thing::Heart => (heart, &[0xE8_505B]),
        Thing::Dot => (dot, BRIGHT),
        Thing::Square => (square, BRIGHT),
        Thing::Triangle => (triangle, BRIGHT),
    }
}

/// Lit from above: a little lighter at the top, a little darker at the foot.
fn lit(colour: Rgb) -> Ink {
    gradient(lighter(colour, 0.14), darker(colour, 0.1))
}

fn sun(pen: &mut Pen<'_>, colour: Rgb) {
    pen.glow([0.0, 0.0], 3.4, Ink::from(lighter(colour, 0.3)).at(0.5));
    pen.disc([0.0, 0.0], 1.0, gradient(lighter(colour, 0.35), colour));
}

fn moon(pen: &mut Pen<'_>, colour: Rgb) {
    pen.glow([0.0, 0.0], 3.0, Ink::from(colour).at(0.24));
    pen.crescent(
        [0.0, 0.0],
        1.0,
        [0.5, -0.24, 0.86],
        gradient(lighter(colour, 0.4), colour),
    );
}

pub(super) fn star(pen: &mut Pen<'_>, colour: Rgb) {
    let corners: Vec<[f32; 2]> = (0..10)
        .map(|step| {
            let radius = if step % 2 == 0 { 0.92 } else { 0.42 };
            let angle = step as f32 / 10.0 - 0.25;
            [radius * cosine(angle), radius * sine(angle)]
        })
        .collect();
    pen.polygon(&corners, 0.1, lit(colour));
}

fn cloud(pen: &mut Pen<'_>, colour: Rgb) {
    let ink = |share: f32| Ink::from(darker(colour, share)).at(0.96);
    pen.block([0.05, 0.3], [1.15, 0.26], 0.26, ink(0.08));
    for (at, radius) in [
        ([-0.55, 0.02], 0.4),
        ([0.1, -0.2], 0.56),
        ([0.7, 0.1], 0.36),
    ] {
        pen.disc(at, radius, ink(0.0));
    }
    pen.block([0.0, 0.22], [1.15, 0.24], 0.24, ink(0.0));
}

fn rainbow(pen: &mut Pen<'_>, _own: Rgb) {
    let bands = [
        0xE8_6A5E, 0xF2_A455, 0xF6_D96B, 0x86_C48A, 0x6A_A9D8, 0x9A_86CC,
    ];
    for (step, colour) in bands.into_iter().enumerate() {
        let radius = 0.95 - 0.062 * step as f32;
        pen.arc(
            [0.0, 0.0],
            [radius, 0.034],
            [0.0, 0.25],
            Ink::from(colour).at(0.78),
        );
    }
}

fn bird(pen: &mut Pen<'_>, colour: Rgb) {
    pen.polygon(
        &[[-0.75, -0.05], [-1.3, -0.3], [-1.25, 0.15]],
        0.05,
        darker(colour, 0.2),
    );
    pen.oval([-0.1, 0.0], [0.8, 0.46], 0.02, lit(colour));
    pen.disc([0.58, -0.3], 0.36, lighter(colour, 0.06));
    pen.oval([0.05, 0.2], [0.5, 0.22], 0.02, lighter(colour, 0.6));
    pen.polygon(
        &[[0.9, -0.36], [1.22, -0.24], [0.9, -0.16]],
        0.03,
        0xF2_B544,
    );
    pen.polygon(
        &[[-0.35, -0.1], [0.35, -0.16], [-0.55, -1.05], [-0.85, -0.95]],
        0.08,
        darker(colour, 0.28),
    );
    pen.disc([0.68, -0.36], 0.06, 0x23_2838);
}

fn butterfly(pen: &mut Pen<'_>, colour: Rgb) {
    for side in [-1.0, 1.0] {
        pen.oval([0.5 * side, -0.36], [0.62, 0.42], -0.1 * side, lit(colour));
        pen.oval(
            [0.4 * side, 0.36],
            [0.42, 0.34],
            0.1 * side,
            darker(colour, 0.16),
        );
        pen.disc([0.6 * side, -0.42], 0.16, lighter(colour, 0.6));
        pen.path(&[[0.0, -0.55], [0.2 * side, -0.95]], 0.03, 0x3A_3346);
    }
    pen.block([0.0, 0.0], [0.09, 0.62], 0.09, 0x3A_3346);
}

fn balloon(pen: &mut Pen<'_>, colour: Rgb) {
    let string = [[0.0, 0.62], [0.06, 1.0], [-0.06, 1.4], [0.04, 1.8]];
    pen.path(&string, 0.022, Ink::from(0x50_5666).at(0.8));
    pen.polygon(
        &[[0.0, 0.45], [-0.13, 0.66], [0.13, 0.66]],
        0.03,
        darker(colour, 0.2),
    );
    pen.oval([0.0, -0.3], [0.78, 0.9], 0.0, lit(colour));
    pen.oval(
        [-0.3, -0.65],
        [0.14, 0.24],
        0.08,
        Ink::from(0xFF_FFFF).at(0.5),
    );
}

fn rocket(pen: &mut Pen<'_>, colour: Rgb) {
    pen.oval(
        [0.0, 1.2],
        [0.26, 0.62],
        0.0,
        gradient(0xFF_E08A, 0xF2_703C),
    );
    pen.oval([0.0, 1.08], [0.14, 0.36], 0.0, 0xFF_F6D8);
    for side in [-1.0, 1.0] {
        let fin = [
            [0.3 * side, 0.2],
            [0.78 * side, 0.75],
            [0.72 * side, 1.0],
            [0.3 * side, 0.78],
        ];
        pen.polygon(&fin, 0.05, darker(colour, 0.12));
    }
    let hull = [
        [0.0, -1.4],
        [-0.3, -0.95],
        [-0.44, -0.4],
        [-0.42, 0.3],
        [-0.28, 0.85],
        [0.28, 0.85],
        [0.42, 0.3],
        [0.44, -0.4],
        [0.3, -0.95],
    ];
    pen.polygon(&hull, 0.06, gradient(0xFB_F9F4, 0xD6_DAE4));
    pen.polygon(&[[0.0, -1.42], [-0.29, -0.95], [0.29, -0.95]], 0.06, colour);
    pen.disc([0.0, -0.3], 0.25, darker(colour, 0.1));
    pen.disc([0.0, -0.3], 0.17, gradient(0xBD_E4F4, 0x5C_9CC4));
    pen.block([0.0, 0.92], [0.28, 0.09], 0.05, darker(colour, 0.3));
}

fn planet(pen: &mut Pen<'_>, colour: Rgb) {
    let ring = Ink::from(lighter(colour, 0.5)).at(0.85);
    pen.oval([0.0, 0.0], [1.7, 0.4], -0.05, ring);
    pen.oval([0.0, 0.0], [1.36, 0.26], -0.05, 0x2A_2658);
    pen.disc([0.0, 0.0], 0.95, lit(colour));
    pen.oval(
        [-0.2, -0.4],
        [0.5, 0.09],
        -0.05,
        Ink::from(lighter(colour, 0.4)).at(0.6),
    );
    pen.oval(
        [0.2, 0.5],
        [0.5, 0.1],
        -0.05,
        Ink::from(darker(colour, 0.25)).at(0.5),
    );
    let front: Vec<[f32; 2]> = (0..=14)
        .map(|step| {
            let angle = 0.02 + step as f32 / 14.0 * 0.46;
            let (x, y) = (1.53 * cosine(angle), 0.33 * sine(angle));
            [
                x * cosine(-0.05) - y * sine(-0.05),
                x * sine(-0.05) + y * cosine(-0.05),
            ]
        })
        .collect();
    pen.path(&front, 0.075, Ink::from(lighter(colour, 0.5)));
}

/// A peak with a snow cap, `half` as wide to each side and `tall` as high as told.
pub(super) fn mountain(pen: &mut Pen<'_>, [half, tall]: [f32; 2], colour: Rgb) {
    let slope = |share: f32, side: f32| [half * share * side, -tall * (1.0 - share)];
    let peak = [0.0, -tall];
    let foot = |side: f32| [half * 1.1 * side, 0.1 * tall];
    pen.polygon(
        &[peak, foot(-1.0), foot(1.0)],
        0.012,
        gradient(colour, lighter(colour, 0.25)),
    );
    pen.polygon(
        &[peak, [half * 0.12, 0.1 * tall], foot(1.0)],
        0.012,
        Ink::from(darker(colour, 0.3)).at(0.35),
    );
    let cap = [
        peak,
        slope(0.3, -1.0),
        [-half * 0.14, -tall * 0.63],
        [-half * 0.03, -tall * 0.7],
        [half * 0.1, -tall * 0.6],
        slope(0.27, 1.0),
    ];
    pen.polygon(&cap, 0.012, 0xFA_FCFF);
}

pub(super) fn pine(pen: &mut Pen<'_>, colour: Rgb) {
    pen.block([0.0, -0.15], [0.08, 0.2], 0.02, darker(colour, 0.4));
    for step in [0.0, 1.0, 2.0] {
        let (y, half) = (-0.28 - 0.42 * step, 0.52 - 0.13 * step);
        let ink = gradient(lighter(colour, 0.05 * step), darker(colour, 0.08));
        pen.polygon(&[[0.0, y - 0.75], [-half, y], [half, y]], 0.05, ink);
    }
}

fn tree(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.08, 0.0], [0.75, 0.1]);
    let bark = 0x85_5F48;
    pen.polygon(
        &[[-0.1, -1.0], [0.1, -1.0], [0.16, 0.0], [-0.16, 0.0]],
        0.03,
        bark,
    );
    pen.path(&[[0.0, -0.75], [0.3, -1.05]], 0.05, bark);
    pen.disc([-0.42, -1.12], 0.44, darker(colour, 0.16));
    pen.disc([0.44, -1.18], 0.42, darker(colour, 0.1));
    pen.disc([0.0, -1.45], 0.56, lit(colour));
    pen.disc([-0.2, -1.62], 0.2, Ink::from(lighter(colour, 0.35)).at(0.5));
    pen.disc([0.3, -1.2], 0.14, Ink::from(lighter(colour, 0.35)).at(0.35));
}

fn flower(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [0.4, 0.06]);
    let stem = 0x5B_9A5E;
    pen.path(&[[0.0, 0.0], [0.03, -0.6], [0.0, -1.3]], 0.05, stem);
    pen.oval([0.3, -0.5], [0.3, 0.12], -0.08, lit(stem));
    pen.oval([-0.28, -0.34], [0.28, 0.11], 0.09, darker(stem, 0.1));
    for petal in 0..6 {
        let angle = petal as f32 / 6.0 + 0.04;
        let at = [0.36 * cosine(angle), -1.4 + 0.36 * sine(angle)];
        pen.oval(at, [0.3, 0.21], angle, lit(colour));
    }
    pen.disc([0.0, -1.4], 0.2, gradient(0xFF_DE7A, 0xEE_B03C));
}

fn house(pen: &mut Pen<'_>, wall: Rgb) {
    let pale = wall >> 16 > 0xD0 && wall & 255 > 0xA0;
    pen.shadow([0.1, 0.0], [1.15, 0.12]);
    let roof = if pale { 0xC2_5B4A } else { darker(wall, 0.35) };
    pen.block([0.5, -1.5], [0.11, 0.26], 0.02, darker(roof, 0.25));
    pen.block(
        [0.0, -0.5],
        [0.82, 0.5],
        0.03,
        gradient(wall, darker(wall, 0.08)),
    );
    pen.polygon(
        &[[0.0, -1.66], [-1.02, -0.96], [1.02, -0.96]],
        0.07,
        lit(roof),
    );
    pen.block([-0.32, -0.34], [0.2, 0.34], 0.04, 0x7B_5140);
    pen.disc([-0.2, -0.32], 0.03, 0xF2_C14E);
    pen.block([0.36, -0.52], [0.24, 0.22], 0.03, 0xFF_FFFF);
    pen.block(
        [0.36, -0.52],
        [0.19, 0.17],
        0.02,
        gradient(0xFF_EDB0, 0xFF_D67A),
    );
    pen.block([0.36, -0.52], [0.015, 0.19], 0.0, 0xFF_FFFF);
    pen.block([0.36, -0.52], [0.21, 0.015], 0.0, 0xFF_FFFF);
    pen.disc([0.0, -1.24], 0.13, gradient(0xFF_EDB0, 0xFF_D67A));
}

fn city(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [1.0, 0.1]);
    for (x, half, tall, share) in [
        (-0.6, 0.26, 1.1, 0.1),
        (0.6, 0.28, 1.35, 0.16),
        (0.0, 0.32, 1.85, 0.0),
    ] {
        pen.block(
            [x, -tall / 2.0],
            [half, tall / 2.0],
            0.03,
            lit(darker(colour, share)),
        );
        for window in 0..10 {
            let at = [
                x + if window % 2 == 0 { -0.12 } else { 0.12 },
                -tall + 0.2 + 0.19 * (window / 2) as f32,
            ];
            pen.block(at, [0.06, 0.05], 0.01, 0xFF_E7A3);
        }
    }
}

fn boat(pen: &mut Pen<'_>, colour: Rgb) {
    pen.oval(
        [0.0, 0.02],
        [1.15, 0.07],
        0.0,
        Ink::from(0xFF_FFFF).at(0.35),
    );
    pen.block([0.0, -1.0], [0.035, 0.85], 0.02, 0x70_4F3E);
    pen.polygon(
        &[[0.08, -1.8], [0.08, -0.5], [0.85, -0.5]],
        0.04,
        gradient(0xFF_FFFF, 0xEC_E6DA),
    );
    pen.polygon(
        &[[-0.08, -1.55], [-0.08, -0.5], [-0.6, -0.5]],
        0.04,
        gradient(lighter(colour, 0.45), lighter(colour, 0.25)),
    );
    pen.polygon(
        &[[-0.98, -0.36], [1.0, -0.36], [0.66, 0.0], [-0.66, 0.0]],
        0.05,
        lit(colour),
    );
    pen.block([0.0, -0.3], [0.9, 0.035], 0.03, 0xFF_FFFF);
}

fn car(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [1.2, 0.1]);
    let cabin = [[-0.62, -0.6], [-0.36, -1.02], [0.3, -1.02], [0.62, -0.6]];
    pen.polygon(&cabin, 0.1, lighter(colour, 0.1));
    pen.polygon(
        &[
            [-0.46, -0.62],
            [-0.28, -0.94],
            [-0.05, -0.94],
            [-0.05, -0.62],
        ],
        0.04,
        0xD4_EAF2,
    );
    pen.polygon(
        &[[0.08, -0.62], [0.08, -0.94], [0.26, -0.94], [0.47, -0.62]],
        0.04,
        0xC0_DDEA,
    );
    pen.block([0.0, -0.42], [1.15, 0.27], 0.2, lit(colour));
    pen.disc([1.06, -0.48], 0.08, 0xFF_EFB0);
    pen.block([-1.1, -0.46], [0.05, 0.08], 0.03, 0xB3_3A34);
    pen.block(
        [0.0, -0.26],
        [1.1, 0.03],
        0.02,
        Ink::from(0xFF_FFFF).at(0.35),
    );
    for x in [-0.62, 0.62] {
        pen.disc([x, -0.2], 0.27, 0x2E_3340);
        pen.disc([x, -0.2], 0.13, 0xD5_DAE2);
    }
}

fn umbrella(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.02], [0.5, 0.06]);
    let wood = 0x6E_4E3D;
    pen.path(&[[0.0, -1.85], [0.0, -0.2]], 0.04, wood);
    pen.arc([0.14, -0.2], [0.14, 0.045], [0.5, 0.25], wood);
    pen.dome([0.0, -0.95], 1.0, 0.0, lit(colour));
    // Ribs as narrow domes seen from the side: each a lighter gore between darker ones.
    for (rx, share) in [(0.62, 0.16), (0.24, 0.34)] {
        let gore: Vec<[f32; 2]> = (0..=12)
            .map(|step| {
                let angle = step as f32 / 24.0 + 0.5;
                [rx * cosine(angle), -0.95 + sine(angle)]
            })
            .collect();
        pen.polygon(&gore, 0.0, Ink::from(lighter(colour, share)).at(0.55));
    }
    for x in [-0.81, -0.43, 0.0, 0.43, 0.81] {
        let radius = if x == 0.0 { 0.24 } else { 0.19 };
        pen.oval([x, -0.95], [radius, 0.08], 0.0, darker(colour, 0.3));
    }
    pen.block([0.0, -1.98], [0.035, 0.08], 0.03, wood);
}

fn eyes(pen: &mut Pen<'_>, [x, y]: [f32; 2], gap: f32, size: f32) {
    for side in [-1.0, 1.0] {
        pen.oval([x + gap * side, y], [size, size * 1.15], 0.0, 0x23_2838);
        pen.disc(
            [x + gap * side + size * 0.3, y - size * 0.4],
            size * 0.32,
            0xFF_FFFF,
        );
    }
}

fn cat(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.0], [0.85, 0.1]);
    pen.path(
        &[[0.5, -0.14], [0.86, -0.2], [1.02, -0.5], [0.92, -0.82]],
        0.1,
        darker(colour, 0.12),
    );
    pen.oval([0.05, -0.52], [0.6, 0.56], 0.0, lit(colour));
    pen.oval([0.0, -0.4], [0.3, 0.36], 0.0, lighter(colour, 0.5));
    for side in [-1.0, 1.0] {
        pen.oval([0.24 * side, -0.08], [0.2, 0.11], 0.0, lighter(colour, 0.2));
        let ear = [
            [0.16 * side, -1.6],
            [0.46 * side, -1.95],
            [0.54 * side, -1.35],
        ];
        pen.polygon(&ear, 0.05, colour);
        pen.polygon(
            &[
                [0.28 * side, -1.6],
                [0.43 * side, -1.8],
                [0.47 * side, -1.46],
            ],
            0.02,
            0xF0_A8A4,
        );
    }
    pen.oval([0.0, -1.25], [0.6, 0.5], 0.0, lit(colour));
    for x in [-0.14, 0.0, 0.14] {
        pen.path(&[[x, -1.72], [x * 0.8, -1.56]], 0.03, darker(colour, 0.28));
    }
    eyes(pen, [0.0, -1.28], 0.24, 0.085);
    pen.oval([0.0, -1.06], [0.22, 0.14], 0.0, lighter(colour, 0.6));
    pen.polygon(
        &[[-0.045, -1.13], [0.045, -1.13], [0.0, -1.08]],
        0.02,
        0xD9_7078,
    );
    let white = Ink::from(0xFF_FFFF).at(0.85);
    for side in [-1.0, 1.0] {
        for [from, to] in [[-1.07, -1.13], [-1.02, -0.99]] {
            pen.path(&[[0.28 * side, from], [0.66 * side, to]], 0.012, white);
        }
    }
}

fn dog(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.0], [0.85, 0.1]);
    pen.path(
        &[[0.5, -0.4], [0.8, -0.62], [0.9, -0.9]],
        0.1,
        darker(colour, 0.1),
    );
    pen.oval([0.05, -0.52], [0.58, 0.56], 0.0, lit(colour));
    pen.oval([0.0, -0.45], [0.28, 0.38], 0.0, lighter(colour, 0.55));
    for side in [-1.0, 1.0] {
        pen.oval(
            [0.24 * side, -0.08],
            [0.22, 0.12],
            0.0,
            lighter(colour, 0.2),
        );
    }
    pen.oval([0.0, -1.3], [0.56, 0.52], 0.0, lit(colour));
    for side in [-1.0, 1.0] {
        pen.oval(
            [0.56 * side, -1.26],
            [0.19, 0.44],
            0.04 * -side,
            darker(colour, 0.32),
        );
    }
    pen.oval([0.0, -1.08], [0.32, 0.25], 0.0, lighter(colour, 0.6));
    pen.oval([0.0, -0.94], [0.09, 0.1], 0.0, 0xE8_7F86);
    pen.oval([0.0, -1.18], [0.11, 0.08], 0.0, 0x2E_2A33);
    pen.path(&[[0.0, -1.12], [0.0, -1.0]], 0.018, 0x2E_2A33);
    eyes(pen, [0.0, -1.4], 0.23, 0.075);
    pen.block([0.0, -0.82], [0.36, 0.06], 0.06, 0xD9_5B4C);
    pen.disc([0.0, -0.72], 0.07, 0xF2_C14E);
}

fn rabbit(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.0], [0.75, 0.1]);
    pen.disc([0.56, -0.3], 0.17, lighter(colour, 0.5));
    pen.oval([0.0, -0.48], [0.56, 0.5], 0.0, lit(colour));
    for side in [-1.0, 1.0] {
        pen.oval(
            [0.24 * side, -0.08],
            [0.22, 0.11],
            0.0,
            lighter(colour, 0.3),
        );
        pen.oval(
            [0.2 * side, -1.78],
            [0.14, 0.48],
            0.03 * side,
            darker(colour, 0.05),
        );
        pen.oval([0.2 * side, -1.74], [0.07, 0.36], 0.03 * side, 0xF0_B4B4);
    }
    pen.oval([0.0, -1.14], [0.46, 0.42], 0.0, lit(colour));
    eyes(pen, [0.0, -1.18], 0.19, 0.07);
    pen.oval([0.0, -1.03], [0.06, 0.045], 0.0, 0xE0_7F86);
    for side in [-1.0, 1.0] {
        pen.disc([0.29 * side, -1.02], 0.08, Ink::from(0xF0_A4A4).at(0.5));
    }
}

fn fish(pen: &mut Pen<'_>, colour: Rgb) {
    let y = -1.0;
    pen.polygon(
        &[[-0.62, y], [-1.2, y - 0.45], [-1.08, y], [-1.2, y + 0.45]],
        0.08,
        darker(colour, 0.15),
    );
    pen.polygon(
        &[[-0.25, y - 0.42], [0.0, y - 0.8], [0.4, y - 0.42]],
        0.06,
        darker(colour, 0.15),
    );
    pen.oval([0.1, y], [0.92, 0.56], 0.0, lit(colour));
    pen.oval(
        [0.15, y + 0.26],
        [0.62, 0.22],
        0.0,
        Ink::from(lighter(colour, 0.6)).at(0.7),
    );
    for (x, tall) in [(-0.28, 0.42), (0.22, 0.5)] {
        pen.oval([x, y], [0.06, tall], 0.0, Ink::from(0xFF_FFFF).at(0.55));
    }
    pen.oval([0.08, y + 0.14], [0.24, 0.13], 0.06, darker(colour, 0.18));
    pen.disc([0.62, y - 0.12], 0.15, 0xFF_FFFF);
    pen.disc([0.66, y - 0.12], 0.085, 0x23_2838);
}

fn mushroom(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [0.7, 0.09]);
    pen.polygon(
        &[[-0.2, -0.95], [0.2, -0.95], [0.3, -0.08], [-0.3, -0.08]],
        0.08,
        gradient(0xFB_F3E2, 0xE6_D6BC),
    );
    pen.oval([0.0, -0.86], [0.86, 0.16], 0.0, 0xEA_D9C0);
    pen.dome([0.0, -0.85], 0.92, 0.0, lit(colour));
    for (at, size) in [
        ([-0.4, -1.15], 0.14),
        ([0.15, -1.45], 0.17),
        ([0.52, -1.08], 0.11),
        ([-0.08, -1.05], 0.09),
    ] {
        pen.disc(at, size, 0xFF_FAF0);
    }
}

fn snowman(pen: &mut Pen<'_>, scarf: Rgb) {
    pen.shadow([0.05, 0.0], [0.8, 0.1]);
    let snow = gradient(0xFF_FFFF, 0xD8_E4F0);
    for side in [-1.0, 1.0] {
        pen.path(&[[0.4 * side, -1.0], [0.95 * side, -1.3]], 0.035, 0x6E_4E3D);
    }
    pen.disc([0.0, -0.5], 0.58, snow);
    pen.disc([0.0, -1.22], 0.42, snow);
    pen.disc([0.0, -1.72], 0.3, snow);
    pen.block([0.0, -1.48], [0.28, 0.075], 0.07, scarf);
    pen.block([0.18, -1.3], [0.07, 0.2], 0.05, darker(scarf, 0.12));
    pen.block([0.0, -1.97], [0.34, 0.035], 0.03, 0x2E_3340);
    pen.block([0.0, -2.13], [0.21, 0.17], 0.04, 0x2E_3340);
    eyes(pen, [0.0, -1.78], 0.1, 0.04);
    pen.polygon(
        &[[0.0, -1.71], [0.0, -1.63], [0.28, -1.65]],
        0.02,
        0xF0_8C3C,
    );
    for y in [-1.25, -1.08] {
        pen.disc([0.0, y], 0.045, 0x2E_3340);
    }
}

fn person(pen: &mut Pen<'_>, clothes: Rgb) {
    let mut chance = Chance::new("person", clothes);
    pen.shadow([0.05, 0.0], [0.65, 0.09]);
    let skin = chance.pick(&[0xF4_CDAE, 0xE3_B08A, 0xC4_8A64, 0x8E_5F48]);
    let hair = chance.pick(&[0x3A_2C2C, 0x6E_4632, 0xC8_9450, 0x2E_3346]);
    pen.block([-0.17, -0.22], [0.13, 0.24], 0.1, 0x3C_4660);
    pen.block([0.17, -0.22], [0.13, 0.24], 0.1, 0x3C_4660);
    for side in [-1.0, 1.0] {
        pen.path(
            &[[0.36 * side, -0.95], [0.56 * side, -0.52]],
            0.1,
            darker(clothes, 0.12),
        );
        pen.disc([0.58 * side, -0.46], 0.1, skin);
    }
    pen.polygon(
        &[[-0.3, -1.02], [0.3, -1.02], [0.4, -0.36], [-0.4, -0.36]],
        0.08,
        lit(clothes),
    );
    pen.disc([0.0, -1.58], 0.46, hair);
    pen.block([0.0, -1.34], [0.44, 0.26], 0.14, hair);
    pen.oval([0.0, -1.45], [0.36, 0.37], 0.0, skin);
    pen.dome([0.0, -1.6], 0.37, -0.03, hair);
    eyes(pen, [0.0, -1.43], 0.14, 0.045);
    pen.arc([0.0, -1.34], [0.09, 0.018], [0.5, 0.18], 0xA8_4F4A);
    for side in [-1.0, 1.0] {
        pen.disc([0.23 * side, -1.33], 0.06, Ink::from(0xF0_8A84).at(0.45));
    }
}

fn cup(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.02], [1.05, 0.13]);
    pen.oval(
        [0.0, -0.02],
        [1.0, 0.12],
        0.0,
        gradient(lighter(colour, 0.7), lighter(colour, 0.4)),
    );
    pen.arc(
        [0.62, -0.66],
        [0.28, 0.075],
        [0.25, 0.27],
        darker(colour, 0.12),
    );
    pen.polygon(
        &[
            [-0.62, -1.1],
            [0.62, -1.1],
            [0.5, -0.2],
            [0.34, -0.08],
            [-0.34, -0.08],
            [-0.5, -0.2],
        ],
        0.05,
        lit(colour),
    );
    pen.oval([0.0, -1.12], [0.67, 0.13], 0.0, lighter(colour, 0.25));
    pen.oval(
        [0.0, -1.11],
        [0.58, 0.095],
        0.0,
        gradient(0x6B_4230, 0x4A_2C22),
    );
    for (x, tall) in [(-0.2, 0.5), (0.16, 0.62)] {
        let steam: Vec<[f32; 2]> = (0..=8)
            .map(|step| {
                let up = step as f32 / 8.0;
                [x + 0.07 * sine(up * 1.1), -1.32 - tall * up]
            })
            .collect();
        pen.path(&steam, 0.035, Ink::from(0xFF_FFFF).at(0.4));
    }
}

fn apple(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [0.75, 0.11]);
    pen.path(
        &[[0.0, -1.3], [0.06, -1.56], [0.14, -1.68]],
        0.05,
        0x6E_4E3D,
    );
    pen.oval([0.34, -1.62], [0.26, 0.12], -0.07, lit(0x6C_B05A));
    pen.oval([-0.3, -0.74], [0.5, 0.7], -0.02, lit(colour));
    pen.oval([0.3, -0.74], [0.5, 0.7], 0.02, lit(colour));
    pen.oval([0.0, -1.36], [0.16, 0.08], 0.0, darker(colour, 0.35));
    pen.oval(
        [-0.44, -0.98],
        [0.12, 0.24],
        0.06,
        Ink::from(0xFF_FFFF).at(0.42),
    );
}

fn book(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.0], [1.1, 0.11]);
    for side in [-1.0, 1.0] {
        pen.polygon(
            &[
                [0.0, -0.08],
                [1.02 * side, -0.2],
                [1.02 * side, -1.2],
                [0.0, -1.04],
            ],
            0.06,
            lit(colour),
        );
        pen.polygon(
            &[
                [0.02 * side, -0.14],
                [0.94 * side, -0.28],
                [0.94 * side, -1.22],
                [0.02 * side, -1.06],
            ],
            0.03,
            gradient(0xFF_FDF6, 0xEF_E8D8),
        );
        for line in 0..5 {
            let y = -0.98 + 0.16 * line as f32;
            let end = if line == 4 { 0.5 } else { 0.8 };
            pen.path(
                &[[0.16 * side, y - 0.02], [end * side, y - 0.02 - 0.14 * end]],
                0.018,
                Ink::from(0x8A_8898).at(0.55),
            );
        }
    }
    pen.block([0.0, -0.58], [0.025, 0.48], 0.02, 0xD8_CFBC);
    pen.polygon(
        &[
            [0.3, -1.12],
            [0.42, -1.14],
            [0.42, -0.7],
            [0.36, -0.76],
            [0.3, -0.7],
        ],
        0.01,
        0xE0_5A4E,
    );
}

fn lamp(pen: &mut Pen<'_>, colour: Rgb) {
    pen.glow([0.0, -1.2], 1.9, Ink::from(0xFF_E9A8).at(0.6));
    pen.shadow([0.0, 0.0], [0.6, 0.08]);
    pen.oval([0.0, -0.06], [0.46, 0.09], 0.0, 0x4A_4658);
    pen.block([0.0, -0.55], [0.045, 0.5], 0.03, 0x4A_4658);
    pen.oval([0.0, -1.02], [0.62, 0.07], 0.0, 0xFF_F6D0);
    pen.polygon(
        &[[-0.34, -1.78], [0.34, -1.78], [0.66, -1.04], [-0.66, -1.04]],
        0.05,
        gradient(lighter(colour, 0.15), lighter(colour, 0.45)),
    );
}

fn robot(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [0.8, 0.1]);
    let dark = darker(colour, 0.4);
    for side in [-1.0, 1.0] {
        pen.block([0.24 * side, -0.13], [0.13, 0.15], 0.04, dark);
        pen.path(&[[0.55 * side, -0.9], [0.8 * side, -0.6]], 0.08, dark);
        pen.disc([0.82 * side, -0.52], 0.12, colour);
        pen.block([0.56 * side, -1.5], [0.06, 0.12], 0.04, dark);
    }
    pen.block([0.0, -0.64], [0.52, 0.42], 0.14, lit(colour));
    pen.block([0.0, -0.62], [0.28, 0.2], 0.06, lighter(colour, 0.5));
    for (x, ink) in [(-0.14, 0xE8_5F55), (0.0, 0xF2_C14E), (0.14, 0x6C_B07A)] {
        pen.disc([x, -0.62], 0.05, ink);
    }
    pen.path(&[[0.0, -1.8], [0.0, -2.06]], 0.035, dark);
    pen.disc([0.0, -2.1], 0.085, 0xE8_5F55);
    pen.block([0.0, -1.48], [0.54, 0.36], 0.16, lit(lighter(colour, 0.1)));
    pen.block([0.0, -1.48], [0.42, 0.22], 0.12, 0x2C_3444);
    for side in [-1.0, 1.0] {
        pen.disc([0.18 * side, -1.52], 0.085, 0x8F_F0E0);
    }
    pen.arc([0.0, -1.44], [0.1, 0.02], [0.5, 0.16], 0x8F_F0E0);
}

fn bottle(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.0], [0.6, 0.09]);
    pen.block([0.0, -1.72], [0.16, 0.16], 0.04, 0x3C_4050);
    pen.block([0.0, -1.5], [0.11, 0.12], 0.02, lighter(colour, 0.35));
    pen.block([0.0, -0.7], [0.5, 0.7], 0.22, lit(colour));
    pen.block([0.0, -0.64], [0.36, 0.34], 0.04, 0xFF_FBF2);
    pen.block([0.0, -0.76], [0.2, 0.03], 0.02, darker(colour, 0.35));
    pen.block(
        [0.0, -0.62],
        [0.26, 0.018],
        0.01,
        Ink::from(0x50_5464).at(0.6),
    );
    pen.block(
        [0.0, -0.54],
        [0.22, 0.018],
        0.01,
        Ink::from(0x50_5464).at(0.6),
    );
    pen.block(
        [-0.38, -0.75],
        [0.035, 0.46],
        0.03,
        Ink::from(0xFF_FFFF).at(0.5),
    );
}

fn cake(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.02], [1.05, 0.12]);
    pen.oval(
        [0.0, -0.02],
        [1.02, 0.1],
        0.0,
        gradient(0xFF_FFFF, 0xE2_E2EA),
    );
    pen.block(
        [0.0, -0.44],
        [0.8, 0.4],
        0.1,
        gradient(0xF6_DFB4, 0xE3_BE86),
    );
    pen.block([0.0, -0.42], [0.8, 0.05], 0.0, lighter(colour, 0.3));
    pen.block([0.0, -0.8], [0.82, 0.14], 0.12, lit(colour));
    for (x, drip) in [
        (-0.62, 0.2),
        (-0.3, 0.12),
        (0.04, 0.24),
        (0.36, 0.14),
        (0.64, 0.2),
    ] {
        pen.block(
            [x, -0.72 + drip / 2.0],
            [0.11, 0.1 + drip / 2.0],
            0.1,
            darker(colour, 0.04),
        );
    }
    for (x, ink) in [(-0.4, 0x6A_A9D8), (0.0, 0xF2_B544), (0.4, 0x8A_C48A)] {
        pen.block([x, -1.12], [0.045, 0.2], 0.02, ink);
        pen.oval(
            [x, -1.44],
            [0.065, 0.12],
            0.0,
            gradient(0xFF_EDA0, 0xF2_8A3C),
        );
    }
}

fn plant(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [0.65, 0.09]);
    for (turn, long, share) in [
        (-0.13, 0.62, 0.2),
        (0.13, 0.62, 0.12),
        (-0.06, 0.75, 0.06),
        (0.07, 0.7, 0.0),
        (0.0, 0.85, -0.1),
    ] {
        let (x, y) = (sine(turn), -cosine(turn));
        let root = [0.0, -0.62];
        let at = [root[0] + x * long * 0.85, root[1] + y * long * 0.85];
        let ink = if share < 0.0 {
            lighter(colour, -share)
        } else {
            darker(colour, share)
        };
        pen.oval(at, [0.2, long * 0.62], turn, lit(ink));
        let tip = [root[0] + x * long * 1.3, root[1] + y * long * 1.3];
        pen.path(&[root, tip], 0.016, Ink::from(lighter(colour, 0.5)).at(0.6));
    }
    let clay = 0xC9_7A58;
    pen.polygon(
        &[[-0.42, -0.6], [0.42, -0.6], [0.3, -0.04], [-0.3, -0.04]],
        0.05,
        lit(clay),
    );
    pen.block([0.0, -0.62], [0.52, 0.1], 0.04, lighter(clay, 0.1));
}

fn gift(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.0], [0.85, 0.1]);
    let band = mix(0xF6_D06A, 0xFF_FFFF, 0.1);
    pen.block([0.0, -0.5], [0.72, 0.5], 0.05, lit(colour));
    pen.block([0.0, -0.5], [0.12, 0.5], 0.0, band);
    pen.block([0.0, -1.02], [0.82, 0.15], 0.05, lighter(colour, 0.15));
    pen.block([0.0, -1.02], [0.12, 0.15], 0.0, lighter(band, 0.2));
    for side in [-1.0, 1.0] {
        pen.oval([0.27 * side, -1.34], [0.3, 0.17], -0.07 * side, band);
        pen.oval(
            [0.27 * side, -1.34],
            [0.15, 0.07],
            -0.07 * side,
            darker(band, 0.25),
        );
    }
    pen.disc([0.0, -1.24], 0.1, darker(band, 0.12));
}

fn heart(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.0], [0.6, 0.08]);
    // Half of x = 16 sin³, y = 13 cos − 5 cos 2 − 2 cos 3 − cos 4, in units, and its mirror image.
    let outline: Vec<[f32; 2]> = (0..80)
        .map(|step| {
            let turn = step as f32 / 80.0;
            let s = sine(turn);
            let up = 13.0 * cosine(turn)
                - 5.0 * cosine(turn * 2.0)
                - 2.0 * cosine(turn * 3.0)
                - cosine(turn * 4.0);
            [s * s * s * 0.95, -up / 17.0 - 0.98]
        })
        .collect();
    pen.polygon(&outline, 0.04, lit(colour));
    pen.oval(
        [-0.46, -1.42],
        [0.22, 0.13],
        -0.1,
        Ink::from(0xFF_FFFF).at(0.4),
    );
}

fn dot(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.0, 0.02], [0.75, 0.1]);
    pen.disc([0.0, -0.92], 0.92, lit(colour));
    pen.oval(
        [-0.36, -1.36],
        [0.24, 0.14],
        -0.1,
        Ink::from(0xFF_FFFF).at(0.35),
    );
}

fn square(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.02], [0.95, 0.1]);
    pen.block([0.0, -0.85], [0.85, 0.85], 0.1, lit(colour));
    pen.block(
        [-0.6, -0.85],
        [0.06, 0.6],
        0.06,
        Ink::from(0xFF_FFFF).at(0.25),
    );
}

fn triangle(pen: &mut Pen<'_>, colour: Rgb) {
    pen.shadow([0.05, 0.02], [1.0, 0.1]);
    pen.polygon(
        &[[0.0, -1.65], [-0.92, -0.1], [0.92, -0.1]],
        0.1,
        lit(colour),
    );
    pen.polygon(
        &[[0.0, -1.65], [0.25, -0.1], [0.92, -0.1]],
        0.1,
        Ink::from(darker(colour, 0.3)).at(0.35),
    );
}
