//! The views and their addresses: hashes, because a static host at an unknown path can serve no other.

/// A view that is built. The others are absent from the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum View {
    #[default]
    Create,
    Library,
    Costs,
    Settings,
}

impl View {
    pub const ALL: [Self; 4] = [Self::Create, Self::Library, Self::Costs, Self::Settings];

    #[must_use]
    pub fn hash(self) -> &'static str {
        match self {
            Self::Create => "#/create",
            Self::Library => "#/library",
            Self::Costs => "#/costs",
            Self::Settings => "#/settings",
        }
    }

    /// The view of an address; Create for any other.
    #[must_use]
    pub fn of(hash: &str) -> Self {
        Self::at(hash).unwrap_or_default()
    }

    /// Whether a view has this address.
    #[must_use]
    pub fn has(hash: &str) -> bool {
        Self::at(hash).is_some()
    }

    fn at(hash: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.hash() == hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_has_its_address_and_a_strange_one_is_create() {
        assert!(
            View::ALL
                .into_iter()
                .all(|view| View::of(view.hash()) == view && View::has(view.hash()))
        );
        for strange in ["", "#", "#/create?prompt=x&submit=1", "#/shared"] {
            assert!(View::of(strange) == View::Create && !View::has(strange));
        }
    }
}
