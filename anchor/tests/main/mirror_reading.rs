//! What a mirror serves: the read API, bound to the published checkpoint.

use ledger::{Age, Clock, FreshnessError, FreshnessLimit, UnverifiedBundle, VerifiedBundle};
use testkit::Cosignatures;
use tlog::{QuorumError, UnverifiedCheckpoint, encode_entries};

use crate::fixtures::{NOW, OK, get, request};
use crate::mirror::{Setup, setup, start_at};

const VCT: &str = "urn:holdfast:vct:residence:1";

/// A mirror that serves a log with one agency; its DID.
async fn with_agency() -> (Setup, String) {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    setup.ledger.accredit(&agency, "Agency", &[VCT]);
    let note = setup.ledger.publish();
    setup.log.publish(&setup.ledger, &note);
    setup.mirror.refresh().await.unwrap();
    (setup, agency.did().to_string())
}

async fn bundle(setup: &Setup, did: &str, with: &str) -> VerifiedBundle {
    let query: String = url::form_urlencoded::byte_serialize(did.as_bytes()).collect();
    let answer = get(&setup.url, &format!("bundle?did={query}&with={with}")).await;
    assert_eq!((answer.status, answer.content_type.as_str()), (OK, "application/cbor"));
    let bundle = UnverifiedBundle::parse(&answer.body).unwrap();
    bundle.verify(&setup.ledger.trust_pack(), did).unwrap()
}

#[tokio::test]
async fn bundles_say_what_the_ledger_says() {
    let (setup, did) = with_agency().await;
    let bare = bundle(&setup, &did, "").await;
    assert_eq!(bare.record(), Some(setup.ledger.record(&did)));
    assert_eq!((bare.time(), bare.accreditation()), (NOW, None));
    let full = bundle(&setup, &did, "did,scope,accreditation,snapshot").await;
    assert!(full.did_line().is_some() && full.accreditation().is_some() && full.scope().is_none());
    let absent = bundle(&setup, "did:webvh:none:nobody.example", "did").await;
    assert_eq!(absent.record(), None);
}

#[tokio::test]
async fn every_accredited_agency_comes_in_one_answer() {
    let (mut setup, did) = with_agency().await;
    setup.ledger.create("business.example");
    let note = setup.ledger.publish();
    setup.log.publish(&setup.ledger, &note);
    setup.mirror.refresh().await.unwrap();
    let answer = get(&setup.url, "bundles/accredited").await;
    let [one] = UnverifiedBundle::parse_set(&answer.body).unwrap().try_into().unwrap();
    let verified = one.verify(&setup.ledger.trust_pack(), &did).unwrap();
    assert!(verified.accreditation().is_some());
}

#[tokio::test]
async fn bundle_requests_are_strict() {
    let (setup, _) = with_agency().await;
    for query in [
        "did=x&with=key",
        "did=x&with=did,did",
        &format!("did={}", "x".repeat(513)),
        "with=did",
    ] {
        assert_eq!(get(&setup.url, &format!("bundle?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn tiles_and_blobs_are_those_of_the_log() {
    let (setup, _) = with_agency().await;
    let size = setup.ledger.entries().len();
    for path in [
        format!("tile/entries/000.p/{size}"),
        format!("tile/0/000.p/{size}"),
        "tile/0/000.p/2".to_owned(),
    ] {
        let (own, logs) = (get(&setup.url, &path).await, get(&setup.log_url, &path).await);
        assert_eq!(own, logs);
        assert_eq!(
            (own.status, own.content_type.as_str()),
            (OK, "application/octet-stream")
        );
    }
    let (_, payload) = &setup.ledger.entries()[1];
    let hash = hex::encode(ledger::BlobRef::of(payload).hash);
    assert_eq!(&get(&setup.url, &format!("blob/{hash}")).await.body, payload);
    let beyond = format!("tile/0/000.p/{}", size + 1);
    let upper = format!("blob/{}", hash.to_uppercase());
    for path in [
        beyond.as_str(),
        "tile/0/000",
        "tile/9/x",
        "tile/1/000.p/1",
        upper.as_str(),
        "blob/00",
    ] {
        assert_eq!(get(&setup.url, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn payloads_of_entries_come_in_one_as_far_as_is_served() {
    let (mut setup, _) = with_agency().await;
    let served = setup.ledger.entries().len();
    let answer = get(&setup.url, &format!("payloads/1-{served}")).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (OK, "application/octet-stream")
    );
    let entries = setup.ledger.entries()[1..].iter();
    let payloads = encode_entries(entries.map(|(_, payload)| payload.as_slice())).unwrap();
    assert_eq!(answer.body, payloads);
    // Stored and cosigned; the witnesses have not spoken yet.
    setup.ledger.create("newer.example");
    let note = setup.ledger.publish();
    setup.log.load(&setup.ledger);
    let request = request(&setup.ledger, served as u64, &note);
    assert!(setup.mirror.add_checkpoint(request).await.is_ok());
    let stored = setup.ledger.entries().len();
    for absent in [format!("1-{}", served + 1), format!("1-{stored}"), "3-3".to_owned()] {
        let answer = get(&setup.url, &format!("payloads/{absent}")).await;
        assert_eq!(answer.status, 404, "{absent}");
    }
}

#[tokio::test]
async fn nothing_is_served_before_the_first_quorum() {
    let mut setup = setup().await;
    for path in ["checkpoint", "bundle?did=x", "bundles/accredited"] {
        assert_eq!(
            get(&setup.url, path).await.problem(),
            (503, "nothing_published".to_owned()),
            "{path}"
        );
    }
    // Cosigning alone changes nothing: the witnesses have not spoken yet.
    let note = setup.ledger.publish();
    setup.log.load(&setup.ledger);
    let request = request(&setup.ledger, 0, &note);
    assert!(setup.mirror.add_checkpoint(request).await.is_ok());
    assert_eq!(get(&setup.url, "checkpoint").await.status, 503);
}

#[tokio::test]
async fn k15_anchor_mirror_a_checkpoint_without_quorum_is_not_served() {
    let (mut setup, did) = with_agency().await;
    let before = get(&setup.url, "checkpoint").await;
    setup.ledger.create("newer.example");
    for cosignatures in [
        Cosignatures::without_quorum(NOW + 60),
        Cosignatures::without_mirror(NOW + 60),
    ] {
        let note = setup.ledger.publish_with(&cosignatures);
        setup.log.publish(&setup.ledger, &note);
        let error = setup.mirror.refresh().await.unwrap_err();
        assert!(
            matches!(error, anchor::mirror::MirrorError::Quorum(QuorumError::NotReached)),
            "{error}"
        );
        assert_eq!(get(&setup.url, "checkpoint").await, before);
        assert_eq!(bundle(&setup, &did, "").await.time(), NOW);
    }
}

#[tokio::test]
async fn k17_anchor_mirror_a_frozen_log_grows_old_for_its_readers() {
    let (setup, did) = with_agency().await;
    for _ in 0..3 {
        setup.mirror.refresh().await.unwrap();
    }
    let time = bundle(&setup, &did, "").await.time();
    let clock = Clock {
        device: NOW + 24 * 3600,
        newest_seen: 0,
    };
    assert_eq!(
        clock.age(time, FreshnessLimit::ONLINE),
        Err(FreshnessError::Stale { age: Age(24 * 3600) })
    );
}

#[tokio::test]
async fn an_idle_log_stays_fresh_by_new_cosignatures() {
    let (mut setup, did) = with_agency().await;
    let note = setup.ledger.publish_with(&Cosignatures::all(NOW + 60));
    setup.log.publish(&setup.ledger, &note);
    setup.mirror.refresh().await.unwrap();
    assert_eq!(bundle(&setup, &did, "").await.time(), NOW + 60);
}

#[tokio::test]
async fn an_older_checkpoint_takes_nothing_back() {
    let (mut setup, did) = with_agency().await;
    let old = get(&setup.url, "checkpoint").await;
    setup.ledger.create("newer.example");
    let note = setup.ledger.publish();
    setup.log.publish(&setup.ledger, &note);
    setup.mirror.refresh().await.unwrap();
    let old = UnverifiedCheckpoint::parse(&old.body).unwrap();
    setup.log.publish(&setup.ledger, &old);
    setup.mirror.refresh().await.unwrap();
    assert_eq!(
        bundle(&setup, &did, "").await.size(),
        note.dangerous_checkpoint().size()
    );
}

#[tokio::test]
async fn a_mirror_goes_on_without_its_log() {
    let (mut setup, did) = with_agency().await;
    let nobody = "http://localhost:9/".parse().unwrap();
    setup.mirror = start_at(setup.folder.path(), &setup.ledger, &nobody).await.unwrap();
    setup.url = crate::fixtures::listen(anchor::mirror::routes(setup.mirror.clone())).await;
    assert!(setup.mirror.refresh().await.is_err());
    assert_eq!(bundle(&setup, &did, "").await.record(), Some(setup.ledger.record(&did)));
}
