//! The card types that are built in: the files under `schemas/`, as type metadata documents.
//! draft-ietf-oauth-sd-jwt-vc §5.2.
//!
//! Their `vct` is a URN, of which nothing can be retrieved by itself. Issuers, wallets, verifiers and
//! the pages of the ledger know them from here, byte for byte as issuers publish them (§5.3.3).

mod across;
mod in_format;
mod widened;

pub use across::{claim_in_every_format, own_type};
pub use in_format::{Added, IN_FORMATS, InFormat, Place};
pub use widened::{NotTheSame, Spoken};

use sd_jwt::type_metadata::{HeldTypes, TypeMetadataError};

/// One file under `schemas/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardType {
    /// The name of the file, without `.json`.
    pub name: &'static str,
    /// The type.
    pub vct: &'static str,
    /// What checks that are built in call the query for it.
    pub query: &'static str,
    /// The document.
    pub document: &'static str,
}

/// Every type that is built in.
pub const CARD_TYPES: [CardType; 6] = [
    CardType {
        name: "person-identification",
        vct: "urn:holdfast:vct:person-identification:1",
        query: "person",
        document: include_str!("../../../schemas/person-identification.json"),
    },
    CardType {
        name: "residence",
        vct: "urn:holdfast:vct:residence:1",
        query: "home",
        document: include_str!("../../../schemas/residence.json"),
    },
    CardType {
        name: "driving-licence",
        vct: "urn:holdfast:vct:driving-licence:1",
        query: "licence",
        document: include_str!("../../../schemas/driving-licence.json"),
    },
    CardType {
        name: "business-representative",
        vct: "urn:holdfast:vct:business-representative:1",
        query: "business",
        document: include_str!("../../../schemas/business-representative.json"),
    },
    CardType {
        name: "student-card",
        vct: "urn:holdfast:vct:student-card:1",
        query: "student",
        document: include_str!("../../../schemas/student-card.json"),
    },
    CardType {
        name: "business-registration",
        vct: "urn:holdfast:vct:business-registration:1",
        query: "registration",
        document: include_str!("../../../schemas/business-registration.json"),
    },
];

/// Checks that are ready to be used, by id: the files under `ready-made/`. Where they say `PRIVACY_POLICY` and
/// `TIME_ZONE` stands what the business says. docs/rules.md §7
pub const READY_MADE: [(&str, &str); 8] = [
    ("age-16", include_str!("../ready-made/age-16.toml")),
    ("age-18", include_str!("../ready-made/age-18.toml")),
    ("age-21", include_str!("../ready-made/age-21.toml")),
    ("age-65", include_str!("../ready-made/age-65.toml")),
    ("resident", include_str!("../ready-made/resident.toml")),
    ("drives-cars", include_str!("../ready-made/drives-cars.toml")),
    ("is-this-person", include_str!("../ready-made/is-this-person.toml")),
    (
        "acts-for-business",
        include_str!("../ready-made/acts-for-business.toml"),
    ),
];

/// All card types, held.
///
/// # Errors
/// [`TypeMetadataError`] where a file is not the metadata of its type.
pub fn held() -> Result<HeldTypes, TypeMetadataError> {
    let mut held = HeldTypes::default();
    for card_type in CARD_TYPES {
        held.hold(card_type.vct, card_type.document.as_bytes())?;
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sd_jwt::type_metadata::{SvgProperties, SvgTemplate};

    /// Each document carries its drawing along, so that nothing has to be fetched.
    #[test]
    fn drawings_are_those_of_the_files_and_draw_nothing_but_claims() {
        let held = held().unwrap();
        let known = held.known("urn:holdfast:vct:residence:1").unwrap();
        let file = include_bytes!("../drawings/residence.svg");
        for display in known.display() {
            let reference = display.rendering.svg_template(SvgProperties::default()).unwrap();
            assert_eq!(reference.carried().unwrap(), file);
            let template = SvgTemplate::retrieved(reference, file, known).unwrap();
            assert!(
                template
                    .placeholders()
                    .any(|placeholder| placeholder == "street_address")
            );
        }
    }

    #[test]
    fn checks_call_the_query_for_a_card_as_the_card_says() {
        for (id, check) in READY_MADE {
            let asked = CARD_TYPES.iter().filter(|card| check.contains(card.vct));
            let asked: Vec<_> = asked.collect();
            assert_eq!(asked.len(), 1, "{id}");
            assert!(check.contains(&format!("\"id\": \"{}\"", asked[0].query)), "{id}");
        }
    }

    #[test]
    fn every_type_is_known_and_has_claims() {
        let held = held().unwrap();
        for card_type in CARD_TYPES {
            let known = held.known(card_type.vct).unwrap();
            assert_eq!(card_type.vct, format!("urn:holdfast:vct:{}:1", card_type.name));
            assert!(
                known.claims().iter().any(|claim| claim.is_mandatory()),
                "{}",
                card_type.name
            );
        }
    }
}
