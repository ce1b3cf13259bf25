//! Path validation against x509-limbo, as far as it concerns chains in an `x5c` header.

use jose::x5c::{ChainError, Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate, to_value};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use testkit::vectors::{Table, folder, json};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use super::text;

const NAMES: &str = "names are compared with the client id, not while a path is validated";
const RSA: &str = "a web site under an RSA authority";
const AKI: &str = "key identifiers are hints: names and signatures decide";
const ROOT: &str = "an anchor is a name and a key, RFC 5280 §6.1.1 (d); its extensions say nothing";
const SERIAL: &str = "serial numbers are not looked at";
const WEB: &str = "a rule for web sites; a leaf without extended key usage serves every purpose";
const EMAIL: &str = "stricter: constraints on e-mail addresses are not known";
const AUTHORITY: &str = "stricter: a leaf that may certify but not sign";
const ONE_PATH: &str = "stricter: a chain is one path, RFC 7515 §4.1.6; no other is looked for";
const SELF_ISSUED: &str = "stricter: no self-issued certificate travels in a chain, HAIP 1.0 §5";

/// Cases that do not concern a chain in a header, by the beginning of their name.
const OUT_OF_SCOPE: [(&str, &str); 10] = [
    ("crl::", "no revocation lists: status lists say what was revoked"),
    ("webpki::cn::", NAMES),
    ("webpki::san::", NAMES),
    (
        "pathlen::max-chain-depth",
        "how deep a chain may be is fixed: five certificates",
    ),
    ("online::google.com", RSA),
    ("online::microsoft.com", RSA),
    ("online::facebook.com", RSA),
    ("online::s3.amazonaws.com", RSA),
    ("online::storage.googleapis.com", RSA),
    ("online::docs.python.org", RSA),
];

/// Cases in which we differ, and how: the test fails when one of them starts to agree.
const DIVERGENCES: [(&str, Option<ChainError>, &str); 24] = [
    (
        "pathlen::validation-ignores-pathlen-in-leaf",
        Some(ChainError::WrongPurpose),
        AUTHORITY,
    ),
    (
        "pathlen::self-issued-certs-pathlen",
        Some(ChainError::AnchorInChain),
        SELF_ISSUED,
    ),
    ("rfc5280::ca-as-leaf", Some(ChainError::WrongPurpose), AUTHORITY),
    ("rfc5280::aki::critical-aki", None, AKI),
    ("rfc5280::aki::leaf-missing-aki", None, AKI),
    ("rfc5280::aki::intermediate-missing-aki", None, AKI),
    ("rfc5280::aki::cross-signed-root-missing-aki", None, AKI),
    ("rfc5280::ski::critical-ski", None, AKI),
    (
        "rfc5280::eku::ee-wrong-eku",
        None,
        "requests may be signed with a key for TLS clients too",
    ),
    (
        "rfc5280::nc::permitted-dns-match-noncritical",
        None,
        "a name constraint holds, critical or not",
    ),
    ("rfc5280::nc::nc-permits-email-exact", Some(ChainError::Path), EMAIL),
    (
        "rfc5280::nc::nc-permits-email-literal-asterisk-exact-match",
        Some(ChainError::Path),
        EMAIL,
    ),
    (
        "rfc5280::nc::nc-permits-email-literal-double-asterisk",
        Some(ChainError::Path),
        EMAIL,
    ),
    (
        "rfc5280::nc::nc-forbids-alternate-chain-ica",
        Some(ChainError::BadSignature),
        ONE_PATH,
    ),
    ("rfc5280::serial::too-long", None, SERIAL),
    ("rfc5280::serial::zero", None, SERIAL),
    ("rfc5280::root-missing-basic-constraints", None, ROOT),
    ("rfc5280::root-non-critical-basic-constraints", None, ROOT),
    ("rfc5280::root-inconsistent-ca-extensions", None, ROOT),
    ("webpki::eku::ee-anyeku", None, WEB),
    ("webpki::eku::ee-without-eku", None, WEB),
    ("webpki::eku::root-has-eku", None, ROOT),
    (
        "webpki::nc::intermediate-permitted-excluded-subtrees-both-empty-sequences",
        None,
        "a constraint that names nothing constrains nothing",
    ),
    (
        "cve::cve-2024-0567",
        Some(ChainError::TooLong),
        "stricter: more than five certificates",
    ),
];

#[test]
fn x509_limbo() {
    let Some(folder) = folder("x509-limbo") else { return };
    let mut table = Table::new("x509-limbo");
    let mut wrong = Vec::new();
    for case in json(&folder.join("limbo.json"))["testcases"].as_array().unwrap() {
        let id = text(case, "id");
        let row = id.rsplit_once("::").unwrap().0;
        if let Some((_, reason)) = OUT_OF_SCOPE.iter().find(|(start, _)| id.starts_with(start)) {
            table.out_of_scope(row, 1, reason);
            continue;
        }
        let expected = case["expected_result"] == "SUCCESS";
        let outcome = validate(case);
        let agrees = outcome.is_ok() == expected;
        let error = outcome.err();
        match DIVERGENCES.iter().find(|(known, _, _)| *known == id) {
            Some((_, how, reason)) if !agrees && error == *how => table.diverges(row, reason),
            None if agrees => table.agrees(row, expected),
            _ => wrong.push(format!("{id}: expected {expected}, {error:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    table.check(&[
        ("crl", [0, 0, 0, 4]),
        ("cve", [0, 1, 1, 0]),
        ("invalid", [0, 1, 0, 0]),
        ("online", [1, 0, 0, 6]),
        ("pathlen", [1, 0, 2, 2]),
        ("pathological", [1, 6, 0, 0]),
        ("rfc5280", [3, 2, 4, 0]),
        ("rfc5280::aki", [0, 0, 4, 0]),
        ("rfc5280::eku", [0, 0, 1, 0]),
        ("rfc5280::nc", [2, 15, 5, 0]),
        ("rfc5280::san", [0, 1, 0, 0]),
        ("rfc5280::serial", [0, 1, 2, 0]),
        ("rfc5280::ski", [0, 0, 1, 0]),
        ("rfc5280::validity", [1, 2, 0, 0]),
        ("webpki", [0, 8, 0, 0]),
        ("webpki::cn", [0, 0, 0, 6]),
        ("webpki::eku", [0, 0, 3, 0]),
        ("webpki::nc", [1, 0, 1, 0]),
        ("webpki::san", [0, 0, 0, 8]),
    ]);
}

fn validate(case: &Value) -> Result<VerifiedCertificate, ChainError> {
    let anchors = TrustAnchors::from_pem(
        case["trusted_certs"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str),
    )?;
    let above = case["untrusted_intermediates"].as_array().unwrap();
    let above = above.iter().map(|pem| der(pem.as_str().unwrap())).collect();
    let chain = in_order(der(text(case, "peer_certificate")), above);
    let time = case["validation_time"].as_str().unwrap_or("2026-11-20T12:00:00Z");
    let now = u64::try_from(time.parse::<jiff::Timestamp>().unwrap().as_second()).unwrap();
    UnverifiedChain::parse(&to_value(chain))?.verify(&anchors, now, Purpose::Request)
}

/// The chain that a sender makes of a heap of certificates: each is the issuer of the one before, by name and,
/// where both name it, by key.
fn in_order(leaf: Vec<u8>, mut above: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut chain = vec![leaf];
    while let Some((_, (issuer, key))) = chain.last().and_then(|der| names(der)) {
        let issues = |der: &Vec<u8>| {
            names(der)
                .is_some_and(|((subject, own), _)| subject == issuer && (own.is_none() || key.is_none() || own == key))
        };
        let Some(place) = above.iter().position(issues) else {
            break;
        };
        chain.push(above.remove(place));
    }
    chain
}

/// A name and perhaps a key identifier.
type Party = (Vec<u8>, Option<Vec<u8>>);

/// Subject and issuer.
fn names(der: &[u8]) -> Option<(Party, Party)> {
    let (_, read) = X509Certificate::from_der(der).ok()?;
    let (mut own, mut above) = (None, None);
    for extension in read.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => own = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => above = id.key_identifier.as_ref().map(|id| id.0.to_vec()),
            _ => {}
        }
    }
    Some((
        (read.subject().as_raw().to_vec(), own),
        (read.issuer().as_raw().to_vec(), above),
    ))
}

fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}
