//! Samples, their middle and their ends, and the table of them.

use serde_json::{Value, json};

use super::Side;

/// What was measured of one thing.
#[derive(Debug)]
struct Figure {
    name: String,
    unit: &'static str,
    app: Vec<f64>,
    other: Vec<f64>,
    /// The goal is for the app's own figure, though the other side has one.
    is_alone: bool,
    /// What the other side is.
    beside: &'static str,
    /// The ratio, or the figure where there is none, that must not be exceeded.
    goal: Option<f64>,
}

/// What the app is measured beside, where a figure names nothing else.
const BARE_PAGE: &str = "bare page";

/// All figures, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(super) struct Figures(Vec<Figure>);

impl Figures {
    /// Announces a figure with its goal: for the ratio, or for the app's own figure where the bare page has none.
    pub(super) fn expect(&mut self, name: &str, unit: &'static str, goal: Option<f64>) {
        self.expect_beside(BARE_PAGE, name, unit, goal);
    }

    /// The same, with something else in the place of the bare page.
    pub(super) fn expect_beside(
        &mut self,
        beside: &'static str,
        name: &str,
        unit: &'static str,
        goal: Option<f64>,
    ) {
        self.0.push(Figure {
            name: name.into(),
            unit,
            app: Vec::new(),
            other: Vec::new(),
            is_alone: false,
            beside,
            goal,
        });
    }

    /// With a goal for the app's own figure; that of the bare page is there to be looked at.
    pub(super) fn expect_alone(&mut self, name: &str, unit: &'static str, goal: Option<f64>) {
        self.expect(name, unit, goal);
        if let Some(figure) = self.0.last_mut() {
            figure.is_alone = true;
        }
    }

    pub(super) fn add(&mut self, name: &str, side: Side, sample: f64) {
        if let Some(figure) = self.0.iter_mut().find(|figure| figure.name == name) {
            match side {
                Side::App => figure.app.push(sample),
                Side::Other => figure.other.push(sample),
            }
        }
    }

    pub(super) fn print(&self) {
        let mut beside = "";
        for figure in &self.0 {
            if figure.beside != beside {
                beside = figure.beside;
                println!(
                    "\n{:<52} {:>26} {:>26} {:>6} {:>6}  n",
                    "median (min – max)", "app", beside, "ratio", "goal"
                );
            }
            let goal = figure
                .goal
                .map_or_else(String::new, |goal| format!("{goal}"));
            let ratio = figure
                .ratio()
                .map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            println!(
                "{:<52} {:>26} {:>26} {ratio:>6} {goal:>6}  {}{}",
                format!("{}, {}", figure.name, figure.unit),
                shown(&figure.app),
                shown(&figure.other),
                figure.app.len(),
                if figure.misses() { "  missed" } else { "" },
            );
        }
    }

    pub(super) fn json(&self) -> Value {
        let figure = |figure: &Figure| {
            json!({
                "name": figure.name,
                "unit": figure.unit,
                "app": side(&figure.app),
                "beside": figure.beside,
                "other": side(&figure.other),
                "ratio": figure.ratio(),
                "goal": figure.goal,
                "missed": figure.misses(),
            })
        };
        self.0.iter().map(figure).collect()
    }
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        Some(median(&self.app)? / median(&self.other).filter(|other| *other > 0.0)?)
    }

    fn misses(&self) -> bool {
        let ratio = self.ratio().filter(|_| !self.is_alone);
        let reached = ratio.or_else(|| median(&self.app));
        matches!((self.goal, reached), (Some(goal), Some(reached)) if reached > goal)
    }
}

fn side(samples: &[f64]) -> Value {
    json!({"min": sorted(samples).first(), "median": median(samples), "max": sorted(samples).last(), "n": samples.len(), "samples": samples})
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(samples: &[f64]) -> Option<f64> {
    let sorted = sorted(samples);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        return sorted.get(middle).copied();
    }
    Some((sorted.get(middle.checked_sub(1)?)? + sorted.get(middle)?) / 2.0)
}

fn shown(samples: &[f64]) -> String {
    let sorted = sorted(samples);
    let number = |value: f64| {
        if value < 10.0 {
            format!("{value:.2}")
        } else {
            format!("{value:.0}")
        }
    };
    match (median(samples), sorted.first(), sorted.last()) {
        (Some(middle), Some(least), Some(most)) if least < most => {
            format!(
                "{} ({} – {})",
                number(middle),
                number(*least),
                number(*most)
            )
        }
        (Some(middle), ..) => number(middle),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_even_and_odd_samples() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn a_goal_is_for_the_ratio_where_there_is_one() {
        let figure = |app: f64, other: Vec<f64>| Figure {
            name: String::new(),
            unit: "ms",
            app: vec![app],
            other,
            is_alone: false,
            beside: BARE_PAGE,
            goal: Some(2.0),
        };
        assert!(!figure(300.0, vec![200.0]).misses());
        assert!(figure(500.0, vec![200.0]).misses());
        assert!(figure(3.0, Vec::new()).misses());
    }
}
