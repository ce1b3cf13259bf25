//! Whether a card is revoked or suspended, from lists that are held already.

use sd_jwt::StatusReference;
use status_list::Status;

use super::issuer::{AcceptedKey, Grounds};
use super::{Ages, Reason, Rejection};
use crate::trust::{HeldList, ListOwner};

/// Looks the card up. A list that is not held is *could not check* until the
/// timer brings it; one of an issuer that the ledger does not know is named,
/// because policy may allow to fetch it once.
pub(crate) fn check(
    reference: &StatusReference,
    issuer: &AcceptedKey,
    grounds: &Grounds<'_>,
) -> Result<Ages, Rejection> {
    let Some(held) = grounds.trust.status_list(&issuer.owner, &reference.uri) else {
        let mut rejection = Rejection::new(Reason::StatusUnavailable, issuer.ages);
        rejection.unheld_list = match &issuer.owner {
            ListOwner::Organisation(_) => None,
            owner => Some((owner.clone(), reference.uri.clone())),
        };
        return Err(rejection);
    };
    if !is_of(issuer, held, grounds) {
        return Err(Rejection::new(Reason::StatusUnavailable, issuer.ages));
    }
    let now = grounds.now();
    let age = held.list().age(now);
    let ages = Ages {
        status_s: Some(age),
        ..issuer.ages
    };
    if !held.is_usable(now) || age > grounds.limits.status_s {
        return Err(Rejection::new(Reason::StatusUnavailable, ages));
    }
    match held.list().status(reference.index) {
        Ok(Status::Valid) => Ok(ages),
        Ok(Status::Invalid) => Err(Rejection::new(Reason::Revoked, ages)),
        Ok(Status::Suspended) => Err(Rejection::new(Reason::Suspended, ages)),
        Ok(_) => Err(Rejection::new(Reason::StatusNotValid, ages)),
        Err(_) => Err(Rejection::new(Reason::MalformedCredential, ages)),
    }
}

/// The list of an organisation, or of an issuer that the check names by URL, was
/// verified with its key when it came. Of a foreign list only some trust anchor
/// was known then; now the card says of which issuer it must be.
fn is_of(issuer: &AcceptedKey, held: &HeldList, grounds: &Grounds<'_>) -> bool {
    match &issuer.names {
        None => true,
        Some(names) => held.chain().is_some_and(|chain| names.signed(chain, grounds)),
    }
}
