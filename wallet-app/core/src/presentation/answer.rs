//! Making the answer that the person agreed to.

use super::compare::{Bound, ConsentedResponse};
use super::matching::Held;
use super::{NotConsented, Open, ShareError};
use crate::cards::SentCopy;
use crate::consent::{Consent, ShownCard};
use crate::keys::KeyStore;
use card_formats::{Binding, ClaimPath, Holder};
use jose::UnixTime;
use oid4vp::VpToken;

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
        let binding = open.question.binding(&audience);
        token.insert(query.clone(), present(held, shown, binding, keys, now)?);
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
    binding: Binding<'_>,
    keys: &dyn KeyStore,
    now: UnixTime,
) -> Result<String, ShareError> {
    let claims = shown.claims.iter();
    let paths: Vec<ClaimPath> = claims.flat_map(|path| path.resolve(held.claims())).collect();
    let signer = keys.signer(&held.copy.key)?;
    let holder = Holder {
        key: signer.as_ref(),
        now,
    };
    Ok(held.content.present(&paths, binding, holder)?)
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
