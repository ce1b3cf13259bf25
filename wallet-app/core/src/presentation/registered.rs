//! The registration certificate that comes with a request. The ledger decides what may be asked: a certificate gives
//! nothing that the ledger does not, and one that is not theirs, is over, or allows less than they ask is a reason to
//! refuse. docs/registration.md §4.1

use super::RequestRefused;
use crate::consent::Party;
use crate::trust::{LedgerClient, Registration, TrustError};
use jose::UnixTime;
use ledger::{ClaimPath, Purpose, Scope, ScopeCredential};
use oid4vp::{DcqlQuery, PresentationRequest, RegistrationError, UnverifiedRegistration, VerifiedRegistration};

/// Why a request is refused for the registration certificate that came with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationRefused {
    /// It does not hold, or is of somebody else.
    #[error("the registration certificate: {0}")]
    Certificate(#[from] RegistrationError),
    /// Who is said to have signed it is no registrar of this ledger.
    #[error("the registration certificate is of no registrar")]
    NotARegistrar,
    /// It does not allow what they ask.
    #[error("the registration certificate does not allow {claim}")]
    Narrower {
        /// The claim, or the type of card.
        claim: String,
    },
}

impl RegistrationRefused {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Certificate(RegistrationError::Expired) => "registration_certificate_expired",
            Self::Certificate(RegistrationError::OtherBusiness) => "registration_certificate_of_another",
            Self::Certificate(_) | Self::NotARegistrar => "registration_certificate_forged",
            Self::Narrower { .. } => "registration_certificate_narrower",
        }
    }
}

/// Checks the certificate of somebody who is recorded. Of those who are not the ledger says nothing that a certificate
/// could agree with: theirs is not looked at.
pub(super) fn check(
    request: &PresentationRequest,
    registration: &Registration,
    who: &Party,
    (ledger, now): (&LedgerClient<'_>, UnixTime),
) -> Result<(), RequestRefused> {
    let (Registration::Registered { did, scope }, Some(text)) = (registration, request.dangerous_registration()) else {
        return Ok(());
    };
    // What the ledger does not allow, the ledger refuses, whatever comes with it: that can be reported.
    if !receipt::over_asked(request.query(), scope, request.purpose()).is_empty() {
        return Ok(());
    }
    let refused = |error: RegistrationRefused| RequestRefused::Registration {
        who: Box::new(who.clone()),
        error: Box::new(error),
    };
    let proof = request.registrar().ok_or(TrustError::IncompleteRecord)?;
    let Some(keys) = ledger.registrar_keys(proof)? else {
        return Err(refused(RegistrationRefused::NotARegistrar));
    };
    let verified = UnverifiedRegistration::parse(text).and_then(|text| text.verify(&keys, did, now));
    let verified = verified.map_err(|error| refused(error.into()))?;
    match outside(&verified, request.query(), scope, request.purpose()) {
        Some(claim) => Err(refused(RegistrationRefused::Narrower { claim })),
        None => Ok(()),
    }
}

/// What is asked and not in the certificate: by the rule that holds for the recorded scope, with the cards of the
/// certificate in its place.
fn outside(
    registration: &VerifiedRegistration,
    query: &DcqlQuery,
    scope: &Scope,
    purpose: Option<&str>,
) -> Option<String> {
    let listed: Vec<ScopeCredential> = registration
        .credentials()
        .iter()
        .map(|card| ScopeCredential {
            claim_sets: Vec::new(),
            needed: card.claims.iter().filter_map(as_recorded).collect(),
            optional: Vec::new(),
            vct_values: card.types.clone(),
        })
        .collect();
    let allowed = |purpose: &Purpose| Purpose {
        credentials: listed.clone(),
        ..purpose.clone()
    };
    let allowed = Scope {
        purposes: scope.purposes.iter().map(allowed).collect(),
        ..scope.clone()
    };
    let first = receipt::over_asked(query, &allowed, purpose).into_iter().next()?;
    Some(first.name())
}

fn as_recorded(path: &oid4vp::ClaimsPath) -> Option<ClaimPath> {
    ClaimPath::from_json(&path.to_value()).ok()
}
