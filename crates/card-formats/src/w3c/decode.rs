//! A finished presentation, read as plain JSON: nothing here is shared with what made it, and nothing knows JSON-LD.

use jose::strict_json::{self, Limits};
use serde_json::{Map, Value};

use crate::{Binding, ClaimPath, DecodeError, Decoded};

/// What stands in a presentation of one credential, and in the proof of its holder; nothing else is sent.
const MEMBERS: [&str; 5] = ["@context", "type", "holder", "verifiableCredential", "proof"];
const OF_THE_PROOF: [&str; 8] = [
    "type",
    "cryptosuite",
    "created",
    "verificationMethod",
    "proofPurpose",
    "challenge",
    "domain",
    "proofValue",
];

/// The credential inside of a presentation, `None` in it where there is not exactly one; `None` where the text is no
/// presentation.
pub(super) fn credential_in(text: &str) -> Option<Option<Value>> {
    let mut document = strict_json::parse(text.as_bytes(), &Limits::VP_TOKEN).ok()?;
    let inside = document.as_object_mut()?.remove("verifiableCredential")?;
    Some(match inside {
        Value::Array(mut several) if several.len() == 1 => several.pop(),
        one @ Value::Object(_) => Some(one),
        _ => None,
    })
}

/// What a presentation shows, which is everything in it. A credential by itself is read only where nobody has to be
/// bound.
pub(super) fn decode(presentation: &str, binding: Option<Binding<'_>>) -> Result<Decoded, DecodeError> {
    let document = strict_json::parse(presentation.as_bytes(), &Limits::VP_TOKEN).ok();
    let Some(Value::Object(document)) = document else {
        return Err(DecodeError::NoPresentation);
    };
    let credential = match document.get("verifiableCredential") {
        Some(Value::Array(several)) => match several.as_slice() {
            [Value::Object(one)] => one,
            _ => return Err(DecodeError::NoPresentation),
        },
        Some(Value::Object(one)) => one,
        None if binding.is_none() && document.contains_key("credentialSubject") => &document,
        _ => return Err(DecodeError::NoPresentation),
    };
    if let Some(binding) = binding {
        check_binding(&document, credential, binding)?;
    }
    Ok(Decoded {
        always_visible: visible(credential, text(&document, "holder")),
        disclosed: Vec::new(),
    })
}

/// Whether it is made out as it should be, by the key of the copy, and says nothing of its own.
fn check_binding(
    document: &Map<String, Value>,
    credential: &Map<String, Value>,
    binding: Binding<'_>,
) -> Result<(), DecodeError> {
    let proof = document.get("proof").and_then(Value::as_object);
    let proof = proof.ok_or(DecodeError::NoPresentation)?;
    if text(proof, "domain") != Some(binding.audience) {
        return Err(DecodeError::OtherAudience);
    }
    if text(proof, "challenge") != Some(binding.nonce) {
        return Err(DecodeError::OtherNonce);
    }
    let subject = credential
        .get("credentialSubject")
        .and_then(|subject| subject.get("id"));
    let key = subject.and_then(Value::as_str).ok_or(DecodeError::OtherHolder)?;
    let method = text(proof, "verificationMethod").unwrap_or_default();
    let of_the_key = method.strip_prefix(key).is_some_and(|rest| rest.starts_with('#'));
    if text(document, "holder") != Some(key) || !of_the_key {
        return Err(DecodeError::OtherHolder);
    }
    let known = document.keys().all(|name| MEMBERS.contains(&name.as_str()))
        && proof.keys().all(|name| OF_THE_PROOF.contains(&name.as_str()));
    if known { Ok(()) } else { Err(DecodeError::Beside) }
}

/// The claims of a credential, the outermost of each. What its issuer proved it with is no claim, nor is the name of the
/// key that the presentation is signed with.
fn visible(credential: &Map<String, Value>, holder: Option<&str>) -> Vec<ClaimPath> {
    let mut paths = Vec::new();
    for (name, value) in credential {
        match (name.as_str(), value) {
            ("proof", _) => {}
            ("credentialSubject", Value::Object(members)) => {
                for (member, value) in members {
                    if member != "id" || value.as_str() != holder {
                        paths.push(ClaimPath::from(&[name.as_str(), member.as_str()][..]));
                    }
                }
            }
            _ => paths.push(ClaimPath::from(name.as_str())),
        }
    }
    paths
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}
