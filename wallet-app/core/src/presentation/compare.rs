//! The finished answer, decoded by a second path and compared with the consent.
//!
//! The answer is made by one part of a format and read here by another that shares no code with
//! it ([`card_formats::CardFormat::decode`]). Only what passes becomes a [`ConsentedResponse`], and
//! only that can be sealed and sent.

use super::{AskedOffline, NotConsented};
use crate::consent::{Consent, ShownCard};
use card_formats::{Binding, ClaimPath, Decoded, Format, Handover, PathElement};
use jose::jwe::JweError;
use ledger::StatusProof;
use oid4vp::{ClaimsPath, DcqlQuery, FormBody, PathComponent, PresentationRequest, ResponseMode, VpToken};
use proximity::{MakeAnswerError, NewAnswer, SealedAnswer};
use serde_json::Value;
use url::Url;

/// What an answer is bound to.
pub(super) trait Bound {
    /// Who asks.
    fn audience(&self) -> String;
    /// What makes the question this one.
    fn nonce(&self) -> &str;
    /// What is asked.
    fn query(&self) -> &DcqlQuery;
    /// How the answer is handed over; `None` without a network.
    fn handover(&self) -> Option<Handover<'_>>;

    /// All of it, with the audience as it was given.
    fn binding<'a>(&'a self, audience: &'a str) -> Binding<'a> {
        Binding {
            audience,
            nonce: self.nonce(),
            handover: self.handover(),
        }
    }
}

impl Bound for PresentationRequest {
    fn audience(&self) -> String {
        self.client_id().to_string()
    }

    fn nonce(&self) -> &str {
        self.nonce().as_str()
    }

    fn query(&self) -> &DcqlQuery {
        self.query()
    }

    fn handover(&self) -> Option<Handover<'_>> {
        Some(Handover {
            response_uri: self.response_uri_text(),
            encryption_key: match self.response_mode() {
                ResponseMode::DirectPost => None,
                ResponseMode::DirectPostJwt(encryption) => Some(encryption.key()),
            },
        })
    }
}

/// An answer that shows what the person agreed to, and nothing else.
#[derive(Debug)]
pub(super) struct ConsentedResponse<Q> {
    question: Q,
    token: VpToken,
}

impl<Q: Bound> ConsentedResponse<Q> {
    /// Compares an answer with the consent.
    pub(super) fn check(question: Q, token: VpToken, consent: &Consent) -> Result<Self, NotConsented> {
        let audience = question.audience();
        let mut left: Vec<_> = consent.shown.iter().collect();
        for (query, presentation) in token.presentations() {
            let place = left.iter().position(|(agreed, _)| agreed == query);
            let (_, shown) = left.remove(place.ok_or(NotConsented::OtherQueries)?);
            let asked = question.query().credential(query.as_str());
            let format = asked.and_then(|asked| Format::named(asked.format()));
            let format = format.ok_or(NotConsented::OtherQueries)?;
            let decoded = format.decode(presentation, Some(question.binding(&audience)))?;
            compare(&decoded, shown)?;
        }
        if !left.is_empty() {
            return Err(NotConsented::OtherQueries);
        }
        Ok(Self { question, token })
    }
}

impl ConsentedResponse<PresentationRequest> {
    /// What it shows, as a receipt has to name it; `None` where that cannot be said.
    pub(super) fn cards(&self) -> Option<Vec<receipt::ShownCard>> {
        receipt::shown(self.question.query(), self.token.presentations()).ok()
    }

    /// Encrypts it, where the request asks for that, and says where it goes.
    pub(super) fn seal(self) -> Result<(Url, FormBody), JweError> {
        self.question.respond(&self.token)
    }
}

impl ConsentedResponse<AskedOffline> {
    /// Encrypts it to the key of the challenge, with what is publicly recorded about the issuers. docs/offline-qr.md §3
    pub(super) fn seal_offline(
        self,
        bundles: &[Vec<u8>],
        status_proofs: &[StatusProof],
    ) -> Result<SealedAnswer, MakeAnswerError> {
        let answer = NewAnswer {
            token: &self.token,
            bundles,
            status_proofs,
        };
        answer.seal(&self.question.challenge)
    }
}

fn compare(decoded: &Decoded, shown: &ShownCard) -> Result<(), NotConsented> {
    if !decoded.always_visible.iter().all(|path| shown.always.contains(path)) {
        return Err(NotConsented::OtherMembers);
    }
    for disclosed in &decoded.disclosed {
        let agreed = shown.claims.iter().any(|claim| contains(claim, &disclosed.path));
        // What a claim lies in has to be opened to reach it; then it must show nothing by itself.
        let on_the_way = shown.claims.iter().any(|claim| leads_to(&disclosed.path, claim));
        let only_opened = on_the_way && shows_nothing(&disclosed.value);
        if !(agreed || only_opened) {
            return Err(NotConsented::TooMuch);
        }
    }
    for claim in &shown.claims {
        let there = decoded
            .disclosed
            .iter()
            .map(|disclosed| &disclosed.path)
            .chain(&decoded.always_visible)
            .any(|path| contains(claim, path) || leads_to(path, claim));
        if !there {
            return Err(NotConsented::TooLittle);
        }
    }
    Ok(())
}

/// Whether `path` is the claim or lies in it.
pub(super) fn contains(claim: &ClaimsPath, path: &ClaimPath) -> bool {
    let elements = path.elements();
    claim.components().len() <= elements.len() && steps_match(claim, elements)
}

/// Whether the claim lies inside `path`.
pub(super) fn leads_to(path: &ClaimPath, claim: &ClaimsPath) -> bool {
    path.elements().len() < claim.components().len() && steps_match(claim, path.elements())
}

fn steps_match(claim: &ClaimsPath, elements: &[PathElement]) -> bool {
    claim.components().iter().zip(elements).all(|pair| match pair {
        (PathComponent::Key(key), PathElement::Name(name)) => key == name,
        (PathComponent::Index(index), PathElement::Index(place)) => {
            usize::try_from(*index).is_ok_and(|index| index == *place)
        }
        (PathComponent::AllElements, PathElement::Index(_)) => true,
        _ => false,
    })
}

/// A shell around what can be shown by itself.
fn shows_nothing(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards::CardId;
    use card_formats::Disclosed;
    use serde_json::json;
    use test_case::test_case;

    fn shown(claims: &[&[&str]]) -> ShownCard {
        ShownCard {
            card: CardId::generate(),
            vct: "v".into(),
            claims: claims
                .iter()
                .map(|names| ClaimsPath::parse(&json!(names)).expect("path"))
                .collect(),
            always: vec!["iss".into(), "vct".into()],
            shown_before: false,
        }
    }

    fn decoded(always: &[&str], disclosed: &[(&[&str], Value)]) -> Decoded {
        Decoded {
            always_visible: always.iter().map(|name| (*name).into()).collect(),
            disclosed: disclosed
                .iter()
                .map(|(names, value)| Disclosed {
                    path: (*names).into(),
                    value: value.clone(),
                })
                .collect(),
        }
    }

    #[test_case(&[&["a"]], &[(&["a"], json!(1))] => Ok(()) ; "what was agreed")]
    #[test_case(&[&["a"]], &[(&["a"], json!(1)), (&["b"], json!(2))] => Err(NotConsented::TooMuch) ; "one claim more")]
    #[test_case(&[&["a"], &["b"]], &[(&["a"], json!(1))] => Err(NotConsented::TooLittle) ; "one claim less")]
    #[test_case(&[&["a", "x"]], &[(&["a"], json!({})), (&["a", "x"], json!(1))] => Ok(()) ; "an empty shell on the way")]
    #[test_case(&[&["a", "x"]], &[(&["a"], json!({"y": 2})), (&["a", "x"], json!(1))] => Err(NotConsented::TooMuch) ; "a shell that shows something")]
    #[test_case(&[&["a"]], &[(&["a"], json!({})), (&["a", "x"], json!(1))] => Ok(()) ; "what lies in what was agreed")]
    #[test_case(&[&["vct"]], &[] => Ok(()) ; "a member that always travels")]
    fn claims(agreed: &[&[&str]], sent: &[(&[&str], Value)]) -> Result<(), NotConsented> {
        compare(&decoded(&["iss", "vct"], sent), &shown(agreed))
    }

    #[test]
    fn a_member_that_was_not_shown_is_found() {
        let sent = decoded(&["iss", "sub"], &[(&["a"], json!(1))]);
        assert_eq!(compare(&sent, &shown(&[&["a"]])), Err(NotConsented::OtherMembers));
    }

    #[test]
    fn an_open_member_beside_the_one_that_was_shown_is_found() {
        let country: ClaimPath = ["a", "country"][..].into();
        let mut shown = shown(&[&["a", "street"]]);
        shown.always.push(country.clone());
        let mut sent = decoded(&[], &[(&["a", "street"], json!("Main St"))]);
        sent.always_visible = vec![country];
        assert_eq!(compare(&sent, &shown), Ok(()));
        sent.always_visible.push(["a", "house"][..].into());
        assert_eq!(compare(&sent, &shown), Err(NotConsented::OtherMembers));
    }
}
