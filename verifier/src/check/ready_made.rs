//! Checks that are ready to be used: `holdfast-verifier init --ready-made`. docs/rules.md §7

use std::io::Write as _;
use std::path::Path;

use card_formats::Format;
pub use card_types::READY_MADE;
use card_types::{IN_FORMATS, InFormat};
use jiff::tz::TimeZone;

use super::file::{parse_checks, web_address};

/// Why no ready-made checks were written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadyMadeError {
    /// There is none of this id.
    #[error("there is no ready-made check {0}")]
    Unknown(String),
    /// Ready-made checks need to be told where the business says what it does with what it learns.
    #[error("the privacy policy is not an https address")]
    PrivacyPolicy,
    /// The time zone is not known.
    #[error("time zone {0} is not known")]
    TimeZone(String),
    /// There is no such format of cards.
    #[error("there is no format {0} of cards")]
    Format(String),
    /// There is a file of checks already; it is never overwritten.
    #[error("there is a file of checks already")]
    Exists,
    /// The file cannot be written.
    #[error("the file of checks cannot be written")]
    Write(#[source] std::io::Error),
}

/// Writes a file of ready-made checks, each once, in the order in which they are named, that take cards in these formats;
/// in every one in which the card can be asked for the same where none is named.
///
/// # Errors
/// [`ReadyMadeError`]; then there is no new file.
pub fn write_ready_made(
    path: &Path,
    ids: &[String],
    privacy_policy: &str,
    time_zone: &str,
    formats: &[String],
) -> Result<(), ReadyMadeError> {
    let text = ready_made(ids, privacy_policy, time_zone, formats)?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => ReadyMadeError::Exists,
            _ => ReadyMadeError::Write(error),
        })?;
    file.write_all(text.as_bytes()).map_err(ReadyMadeError::Write)
}

fn ready_made(
    ids: &[String],
    privacy_policy: &str,
    time_zone: &str,
    formats: &[String],
) -> Result<String, ReadyMadeError> {
    if let Some(unknown) = formats.iter().find(|name| Format::named(name).is_none()) {
        return Err(ReadyMadeError::Format(unknown.clone()));
    }
    let policy = web_address(privacy_policy).ok_or(ReadyMadeError::PrivacyPolicy)?;
    TimeZone::get(time_zone).map_err(|_| ReadyMadeError::TimeZone(time_zone.to_owned()))?;
    let mut checks: Vec<&str> = Vec::new();
    for id in ids {
        let found = READY_MADE.iter().find(|(known, _)| known == id);
        let (_, text) = found.ok_or_else(|| ReadyMadeError::Unknown(id.clone()))?;
        if !checks.contains(text) {
            checks.push(text);
        }
    }
    let checks: Vec<String> = checks.into_iter().map(|text| in_formats(text, formats)).collect();
    let filled = checks.join("\n").replace("PRIVACY_POLICY", policy.as_str());
    let filled = filled.replace("TIME_ZONE", time_zone);
    // An address may hold what a text of TOML may not.
    parse_checks(&filled).map_err(|_| ReadyMadeError::PrivacyPolicy)?;
    Ok(filled)
}

/// A check that says in which formats its card is taken.
fn in_formats(text: &str, named: &[String]) -> String {
    let formats = if named.is_empty() {
        every_format(text)
    } else {
        named.to_vec()
    };
    match formats.as_slice() {
        [] => text.to_owned(),
        formats => text.replace("\ndcql = ", &format!("\nformats = {formats:?}\ndcql = ")),
    }
}

/// SD-JWT VC and the formats in which its card shows no more than was asked; none where there is no other.
fn every_format(text: &str) -> Vec<String> {
    let is_asked = |form: &&InFormat| form.vct().is_some_and(|vct| text.contains(vct)) && !form.is_shown_whole();
    let others = IN_FORMATS.iter().filter(is_asked).map(|form| form.format.to_owned());
    let mut formats: Vec<String> = others.collect();
    if !formats.is_empty() {
        formats.insert(0, Format::SD_JWT_VC.name().to_owned());
    }
    formats
}

#[cfg(test)]
mod tests {
    use oid4vp::{ClaimsQuery, Meta, PathComponent};
    use rule::{ClaimType, Day, Input};
    use sd_jwt::type_metadata::{ClaimMetadata, PatternElement};
    use serde_json::json;

    use super::*;
    use crate::check::{Check, Words};

    const POLICY: &str = "https://shop.example/privacy";

    fn all() -> std::collections::BTreeMap<String, Check> {
        all_in(&["dc+sd-jwt".to_owned()])
    }

    fn all_in(formats: &[String]) -> std::collections::BTreeMap<String, Check> {
        let ids: Vec<String> = READY_MADE.iter().map(|(id, _)| (*id).to_owned()).collect();
        parse_checks(&ready_made(&ids, POLICY, "Europe/Berlin", formats).unwrap()).unwrap()
    }

    #[test]
    fn where_no_format_is_named_a_card_is_taken_in_every_one() {
        let in_several = |check: &&Check| check.query().credentials().len() > 1;
        let checks = all_in(&[]);
        let several: Vec<&str> = checks.values().filter(in_several).map(Check::id).collect();
        assert_eq!(
            several,
            ["age-16", "age-18", "age-21", "age-65", "drives-cars", "is-this-person"]
        );
        assert!(all().values().all(|check| !in_several(&check)));
    }

    #[test]
    fn there_are_eight_and_six_disclose_only_yes_or_no() {
        let checks = all();
        assert_eq!(checks.len(), 8);
        let held = card_types::held().unwrap();
        let only_booleans = |check: &&Check| {
            check.query().credentials().iter().all(|asked| {
                let Meta::VctValues(types) = asked.meta() else {
                    return false;
                };
                let known = held.known(&types[0]).unwrap();
                let is_boolean = |claim: &ClaimsQuery| {
                    let [PathComponent::Key(name)] = claim.path().components() else {
                        return false;
                    };
                    let is_it = |each: &ClaimMetadata| {
                        matches!(each.path().elements().last(), Some(PatternElement::Name(known)) if known == name)
                    };
                    let named = known.claims().iter().any(is_it);
                    let declared = format!("{}.{name}", asked.id());
                    named
                        && check
                            .rule()
                            .claims()
                            .any(|each| each == (declared.as_str(), ClaimType::Bool))
                };
                !asked.claims().is_empty() && asked.claims().iter().all(is_boolean)
            })
        };
        let booleans: Vec<&str> = checks.values().filter(only_booleans).map(Check::id).collect();
        assert_eq!(
            booleans,
            ["age-16", "age-18", "age-21", "age-65", "drives-cars", "resident"]
        );
    }

    #[test]
    fn each_is_called_by_its_id_and_asks_nothing_that_its_rule_does_not_read() {
        for (id, text) in READY_MADE {
            let filled = text.replace("PRIVACY_POLICY", POLICY).replace("TIME_ZONE", "UTC");
            let checks = parse_checks(&filled).unwrap();
            let check = &checks[id];
            let claims: Vec<&str> = check.rule().claims().map(|(name, _)| name).collect();
            let read = check.rule().reads();
            assert_eq!(claims, read.iter().map(String::as_str).collect::<Vec<_>>(), "{id}");
            let asked: usize = check
                .query()
                .credentials()
                .iter()
                .map(|asked| asked.claims().len())
                .sum();
            assert_eq!(asked, claims.len(), "{id}");
            assert_eq!(check.retention_days(), 0, "{id}");
        }
    }

    #[test]
    fn whoever_holds_the_card_in_another_format_gets_the_same_answer() {
        let formats = ["dc+sd-jwt".to_owned(), "mso_mdoc".to_owned()];
        let ids = [
            "drives-cars".to_owned(),
            "is-this-person".to_owned(),
            "resident".to_owned(),
        ];
        let checks = parse_checks(&ready_made(&ids, POLICY, "UTC", &formats).unwrap()).unwrap();
        let asked = |id: &str| checks[id].query().credentials().len();
        assert_eq!(["drives-cars", "is-this-person", "resident"].map(asked), [2, 2, 1]);
        let check = &checks["drives-cars"];
        assert_eq!(Words::built_in().unwrap().asked(check).len(), 1);
        let purpose = check.to_purpose().unwrap();
        let types: Vec<&String> = purpose.credentials.iter().flat_map(|card| &card.vct_values).collect();
        assert_eq!(types, ["urn:holdfast:vct:driving-licence:1", "org.iso.18013.5.1.mDL"]);
        for query in ["licence", "licence_mdoc"] {
            assert!(check.query().is_satisfied_by(|id| id.as_str() == query));
            for drives in [true, false] {
                let mut shown = Input::new(Day::from_ymd(2026, 11, 30).unwrap());
                shown.insert(query, "category_b", &json!(drives));
                assert_eq!(check.rule().evaluate(&shown), Ok(drives), "{query}");
            }
        }
    }

    #[test]
    fn a_query_in_another_format_has_the_mark_of_the_format() {
        for form in &card_types::IN_FORMATS {
            let mark = Format::named(form.format).unwrap().mark().unwrap();
            assert_eq!(form.query_name("card"), format!("card_{mark}"));
        }
    }

    #[test]
    fn what_they_ask_has_a_name_in_every_language() {
        let words = Words::built_in().unwrap();
        for check in all().values() {
            let asked = serde_json::to_value(words.asked(check)).unwrap();
            for claim in asked[0]["claims"].as_array().unwrap() {
                for language in ["en", "de", "fr"] {
                    assert!(claim["label"][language].is_string(), "{}: {claim}", check.id());
                }
            }
        }
    }

    #[test]
    fn a_file_of_checks_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checks.toml");
        let ids = ["age-18".to_owned(), "age-18".to_owned()];
        write_ready_made(&path, &ids, POLICY, "UTC", &[]).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(parse_checks(&written).unwrap().len(), 1);
        let again = write_ready_made(&path, &["age-16".to_owned()], POLICY, "UTC", &[]);
        assert!(matches!(again, Err(ReadyMadeError::Exists)));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    }

    #[test]
    fn nothing_is_written_for_what_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checks.toml");
        let write = |id: &str, policy: &str, zone: &str| write_ready_made(&path, &[id.to_owned()], policy, zone, &[]);
        assert!(matches!(
            write("age-17", POLICY, "UTC"),
            Err(ReadyMadeError::Unknown(_))
        ));
        assert!(matches!(
            write("age-18", "http://shop.example", "UTC"),
            Err(ReadyMadeError::PrivacyPolicy)
        ));
        assert!(matches!(
            write("age-18", POLICY, "Here"),
            Err(ReadyMadeError::TimeZone(_))
        ));
        let paper = write_ready_made(&path, &["age-18".to_owned()], POLICY, "UTC", &["paper".to_owned()]);
        assert!(matches!(paper, Err(ReadyMadeError::Format(name)) if name == "paper"));
        assert!(!path.exists());
    }
}
