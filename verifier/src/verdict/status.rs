//! Whether a card is revoked or suspended, from lists that are held already and
//! from what an answer without a network proves.

use jose::UnixTime;
use status_list::{Status, StatusReference};

use super::issuer::{AcceptedKey, Grounds};
use super::{Ages, Reason, Rejection};
use crate::trust::{HeldList, ListOwner};

/// Looks the card up in every place where its status is told. The worst counts, and what is not known is never a yes.
pub(crate) fn check_all(
    places: &[&StatusReference],
    issuer: &AcceptedKey,
    grounds: &Grounds<'_>,
) -> Result<Ages, Rejection> {
    let mut ages = issuer.ages;
    let mut unknown = None;
    for place in places {
        match check_recorded(place, issuer, grounds).and_then(|()| check(place, issuer, grounds)) {
            Ok(found) => ages = ages.oldest(found),
            Err(rejection) if rejection.reason == Reason::StatusUnavailable => {
                unknown.get_or_insert(rejection);
            }
            Err(rejection) => return Err(rejection),
        }
    }
    unknown.map_or(Ok(ages), Err)
}

/// A Bitstring Status List of an organisation lies beside a list that is recorded on the ledger, with the same places:
/// whoever is shown another one than everybody else finds a card that is revoked there revoked here too.
fn check_recorded(place: &StatusReference, issuer: &AcceptedKey, grounds: &Grounds<'_>) -> Result<(), Rejection> {
    let (Some(recorded), ListOwner::Organisation(_)) = (place.beside_which(), &issuer.owner) else {
        return Ok(());
    };
    match check(&recorded, issuer, grounds) {
        Err(rejection) if rejection.reason != Reason::StatusUnavailable => Err(rejection),
        _ => Ok(()),
    }
}

/// Looks the card up, in the newer of list and proof. A list that is not held is
/// *could not check* until the timer brings it; one of an issuer that the ledger
/// does not know is named, because policy may allow to fetch it once.
fn check(reference: &StatusReference, issuer: &AcceptedKey, grounds: &Grounds<'_>) -> Result<Ages, Rejection> {
    let held = grounds.trust.status_list(&issuer.owner, &reference.uri);
    let list_at = held.and_then(|held| usable_as_of(held, grounds));
    match proved(reference, issuer, grounds) {
        Some((time, status)) if list_at < Some(time) => says(status, grounds.status_age(time, issuer.ages)?),
        _ => in_list(reference, issuer, grounds, held),
    }
}

/// When a list that may still be relied on was made.
fn usable_as_of(held: &HeldList, grounds: &Grounds<'_>) -> Option<UnixTime> {
    held.is_usable(grounds.now()).then(|| held.list().issued_at())
}

/// What an answer proves of this card, and when it was so. docs/offline-qr.md §3.3
fn proved(reference: &StatusReference, issuer: &AcceptedKey, grounds: &Grounds<'_>) -> Option<(UnixTime, Status)> {
    let (ListOwner::Organisation(did), None) = (&issuer.owner, reference.purpose) else {
        return None;
    };
    let brought = grounds.trust.brought();
    let (time, value) = brought.status(did, &reference.uri, reference.index)?;
    Some((time, Status::from(value)))
}

fn in_list(
    reference: &StatusReference,
    issuer: &AcceptedKey,
    grounds: &Grounds<'_>,
    held: Option<&HeldList>,
) -> Result<Ages, Rejection> {
    let Some(held) = held else {
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
    match held.list().look_up(reference) {
        Ok(status) => says(status, ages),
        Err(_) => Err(Rejection::new(Reason::MalformedCredential, ages)),
    }
}

fn says(status: Status, ages: Ages) -> Result<Ages, Rejection> {
    match status {
        Status::Valid => Ok(ages),
        Status::Invalid => Err(Rejection::new(Reason::Revoked, ages)),
        Status::Suspended => Err(Rejection::new(Reason::Suspended, ages)),
        _ => Err(Rejection::new(Reason::StatusNotValid, ages)),
    }
}

/// The list of an organisation, or of an issuer that the check names by URL, was
/// verified with its key when it came. Of a foreign list only some trust anchor
/// was known then; now the card says of which issuer it must be.
fn is_of(issuer: &AcceptedKey, held: &HeldList, grounds: &Grounds<'_>) -> bool {
    match &issuer.lists {
        None => true,
        Some(lists) => held.chain().is_some_and(|chain| lists.signed(chain, grounds)),
    }
}
