//! The checks of one presentation, in this order: form, issuer, signature and
//! key binding, query, the rules of its type, status.

use oid4vp::{Authority, Candidate, CredentialQuery, CredentialType, HolderBinding, PresentedClaims};
use sd_jwt::type_metadata::HeldTypeError;
use sd_jwt::{KeyBindingPolicy, PresentationError, SdJwtError, UnverifiedPresentation, VerifiedCredential};
use serde_json::Value;

use super::issuer::{self, AcceptedKey, Grounds};
use super::{Ages, Reason, Rejection, status};
use crate::check::Check;
use crate::trust::ListOwner;

/// A presentation that passed, with what it contributes.
#[derive(Debug)]
pub(crate) struct Passed {
    pub(crate) claims: PresentedClaims,
    pub(crate) ages: Ages,
}

/// What ties a presentation to this request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub(crate) audience: &'a str,
    pub(crate) nonce: &'a str,
}

pub(crate) fn check(
    text: &str,
    query: &CredentialQuery,
    check: &Check,
    binding: Binding<'_>,
    grounds: &Grounds<'_>,
) -> Result<Passed, Rejection> {
    let presentation = UnverifiedPresentation::parse(text).map_err(|error| Rejection::from(sd_jwt_reason(error)))?;
    let hints = presentation.hints();
    let vct = hints.vct.ok_or(Reason::MalformedCredential)?;
    // A type that was not asked for is missing data, whoever signed it.
    let accepted = check.accepted_issuers(query.id(), vct).ok_or(Reason::RuleNotMet)?;
    let issuer = issuer::find(&hints, accepted, grounds)?;
    // A chain says something about an issuer whose key was found by it, and by nothing else.
    let authorities = match (query.trusted_authorities(), &issuer.owner) {
        ([_, ..], ListOwner::Foreign) => issuer::authorities(hints.x5c, accepted, grounds),
        _ => Vec::new(),
    };
    let credential = verify(presentation, &issuer, query, binding, grounds)?;
    let claims = answers(&credential, query, &issuer, &authorities)?;
    of_its_type(&credential, &issuer, grounds)?;
    let ages = match credential.credential().status() {
        None => issuer.ages,
        Some(reference) => status::check(reference, &issuer, grounds)?,
    };
    Ok(Passed { claims, ages })
}

fn verify(
    presentation: UnverifiedPresentation,
    issuer: &AcceptedKey,
    query: &CredentialQuery,
    binding: Binding<'_>,
    grounds: &Grounds<'_>,
) -> Result<VerifiedCredential, Rejection> {
    // The query decides about key binding, never what was sent.
    let policy = match query.holder_binding() {
        HolderBinding::Cryptographic => KeyBindingPolicy::Required {
            audience: binding.audience,
            nonce: binding.nonce,
        },
        HolderBinding::None => KeyBindingPolicy::NotRequired,
    };
    presentation
        .verify_credential(&issuer.key, issuer.requirements, policy, grounds.now())
        .map_err(|error| Rejection::new(presentation_reason(error), issuer.ages))
}

fn answers(
    credential: &VerifiedCredential,
    query: &CredentialQuery,
    issuer: &AcceptedKey,
    authorities: &[Authority],
) -> Result<PresentedClaims, Rejection> {
    let claims = Value::Object(credential.claims().clone());
    let candidate = Candidate {
        format: sd_jwt::TYP,
        kind: CredentialType::Vct(credential.credential().vct()),
        claims: &claims,
        holder_binding: match credential.key_binding() {
            Some(_) => HolderBinding::Cryptographic,
            None => HolderBinding::None,
        },
        authorities,
    };
    query
        .presented(&candidate, credential.disclosed())
        .map_err(|_| Rejection::new(Reason::RuleNotMet, issuer.ages))
}

/// By what is held of the type; nothing is asked where nothing is held. draft-ietf-oauth-sd-jwt-vc §5.7
fn of_its_type(credential: &VerifiedCredential, issuer: &AcceptedKey, grounds: &Grounds<'_>) -> Result<(), Rejection> {
    let types = grounds.trust.types();
    types.check_presented(credential).map_err(|error| {
        let reason = match error {
            HeldTypeError::Metadata(_) => Reason::TypeUnavailable,
            _ => Reason::NotOfItsType,
        };
        Rejection::new(reason, issuer.ages)
    })
}

fn presentation_reason(error: PresentationError) -> Reason {
    match error {
        PresentationError::KeyBinding(_) => Reason::HolderBindingMismatch,
        PresentationError::SdJwt(error) => sd_jwt_reason(error),
        _ => Reason::MalformedCredential,
    }
}

fn sd_jwt_reason(error: SdJwtError) -> Reason {
    match error {
        SdJwtError::Expired => Reason::Expired,
        SdJwtError::NotYetValid => Reason::NotYetValid,
        _ => Reason::MalformedCredential,
    }
}
