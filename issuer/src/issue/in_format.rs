//! What a card says, and what its claims are called, in a format other than SD-JWT VC.

use card_types::{Added, InFormat, Place};
use jiff::civil::Date;
use oid4vci::metadata::{ClaimDescription, CredentialMetadata, Display, PathElement};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::claims::{AGES, is_of_age};

/// The office that issues documents, as ISO/IEC 18013-5 has it named.
#[derive(Debug, Clone, Deserialize)]
pub struct Office {
    /// `issuing_country`: ISO 3166-1 alpha-2 code.
    pub country: String,
    /// `un_distinguishing_sign` of that country. ISO/IEC 18013-1 Annex F
    pub distinguishing_sign: String,
}

/// What a document says beside the claims of its card type.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// For which country, where the agency says so.
    pub office: Option<&'a Office>,
    /// What the agency is called.
    pub authority: &'a str,
    /// When the person was born.
    pub birth_date: Date,
    /// Today.
    pub today: Date,
    /// The last day of the copy.
    pub last_day: Date,
}

/// The claims of a card type as a format has them.
#[must_use]
pub fn claims_in(form: &InFormat, claims: &Map<String, Value>, facts: &Facts<'_>) -> Map<String, Value> {
    let placed = form.claims.iter().filter_map(|place| {
        let value = claims.get(place.claim)?;
        Some((place.inside, place.name, written(place, value)))
    });
    let added = form.added.iter().filter_map(|added| {
        let value = stated(added, claims, facts)?;
        Some((added.inside, added.name, value))
    });
    let mut shaped = Map::new();
    for (inside, name, value) in placed.chain(added) {
        let members = shaped.entry(inside).or_insert_with(|| json!({}));
        if let Some(members) = members.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    }
    shaped
}

/// A value of ours as the format writes it; a picture stays an address that has it inside.
fn written(place: &Place, value: &Value) -> Value {
    match (place.claim, value.as_str()) {
        ("place_of_birth", Some(_)) => json!({ "locality": value }),
        ("nationality", Some(_)) => json!([value]),
        ("sex", Some(sex)) => sex_code(sex).into(),
        _ => value.clone(),
    }
}

/// ISO/IEC 5218, and 5 for those who are neither; 0 for what the register writes otherwise.
fn sex_code(sex: &str) -> u8 {
    match sex {
        "male" => 1,
        "female" => 2,
        "diverse" => 5,
        _ => 0,
    }
}

/// What the card type does not have; `None` where there is nothing to be said.
fn stated(added: &Added, claims: &Map<String, Value>, facts: &Facts<'_>) -> Option<Value> {
    match added.name {
        "issuing_country" => Some(facts.office?.country.as_str().into()),
        "issuing_authority" => Some(facts.authority.into()),
        "un_distinguishing_sign" => Some(facts.office?.distinguishing_sign.as_str().into()),
        "expiry_date" => Some(facts.last_day.to_string().into()),
        "driving_privileges" => {
            let categories = claims.get("categories")?.as_array()?.iter();
            let privileges = categories.map(|category| json!({ "vehicle_category_code": category }));
            Some(privileges.collect())
        }
        name => {
            let age = AGES.into_iter().find(|age| name == format!("age_over_{age}"))?;
            Some(is_of_age(facts.birth_date, age, facts.today).into())
        }
    }
}

/// What a card and its claims are called, with the claims where the format has them.
pub(super) fn described(form: &InFormat, of_the_type: CredentialMetadata) -> CredentialMetadata {
    let path = |inside: &str, name: &str| vec![PathElement::Key(inside.to_owned()), PathElement::Key(name.to_owned())];
    let placed = of_the_type.claims.into_iter().filter_map(|claim| {
        let place = match claim.path.as_slice() {
            [PathElement::Key(name)] => form.place(name)?,
            _ => return None,
        };
        Some(ClaimDescription {
            path: path(place.inside, place.name),
            ..claim
        })
    });
    let added = form.added.iter().map(|added| ClaimDescription {
        path: path(added.inside, added.name),
        mandatory: false,
        display: added.labels.map(|(locale, label)| labelled(locale, label)).to_vec(),
    });
    CredentialMetadata {
        claims: placed.chain(added).collect(),
        display: of_the_type.display,
    }
}

fn labelled(locale: &str, label: &str) -> Display {
    Display {
        name: Some(label.to_owned()),
        locale: Some(locale.to_owned()),
        ..Display::default()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::issue::claims;
    use crate::register::tests::person;

    fn shaped(card: &str) -> Map<String, Value> {
        let person = person("1");
        let office = Office {
            country: "DE".to_owned(),
            distinguishing_sign: "D".to_owned(),
        };
        let today = date(2020, 1, 1);
        let facts = Facts {
            office: Some(&office),
            authority: "Agency",
            birth_date: person.birth_date,
            today,
            last_day: date(2020, 12, 31),
        };
        let form = InFormat::of(card, "mso_mdoc").unwrap();
        claims_in(form, &claims(card, &person, today).unwrap(), &facts)
    }

    /// ISO/IEC 18013-5 §7.2.1: what is mandatory, but for the portrait, which the register need not hold.
    #[test]
    fn a_driving_licence_says_what_an_iso_licence_has_to_say() {
        let licence = shaped("driving-licence");
        let said = licence["org.iso.18013.5.1"].as_object().unwrap();
        for name in [
            "family_name",
            "given_name",
            "birth_date",
            "issue_date",
            "expiry_date",
            "issuing_country",
            "issuing_authority",
            "document_number",
            "driving_privileges",
            "un_distinguishing_sign",
            "age_over_18",
        ] {
            assert!(said.contains_key(name), "{name}");
        }
        assert!(said["driving_privileges"][0]["vehicle_category_code"].is_string());
        assert!(!said.contains_key("licence_number"));
    }

    #[test]
    fn person_identification_is_written_as_its_namespace_says() {
        let person = shaped("person-identification");
        let said = &person["eu.europa.ec.eudi.pid.1"];
        assert!(said["nationality"].is_array());
        assert!(said["place_of_birth"]["locality"].is_string());
        assert!(said["sex"].is_u64());
        assert_eq!(said["expiry_date"], "2020-12-31");
    }

    #[test]
    fn what_a_format_adds_has_a_name_in_three_languages() {
        for form in &card_types::IN_FORMATS {
            let described = described(form, CredentialMetadata::default());
            assert_eq!(described.claims.len(), form.added.len());
            assert!(described.claims.iter().all(|claim| claim.display.len() == 3));
        }
    }
}
