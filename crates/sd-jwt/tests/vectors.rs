//! Vectors by others: the test cases of the specification's own library, and of SD-JWT VC. Every
//! case is read, issued again, or named with the reason why not; the counts are part of the tests.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use jose::{Algorithm, JwsError, JwsHeader, PrivateJwk, PublicJwk, VerifyingKey};
use sd_jwt::{
    Challenge, ClaimPath, CredentialDraft, Disclosable, KeyBindingError, KeyBindingPolicy, Padding, PathElement,
    PresentationError, Requirements, SdJwtError, UnverifiedPresentation, UnverifiedSdJwt, decode_presentation, issue,
};
use serde_json::{Value, json};
use testkit::vectors::Table;

use crate::fixture::{AUDIENCE, NONCE, NOW, TYP, holder, issuer, random, signer, verifying};
use crate::yaml;

/// What is refused that the vectors accept, and why.
const DIVERGENCES: [(&str, SdJwtError, &str); 1] = [(
    "header_mod",
    SdJwtError::Jws(JwsError::HeaderMember("kid")),
    "kid is a number; RFC 7515 §4.1.4 wants a string",
)];

/// The value of `name: …` in the settings, where the wanted key is the `nth` to have it.
fn setting(settings: &str, name: &str, nth: usize) -> String {
    let prefix = format!("{name}: ");
    let line = settings
        .lines()
        .map(|line| line.trim().trim_start_matches("- "))
        .filter(|line| line.starts_with(&prefix))
        .nth(nth)
        .unwrap();
    line[prefix.len()..].trim().trim_matches('"').to_owned()
}

fn key(settings: &str, nth: usize) -> PrivateJwk {
    let member = |name| setting(settings, name, nth);
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "d": member("d"), "x": member("x"), "y": member("y"),
    });
    PrivateJwk::from_value(&jwk).unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap().trim().to_owned()
}

fn json_file(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

struct Set {
    issuer: VerifyingKey,
    holder: PublicJwk,
    audience: String,
    nonce: String,
}

/// Runs one case; false where it is a known divergence.
fn run(set: &Set, name: &str, folder: &Path) -> bool {
    let typ = "example+sd-jwt";
    let issuance = read(&folder.join("sd_jwt_issuance.txt"));
    if let Some((_, error, _)) = DIVERGENCES.iter().find(|(known, _, _)| *known == name) {
        assert_eq!(&UnverifiedSdJwt::parse(&issuance).unwrap_err(), error, "{name}");
        return false;
    }
    let now = 1_700_000_000;
    let issued = UnverifiedSdJwt::parse(&issuance)
        .unwrap()
        .verify(&set.issuer, typ, now)
        .unwrap();
    let user_claims = json_file(&folder.join("user_claims.json"));
    for (claim, value) in user_claims.as_object().unwrap() {
        assert_eq!(&issued.claims()[claim], value, "{name}: everything was issued");
    }

    let presentation = read(&folder.join("sd_jwt_presentation.txt"));
    let binding = folder.join("kb_jwt_payload.json");
    let (policy, now) = if binding.exists() {
        let iat = json_file(&binding)["iat"].as_u64().unwrap();
        let policy = KeyBindingPolicy::Required {
            audience: &set.audience,
            nonce: &set.nonce,
        };
        (policy, iat)
    } else {
        (KeyBindingPolicy::NotRequired, now)
    };
    let verified = UnverifiedPresentation::parse(&presentation)
        .unwrap()
        .verify(&set.issuer, typ, policy, now)
        .unwrap();
    let expected = json_file(&folder.join("verified_contents.json"));
    assert_eq!(json!(verified.claims()), expected, "{name}");
    if let Some(binding) = verified.key_binding() {
        assert!(binding.holder_key().same_key(&set.holder), "{name}");
    }
    let decoded = decode_presentation(&presentation).unwrap();
    assert_eq!(decoded.disclosed.len(), verified.disclosed().count(), "{name}");
    true
}

/// Cases in the form that is built: accepted where issuance and presentation verify to the contents
/// expected, refused under another issuer's key and with another nonce.
const COMPACT: &str = "compact serialisation";
const JSON_ROW: &str = "JSON serialisation";
const JSON_FORM: &str = "RFC 9901 §8, optional: dc+sd-jwt is compact in OpenID4VP and HAIP";

fn folders(root: &Path) -> Vec<(String, PathBuf)> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    folders.into_iter().map(|path| (name(&path), path)).collect()
}

fn run_set(set: &'static str) -> Option<Table> {
    let root = testkit::vectors::folder(set)?;
    let settings = read(&root.join("settings.yml"));
    let keys = Set {
        issuer: VerifyingKey::new(key(&settings, 0).public()).unwrap(),
        holder: key(&settings, 1).public().clone(),
        audience: setting(&settings, "verifier", 0),
        nonce: setting(&settings, "key_binding_nonce", 0),
    };
    let mut table = Table::new(set);
    for (name, folder) in folders(&root) {
        if !folder.join("sd_jwt_issuance.txt").exists() {
            table.out_of_scope(JSON_ROW, 1, JSON_FORM);
        } else if run(&keys, &name, &folder) {
            table.agrees(COMPACT, true);
            for _ in 0..refused(&keys, &folder) {
                table.agrees(COMPACT, false);
            }
        } else {
            let reason = DIVERGENCES.iter().find(|(known, _, _)| *known == name).unwrap().2;
            table.diverges(COMPACT, reason);
        }
        issue_again(&name, &folder);
    }
    Some(table)
}

/// What must be refused of a case that is accepted; how many of those there are.
fn refused(set: &Set, folder: &Path) -> usize {
    let typ = "example+sd-jwt";
    let presentation = read(&folder.join("sd_jwt_presentation.txt"));
    let verify = |key: &VerifyingKey, policy, now| {
        UnverifiedPresentation::parse(&presentation)
            .unwrap()
            .verify(key, typ, policy, now)
    };
    let stranger = VerifyingKey::new(&set.holder).unwrap();
    let forged = verify(&stranger, KeyBindingPolicy::NotRequired, 1_700_000_000).unwrap_err();
    assert!(
        matches!(forged, PresentationError::SdJwt(SdJwtError::Jws(_))),
        "{forged}"
    );
    let nonce = KeyBindingPolicy::Required {
        audience: &set.audience,
        nonce: "another nonce",
    };
    let binding = folder.join("kb_jwt_payload.json");
    let (now, expected) = match binding.exists() {
        true => (
            json_file(&binding)["iat"].as_u64().unwrap(),
            KeyBindingError::NonceMismatch,
        ),
        false => (1_700_000_000, KeyBindingError::Missing),
    };
    let unbound = verify(&set.issuer, nonce, now).unwrap_err();
    assert_eq!(unbound, PresentationError::KeyBinding(expected));
    2
}

/// Holder's choices that show less than this holder does, and why.
const CHOICES: [(&str, &str); 1] = [(
    "complex_eidas",
    "a claim is shown with all that lies in it; the vectors' holder leaves a document inside it out",
)];

/// Issues the claims of a specification with our issuer, the tagged places disclosable; shows what
/// its holder shows; and compares with what its verifier sees.
fn issue_again(name: &str, folder: &Path) {
    let specification = yaml::parse(&read(&folder.join("specification.yml")));
    let claims = specification.member("user_claims").unwrap();
    let Value::Object(user_claims) = claims.value.clone() else {
        unreachable!()
    };
    for padding in [Padding::None, Padding::Everywhere(16)] {
        let header = JwsHeader::new(Algorithm::Es256).with_typ(TYP);
        let text = issue(
            &header,
            user_claims.clone(),
            &claims.tagged,
            padding,
            &mut random(),
            &signer(&issuer()),
        )
        .unwrap();
        let issued = UnverifiedSdJwt::parse(&text)
            .unwrap()
            .verify(&verifying(&issuer()), TYP, 1_700_000_000)
            .unwrap();
        assert_eq!(issued.claims(), &user_claims, "{name}");
        let disclosable: HashSet<&ClaimPath> = issued.disclosed().collect();
        assert_eq!(disclosable, claims.tagged.iter().collect(), "{name}");
        let mut chosen = vec![];
        if let Some(disclosed) = specification.member("holder_disclosed_claims") {
            choose(&disclosed.value, &ClaimPath::default(), &mut chosen);
        }
        let held = issued.into_held();
        chosen.retain(|path| place(held.claims(), path).is_some());
        let shown = held.select(&chosen).unwrap().into_sd_jwt();
        let contents = folder.join("verified_contents.json");
        let seen = UnverifiedPresentation::parse(&shown)
            .unwrap()
            .verify(&verifying(&issuer()), TYP, KeyBindingPolicy::NotRequired, 1_700_000_000)
            .unwrap();
        if contents.exists() {
            let mut expected = json_file(&contents);
            let members = expected.as_object_mut().unwrap();
            members.retain(|claim, _| {
                !["iss", "iat", "exp", "cnf"].contains(&claim.as_str()) || user_claims.contains_key(claim)
            });
            let same = json!(seen.claims()) == expected;
            let known = CHOICES.iter().find(|(known, _)| *known == name);
            assert_eq!(same, known.is_none(), "{name}: {known:?}");
        } else {
            for path in &chosen {
                assert!(place(seen.claims(), path).is_some(), "{name}: {path}");
            }
        }
    }
}

/// The places that a holder's choice marks with `true`.
fn choose(choice: &Value, here: &ClaimPath, into: &mut Vec<ClaimPath>) {
    match choice {
        Value::Bool(true) => into.push(here.clone()),
        Value::Object(members) => {
            for (name, choice) in members {
                choose(choice, &here.child(PathElement::Name(name.clone())), into);
            }
        }
        Value::Array(elements) => {
            for (index, choice) in elements.iter().enumerate() {
                choose(choice, &here.child(PathElement::Index(index)), into);
            }
        }
        _ => {}
    }
}

fn place<'c>(claims: &'c serde_json::Map<String, Value>, path: &ClaimPath) -> Option<&'c Value> {
    let (first, rest) = path.elements().split_first()?;
    let PathElement::Name(first) = first else { return None };
    rest.iter()
        .try_fold(claims.get(first)?, |value, element| match element {
            PathElement::Name(name) => value.get(name),
            PathElement::Index(index) => value.get(index),
        })
}

#[test]
fn testcases() {
    if let Some(table) = run_set("sd-jwt-testcases") {
        table.check(&[(COMPACT, [8, 16, 1, 0]), (JSON_ROW, [0, 0, 0, 2])]);
    }
}

#[test]
fn draft_examples() {
    if let Some(table) = run_set("sd-jwt-draft-examples") {
        table.check(&[(COMPACT, [4, 8, 0, 0]), (JSON_ROW, [0, 0, 0, 2])]);
    }
}

/// SD-JWT VC: these come as claims only, to be issued, shown and verified.
#[test]
fn vc_examples() {
    let Some(root) = testkit::vectors::folder("sd-jwt-vc-examples") else {
        return;
    };
    let mut table = Table::new("sd-jwt-vc-examples");
    for (name, folder) in folders(&root.join("examples")) {
        issue_again(&name, &folder);
        vc_example(&name, &folder);
        table.agrees(&name, true);
        table.agrees(&name, false); // without key binding
    }
    table.check(&[("01", [1, 1, 0, 0]), ("02", [1, 1, 0, 0]), ("03-pid", [1, 1, 0, 0])]);
}

/// Issues the example as a credential for a holder, and shows it with key binding.
fn vc_example(name: &str, folder: &Path) {
    let specification = yaml::parse(&read(&folder.join("specification.yml")));
    let claims = specification.member("user_claims").unwrap();
    let Value::Object(mut subject) = claims.value.clone() else {
        unreachable!()
    };
    let text = |claim: Option<Value>| claim.and_then(|claim| claim.as_str().map(str::to_owned));
    let draft = CredentialDraft {
        vct: text(subject.remove("vct")).unwrap(),
        issuer: text(subject.remove("iss")),
        issued_at: NOW,
        not_before: NOW,
        expires: NOW + 100,
        holder_key: holder().public().clone(),
        status: None,
        claims: subject,
        disclosable: Disclosable::At(claims.tagged.clone()),
        padding: Padding::Everywhere(32),
    };
    let issued = draft.issue(None, None, &mut random(), &signer(&issuer())).unwrap();
    let (held, _) = UnverifiedSdJwt::parse(&issued)
        .unwrap()
        .receive(&verifying(&issuer()), holder().public(), Requirements::Haip, NOW)
        .unwrap();
    let mut chosen = vec![];
    choose(
        &specification.member("holder_disclosed_claims").unwrap().value,
        &ClaimPath::default(),
        &mut chosen,
    );
    let challenge = Challenge {
        audience: AUDIENCE,
        nonce: NONCE,
    };
    let shown = held.select(&chosen).unwrap();
    let unbound = shown.clone().into_sd_jwt();
    let bound = shown.bind(challenge, NOW, &signer(&holder())).unwrap();
    let verify = |text: &str| {
        let policy = KeyBindingPolicy::Required {
            audience: AUDIENCE,
            nonce: NONCE,
        };
        UnverifiedPresentation::parse(text).unwrap().verify_credential(
            &verifying(&issuer()),
            Requirements::Haip,
            policy,
            NOW,
        )
    };
    let verified = verify(&bound).unwrap();
    assert_eq!(verified.credential().vct(), claims.value["vct"], "{name}");
    for path in &chosen {
        let expected = place(held.claims(), path).unwrap();
        assert_eq!(place(verified.claims(), path), Some(expected), "{name}: {path}");
    }
    let refused = verify(&unbound).unwrap_err();
    assert_eq!(
        refused,
        PresentationError::KeyBinding(KeyBindingError::Missing),
        "{name}"
    );
}
