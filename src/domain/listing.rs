//! What a provider's own list of models adds to the data in use, and when it is time to ask for it again.

use serde::{Deserialize, Serialize};

use crate::domain::date::Date;
use crate::domain::model::Catalogue;

/// One entry of a provider's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub id: String,
    pub shutdown: Option<Date>,
}

/// A list as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taught {
    pub asked: Date,
    /// It names models of all kinds.
    pub only_images: bool,
    pub listed: Vec<Listed>,
}

/// When the server of an origin was asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub day: Date,
    /// It wanted a key, and none was held.
    pub wanted_key: bool,
}

/// What a list brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Learned {
    /// Names that the data does not hold.
    pub names: usize,
    /// Shutdowns on another day than the data says.
    pub dates: usize,
}

/// What the names of image models have in common at a provider that lists models of all kinds.
const IMAGE: &str = "image";

impl Look {
    /// Whether it is time for the look of a day.
    #[must_use]
    pub fn is_due(last: Option<Self>, today: Date, has_key: bool) -> bool {
        last.is_none_or(|last| last.day != today || (last.wanted_key && has_key))
    }
}

impl Catalogue {
    /// Takes a list that was asked for some time ago. Days of data that is newer stand.
    pub fn recall(&mut self, taught: &Taught) -> Learned {
        if taught.asked >= self.version {
            return self.learn(&taught.listed, taught.only_images);
        }
        let without_day = |listed: &Listed| Listed {
            id: listed.id.clone(),
            shutdown: None,
        };
        let names: Vec<_> = taught.listed.iter().map(without_day).collect();
        self.learn(&names, taught.only_images)
    }

    /// Takes a list. A day that it names replaces the one of the data; no day leaves it: a warning too many does less harm
    /// than one too few. Names that the data does not hold are offered as they are, without a price.
    pub fn learn(&mut self, listed: &[Listed], only_images: bool) -> Learned {
        let mut learned = Learned::default();
        for Listed { id, shutdown } in listed {
            let is_new = self.is_new(id) && (!only_images || id.contains(IMAGE));
            let known = self.models.iter_mut().find(|model| model.id == *id);
            match (known, shutdown) {
                (Some(model), Some(day)) if model.lifecycle.shutdown != Some(*day) => {
                    model.lifecycle.shutdown = Some(*day);
                    learned.dates += 1;
                }
                (None, _) if is_new => {
                    self.listed.push(id.clone());
                    learned.names += 1;
                }
                _ => {}
            }
        }
        learned
    }

    /// Names that a provider listed and the data does not hold.
    #[must_use]
    pub fn listed(&self) -> &[String] {
        &self.listed
    }

    fn is_new(&self, id: &String) -> bool {
        self.known(id).is_none() && !self.listed.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: &str, day: Option<&str>) -> Listed {
        Listed {
            id: id.into(),
            shutdown: day.and_then(|day| Date::try_from(day.to_owned()).ok()),
        }
    }

    #[test]
    fn a_list_that_is_older_than_the_data_brings_names_only() {
        let mut taught = Taught {
            asked: Date::try_from("2026-11-21".to_owned()).unwrap(),
            only_images: true,
            listed: vec![
                listed("gpt-image-2", Some("2027-02-01")),
                listed("gpt-image-9", None),
            ],
        };
        let learned = |taught: &Taught| Catalogue::built_in().unwrap().recall(taught);
        assert_eq!(learned(&taught), Learned { names: 1, dates: 0 });
        taught.asked = Catalogue::built_in().unwrap().version;
        assert_eq!(learned(&taught), Learned { names: 1, dates: 1 });
        let kept = serde_json::to_string(&taught).unwrap();
        assert_eq!(serde_json::from_str::<Taught>(&kept).unwrap(), taught);
    }

    #[test]
    fn one_look_a_day_and_one_more_with_the_key_that_was_wanted() {
        let day = |day: &str| Date::try_from(day.to_owned()).unwrap();
        let (today, tomorrow) = (day("2026-11-22"), day("2026-11-23"));
        let look = |wanted_key| {
            Some(Look {
                day: today,
                wanted_key,
            })
        };
        assert!(Look::is_due(None, today, false));
        assert!(!Look::is_due(look(false), today, true));
        assert!(Look::is_due(look(false), tomorrow, false));
        assert!(Look::is_due(look(true), today, true) && !Look::is_due(look(true), today, false));
    }

    #[test]
    fn a_list_brings_names_and_days() {
        let list = [
            listed("gpt-image-1-mini", Some("2027-01-15")),
            listed("gpt-image-1.5", None),
            listed("gpt-image-2", None),
            listed("gpt-image-2-2026-04-21", Some("2027-02-01")),
            listed("gpt-image-9", None),
            listed("text-embedding-3", None),
        ];
        let mut catalogue = Catalogue::built_in().unwrap();
        let day = |catalogue: &Catalogue, id| catalogue.model(id).lifecycle.shutdown;
        let before = day(&catalogue, "gpt-image-1.5");
        assert_eq!(catalogue.learn(&list, true), Learned { names: 1, dates: 1 });
        assert_eq!(catalogue.listed(), ["gpt-image-9"]);
        assert_eq!(day(&catalogue, "gpt-image-1.5"), before);
        assert_eq!(
            day(&catalogue, "gpt-image-1-mini").unwrap().to_string(),
            "2027-01-15"
        );
        assert_eq!(day(&catalogue, "gpt-image-2"), None);
        assert!(
            catalogue.known("gpt-image-9").is_none()
                && catalogue.model("gpt-image-9").rates.is_none()
        );
        // The same list again brings nothing.
        assert_eq!(catalogue.learn(&list, true), Learned::default());
        assert_eq!(catalogue.learn(&list, false).names, 1);
    }
}
