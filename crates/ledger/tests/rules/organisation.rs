//! Accreditation, relying party, status snapshot.

use ledger::{Kind, ListContent, Payload, PayloadError, Purpose, Rejection, Revocation, RevocationReason};
use testkit::ledger::signed_by;
use testkit::{purpose, scope};

use super::{NOW, PID, grant_leaf, with_agency, with_organisation};

fn revocation(organisation: &did::identity::Organisation) -> Vec<u8> {
    Revocation {
        reason: RevocationReason::Misuse,
        subject: organisation.did().clone(),
    }
    .encode()
    .unwrap()
}

fn purposes() -> Vec<Purpose> {
    vec![purpose("age", PID, &["age_over_18"], &[])]
}

const LIST: ListContent<'static> = ListContent {
    uri: "https://agency.example/1",
    bits: 1,
    bytes: &[0; 16],
};

/// The log asks for words without a person in them; what got into it before does not cease to count.
#[test]
fn words_that_the_log_would_not_take_any_more_still_count() {
    let (mut ledger, agency) = with_organisation();
    ledger.accredit(&agency, "Ask j.doe@office.example", &[PID]);
    let shop = scope(agency.did(), "Call +49 (30) 123-4567", &[[7; 32]], purposes(), NOW + 1);
    ledger.register(&shop, &agency);
    let record = ledger.record(agency.did().as_str());
    assert!(record.accreditation_entry().is_some() && record.relying_party().is_some());
    for (kind, (_, payload)) in [Kind::AccreditationGrant, Kind::RelyingPartyRegister]
        .into_iter()
        .zip(&ledger.entries()[ledger.entries().len() - 2..])
    {
        let refused = Payload::parse(kind, payload).unwrap().check_words();
        assert_eq!(refused, Err(PayloadError::Personal("name")), "{kind}");
    }
}

#[test]
fn did_missing() {
    let (mut ledger, _) = with_organisation();
    let stranger = did::identity::Organisation::create("stranger.localhost", NOW, &mut ledger.random()).unwrap();
    let leaf = ledger.signed_by_registrar(grant_leaf(&ledger, &stranger));
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::DidMissing));
}

#[test]
fn did_deactivated() {
    let (mut ledger, mut agency) = with_agency();
    ledger.snapshot(&agency, &[(LIST, b"token")]);
    let snapshot = ledger.entries().last().unwrap().1.clone();
    ledger.deactivate(&mut agency);
    let did = agency.did().to_string();
    let leaf = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::DidDeactivated), "grant");
    let wanted = scope(agency.did(), "Shop", &[[7; 32]], purposes(), NOW + 1);
    for kind in [Kind::RelyingPartyRegister, Kind::RelyingPartyUpdate] {
        let leaf = ledger.next_leaf(kind, &did, wanted.encode().unwrap());
        assert_eq!(
            ledger.try_write(&ledger.signed_by_registrar(leaf)),
            Err(Rejection::DidDeactivated),
            "{kind}"
        );
    }
    // No key of the agency is left that could sign.
    let leaf = ledger.next_leaf(Kind::StatusSnapshot, &did, snapshot).written_by_log();
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::DidDeactivated), "snapshot");
    ledger.revoke_accreditation(&agency);
    assert!(
        ledger.record(&did).accreditation_entry().is_none(),
        "what it had can be revoked"
    );
}

#[test]
fn not_accredited() {
    let (mut ledger, agency) = with_agency();
    ledger.revoke_accreditation(&agency);
    let leaf = ledger.next_leaf(Kind::AccreditationRevoke, agency.did().as_str(), revocation(&agency));
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(leaf)),
        Err(Rejection::NotAccredited)
    );
}

#[test]
fn a_grant_replaces_the_grant_before() {
    let (mut ledger, agency) = with_agency();
    ledger.accredit(&agency, "Agency", &["urn:other"]);
    let record = ledger.record(agency.did().as_str());
    assert!(record.accreditation(PID, NOW).is_none());
    assert!(record.accreditation("urn:other", NOW).is_some());
}

#[test]
fn already_registered() {
    let (mut ledger, shop) = with_organisation();
    let wanted = scope(shop.did(), "Shop", &[[7; 32]], purposes(), NOW + 1000);
    ledger.register(&wanted, &shop);
    let leaf = ledger.next_leaf(
        Kind::RelyingPartyRegister,
        shop.did().as_str(),
        wanted.encode().unwrap(),
    );
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(leaf)),
        Err(Rejection::AlreadyRegistered)
    );
}

#[test]
fn not_registered() {
    let (mut ledger, shop) = with_organisation();
    let did = shop.did().to_string();
    let wanted = scope(shop.did(), "Shop", &[[7; 32]], purposes(), NOW + 1000);
    let update = ledger.next_leaf(Kind::RelyingPartyUpdate, &did, wanted.encode().unwrap());
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(update)),
        Err(Rejection::NotRegistered),
        "update"
    );
    let revoke = ledger.next_leaf(Kind::RelyingPartyRevoke, &did, revocation(&shop));
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(revoke)),
        Err(Rejection::NotRegistered),
        "revoke"
    );
}

#[test]
fn a_revoked_business_can_register_again() {
    let (mut ledger, shop) = with_organisation();
    let wanted = scope(shop.did(), "Shop", &[[7; 32]], purposes(), NOW + 1000);
    ledger.register(&wanted, &shop);
    ledger.register(&wanted, &shop);
    ledger.revoke_registration(&shop);
    assert!(ledger.record(shop.did().as_str()).relying_party().is_none());
    ledger.register(&wanted, &shop);
    assert!(ledger.record(shop.did().as_str()).relying_party().is_some());
}

#[test]
fn never_accredited() {
    let (mut ledger, agency) = with_organisation();
    let other = {
        let (mut other, agency) = with_agency();
        other.snapshot(&agency, &[(LIST, b"token")]);
        other.entries().last().unwrap().1.clone()
    };
    let leaf = ledger.next_leaf(Kind::StatusSnapshot, agency.did().as_str(), other);
    assert_eq!(
        ledger.try_write(&signed_by(&agency, leaf)),
        Err(Rejection::NeverAccredited)
    );
}

#[test]
fn an_agency_that_was_accredited_still_revokes_cards() {
    let (mut ledger, agency) = with_agency();
    ledger.revoke_accreditation(&agency);
    ledger.snapshot(&agency, &[(LIST, b"token")]);
    assert_eq!(
        ledger.record(agency.did().as_str()).status_snapshot().unwrap().time,
        NOW
    );
}

#[test]
fn snapshot_not_newer() {
    let (mut ledger, agency) = with_agency();
    ledger.snapshot(&agency, &[(LIST, b"token")]);
    let same_time = ledger.entries().last().unwrap().1.clone();
    let leaf = ledger.next_leaf(Kind::StatusSnapshot, agency.did().as_str(), same_time);
    assert_eq!(
        ledger.try_write(&signed_by(&agency, leaf)),
        Err(Rejection::SnapshotNotNewer)
    );
    ledger.set_now(NOW + 1);
    ledger.snapshot(&agency, &[(LIST, b"token")]);
}
