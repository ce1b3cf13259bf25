//! One case for each rule of the checks file.

use tempfile::TempDir;
use test_case::test_case;
use verifier::{CheckError, CheckProblem, load_checks};

use crate::world::CHECKS;

/// The error for the file after one replacement.
fn spoiled(from: &str, to: &str) -> CheckError {
    let text = CHECKS.replacen(from, to, 1);
    assert_ne!(text, CHECKS, "{from} is not in the file");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    std::fs::write(&path, text).unwrap();
    load_checks(&path).unwrap_err()
}

fn problem(from: &str, to: &str) -> CheckProblem {
    match spoiled(from, to) {
        CheckError::Check { check, problem } => {
            assert!(CHECKS.contains(&format!("id = \"{check}\"")));
            problem
        }
        other => panic!("{other}"),
    }
}

#[test]
fn every_check_registers_exactly_what_it_asks() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    std::fs::write(&path, CHECKS).unwrap();
    let checks = load_checks(&path).unwrap();
    let purpose = checks["contact"].to_purpose().unwrap();
    let credential = &purpose.credentials[0];
    assert_eq!((credential.needed.len(), credential.optional.len()), (2, 1));
    assert_eq!((purpose.id.as_str(), purpose.retention_days), ("contact", 7));
    assert_eq!(purpose.rule, Some(checks["contact"].rule().hash()));
    assert_eq!(
        checks["resident"].to_purpose().unwrap().channel,
        ledger::Channel::InPerson
    );
}

#[test]
fn a_check_is_called_by_its_title_or_else_by_its_purpose() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    let titled = "title = { en = \"18 or older\", de = \"Ab 18\", fr = \"18 ans\" }\npurpose =";
    std::fs::write(&path, CHECKS.replacen("purpose =", titled, 1)).unwrap();
    let checks = load_checks(&path).unwrap();
    assert_eq!(checks["adult"].title().text("de"), "Ab 18");
    assert_eq!(checks["adult"].purpose().text("de"), "Altersprüfung");
    assert_eq!(checks["resident"].title().text("de"), "Nur Einwohner");
}

#[test]
fn a_check_that_says_nothing_wants_the_ledger_of_ten_minutes_ago() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    std::fs::write(&path, CHECKS).unwrap();
    let limits = load_checks(&path).unwrap()["resident"].freshness();
    assert_eq!((limits.ledger_s, limits.status_s, limits.metadata_s), (600, 3600, 3600));
}

#[test]
fn without_a_network_a_check_that_says_nothing_takes_what_is_a_day_old() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    std::fs::write(&path, CHECKS).unwrap();
    let checks = load_checks(&path).unwrap();
    let limits = |check: &str| {
        let limits = checks[check].offline_freshness();
        (limits.ledger_s, limits.status_s, limits.metadata_s)
    };
    assert_eq!(limits("resident"), (86_400, 86_400, 86_400));
    assert_eq!(limits("entrance"), (7200, 3600, 86_400));
    let unknown = spoiled("offline_freshness = { ledger_s", "offline_freshness = { ledgers_s");
    assert!(matches!(unknown, CheckError::Toml(line) if line.contains("ledgers_s")));
}

#[test]
fn file_errors() {
    assert!(matches!(load_checks("/nowhere".as_ref()), Err(CheckError::Read { .. })));
    assert!(matches!(spoiled("id = \"adult\"", "id = \"Adult\""), CheckError::Id(id) if id == "Adult"));
    assert!(matches!(
        spoiled("id = \"resident\"", "id = \"adult\""),
        CheckError::DuplicateId(_)
    ));
    assert!(
        matches!(spoiled("channel = \"online\"", "chanel = \"online\""), CheckError::Toml(line) if line.contains("chanel"))
    );
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    std::fs::write(&path, "").unwrap();
    assert!(matches!(load_checks(&path), Err(CheckError::NoCheck)));
}

#[test_case(", fr = \"Contrôle de l'âge\"", "" => matches CheckProblem::PurposeLanguage("fr") ; "language missing")]
#[test_case("en = \"Age check\"", "en = \"\"" => matches CheckProblem::PurposeText ; "empty purpose")]
#[test_case("purpose =", "title = { en = \"18\", de = \"18\" }\npurpose =" => matches CheckProblem::TitleLanguage("fr") ; "title in two languages")]
#[test_case("purpose =", "title = { en = \"18\", de = \"\", fr = \"18\" }\npurpose =" => matches CheckProblem::TitleText ; "empty title")]
#[test_case("https://shop.example/privacy", "javascript:alert(1)" => matches CheckProblem::PrivacyPolicy ; "privacy policy")]
#[test_case("{\"credentials\":[{\"id\":\"person\"", "{\"credentials\":[{\"id\":\"person\",\"id\":\"p\"" => matches CheckProblem::Json(_) ; "query with a name twice")]
#[test_case("{\"path\":[\"age_over_18\"]}", "{\"path\":[]}" => matches CheckProblem::Dcql(_) ; "empty path")]
#[test_case("\"format\":\"dc+sd-jwt\"", "\"trusted_authorities\":[{\"type\":\"etsi_tl\",\"values\":[\"https://list.example\"]}],\"format\":\"dc+sd-jwt\"" => matches CheckProblem::TrustedAuthority(_) ; "trusted list")]
#[test_case("\"format\":\"dc+sd-jwt\"", "\"trusted_authorities\":[],\"format\":\"dc+sd-jwt\"" => matches CheckProblem::Dcql(_) ; "no trusted authority")]
#[test_case("\"format\":\"dc+sd-jwt\"", "\"format\":\"vc+sd-jwt\"" => matches CheckProblem::Format(_) ; "format")]
#[test_case("{\"path\":[\"age_over_18\"]}", "{\"path\":[\"age_over_18\"]},{\"path\":[\"age_over_18\"]}" => matches CheckProblem::RepeatedClaim(_) ; "claim twice")]
#[test_case("[[\"g\",\"f\"],[\"g\",\"f\",\"b\"]]", "[[\"g\",\"f\",\"b\"],[\"g\",\"f\"]]" => matches CheckProblem::ClaimSetOrder(_) ; "largest set first")]
#[test_case("rule = \"person.age_over_18\"", "rule = \"person.age_over_18 &&\"" => matches CheckProblem::Rule(_) ; "rule")]
#[test_case("!has(person.birth_date) || person.birth", "person.birth" => matches CheckProblem::ClaimSetWithoutAnswer(_) ; "a claim set without an answer")]
#[test_case("\"person.age_over_18\" = \"bool\"", "\"person.age_over_21\" = \"bool\"" => matches CheckProblem::UnknownClaim(_) ; "type of a claim not asked for")]
#[test_case("= \"bool\"", "= \"boolean\"" => matches CheckProblem::UnknownType(_) ; "unknown type")]
#[test_case("[\"accredited\", \"x5c\"]", "[]" => matches CheckProblem::NoIssuers(_) ; "no issuers")]
#[test_case("[\"accredited\", \"x5c\"]", "[\"anyone\"]" => matches CheckProblem::IssuerMechanism(_) ; "unknown mechanism")]
#[test_case("[\"accredited\", \"x5c\"]", "[\"metadata\"]" => matches CheckProblem::IssuerMechanism(_) ; "metadata of nobody")]
#[test_case("[\"accredited\", \"x5c\"]", "[\"metadata:\"]" => matches CheckProblem::IssuerUrl(_) ; "metadata of an empty issuer")]
#[test_case("[\"accredited\", \"x5c\"]", "[\"metadata:http://issuer.example\"]" => matches CheckProblem::IssuerUrl(_) ; "issuer over http")]
#[test_case("[\"accredited\", \"x5c\"]", "[\"metadata:https://issuer.example?a=1\"]" => matches CheckProblem::IssuerUrl(_) ; "issuer with a query")]
#[test_case("[\"accredited\", \"x5c\"]", "[\"metadata:did:web:issuer.example\"]" => matches CheckProblem::IssuerUrl(_) ; "metadata of a DID")]
#[test_case("keep = [\"person.family_name\"]", "keep = [\"person.sex\"]" => matches CheckProblem::KeepUnknown(_) ; "keeps what is not asked for")]
#[test_case("retention_days = 7", "retention_days = 0" => matches CheckProblem::Retention ; "keeps for no time")]
#[test_case("\"path\":[\"family_name\"]", "\"path\":[\"portrait\"]" => matches CheckProblem::KeepUnknown(_) ; "keeps what is not asked for any more")]
#[test_case("Europe/Berlin", "Europe/Atlantis" => matches CheckProblem::TimeZone(_) ; "time zone")]
#[test_case("https://shop.example/thanks", "ftp://shop.example" => matches CheckProblem::ReturnUrl ; "return address")]
fn refused(from: &str, to: &str) -> CheckProblem {
    problem(from, to)
}

#[test]
fn a_portrait_is_never_kept() {
    let text = CHECKS.replace("family_name", "portrait");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("checks.toml");
    std::fs::write(&path, text).unwrap();
    let refused = load_checks(&path).unwrap_err();
    assert!(matches!(
        refused,
        CheckError::Check {
            problem: CheckProblem::KeepPortrait,
            ..
        }
    ));
}
