//! Whether a card is revoked or suspended, from lists that are held already.

use sd_jwt::StatusReference;
use status_list::Status;

use super::issuer::{AcceptedKey, Grounds};
use super::{Ages, Reason, Rejection};

/// Looks the card up. No list is fetched for it: a list that is not held is
/// *could not check* until the timer brings it.
pub(crate) fn check(
    reference: &StatusReference,
    issuer: &AcceptedKey,
    grounds: &Grounds<'_>,
) -> Result<Ages, Rejection> {
    let Some(held) = grounds.trust.status_list(&issuer.owner, &reference.uri) else {
        return Err(rejection(Reason::StatusUnavailable, issuer.ages));
    };
    let now = grounds.now();
    let age = held.list().age(now);
    let ages = Ages {
        status_s: Some(age),
        ..issuer.ages
    };
    if !held.is_usable(now) || age > grounds.limits.status_s {
        return Err(rejection(Reason::StatusUnavailable, ages));
    }
    match held.list().status(reference.index) {
        Ok(Status::Valid) => Ok(ages),
        Ok(Status::Invalid) => Err(rejection(Reason::Revoked, ages)),
        Ok(Status::Suspended) => Err(rejection(Reason::Suspended, ages)),
        Ok(_) => Err(rejection(Reason::StatusNotValid, ages)),
        Err(_) => Err(rejection(Reason::MalformedCredential, ages)),
    }
}

fn rejection(reason: Reason, ages: Ages) -> Rejection {
    Rejection { reason, ages }
}
