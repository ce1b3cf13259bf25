//! The checks of one presentation, in this order: form, issuer, signature and
//! key binding, query, the rules of its type, status.

use card_formats::{Binding, Format, HeldTypeError, PresentationError, PresentedCopy, ShownCopy, Trusted};
use oid4vp::{Authority, Candidate, CredentialQuery, HolderBinding, PresentedClaims};

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

pub(crate) fn check(
    text: &str,
    query: &CredentialQuery,
    check: &Check,
    binding: Binding<'_>,
    grounds: &Grounds<'_>,
) -> Result<Passed, Rejection> {
    // The query says in which format it is read, never what was sent.
    let format = Format::named(query.format()).ok_or(Reason::MalformedCredential)?;
    let presentation = format.presented(text).map_err(|error| Rejection::from(reason(error)))?;
    let hints = presentation.hints();
    let vct = hints.vct.ok_or(Reason::MalformedCredential)?;
    // A type that was not asked for is missing data, whoever signed it.
    let accepted = check.accepted_issuers(query.id(), vct).ok_or(Reason::RuleNotMet)?;
    let issuer = issuer::find(&hints, accepted, grounds)?;
    // A chain says something about an issuer whose key was found by it, and by nothing else.
    let authorities = match (query.trusted_authorities(), &issuer.owner) {
        ([_, ..], ListOwner::Foreign) => issuer::authorities(&hints, accepted, grounds),
        _ => Vec::new(),
    };
    let shown = verify(presentation, &issuer, query, binding, grounds)?;
    let claims = answers(shown.as_ref(), format, query, &issuer, &authorities)?;
    of_its_type(shown.as_ref(), &issuer, grounds)?;
    let ages = status::check_all(&shown.statuses(), &issuer, grounds)?;
    Ok(Passed { claims, ages })
}

fn verify(
    presentation: Box<dyn PresentedCopy>,
    issuer: &AcceptedKey,
    query: &CredentialQuery,
    binding: Binding<'_>,
    grounds: &Grounds<'_>,
) -> Result<Box<dyn ShownCopy>, Rejection> {
    // The query decides about key binding, never what was sent.
    let binding = match query.holder_binding() {
        HolderBinding::Cryptographic => Some(binding),
        HolderBinding::None => None,
    };
    let by = Trusted {
        issuer_key: &issuer.key,
        anchors: issuer.anchors(grounds),
        requirements: issuer.requirements,
        now: grounds.now(),
    };
    presentation
        .verify(by, binding)
        .map_err(|error| Rejection::new(reason(error), issuer.ages))
}

fn answers(
    shown: &dyn ShownCopy,
    format: Format,
    query: &CredentialQuery,
    issuer: &AcceptedKey,
    authorities: &[Authority],
) -> Result<PresentedClaims, Rejection> {
    let candidate = Candidate {
        format: format.name(),
        kind: shown.kind(),
        claims: shown.claims(),
        holder_binding: shown.holder_binding(),
        authorities,
    };
    query
        .presented(&candidate, shown.disclosed())
        .map_err(|_| Rejection::new(Reason::RuleNotMet, issuer.ages))
}

/// By what is held of the type; nothing is asked where nothing is held. draft-ietf-oauth-sd-jwt-vc §5.7
fn of_its_type(shown: &dyn ShownCopy, issuer: &AcceptedKey, grounds: &Grounds<'_>) -> Result<(), Rejection> {
    shown.check_type(grounds.trust.types()).map_err(|error| {
        let reason = match error {
            HeldTypeError::Metadata(_) => Reason::TypeUnavailable,
            _ => Reason::NotOfItsType,
        };
        Rejection::new(reason, issuer.ages)
    })
}

fn reason(error: PresentationError) -> Reason {
    match error {
        PresentationError::HolderBinding => Reason::HolderBindingMismatch,
        PresentationError::Expired => Reason::Expired,
        PresentationError::NotYetValid => Reason::NotYetValid,
        PresentationError::Issuer => Reason::IssuerNotAccepted,
        _ => Reason::MalformedCredential,
    }
}
