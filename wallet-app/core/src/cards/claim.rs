//! What a card says, in groups, as the person looks at it.

use super::names::path_of;
use super::{Card, ClaimValue};
use crate::text::Localized;
use card_formats::{Format, Member};
use oid4vp::ClaimsPath;
use oid4vp::PathView;
use serde::Serialize;
use serde_json::Value;

/// One thing a card says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardClaim {
    /// Its path with dots, as `address.locality`.
    pub name: String,
    /// What it is called.
    pub label: Localized,
    /// What it says.
    pub value: ClaimValue,
}

/// Claims that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimGroup {
    /// Which group.
    pub id: ClaimGroupId,
    /// Its claims.
    pub claims: Vec<CardClaim>,
}

/// Groups of claims, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimGroupId {
    /// Who somebody is.
    Person,
    /// Where somebody lives.
    Address,
    /// What somebody may do.
    Permission,
    /// The card itself: numbers and dates.
    Document,
    /// Everything else.
    Other,
}

/// How deep an object is taken apart; deeper it is one value.
const DEEPEST: usize = 4;

impl Card {
    /// Everything it says about the person, in groups; in each group first what its issuer
    /// described, in the issuer's order.
    #[must_use]
    pub fn groups(&self) -> Vec<ClaimGroup> {
        let mut found = self.said();
        let order: Vec<String> = self.display.claims.iter().map(path_of).collect();
        let place = |name: &str| order.iter().position(|known| known == name).unwrap_or(order.len());
        found.sort_by_key(|(name, _)| place(name));
        let mut groups: Vec<ClaimGroup> = Vec::new();
        for (name, value) in found {
            let id = group_of(self.own_name(&name));
            let claim = self.shown(name, value);
            match groups.iter_mut().find(|group| group.id == id) {
                Some(group) => group.claims.push(claim),
                None => groups.push(ClaimGroup {
                    id,
                    claims: vec![claim],
                }),
            }
        }
        groups.sort_by_key(|group| group.id);
        groups
    }

    /// Everything it says about the person, by paths with dots.
    #[must_use]
    pub fn said(&self) -> Vec<(String, &Value)> {
        let mut found = Vec::new();
        for (name, value) in &self.claims {
            match value {
                _ if self.format.member(name) != Member::Said => {}
                // There all claims stand in something, and are shown whole.
                Value::Object(members) if self.format != Format::SD_JWT_VC => {
                    found.extend(members.iter().map(|(claim, value)| (format!("{name}.{claim}"), value)));
                }
                _ => flatten(name, value, 1, &mut found),
            }
        }
        found
    }

    /// What it says at a path; `None` where it says nothing there.
    #[must_use]
    pub fn claim(&self, path: &ClaimsPath) -> Option<CardClaim> {
        let claims = Value::Object(self.claims.clone());
        let selected = path.select(&claims, PathView::Credential).ok()?;
        let name = path.to_string();
        Some(match selected.as_slice() {
            [value] => self.shown(name, value),
            several => {
                let all = Value::Array(several.iter().map(|value| (*value).clone()).collect());
                self.shown(name, &all)
            }
        })
    }

    /// The name of a claim without what all claims stand in.
    pub(super) fn own_name<'n>(&self, name: &'n str) -> &'n str {
        let inside = |around: &String| name.strip_prefix(around.as_str())?.strip_prefix('.');
        if self.format == Format::SD_JWT_VC {
            return name;
        }
        self.claims.keys().find_map(inside).unwrap_or(name)
    }

    fn shown(&self, name: String, value: &Value) -> CardClaim {
        CardClaim {
            label: self.label(&name),
            value: ClaimValue::of(value),
            name,
        }
    }
}

/// Members of objects are claims of their own.
fn flatten<'v>(name: &str, value: &'v Value, depth: usize, out: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Object(members) if depth < DEEPEST && !members.is_empty() => {
            for (member, value) in members {
                flatten(&format!("{name}.{member}"), value, depth + 1, out);
            }
        }
        _ => out.push((name.to_owned(), value)),
    }
}

/// By the names that the card types of the schemas and of the common profiles use.
fn group_of(name: &str) -> ClaimGroupId {
    let root = name.split('.').next().unwrap_or(name);
    let has = |part: &str| root.contains(part);
    let is = |names: &[&str]| names.contains(&root);
    if is(&["portrait", "sex", "gender"])
        || has("given_name")
        || has("family_name")
        || has("birth")
        || has("national")
        || has("personal")
        || root.starts_with("age_")
    {
        ClaimGroupId::Person
    } else if is(&["locality", "region", "country", "formatted"])
        || has("address")
        || has("postal")
        || has("street")
        || has("resident")
    {
        ClaimGroupId::Address
    } else if is(&["categories", "category_b", "role"]) || has("powers") || has("privileges") || has("restriction") {
        ClaimGroupId::Permission
    } else if has("number") || has("issu") || has("expiry") || has("document") || has("organisation") {
        ClaimGroupId::Document
    } else {
        ClaimGroupId::Other
    }
}

#[cfg(test)]
mod tests {
    use super::ClaimGroupId::{Address, Document, Other, Permission, Person};
    use super::*;
    use crate::cards::{CardId, CardIssuer, UnusedCopies};
    use serde_json::json;
    use test_case::test_case;

    fn card(claims: &Value) -> Card {
        Card {
            id: CardId::generate(),
            format: Format::SD_JWT_VC,
            vct: "v".into(),
            issuer: CardIssuer::Certificate {
                name: "Office".into(),
                names: Vec::new(),
                authority: None,
            },
            issuer_host: "office.example".into(),
            display: serde_json::from_value(json!({"claims": [
                {"path": ["family_name"]},
                {"path": ["given_name"], "display": [{"name": "Vorname", "locale": "de"}]},
            ]}))
            .expect("metadata"),
            claims: claims.as_object().expect("object").clone(),
            received_at: 0,
            valid_from: None,
            valid_until: None,
            unused: UnusedCopies::default(),
            arrival: None,
            came_with: None,
        }
    }

    #[test_case("birth_date" => Person ; "birth date")]
    #[test_case("age_over_18" => Person ; "age")]
    #[test_case("address.locality" => Address ; "part of an address")]
    #[test_case("resident_since" => Address ; "residence")]
    #[test_case("categories" => Permission ; "what one may drive")]
    #[test_case("category_b" => Permission ; "whether one may drive a car")]
    #[test_case("valid_powers" => Permission ; "powers")]
    #[test_case("licence_number" => Document ; "number")]
    #[test_case("expiry_date" => Document ; "expiry")]
    #[test_case("favourite_colour" => Other ; "anything else")]
    fn group(name: &str) -> ClaimGroupId {
        group_of(name)
    }

    #[test]
    fn claims_stand_in_groups_and_in_the_order_of_their_issuer() {
        let card = card(&json!({
            "iss": "x", "vct": "v", "_sd_alg": "sha-256",
            "given_name": "Erika", "family_name": "Mustermann",
            "address": {"locality": "Köln", "postal_code": "51147"},
        }));
        let groups = card.groups();
        let names = |group: &ClaimGroup| group.claims.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        assert_eq!(groups.iter().map(|g| g.id).collect::<Vec<_>>(), [Person, Address]);
        assert_eq!(names(&groups[0]), ["family_name", "given_name"]);
        assert_eq!(names(&groups[1]), ["address.locality", "address.postal_code"]);
        assert_eq!(groups[0].claims[1].label.text("de"), "Vorname");
    }

    #[test]
    fn a_claim_in_a_namespace_is_one_and_stands_where_it_belongs() {
        let Some(format) = Format::named("mso_mdoc") else {
            panic!("a format")
        };
        let claims =
            json!({"org.x.1": {"family_name": "Muster", "issuing_country": "DE", "place": {"locality": "Köln"}}});
        let card = Card {
            format,
            ..card(&claims)
        };
        let groups = card.groups();
        let names = |group: &ClaimGroup| group.claims.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        assert_eq!(
            groups.iter().map(|g| g.id).collect::<Vec<_>>(),
            [Person, Document, Other]
        );
        assert_eq!(names(&groups[0]), ["org.x.1.family_name"]);
        assert_eq!(names(&groups[2]), ["org.x.1.place"]);
        assert_eq!(groups[2].claims[0].value, ClaimValue::Text { text: "Köln".into() });
    }

    #[test]
    fn a_claim_is_found_by_its_path() {
        let card = card(&json!({"nationalities": ["DE", "FR"], "address": {"locality": "Köln"}}));
        let found = |path: Value| {
            card.claim(&ClaimsPath::parse(&path).expect("path"))
                .map(|c| (c.name, c.value))
        };
        let both = ClaimValue::List {
            items: vec!["DE".into(), "FR".into()],
        };
        assert_eq!(
            found(json!(["nationalities", null])),
            Some(("nationalities.*".into(), both))
        );
        let town = ClaimValue::Text { text: "Köln".into() };
        assert_eq!(
            found(json!(["address", "locality"])),
            Some(("address.locality".into(), town))
        );
        assert_eq!(found(json!(["portrait"])), None);
    }
}
