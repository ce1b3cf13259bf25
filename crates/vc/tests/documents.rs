//! The profile of JSON-LD in which documents are read: what is dropped, or could be written otherwise, is refused.

use jose::strict_json::StrictJsonError;
use serde_json::{Value, json};
use test_case::test_case;
use w3c_vc::{CredentialError, DocumentError, FormError, IssueError, ProofError};

use crate::fixture::{changed, credential, document, issued, verify};

/// Refused alike when it is issued and when it is read, signed or not.
fn refused(place: &str, value: &Value) -> DocumentError {
    let text = changed(&credential(), place, value.clone());
    let mut document: Value = json!(document());
    let (parent, name) = place.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[name] = value.clone();
    let Err(IssueError::Document(not_issued)) = issued(document.as_object().unwrap().clone()) else {
        panic!("issued, or refused for another reason");
    };
    let Err(CredentialError::Document(not_read)) = verify(&text).map(drop) else {
        assert!(matches!(not_issued, DocumentError::JsonLd | DocumentError::Unsigned));
        return not_issued;
    };
    assert_eq!(not_issued, not_read);
    not_read
}

#[test_case("/credentialSubject/x", json!(null) => DocumentError::Null; "null")]
#[test_case("/credentialSubject/x", json!([]) => DocumentError::EmptyArray; "nothing in an array")]
#[test_case("/credentialSubject/x", json!([["a"], ["b"]]) => DocumentError::NestedArray; "an array in an array")]
#[test_case("/credentialSubject/nationalities", json!(["DE", "FR", "DE"]) => DocumentError::DuplicateElement; "an element twice")]
#[test_case("/type", json!(["VerifiableCredential", "VerifiableCredential"]) => DocumentError::DuplicateElement; "a type twice")]
#[test_case("/credentialSubject/x", json!([{"id": "urn:x:y"}, {"id": "urn:x:y"}]) => DocumentError::DuplicateElement; "a node with an IRI twice")]
#[test_case("/credentialSubject/x", json!([{"@value": "a", "@language": "en"}, {"@value": "a", "@language": "en"}]) => DocumentError::DuplicateElement; "a text with a language twice")]
#[test_case("/credentialSubject/x", json!(1.5) => DocumentError::Number; "a fraction")]
#[test_case("/credentialSubject/x", json!(3.0) => DocumentError::Number; "a whole number as a fraction")]
#[test_case("/credentialSubject/x", json!(9_007_199_254_740_992_u64) => DocumentError::Number; "beyond 2 to the 53")]
#[test_case("/credentialSubject/x", json!(i64::MIN) => DocumentError::Number; "the least number")]
#[test_case("/credentialSubject/@id", json!("urn:x:y") => DocumentError::Keyword; "a keyword")]
#[test_case("/credentialSubject/@context", json!({"x": "urn:x:y"}) => DocumentError::Keyword; "a context inside")]
#[test_case("/@graph", json!([{"id": "urn:x:y"}]) => DocumentError::Keyword; "a graph")]
#[test_case("/credentialSubject/x", json!({"@list": ["a", "b"]}) => DocumentError::Keyword; "a list")]
#[test_case("/credentialSubject/x", json!({"@reverse": {"x": {"id": "urn:x:y"}}}) => DocumentError::Keyword; "a reverse property")]
#[test_case("/credentialSubject/@foo", json!("x") => DocumentError::Keyword; "what looks like a keyword")]
#[test_case("/urn:x:credentialStatus", json!("x") => DocumentError::Name; "a name that is an IRI")]
#[test_case("/credentialSubject/x", json!({"id": "relative"}) => DocumentError::Identifier; "a relative id")]
#[test_case("/credentialSubject/x", json!({"id": "_:b0"}) => DocumentError::Identifier; "the label of a blank node")]
#[test_case("/credentialSubject/x", json!({"id": "https://a.example/ b"}) => DocumentError::Identifier; "a space in an id")]
#[test_case("/credentialSubject/x", json!({"type": 5}) => DocumentError::Type; "a number for a type")]
#[test_case("/credentialSubject/x", json!({"type": []}) => DocumentError::Type; "no type")]
#[test_case("/credentialSubject/x", json!({"@value": "a"}) => DocumentError::Language; "a value without a language")]
#[test_case("/credentialSubject/x", json!({"@value": "a", "@type": "urn:x:y"}) => DocumentError::Language; "a value with a type")]
#[test_case("/credentialSubject/x", json!({"@value": "a", "@language": "not a language"}) => DocumentError::Unsigned; "no language")]
#[test_case("/credentialSubject/x", json!({"@value": "a", "@language": "en", "@direction": "up"}) => DocumentError::JsonLd; "no direction")]
#[test_case("/credentialSubject/x", json!({"proof": "a"}) => DocumentError::Misplaced; "a proof inside")]
#[test_case("/credentialSubject/x", json!({"type": "no IRI"}) => DocumentError::JsonLd; "a type that becomes no IRI")]
#[test_case("/credentialSubject/no IRI", json!("a") => DocumentError::JsonLd; "a name that becomes no IRI")]
fn each_rule(place: &str, value: Value) -> DocumentError {
    refused(place, &value)
}

/// Services read on threads with little room, where a stack that overflows would end the process.
#[test]
fn the_most_levels_that_there_may_be_are_read_wherever_there_is_little_room() {
    let levels = (0..13).fold(json!("a"), |inner, _| json!({ "x": inner }));
    let mut deepest = json!(document());
    deepest["credentialSubject"]["x"] = levels.clone();
    let read = move || {
        let text = issued(deepest.as_object().unwrap().clone()).unwrap();
        verify(&text).map(drop).unwrap();
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(read).unwrap().join().unwrap();
    let beyond = json!({ "x": { "x": { "x": levels } } });
    let beyond = verify(&changed(&credential(), "/credentialSubject/x", beyond)).map(drop);
    assert!(matches!(beyond, Err(CredentialError::Document(_))), "{beyond:?}");
}

#[test]
fn a_status_cannot_be_moved_out_of_sight() {
    // The same statements, if the credential could be described in two places.
    let mut moved = document();
    moved["credentialSubject"]["about"] = json!({
        "id": moved["id"],
        "type": "VerifiableCredential",
        "credentialStatus": {"id": "urn:x:status", "type": "urn:x:Status"},
    });
    let refused = issued(moved).unwrap_err();
    assert_eq!(refused, IssueError::Document(DocumentError::DescribedTwice));
    let mut named = document();
    named["credentialSubject"]["about"] = json!({"id": named["id"]});
    assert!(issued(named).is_ok(), "to name it is no description");
}

#[test_case("[]" => CredentialError::Document(DocumentError::NotAnObject); "an array")]
#[test_case("{\"a\":1,\"a\":1}" => CredentialError::Document(DocumentError::Json(StrictJsonError::DuplicateName)); "a name twice")]
#[test_case("{} x" => CredentialError::Document(DocumentError::Json(StrictJsonError::TrailingBytes)); "bytes after it")]
#[test_case("{}" => CredentialError::Form(FormError::Missing("credentialSubject")); "nothing in it")]
fn strict(text: &str) -> CredentialError {
    verify(text).unwrap_err()
}

#[test]
fn control_characters_are_signed_as_the_recommendation_escapes_them() {
    let mut odd = document();
    odd["credentialSubject"]["x"] = json!("\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\"\\\u{7f}\u{80}\u{2028}");
    let text = issued(odd).unwrap();
    assert!(verify(&text).is_ok());
    let other = changed(
        &text,
        "/credentialSubject/x",
        json!("\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f}\"\\\u{7f}\u{80}\u{2028}"),
    );
    assert!(verify(&other).is_err());
}

#[test]
fn order_is_not_signed_and_changes_nothing() {
    let text = changed(&credential(), "/credentialSubject/nationalities", json!(["FR", "DE"]));
    assert!(verify(&text).is_ok());
    let text = changed(&credential(), "/type", json!(["ResidentCard", "VerifiableCredential"]));
    assert!(verify(&text).is_ok());
}

#[test]
fn nodes_that_look_alike_end_in_time() {
    // Twelve nodes that look alike to each other below two that do: 12! orders, of which the budget sees an end.
    let alike: Vec<Value> = (0..12).map(|n| json!({"x": {"y": {"z": n}}})).collect();
    let mut poison = document();
    poison["credentialSubject"]["x"] = json!([
        {"alike": alike, "n": {"m": {"o": 1}}},
        {"alike": alike, "n": {"m": {"o": 2}}},
    ]);
    let started = std::time::Instant::now();
    let over = jose::OverBudget(jose::Work::Statements);
    assert_eq!(issued(poison).unwrap_err(), IssueError::Document(over.into()));
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn nodes_that_say_the_same_are_signed_each_for_itself() {
    let checks = |count| json!(vec![json!({"type": "DocumentCheck", "by": {"type": "Clerk"}}); count]);
    for count in [2, 12] {
        let mut some = document();
        some.insert("evidence".to_owned(), checks(count));
        let text = issued(some).unwrap();
        assert!(verify(&text).is_ok());
        for other in [count - 1, count + 1] {
            let refused = verify(&changed(&text, "/evidence", checks(other))).unwrap_err();
            assert_eq!(
                refused,
                CredentialError::Proof(ProofError::Signature),
                "{count}, {other}"
            );
        }
    }
}

#[test]
fn some_nodes_that_look_alike_are_told_apart() {
    let alike = |numbers: [u8; 3]| json!(numbers.map(|n| json!({"x": {"y": {"z": n}}})));
    let mut some = document();
    some["credentialSubject"]["x"] = alike([1, 2, 3]);
    let text = issued(some).unwrap();
    assert!(verify(&changed(&text, "/credentialSubject/x", alike([3, 1, 2]))).is_ok());
    assert!(verify(&changed(&text, "/credentialSubject/x", alike([3, 1, 4]))).is_err());
}
