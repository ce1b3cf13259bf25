//! The Bitstring Status Lists of an agency against the lists that it anchored. docs/monitor.md, "Watching"
//!
//! They lie beside the Token Status Lists, with the same places, and are signed, but stand in no snapshot. Where they are
//! served as of the snapshot, as the token that it names is (draft-ietf-oauth-status-list §8.4), they say the same; else
//! what can be said is what two signed lists say of one time, and that a card which was revoked stays so.

use card_formats::UnverifiedList;
use card_types::IN_FORMATS;
use ledger::{OrganisationRecord, SnapshotEntry};
use status_list::{Status, StatusPurpose, StatusReference, VerifiedList};
use url::Url;

use super::snapshots::{Rebuilt, as_of, fetch, key_of};

/// What a W3C credential is called. OpenID4VCI 1.0 Appendix A.1.2
const W3C: &str = "ldp_vc";

/// Fetches the lists of bits beside these, which are those of the snapshot, and holds them against them.
pub(super) async fn compare(
    record: &OrganisationRecord,
    snapshot: &SnapshotEntry,
    anchored: &[VerifiedList],
    is_local: bool,
) -> Rebuilt {
    for list in anchored {
        for purpose in StatusPurpose::ALL {
            let beside = purpose.list_beside(list.uri());
            let text = match read(&beside, None, is_local).await {
                Ok(Some(text)) => text,
                Ok(None) => continue,
                // Of an agency that has no W3C credentials, nobody knows what stands at this address.
                Err(_) if !issues_w3c(record, snapshot.time) => continue,
                Err(reason) => return Rebuilt::Unread(format!("{beside}: {reason}")),
            };
            let result = hold(record, (list, purpose), &text, snapshot.time, is_local).await;
            if let Err(reason) = result {
                return Rebuilt::Differs(format!("{beside}: {reason}"));
            }
        }
    }
    Rebuilt::Same
}

/// Holds bits, as they came, against the list that was anchored; where they are of another time, as they were then, too.
async fn hold(
    record: &OrganisationRecord,
    (anchored, purpose): (&VerifiedList, StatusPurpose),
    newest: &str,
    time: u64,
    is_local: bool,
) -> Result<(), String> {
    let beside = purpose.list_beside(anchored.uri());
    let newest = verify(newest, &beside, record, time)?;
    agree(anchored, &newest, purpose, time)?;
    if (anchored.issued_at()..=time).contains(&newest.issued_at()) {
        return Ok(());
    }
    // Not every agency answers that, and what it did not sign proves nothing.
    let then = read(&beside, Some(time), is_local).await.ok().flatten();
    match then.map(|then| verify(&then, &beside, record, time)) {
        Some(Ok(then)) => agree(anchored, &then, purpose, time),
        _ => Ok(()),
    }
}

/// Whether it may issue cards that are known as W3C credentials.
fn issues_w3c(record: &OrganisationRecord, time: u64) -> bool {
    let mut forms = IN_FORMATS.iter().filter(|form| form.format == W3C);
    forms.any(|form| form.vct().is_some_and(|vct| record.accreditation(vct, time).is_some()))
}

/// What is served at an address now, or as of a time.
async fn read(address: &str, time: Option<u64>, is_local: bool) -> Result<Option<String>, String> {
    let mut url = Url::parse(address).map_err(|error| error.to_string())?;
    if let Some(time) = time {
        as_of(&mut url, time);
    }
    let Some(bytes) = fetch(url, "application/vc", is_local).await? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| "no text".to_owned())?;
    Ok(Some(text.trim().to_owned()))
}

/// Signed by the agency with a key that counts; as of the time of the snapshot, or of now where it is younger.
fn verify(text: &str, uri: &str, record: &OrganisationRecord, time: u64) -> Result<VerifiedList, String> {
    let parse = || UnverifiedList::parse(text).map_err(|error| error.to_string());
    let key = key_of(parse()?.kid(), record)?;
    let at = |time| {
        let verified = parse()?.verify(&key, Some(record.did()), uri, time);
        verified.map_err(|error| error.to_string())
    };
    at(time).or_else(|_| at(service::Clock::now(&service::SystemClock)))
}

/// The anchored list holds from when it was signed until its snapshot: what is signed between says the same. What is
/// signed later has every revocation of it, and what is signed earlier no other.
fn agree(anchored: &VerifiedList, bits: &VerifiedList, purpose: StatusPurpose, time: u64) -> Result<(), String> {
    let first = StatusReference::of_token(anchored.uri(), 0).beside(purpose);
    bits.look_up(&first).map_err(|error| error.to_string())?;
    let (is_later, is_earlier) = (bits.issued_at() > time, bits.issued_at() < anchored.issued_at());
    let for_ever = purpose == StatusPurpose::Revocation;
    for index in 0..anchored.list().entries() {
        let was_set = anchored.status(index) == Ok(purpose.when_set());
        let is_set = bits.status(index).map_err(|error| error.to_string())? != Status::Valid;
        let differs = match (is_later, is_earlier) {
            (true, _) => for_ever && was_set && !is_set,
            (_, true) => for_ever && is_set && !was_set,
            (false, false) => is_set != was_set,
        };
        if differs {
            return Err("it says other than the list that was anchored".to_owned());
        }
    }
    Ok(())
}
