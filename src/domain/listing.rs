//! What a provider's own list of models adds to the data of this build, for as long as the page lives.

use crate::domain::date::Date;
use crate::domain::model::Catalogue;

/// One entry of a provider's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub shutdown: Option<Date>,
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

impl Catalogue {
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
