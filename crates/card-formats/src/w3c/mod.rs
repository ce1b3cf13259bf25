//! W3C credentials with Data Integrity, `ldp_vc`. VCDM 2.0; OpenID4VCI 1.0 Appendix A.1.2; OpenID4VP 1.0 Appendix B.1
//!
//! * A copy is one credential with one proof of its issuer. It is bound to the key whose `did:key` is the `id` of its
//!   subject: one key for each copy, so that copies cannot be linked by it.
//! * It is shown whole, in a presentation of its own that this key signs for one `domain` and one `challenge`: whoever
//!   asks, and the nonce of the request. `holder` and `verificationMethod` are that key, and say nothing more.
//! * Types are the IRIs that contexts define. Contexts are held and pinned: nothing is fetched, and a document with any
//!   other is refused.

mod decode;
pub(crate) mod shape;
mod verifier;
mod wallet;

use jose::{Algorithm, RandomSource};
use oid4vci::metadata::FormatProfile;
use sd_jwt::Challenge;
use serde_json::{Map, Value};
use status_list::StatusPurpose;
use w3c_vc::{
    CREDENTIALS_V2, CardContext, CredentialDraft, Cryptosuite, MakeProofError, Signing, StatusEntry,
    UNDEFINED_TERMS_V2, UnverifiedCredential, type_names,
};

use crate::{
    Around, Binding, CardFormat, DecodeError, Decoded, HeldCopy, Invalid, IssueError, Member, NewCopy,
    PresentationError, PresentedCopy, ReceiveError, ReceivedCopy, W3cError,
};

/// The format.
pub(crate) struct W3cVc;

/// The member with everything that is said about the person.
const SUBJECT: &str = "credentialSubject";

/// Members that every credential carries for its own sake.
const ENVELOPE: [&str; 6] = [
    "@context",
    "type",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialStatus",
];
/// Further members that a person is not shown as what the card says.
const UNNAMED: [&str; 5] = [
    "id",
    "credentialSchema",
    "refreshService",
    "relatedResource",
    "termsOfUse",
];

impl CardFormat for W3cVc {
    fn name(&self) -> &'static str {
        "ldp_vc"
    }

    fn mark(&self) -> Option<&'static str> {
        Some("w3c")
    }

    fn shown_as_codes(&self) -> bool {
        false
    }

    fn member(&self, name: &str) -> Member {
        match name {
            name if ENVELOPE.contains(&name) => Member::Envelope,
            name if UNNAMED.contains(&name) => Member::Unnamed,
            _ => Member::Said,
        }
    }

    /// VCDM 2.0 §4.8
    fn claims_stand_in(&self) -> Around {
        Around::Member(SUBJECT)
    }

    fn named_claims(&self, claims: &Map<String, Value>) -> Map<String, Value> {
        let subject = claims.get(SUBJECT).and_then(Value::as_object).into_iter().flatten();
        let said = subject.filter(|(name, _)| *name != "id");
        said.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn profile(&self, card_type: &str) -> FormatProfile {
        let (context, written) = written(card_type);
        FormatProfile::LdpVc {
            context: vec![CREDENTIALS_V2.into(), context.into()],
            types: vec![BASE_TYPE.to_owned(), written.to_owned()],
        }
    }

    fn card_type(&self, profile: &FormatProfile) -> Option<String> {
        let FormatProfile::LdpVc { context, types } = profile else {
            return None;
        };
        let context = Value::Array(context.clone());
        let names = type_names(Some(&context), types, shape::contexts().ok()?).ok()?;
        shape::one_type(&names).ok().map(str::to_owned)
    }

    fn signing_algorithm(&self, algorithm: Algorithm) -> Value {
        Cryptosuite::of(algorithm).map_or(Value::Null, |suite| suite.as_str().into())
    }

    fn binding_method(&self) -> &'static str {
        "did:key"
    }

    fn issue(&self, copy: &NewCopy<'_>, _random: &mut dyn RandomSource) -> Result<String, IssueError> {
        let (context, written) = written(copy.card_type);
        let status = StatusPurpose::ALL.map(|purpose| copy.status.beside(purpose));
        let draft = CredentialDraft {
            contexts: vec![CREDENTIALS_V2.to_owned(), context.to_owned()],
            types: vec![written.to_owned()],
            issuer: copy.issuer.to_owned(),
            valid_from: copy.issued_at,
            valid_until: copy.expires,
            holder_key: copy.holder_key.clone(),
            status: status.iter().filter_map(StatusEntry::of).collect(),
            claims: copy.claims.clone(),
        };
        let signing = Signing {
            method: &shape::method(copy.issuer, copy.kid),
            created: copy.issued_at,
            signer: copy.signer,
        };
        let contexts = shape::contexts().map_err(|error| IssueError::W3c(error.into()))?;
        draft.issue(contexts, &signing).map_err(|error| match error {
            w3c_vc::IssueError::Proof(MakeProofError::Sign(error)) => error.into(),
            error => IssueError::W3c(error),
        })
    }

    fn received(&self, copy: &str) -> Result<Box<dyn ReceivedCopy>, ReceiveError> {
        let credential = UnverifiedCredential::parse(copy).map_err(|error| match decode::credential_in(copy) {
            Some(_) => ReceiveError::AlreadyBound,
            None => Invalid::from(W3cError::from(error)).into(),
        })?;
        Ok(Box::new(wallet::Received::of(credential).map_err(Invalid::from)?))
    }

    fn held(&self, copy: &str) -> Result<Box<dyn HeldCopy>, Invalid> {
        let credential = UnverifiedCredential::parse(copy).map_err(W3cError::from)?;
        Ok(Box::new(wallet::Held::of(credential.dangerous_from_storage())?))
    }

    fn decode(&self, presentation: &str, binding: Option<Binding<'_>>) -> Result<Decoded, DecodeError> {
        decode::decode(presentation, binding)
    }

    fn presented(&self, presentation: &str) -> Result<Box<dyn PresentedCopy>, PresentationError> {
        Ok(Box::new(verifier::Presented::of(presentation)?))
    }
}

/// The context that defines a type, and how it is written: its term, or itself in a context that defines every claim.
fn written(card_type: &str) -> (&str, &str) {
    CardContext::named(card_type).map_or((UNDEFINED_TERMS_V2, card_type), |card| (card.context, card.term))
}

fn challenge(binding: Binding<'_>) -> Challenge<'_> {
    Challenge {
        audience: binding.audience,
        nonce: binding.nonce,
    }
}

/// The type that every credential has. VCDM 2.0 §4.5
const BASE_TYPE: &str = "VerifiableCredential";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_there_for_something() {
        let members = ["issuer", "credentialStatus", "id", SUBJECT, "evidence"].map(|name| W3cVc.member(name));
        let expected = [
            Member::Envelope,
            Member::Envelope,
            Member::Unnamed,
            Member::Said,
            Member::Said,
        ];
        assert_eq!(members, expected);
    }

    #[test]
    fn claims_are_named_as_in_every_format() {
        let claims = json!({ "issuer": "did:x", SUBJECT: { "id": "did:key:z", "age_over_18": true } });
        let named = W3cVc.named_claims(claims.as_object().unwrap());
        assert_eq!(Value::Object(named), json!({ "age_over_18": true }));
    }

    #[test]
    fn a_type_with_a_context_is_published_by_its_term_and_known_by_its_name() {
        let name = "urn:holdfast:vct:student-card:1";
        let profile = W3cVc.profile(name);
        assert_eq!(profile.card_type(), Some("StudentCard"));
        assert_eq!(W3cVc.card_type(&profile).as_deref(), Some(name));
    }

    #[test]
    fn a_type_in_contexts_that_are_not_held_is_none() {
        let foreign = FormatProfile::LdpVc {
            context: vec![CREDENTIALS_V2.into(), "https://a.example/v1".into()],
            types: vec![BASE_TYPE.to_owned(), "StudentCard".to_owned()],
        };
        assert_eq!(W3cVc.card_type(&foreign), None);
    }
}
