//! Making the answer that the person agreed to.

use super::compare::{Bound, ConsentedResponse};
use super::matching::Held;
use super::{NotConsented, Open, ShareError};
use crate::cards::SentCopy;
use crate::consent::{Consent, ShownCard};
use crate::keys::KeyStore;
use jose::UnixTime;
use oid4vp::VpToken;
use sd_jwt::{Challenge, ClaimPath};
use serde_json::Value;

/// An answer and the copies it is made of.
pub(super) struct Answer<Q> {
    pub(super) response: ConsentedResponse<Q>,
    pub(super) copies: Vec<SentCopy>,
}

/// Makes the answer and compares it with the consent.
pub(super) fn make<Q: Bound>(
    open: Open<Q>,
    consent: &Consent,
    keys: &dyn KeyStore,
    now: UnixTime,
) -> Result<Answer<Q>, ShareError> {
    let mut token = VpToken::new();
    let mut copies: Vec<SentCopy> = Vec::with_capacity(consent.shown.len());
    let audience = open.question.audience();
    for (query, shown) in &consent.shown {
        let Some(held) = open.matched.held(&shown.card) else {
            continue;
        };
        if held.copy.shown_before && !shown.shown_before {
            return Err(NotConsented::ShownBefore.into());
        }
        let challenge = Challenge {
            audience: &audience,
            nonce: open.question.nonce(),
        };
        token.insert(query.clone(), present(held, shown, challenge, keys, now)?);
        let sent = SentCopy {
            id: held.copy.id,
            shown_before: held.copy.shown_before,
        };
        if !copies.contains(&sent) {
            copies.push(sent);
        }
    }
    let response = ConsentedResponse::check(open.question, token, consent)?;
    Ok(Answer { response, copies })
}

fn present(
    held: &Held,
    shown: &ShownCard,
    challenge: Challenge<'_>,
    keys: &dyn KeyStore,
    now: UnixTime,
) -> Result<String, ShareError> {
    let claims = Value::Object(held.sd_jwt.claims().clone());
    let paths: Vec<ClaimPath> = shown.claims.iter().flat_map(|path| path.resolve(&claims)).collect();
    let signer = keys.signer(&held.copy.key)?;
    Ok(held.sd_jwt.select(&paths)?.bind(challenge, now, signer.as_ref())?)
}

#[cfg(test)]
mod tests {
    use oid4vp::ClaimsPath;
    use serde_json::{Value, json};
    use test_case::test_case;

    #[test_case(json!(["a"]) => vec!["a"] ; "a member")]
    #[test_case(json!(["b", null]) => vec!["b[0]", "b[1]"] ; "every element")]
    #[test_case(json!(["b", 1]) => vec!["b[1]"] ; "one element")]
    #[test_case(json!(["c", "d"]) => vec!["c.d"] ; "a member of a member")]
    #[test_case(json!(["x"]) => Vec::<String>::new() ; "nothing")]
    fn expanded(path: Value) -> Vec<String> {
        let claims = json!({"a": 1, "b": [1, 2], "c": {"d": 1}});
        let path = ClaimsPath::parse(&path).expect("path");
        path.resolve(&claims).iter().map(ToString::to_string).collect()
    }
}
