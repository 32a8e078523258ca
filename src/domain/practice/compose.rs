//! Composes a scene from a prompt: which surroundings, which things, where and how large.

use super::Scene;
use super::colour::{Rgb, lighter, mix};
use super::noise::Chance;
use super::pen::Pen;
use super::scenery::{self, Light, View};
use super::shape::Placed;
use super::source::Backing;
use super::things;
use super::words::{Item, Reading, Thing, Time};

/// Where a scene takes place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Land,
    Underwater,
    Space,
    Studio,
    Abstract,
}

/// The shapes of a scene, the lowest first.
pub(super) fn shapes(scene: &Scene<'_>, backing: Backing) -> Vec<Placed> {
    let [left, top, width, height] = backing.frame;
    let mut shapes = Vec::new();
    if width < 4.0 || height < 4.0 {
        return shapes;
    }
    let mut reading = Reading::of(scene.prompt);
    let mut chance = Chance::new(scene.prompt, scene.index);
    let bare = scene.transparent || !backing.scenery;
    if bare {
        make_solid(&mut reading);
    } else if reading.has(Thing::Boat) {
        reading.add(Item {
            thing: Thing::Sea,
            colour: None,
            count: 1,
        });
    }
    let place = place_of(&reading);
    let mut view = View {
        left,
        top,
        width,
        height,
        unit: width.min(height),
        light: Light::of(&reading, place == Place::Studio, &mut chance),
    };
    if bare {
        view.light.shade = (0, 0.0);
        draw_bare(&mut shapes, &view, &reading, &mut chance, backing.masked);
        return shapes;
    }
    match place {
        Place::Land => draw_land(&mut shapes, &view, &reading, &mut chance),
        Place::Underwater => draw_underwater(&mut shapes, &view, &reading, &mut chance),
        Place::Space => draw_space(&mut shapes, &view, &reading, &mut chance),
        Place::Studio => draw_studio(&mut shapes, &view, &reading, &mut chance),
        Place::Abstract => {
            scenery::abstract_picture(&mut shapes, &view, reading.colour, &mut chance);
        }
    }
    shapes
}

/// Without surroundings, what would be one becomes a thing.
fn make_solid(reading: &mut Reading) {
    for item in &mut reading.items {
        (item.thing, item.count) = match item.thing {
            Thing::Forest => (Thing::Tree, 3),
            Thing::Sea => (Thing::Boat, item.count),
            Thing::Hill => (Thing::Flower, 3),
            Thing::Rain => (Thing::Umbrella, 1),
            Thing::Snow => (Thing::Snowman, 1),
            same => (same, item.count),
        };
    }
}

fn place_of(reading: &Reading) -> Place {
    let any = |test: fn(Thing) -> bool| reading.items.iter().any(|item| test(item.thing));
    let open_air = any(|thing| {
        is_sky(thing) && thing != Thing::Planet && thing != Thing::Rocket || is_land(thing)
    });
    if reading.items.is_empty() && reading.time.is_none() {
        Place::Abstract
    } else if any(|thing| matches!(thing, Thing::Rocket | Thing::Planet)) && !any(is_land) {
        Place::Space
    } else if reading.has(Thing::Fish) && !any(|thing| is_land(thing) && thing != Thing::Sea) {
        Place::Underwater
    } else if any(is_indoor) && !open_air && reading.time.is_none() {
        Place::Studio
    } else {
        Place::Land
    }
}

pub(super) fn is_sky(thing: Thing) -> bool {
    use Thing::{Balloon, Bird, Butterfly, Cloud, Moon, Planet, Rainbow, Rocket, Star, Sun};
    matches!(
        thing,
        Sun | Moon | Star | Cloud | Rainbow | Bird | Butterfly | Balloon | Rocket | Planet
    )
}

fn is_land(thing: Thing) -> bool {
    use Thing::{Boat, Car, City, Forest, Hill, House, Mountain, Rain, Sea, Snow, Snowman, Tree};
    matches!(
        thing,
        Mountain | Sea | Forest | City | Hill | Rain | Snow | Tree | House | Boat | Car | Snowman
    )
}

fn is_indoor(thing: Thing) -> bool {
    use Thing::{
        Apple, Book, Bottle, Cake, Cup, Dot, Gift, Heart, Lamp, Plant, Robot, Square, Triangle,
    };
    matches!(
        thing,
        Cup | Apple
            | Book
            | Lamp
            | Robot
            | Bottle
            | Cake
            | Plant
            | Gift
            | Heart
            | Dot
            | Square
            | Triangle
    )
}

/// Part of the surroundings: no object of its own.
fn is_layer(thing: Thing) -> bool {
    use Thing::{City, Forest, Hill, Mountain, Rain, Sea, Snow};
    matches!(thing, Mountain | Sea | Forest | City | Hill | Rain | Snow)
}

/// Every single thing that stands on the ground, as often as was asked, eight at most.
fn standing(reading: &Reading) -> Vec<Item> {
    several(
        reading
            .items
            .iter()
            .filter(|item| !is_sky(item.thing) && !is_layer(item.thing)),
    )
}

fn several<'r>(items: impl Iterator<Item = &'r Item>) -> Vec<Item> {
    items
        .flat_map(|item| std::iter::repeat_n(*item, item.count as usize))
        .take(8)
        .collect()
}

fn draw_land(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    let horizon = if reading.has(Thing::Sea) { 0.56 } else { 0.66 };
    scenery::sky(shapes, view);
    draw_sky_things(shapes, view, reading, chance);
    scenery::horizon(shapes, view, reading, horizon, chance);
    let ashore = |item: &Item| !(item.thing == Thing::Boat && reading.has(Thing::Sea));
    let items = standing(reading);
    let afloat: Vec<Item> = items.iter().copied().filter(|item| !ashore(item)).collect();
    let ashore: Vec<Item> = items.into_iter().filter(ashore).collect();
    if ashore.is_empty() && !reading.has(Thing::Sea) && !reading.has(Thing::City) {
        scenery::quiet_trees(shapes, view, chance);
    }
    let sea_level = if ashore.is_empty() { 0.74 } else { 0.66 };
    line_up(shapes, view, &afloat, sea_level, 0.72, chance);
    if reading.has(Thing::Sea) && !ashore.is_empty() {
        scenery::beach(shapes, view, reading, chance);
    }
    line_up(shapes, view, &ashore, 0.86, 1.0, chance);
    if reading.has(Thing::Rain) {
        scenery::rain(shapes, view, chance);
    }
    if reading.has(Thing::Snow) || reading.has(Thing::Snowman) {
        scenery::snowfall(shapes, view, chance);
    }
}

/// Puts things side by side on a line at `level` (a share of the height), each in its slot.
fn line_up(
    shapes: &mut Vec<Placed>,
    view: &View,
    items: &[Item],
    level: f32,
    scale: f32,
    chance: &mut Chance,
) {
    let count = items.len() as f32;
    let wide = (view.unit * (0.62 + 0.3 * count)).min(view.width * 0.94);
    let slot = wide / count.max(1.0);
    let size = scale * (view.unit * if items.len() == 1 { 0.25 } else { 0.2 }).min(slot * 0.43);
    for (place, item) in items.iter().enumerate() {
        let drift = if items.len() == 1 {
            chance.between(-0.1, 0.1)
        } else {
            chance.between(-0.05, 0.05)
        };
        let x = view.left + view.width / 2.0 + (place as f32 + 0.5 - count / 2.0 + drift) * slot;
        let near = if place % 2 == 1 { 0.035 } else { 0.0 };
        let y = view.top + view.height * (level + near);
        let size = size * (1.0 + near) * things::stature(item.thing) * chance.between(0.95, 1.05);
        let mut pen = Pen::new(shapes, x, y, size)
            .lit(view.light.shade)
            .mirrored(chance.coin());
        things::draw(&mut pen, item, chance);
    }
}

fn draw_sky_things(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    let night = view.light.time == Time::Night;
    let starry = reading.has(Thing::Star);
    if night || starry {
        scenery::stars(shapes, view, if starry { 46 } else { 24 }, chance);
    }
    draw_lights(shapes, view, reading, chance);
    if !reading.has(Thing::Cloud) && !night {
        scenery::wisps(shapes, view, chance);
    }
    let flies = |thing| is_sky(thing) && !is_light(thing) && thing != Thing::Star;
    let flying = several(reading.items.iter().filter(|item| flies(item.thing)));
    fly(shapes, view, &flying, chance);
}

fn is_light(thing: Thing) -> bool {
    matches!(thing, Thing::Sun | Thing::Moon | Thing::Rainbow)
}

/// Sun, moon and rainbow; a clear sky has a sun or a moon unasked.
fn draw_lights(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    let night = view.light.time == Time::Night;
    let mut lights = several(reading.items.iter().filter(|item| is_light(item.thing)));
    let clear = night || !reading.has(Thing::Rain) && !reading.has(Thing::Snow);
    if clear && lights.iter().all(|item| item.thing == Thing::Rainbow) {
        let thing = if night { Thing::Moon } else { Thing::Sun };
        lights.push(Item {
            thing,
            colour: None,
            count: 1,
        });
    }
    let low = matches!(view.light.time, Time::Sunset | Time::Dawn);
    let right = chance.coin();
    for (place, item) in lights.iter().enumerate() {
        let on_the_right = right == (place % 2 == 0);
        let (x, y, size) = match item.thing {
            Thing::Rainbow => (0.5, 0.68, 0.5),
            Thing::Sun if low => (if right { 0.66 } else { 0.36 }, 0.42, 0.13),
            _ => (if on_the_right { 0.78 } else { 0.22 }, 0.2, 0.085),
        };
        let at = [view.left + view.width * x, view.top + view.height * y];
        let mut pen = Pen::new(shapes, at[0], at[1], view.unit * size);
        things::draw(&mut pen, item, chance);
    }
}

/// Spreads things over the sky.
fn fly(shapes: &mut Vec<Placed>, view: &View, items: &[Item], chance: &mut Chance) {
    let count = items.len() as f32;
    for (place, item) in items.iter().enumerate() {
        let lone = items.len() == 1;
        let share = (place as f32 + 0.5 + chance.between(-0.15, 0.15)) / count;
        let x = if lone {
            chance.between(0.38, 0.6)
        } else {
            0.12 + 0.76 * share
        };
        let y = if place % 2 == 0 {
            chance.between(0.24, 0.3)
        } else {
            chance.between(0.36, 0.44)
        };
        let size = things::stature(item.thing) * if lone { 0.14 } else { 0.45 / (count + 2.0) };
        let at = [view.left + view.width * x, view.top + view.height * y];
        let mut pen = Pen::new(shapes, at[0], at[1], view.unit * size)
            .lit(view.light.shade)
            .mirrored(chance.coin());
        things::draw(&mut pen, item, chance);
    }
}

fn draw_underwater(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    scenery::deep_water(shapes, view, chance);
    let fish = several(
        reading
            .items
            .iter()
            .filter(|item| !is_layer(item.thing) && !is_sky(item.thing)),
    );
    let count = fish.len() as f32;
    for (place, item) in fish.iter().enumerate() {
        let x = view.width * ((place as f32 + 0.5) / count * 0.8 + 0.1);
        let y = view.height
            * (0.5 + if place % 2 == 0 { -0.05 } else { 0.12 } + chance.between(-0.04, 0.04));
        let size = view.unit * 0.24 / (1.0 + (count - 1.0) * 0.3);
        let mut pen =
            Pen::new(shapes, view.left + x, view.top + y + size, size).mirrored(chance.coin());
        things::draw(&mut pen, item, chance);
    }
    scenery::bubbles(shapes, view, chance);
}

fn draw_space(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    scenery::deep_space(shapes, view, chance);
    scenery::stars(shapes, view, 70, chance);
    let mut items = several(
        reading
            .items
            .iter()
            .filter(|item| !is_layer(item.thing) && item.thing != Thing::Star),
    );
    let planet = Item {
        thing: Thing::Planet,
        colour: reading.colour_of(Thing::Planet),
        count: 1,
    };
    items.retain(|item| item.thing != Thing::Planet);
    let right = chance.coin();
    let at = if right || items.is_empty() {
        [0.74, 0.3]
    } else {
        [0.26, 0.32]
    };
    let (at, size) = if items.is_empty() {
        ([0.5, 0.5], 0.2)
    } else {
        (at, 0.11)
    };
    let (x, y) = (
        view.left + view.width * at[0],
        view.top + view.height * at[1],
    );
    things::draw(
        &mut Pen::new(shapes, x, y, view.unit * size),
        &planet,
        chance,
    );
    let count = items.len() as f32;
    for (place, item) in items.iter().enumerate() {
        let size = view.unit
            * (0.3 / (1.0 + 0.5 * (count - 1.0)))
            * if is_sky(item.thing) { 0.75 } else { 0.5 };
        let x = view.left + view.width * ((place as f32 + 0.5) / count * 0.8 + 0.1);
        let foot = if is_sky(item.thing) { 0.0 } else { size };
        let y = view.top + view.height * 0.56 + foot;
        things::draw(
            &mut Pen::new(shapes, x, y, size).mirrored(!right),
            item,
            chance,
        );
    }
}

fn draw_studio(shapes: &mut Vec<Placed>, view: &View, reading: &Reading, chance: &mut Chance) {
    let items = standing(reading);
    let main = items.first().and_then(|item| item.colour);
    scenery::studio(shapes, view, reading.colour, main, chance);
    line_up(shapes, view, &items, 0.76, 1.2, chance);
}

/// The things alone, in the middle: over nothing, or over a person's own picture.
fn draw_bare(
    shapes: &mut Vec<Placed>,
    view: &View,
    reading: &Reading,
    chance: &mut Chance,
    masked: bool,
) {
    let mut items = several(reading.items.iter());
    if masked && reading.removes {
        return;
    }
    if items.is_empty() {
        let thing = chance.pick(&[Thing::Heart, Thing::Star, Thing::Flower]);
        items.push(Item {
            thing,
            colour: reading.colour,
            count: 1,
        });
    }
    let count = items.len() as f32;
    let slot = view.width / count;
    let fill = if masked { 0.46 } else { 0.32 };
    let size = (view.height * fill).min(slot * fill).min(view.unit * 0.42);
    for (place, item) in items.iter().enumerate() {
        let size = size * things::stature(item.thing).min(1.0);
        let x = view.left + slot * (place as f32 + 0.5);
        let foot = if is_sky(item.thing) { 0.0 } else { size };
        let y = view.top + view.height * 0.5 + foot;
        things::draw(&mut Pen::new(shapes, x, y, size), item, chance);
    }
}

/// The colour of a wall that lets a thing of that colour stand out.
pub(super) fn wall_for(main: Option<Rgb>, wish: Option<Rgb>, chance: &mut Chance) -> Rgb {
    let walls = [
        0xF3_D9C4, 0xD5_E6E4, 0xE6_DDF0, 0xF6_E7BF, 0xDD_E7F3, 0xDF_EBD3,
    ];
    match (wish, main) {
        (Some(wish), _) => lighter(wish, 0.55),
        (None, Some(main)) => mix(chance.pick(&walls), lighter(main, 0.8), 0.35),
        (None, None) => chance.pick(&walls),
    }
}
