//! The card types that are built in: the files under `schemas/`, as type metadata documents.
//! draft-ietf-oauth-sd-jwt-vc §5.2.
//!
//! Their `vct` is a URN, of which nothing can be retrieved by itself. Issuers, wallets, verifiers and
//! the pages of the ledger know them from here, byte for byte as issuers publish them (§5.3.3).

use sd_jwt::type_metadata::{HeldTypes, TypeMetadataError};

/// One file under `schemas/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardType {
    /// The name of the file, without `.json`.
    pub name: &'static str,
    /// The type.
    pub vct: &'static str,
    /// The document.
    pub document: &'static str,
}

/// Every type that is built in.
pub const CARD_TYPES: [CardType; 4] = [
    CardType {
        name: "person-identification",
        vct: "urn:holdfast:vct:person-identification:1",
        document: include_str!("../../../schemas/person-identification.json"),
    },
    CardType {
        name: "residence",
        vct: "urn:holdfast:vct:residence:1",
        document: include_str!("../../../schemas/residence.json"),
    },
    CardType {
        name: "driving-licence",
        vct: "urn:holdfast:vct:driving-licence:1",
        document: include_str!("../../../schemas/driving-licence.json"),
    },
    CardType {
        name: "business-representative",
        vct: "urn:holdfast:vct:business-representative:1",
        document: include_str!("../../../schemas/business-representative.json"),
    },
];

/// All of them, held.
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
