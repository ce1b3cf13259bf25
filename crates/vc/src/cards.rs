//! The card types of Holdfast that have a context of their own.

use crate::contexts::{BUSINESS_REGISTRATION_V1, STUDENT_CARD_V1};

/// How a type of card is written in a credential. VCDM 2.0 §4.3, §4.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardContext {
    /// The type as contexts define it: the name by which agencies are accredited for the card.
    pub name: &'static str,
    /// The type as it is written.
    pub term: &'static str,
    /// The URL of the context that defines it and the claims of the card.
    pub context: &'static str,
}

/// Every one of them.
pub static CARDS: [CardContext; 2] = [
    CardContext {
        name: "urn:holdfast:vct:student-card:1",
        term: "StudentCard",
        context: STUDENT_CARD_V1,
    },
    CardContext {
        name: "urn:holdfast:vct:business-registration:1",
        term: "BusinessRegistration",
        context: BUSINESS_REGISTRATION_V1,
    },
];

impl CardContext {
    /// The card of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        CARDS.iter().find(|card| card.name == name)
    }
}
