//! The built-in card types in other formats than SD-JWT VC: what they are called there, and where their claims stand.

use serde_json::{Value, json};

/// A card type in another format. There every claim stands two steps in: in a namespace of an mdoc, in what a W3C
/// credential says of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFormat {
    /// The card type, by the name of its file.
    pub card: &'static str,
    /// The format, as OpenID4VCI and OpenID4VP call it.
    pub format: &'static str,
    /// What the format calls the type.
    pub type_name: &'static str,
    /// How many claims each of its namespaces seems to have, so that their number tells nothing.
    pub digests: usize,
    /// Where the claims of the card type stand.
    pub claims: &'static [Place],
    /// What the format asks for beside them.
    pub added: &'static [Added],
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the card type calls it.
    pub claim: &'static str,
    /// What it stands in.
    pub inside: &'static str,
    /// What it is called there.
    pub name: &'static str,
    /// Whether a rule reads the same value of both.
    pub same_value: bool,
}

/// A claim that the card type itself does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// What it stands in.
    pub inside: &'static str,
    /// What it is called there.
    pub name: &'static str,
    /// What people call it, in English, German and French.
    pub labels: [(&'static str, &'static str); 3],
    /// The claim of the card type that it says in other words, where there is one.
    pub says: Option<&'static str>,
}

/// The format of an mdoc. OpenID4VP 1.0 Appendix B.2.1
const MDOC: &str = "mso_mdoc";
/// ISO/IEC 18013-5 §7.1
const MDL: &str = "org.iso.18013.5.1";
/// What a driving licence says beside ISO/IEC 18013-5 §7.2.
const OWN_LICENCE: &str = "urn:holdfast:namespace:driving-licence:1";
/// Person identification data of the European Digital Identity Wallet; the namespace is called as the type.
const PID: &str = "eu.europa.ec.eudi.pid.1";

/// Every type that has another format.
pub static IN_FORMATS: [InFormat; 4] = [
    InFormat {
        card: "driving-licence",
        format: MDOC,
        type_name: "org.iso.18013.5.1.mDL",
        digests: 20,
        claims: &[
            place("family_name", MDL, "family_name"),
            place("given_name", MDL, "given_name"),
            place("birth_date", MDL, "birth_date"),
            place("issue_date", MDL, "issue_date"),
            place("expiry_date", MDL, "expiry_date"),
            place("licence_number", MDL, "document_number"),
            place("portrait", MDL, "portrait"),
            place("categories", OWN_LICENCE, "categories"),
            place("category_b", OWN_LICENCE, "category_b"),
        ],
        added: &[
            added(MDL, "issuing_country", COUNTRY),
            added(MDL, "issuing_authority", AUTHORITY),
            Added {
                says: Some("categories"),
                ..added(
                    MDL,
                    "driving_privileges",
                    ["Driving privileges", "Fahrerlaubnisse", "Droits de conduire"],
                )
            },
            added(
                MDL,
                "un_distinguishing_sign",
                ["Distinguishing sign", "Unterscheidungszeichen", "Signe distinctif"],
            ),
            added(MDL, "age_over_16", ["16 or older", "16 oder älter", "16 ans ou plus"]),
            added(MDL, "age_over_18", ["18 or older", "18 oder älter", "18 ans ou plus"]),
            added(MDL, "age_over_21", ["21 or older", "21 oder älter", "21 ans ou plus"]),
            added(MDL, "age_over_65", ["65 or older", "65 oder älter", "65 ans ou plus"]),
        ],
    },
    InFormat {
        card: "person-identification",
        format: MDOC,
        type_name: PID,
        digests: 20,
        claims: &[
            place("family_name", PID, "family_name"),
            place("given_name", PID, "given_name"),
            place("birth_date", PID, "birth_date"),
            rewritten("place_of_birth", PID, "place_of_birth"),
            rewritten("nationality", PID, "nationality"),
            place("personal_number", PID, "personal_administrative_number"),
            rewritten("sex", PID, "sex"),
            place("portrait", PID, "portrait"),
            place("age_over_16", PID, "age_over_16"),
            place("age_over_18", PID, "age_over_18"),
            place("age_over_21", PID, "age_over_21"),
            place("age_over_65", PID, "age_over_65"),
        ],
        added: &[
            added(PID, "issuing_country", COUNTRY),
            added(PID, "issuing_authority", AUTHORITY),
            added(PID, "expiry_date", ["Valid until", "Gültig bis", "Valable jusqu'au"]),
        ],
    },
    InFormat {
        card: "student-card",
        format: "ldp_vc",
        type_name: "urn:holdfast:vct:student-card:1",
        digests: 6,
        claims: &[
            of_subject("given_name"),
            of_subject("family_name"),
            of_subject("institution_name"),
            of_subject("student_number"),
            of_subject("enrolled_until"),
        ],
        added: &[],
    },
    InFormat {
        card: "business-registration",
        format: "ldp_vc",
        type_name: "urn:holdfast:vct:business-registration:1",
        digests: 6,
        claims: &[
            of_subject("organisation_name"),
            of_subject("organisation_number"),
            of_subject("legal_form"),
            of_subject("registered_office"),
            of_subject("registered_on"),
        ],
        added: &[],
    },
];

const COUNTRY: [&str; 3] = ["Issuing country", "Ausstellendes Land", "Pays de délivrance"];
const AUTHORITY: [&str; 3] = ["Issuing authority", "Ausstellende Behörde", "Autorité de délivrance"];

const fn place(claim: &'static str, inside: &'static str, name: &'static str) -> Place {
    Place {
        claim,
        inside,
        name,
        same_value: true,
    }
}

/// A claim of a W3C credential. VCDM 2.0 §4.8
const fn of_subject(claim: &'static str) -> Place {
    place(claim, "credentialSubject", claim)
}

/// A claim that is written in another way there.
const fn rewritten(claim: &'static str, inside: &'static str, name: &'static str) -> Place {
    Place {
        same_value: false,
        ..place(claim, inside, name)
    }
}

const fn added(inside: &'static str, name: &'static str, [en, de, fr]: [&'static str; 3]) -> Added {
    let labels = [("en", en), ("de", de), ("fr", fr)];
    Added {
        inside,
        name,
        labels,
        says: None,
    }
}

impl InFormat {
    /// The card type of this file name in a format.
    #[must_use]
    pub fn of(card: &str, format: &str) -> Option<&'static Self> {
        let mut all = IN_FORMATS.iter();
        all.find(|known| known.card == card && known.format == format)
    }

    /// The type that a format calls so.
    #[must_use]
    pub fn named(type_name: &str) -> Option<&'static Self> {
        IN_FORMATS.iter().find(|known| known.type_name == type_name)
    }

    /// The type in SD-JWT VC; `None` where it is not built in.
    #[must_use]
    pub fn vct(&self) -> Option<&'static str> {
        let card = crate::CARD_TYPES.iter().find(|card| card.name == self.card)?;
        Some(card.vct)
    }

    /// Where a claim of the card type stands.
    #[must_use]
    pub fn place(&self, claim: &str) -> Option<&'static Place> {
        self.claims.iter().find(|place| place.claim == claim)
    }

    /// The path of a claim of the card type of which a rule reads the same value; `None` where it has none here.
    #[must_use]
    pub fn same_claim(&self, claim: &str) -> Option<[&'static str; 2]> {
        let place = self.place(claim).filter(|place| place.same_value)?;
        Some([place.inside, place.name])
    }

    /// What a query of this name is called where it asks for the card in this format.
    #[must_use]
    pub fn query_name(&self, query: &str) -> String {
        let mark = if self.format == MDOC { "mdoc" } else { "w3c" };
        format!("{query}_{mark}")
    }

    /// What a query for the type says beside its format (`meta`). OpenID4VP 1.0 Appendix B.1.1, B.2.3
    #[must_use]
    pub fn meta(&self) -> Value {
        if self.format == MDOC {
            json!({ "doctype_value": self.type_name })
        } else {
            json!({ "type_values": [[self.type_name]] })
        }
    }

    /// Whether nothing of a card can be withheld in this format. docs/formats.md
    #[must_use]
    pub fn is_shown_whole(&self) -> bool {
        self.format != MDOC
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sd_jwt::type_metadata::PatternElement;

    use super::*;
    use crate::CARD_TYPES;

    #[test]
    fn every_claim_of_a_type_has_one_place_in_each_of_its_formats() {
        let held = crate::held().unwrap();
        for form in &IN_FORMATS {
            let card = CARD_TYPES.iter().find(|card| card.name == form.card).unwrap();
            let known = held.known(card.vct).unwrap();
            let mut claims = BTreeSet::new();
            for claim in known.claims() {
                let [PatternElement::Name(name)] = claim.path().elements() else {
                    panic!("{}: a claim inside of another", form.card);
                };
                claims.insert(name.as_str());
            }
            let placed: BTreeSet<&str> = form.claims.iter().map(|place| place.claim).collect();
            assert_eq!(placed, claims, "{}", form.type_name);
            let stated = form.claims.iter().map(|place| (place.inside, place.name));
            let all: Vec<_> = stated
                .chain(form.added.iter().map(|added| (added.inside, added.name)))
                .collect();
            assert_eq!(
                all.iter().collect::<BTreeSet<_>>().len(),
                all.len(),
                "{}",
                form.type_name
            );
            assert!(all.len() <= form.digests, "{}", form.type_name);
        }
    }

    #[test]
    fn a_type_is_found_by_each_of_its_names() {
        let licence = InFormat::of("driving-licence", "mso_mdoc").unwrap();
        assert_eq!(InFormat::named("org.iso.18013.5.1.mDL"), Some(licence));
        assert_eq!(licence.place("licence_number").unwrap().name, "document_number");
        assert_eq!(InFormat::of("residence", "mso_mdoc"), None);
    }
}
