//! One check for cards in several formats: whoever holds one of them can answer. docs/rules.md §7
//!
//! What the check says is about cards in SD-JWT VC. Each card of a built-in type is asked for in the other formats too,
//! as an alternative of its own (`credential_sets`, OpenID4VP 1.0 §6.2) with the same claims, and the rule is asked of
//! whichever was shown. Whoever registers a check and whoever runs it widen it here, so that both have one rule.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{CARD_TYPES, InFormat};

/// A claim that cards of another format do not have, or write in another way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} is not the same in {format}")]
pub struct NotTheSame {
    /// Its path, as JSON.
    pub path: String,
    /// The format, as OpenID4VP calls it.
    pub format: &'static str,
}

/// The parts of a check that speak of cards and claims.
#[derive(Debug)]
pub struct Spoken<'a> {
    /// The DCQL query. OpenID4VP 1.0 §6
    pub query: &'a mut Value,
    /// The types of the claims that the rule reads, by `query.claim`. docs/rules.md §1
    pub types: &'a mut BTreeMap<String, String>,
    /// What turns them into yes or no.
    pub rule: &'a mut String,
    /// What is kept, by `query.claim`.
    pub keep: &'a mut Vec<String>,
    /// Whose cards are taken, by what a format calls the type.
    pub issuers: &'a mut BTreeMap<String, Vec<String>>,
}

impl Spoken<'_> {
    /// Asks for the cards in these formats too, each where it is known there.
    ///
    /// # Errors
    /// [`NotTheSame`] for a claim that cannot be asked for in one of them; the check is of no use then.
    pub fn ask_in(&mut self, formats: &[impl AsRef<str>]) -> Result<(), NotTheSame> {
        let mut alternatives: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for asked in credentials(self.query).to_vec() {
            for format in formats {
                if let Some((id, other)) = self.ask_for(&asked, format.as_ref())? {
                    alternatives.entry(id).or_default().push(other);
                }
            }
        }
        if !alternatives.is_empty() {
            self.choose(&alternatives);
        }
        Ok(())
    }

    /// One query in another format, where the card is known there: the ids of both.
    fn ask_for(&mut self, asked: &Value, format: &str) -> Result<Option<(String, String)>, NotTheSame> {
        let (Some(id), Some((vct, form))) = (asked["id"].as_str(), form_of(asked, format)) else {
            return Ok(None);
        };
        let other = form.query_name(id);
        let mut query = asked.clone();
        query["id"] = other.as_str().into();
        query["format"] = form.format.into();
        query["meta"] = form.meta();
        for claim in query
            .get_mut("claims")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            // Of a claim that is asked for in part the whole would be asked.
            let place = match claim["path"].as_array().map(Vec::as_slice) {
                Some([name]) => form.same_claim(name.as_str().unwrap_or_default()),
                _ => None,
            };
            let place = place.ok_or_else(|| NotTheSame {
                path: claim["path"].to_string(),
                format: form.format,
            })?;
            claim["path"] = json!(place);
        }
        if let Some(all) = self.query.get_mut("credentials").and_then(Value::as_array_mut) {
            all.push(query);
        }
        let renamed = Renamed {
            id,
            other: &other,
            form,
        };
        self.ask_the_rule(&renamed);
        if let Some(accepted) = self.issuers.get(vct).cloned() {
            self.issuers.entry(form.type_name.to_owned()).or_insert(accepted);
        }
        let kept: Vec<String> = self.keep.iter().filter_map(|name| renamed.claim(name)).collect();
        self.keep.extend(kept);
        Ok(Some((id.to_owned(), other)))
    }

    /// The rule holds of the one card or of the other: `has()` says which was shown. Where people may show none of them
    /// it is asked as it is.
    fn ask_the_rule(&mut self, renamed: &Renamed<'_>) {
        let declared = self.types.iter().filter_map(|(name, kind)| {
            let other = renamed.claim(name)?;
            Some((name.clone(), other, kind.clone()))
        });
        let declared: Vec<(String, String, String)> = declared.collect();
        if declared.is_empty() {
            return;
        }
        let is_shown = |names: Vec<&String>| {
            let asked: Vec<String> = names.into_iter().map(|name| format!("has({name})")).collect();
            asked.join(" || ")
        };
        let one = is_shown(declared.iter().map(|(name, ..)| name).collect());
        let other = is_shown(declared.iter().map(|(_, other, _)| other).collect());
        let rule = self.rule.clone();
        let renamed_rule = renamed.rule(&rule);
        let asked = format!("({one}) && ({rule}) || ({other}) && ({renamed_rule})");
        *self.rule = if self.query["credential_sets"].is_array() {
            format!("{asked} || !({one} || {other}) && ({rule})")
        } else {
            asked
        };
        for (_, other, kind) in declared {
            self.types.insert(other, kind);
        }
    }

    /// What was required stays so, in one format or another.
    fn choose(&mut self, alternatives: &BTreeMap<String, Vec<String>>) {
        let others = || alternatives.values().flatten();
        let ids = credentials(self.query).iter().filter_map(|asked| asked["id"].as_str());
        let own: Vec<&str> = ids.filter(|id| others().all(|other| other.as_str() != *id)).collect();
        let sets: Vec<Value> = match self.query["credential_sets"].as_array() {
            Some(sets) => sets.clone(),
            None => own.iter().map(|id| json!({ "options": [[id]] })).collect(),
        };
        let widened = sets.into_iter().map(|mut set| {
            if let Some(options) = set.get_mut("options").and_then(Value::as_array_mut) {
                *options = options
                    .iter()
                    .flat_map(|option| with_others(option, alternatives))
                    .collect();
            }
            set
        });
        let widened: Vec<Value> = widened.collect();
        self.query["credential_sets"] = widened.into();
    }
}

fn credentials(query: &Value) -> &[Value] {
    query["credentials"].as_array().map_or(&[][..], Vec::as_slice)
}

/// The one built-in type that is asked for in SD-JWT VC, and its form in another format.
fn form_of(asked: &Value, format: &str) -> Option<(&'static str, &'static InFormat)> {
    let [vct] = asked["meta"]["vct_values"].as_array()?.as_slice() else {
        return None;
    };
    let card = CARD_TYPES.iter().find(|card| Some(card.vct) == vct.as_str())?;
    Some((card.vct, InFormat::of(card.name, format)?))
}

/// An option, and the same with each of its queries in every other way.
fn with_others(option: &Value, alternatives: &BTreeMap<String, Vec<String>>) -> Vec<Value> {
    let mut options: Vec<Vec<Value>> = vec![Vec::new()];
    for id in option.as_array().into_iter().flatten() {
        let others = id.as_str().and_then(|id| alternatives.get(id));
        let ways: Vec<Value> = std::iter::once(id.clone())
            .chain(others.into_iter().flatten().map(|other| other.as_str().into()))
            .collect();
        let longer = options.iter().flat_map(|option| {
            ways.iter().map(move |way| {
                let mut longer = option.clone();
                longer.push(way.clone());
                longer
            })
        });
        options = longer.collect();
    }
    options.into_iter().map(Value::from).collect()
}

/// A query and the one that asks for the same in another format.
struct Renamed<'a> {
    id: &'a str,
    other: &'a str,
    form: &'static InFormat,
}

/// What rules call the age that belongs to a date.
const AGE: &str = "_age_years";

impl Renamed<'_> {
    /// `query.claim` in the other query; `None` for a claim of a third one.
    fn claim(&self, name: &str) -> Option<String> {
        let (query, claim) = name.split_once('.')?;
        (query == self.id).then(|| format!("{}.{}", self.other, self.there(claim)))
    }

    fn there<'n>(&self, claim: &'n str) -> Cow<'n, str> {
        if let Some(place) = self.form.place(claim) {
            return place.name.into();
        }
        let date = claim.strip_suffix(AGE).and_then(|date| self.form.place(date));
        date.map_or_else(|| claim.into(), |place| format!("{}{AGE}", place.name).into())
    }

    /// The rule about the other query. Texts stay as they are.
    fn rule(&self, rule: &str) -> String {
        let mut renamed = String::with_capacity(rule.len());
        let mut rest = rule;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' | '\'' => quoted(rest, first),
                _ if is_of_a_name(first) => rest.find(|letter| !is_of_a_name(letter)).unwrap_or(rest.len()),
                _ => first.len_utf8(),
            };
            let (token, after) = rest.split_at(length);
            rest = after;
            let claim = (token == self.id).then(|| claim_after(rest)).flatten();
            match claim {
                Some((claim, after)) => {
                    renamed.push_str(self.other);
                    renamed.push('.');
                    renamed.push_str(&self.there(claim));
                    rest = after;
                }
                None => renamed.push_str(token),
            }
        }
        renamed
    }
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The bytes of a text, with its quotes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return place + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The claim behind the name of a query, and what comes after it.
fn claim_after(rest: &str) -> Option<(&str, &str)> {
    let claim = rest.trim_start().strip_prefix('.')?.trim_start();
    let end = claim.find(|letter| !is_of_a_name(letter)).unwrap_or(claim.len());
    Some(claim.split_at(end))
}

#[cfg(test)]
mod tests {
    use rule::{ClaimType, Day, Input, Rule};

    use super::*;

    #[test]
    fn a_rule_is_renamed_where_it_speaks_of_the_card_and_nowhere_else() {
        let renamed = Renamed {
            id: "licence",
            other: "licence_mdoc",
            form: InFormat::of("driving-licence", "mso_mdoc").unwrap(),
        };
        let rule = r#"licence . birth_date_age_years >= 18 && has(licence.licence_number) && "licence.a\"licence.b" != home.licence"#;
        assert_eq!(
            renamed.rule(rule),
            r#"licence_mdoc.birth_date_age_years >= 18 && has(licence_mdoc.document_number) && "licence.a\"licence.b" != home.licence"#
        );
        assert_eq!(
            renamed.claim("licence.licence_number").as_deref(),
            Some("licence_mdoc.document_number")
        );
        assert_eq!(renamed.claim("home.licence_number"), None);
    }

    #[test]
    fn who_shows_no_such_card_is_asked_the_rule_as_it_is() {
        let licence = json!({"id": "licence", "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:holdfast:vct:driving-licence:1"]}, "claims": [{"path": ["category_b"]}]});
        let mut rule = "has(home.country) && home.country == 'DE' || licence.category_b".to_owned();
        let types = [("licence.category_b", "bool"), ("home.country", "string")];
        let mut spoken = Spoken {
            query: &mut json!({ "credentials": [licence],
                "credential_sets": [{ "options": [["licence"]], "required": false }] }),
            types: &mut types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).into(),
            rule: &mut rule,
            keep: &mut Vec::new(),
            issuers: &mut BTreeMap::new(),
        };
        spoken.ask_in(&["mso_mdoc".to_owned()]).unwrap();
        let types = [
            ("licence.category_b", ClaimType::Bool),
            ("licence_mdoc.category_b", ClaimType::Bool),
            ("home.country", ClaimType::String),
        ];
        let rule = Rule::parse(&rule, types).unwrap();
        for (query, claim, value) in [
            ("home", "country", json!("DE")),
            ("licence", "category_b", json!(true)),
            ("licence_mdoc", "category_b", json!(true)),
        ] {
            let mut shown = Input::new(Day::from_ymd(2026, 11, 30).unwrap());
            shown.insert(query, claim, &value);
            assert_eq!(rule.evaluate(&shown), Ok(true), "{query}");
        }
    }

    #[test]
    fn a_part_of_a_claim_is_not_asked_for_as_the_whole() {
        let ask = |path: Value| {
            let mut query = json!({"credentials": [{"id": "licence", "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:holdfast:vct:driving-licence:1"]}, "claims": [{"path": path}]}]});
            let mut spoken = Spoken {
                query: &mut query,
                types: &mut BTreeMap::new(),
                rule: &mut String::new(),
                keep: &mut Vec::new(),
                issuers: &mut BTreeMap::new(),
            };
            spoken.ask_in(&["mso_mdoc".to_owned()]).is_ok()
        };
        assert!(ask(json!(["categories"])));
        assert!(!ask(json!(["categories", 0])));
        assert!(!ask(json!(["family_name", "first"])));
    }

    #[test]
    fn an_option_is_widened_by_every_way_to_answer_it() {
        let others = BTreeMap::from([("a".to_owned(), vec!["a_mdoc".to_owned()])]);
        let options = with_others(&json!(["a", "b"]), &others);
        assert_eq!(Value::from(options), json!([["a", "b"], ["a_mdoc", "b"]]));
    }
}
