//! Landmarks over HTTP: one an hour, the same bytes for everybody, from the log and from its mirrors.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anchor::landmarks::StoredLandmark;
use anchor::log::Status;
use anchor::mirror::{Mirror, MirrorStore, routes};
use anchor::routes::App;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use did::identity::Organisation;
use ledger::{
    BundleError, Kind, LandmarkFileError, LeafBuilder, Revocation, RevocationReason, UnverifiedLandmark,
    UnverifiedLandmarkFile, VerifiedLandmarkFile,
};
use service::{Clock, Metrics};
use testkit::{Cosignatures, Ledger};
use tlog::{Checkpoint, QuorumError, UnverifiedCheckpoint};
use tower::ServiceExt;
use url::Url;

use crate::fixtures::{NOW, fault, get, listen, source};
use crate::mirror::{Setup, key, setup};
use crate::world::{Running, World, agency, eventually};

const HOUR: u64 = 3600;
const FIRST: u64 = NOW / HOUR;
const LIST: &str = "landmarks";

fn path(hour: u64) -> String {
    format!("{LIST}/{hour}")
}

/// A log that looks every moment whether an hour has begun.
async fn hourly() -> World {
    let mut world = World::new().await;
    world.pace.hour = Duration::from_millis(10);
    world
}

async fn writing(world: &World) -> (Running, Url) {
    let running = world.start().await;
    running.reaches(&Status::Writing).await;
    let url = listen(router(&running)).await;
    (running, url)
}

fn router(running: &Running) -> Router {
    App::new(running.log.clone(), None, None).router()
}

/// Moves the clock by an hour, and waits until its map head is published.
async fn next_hour(world: &World, running: &Running) {
    let size = running.log.published();
    world.clock.advance(HOUR);
    running.publishes(size + 1).await;
}

/// An agency that is accredited, published.
async fn accredit(world: &World, running: &Running, number: u8) -> Organisation {
    let agency = agency(number);
    running.log.append(world.create(&agency)).await.unwrap();
    running.publishes(running.log.committed()).await;
    let record = world.record(running, agency.did().as_str()).await.unwrap();
    running.log.append(world.grant(&record, "urn:a")).await.unwrap();
    running.publishes(running.log.committed()).await;
    agency
}

/// The bytes under a path, which are there.
async fn bytes(url: &Url, path: &str) -> Vec<u8> {
    let answer = get(url, path).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (200, "application/cbor"),
        "{path}"
    );
    answer.body
}

async fn file(world: &World, url: &Url, path: &str) -> VerifiedLandmarkFile {
    let file = UnverifiedLandmarkFile::parse(&bytes(url, path).await).unwrap();
    file.verify(&world.pack).unwrap()
}

async fn list(url: &Url) -> Vec<UnverifiedLandmark> {
    UnverifiedLandmark::parse_list(&bytes(url, LIST).await).unwrap()
}

/// A mirror that follows the log, with its routes.
async fn follow(world: &World, folder: &Path, log: &Url) -> (Mirror, Url) {
    let store = MirrorStore::open(&folder.join("mirror.db")).await.unwrap();
    let (clock, metrics): (Arc<dyn Clock>, _) = (Arc::clone(&world.clock) as _, Metrics::new());
    let started = Mirror::start(world.pack.clone(), source(log), store, key(), clock, &metrics).await;
    let mirror = started.unwrap();
    let url = listen(routes(mirror.clone())).await;
    (mirror, url)
}

#[tokio::test]
async fn the_landmark_file_of_a_mirror_has_the_same_bytes() {
    let world = hourly().await;
    let (running, url) = writing(&world).await;
    let first = accredit(&world, &running, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let (mirror, mirror_url) = follow(&world, folder.path(), &url).await;
    mirror.refresh().await.unwrap();
    next_hour(&world, &running).await;
    // The mirror comes to see a larger tree than the landmark's.
    accredit(&world, &running, 2).await;
    mirror.refresh().await.unwrap();

    for path in [LIST.to_owned(), path(FIRST), path(FIRST + 1), format!("{LIST}/newest")] {
        assert_eq!(bytes(&mirror_url, &path).await, bytes(&url, &path).await, "{path}");
    }
    assert!(file(&world, &mirror_url, &path(FIRST)).await.is_empty());
    let newest = file(&world, &mirror_url, &path(FIRST + 1)).await;
    assert_eq!(newest.dids().collect::<Vec<_>>(), [first.did().as_str()]);
    assert_eq!(newest.hour(), FIRST + 1);
    assert_eq!(list(&mirror_url).await[0], newest.landmark().to_unverified());

    // A mirror that comes late makes them again from the beginning.
    let folder = tempfile::tempdir().unwrap();
    let (late, late_url) = follow(&world, folder.path(), &url).await;
    late.refresh().await.unwrap();
    for path in [LIST.to_owned(), path(FIRST), path(FIRST + 1)] {
        assert_eq!(bytes(&late_url, &path).await, bytes(&url, &path).await, "{path}");
    }
}

#[tokio::test]
async fn a_landmark_is_not_changed_by_later_checkpoints_or_cosignatures_or_a_restart() {
    let mut world = hourly().await;
    world.pace.cosign = Duration::from_millis(30);
    let (running, url) = writing(&world).await;
    next_hour(&world, &running).await;
    let paths = [LIST.to_owned(), path(FIRST), path(FIRST + 1), format!("{LIST}/newest")];
    let mut before = Vec::new();
    for path in &paths {
        before.push(bytes(&url, path).await);
    }
    // Cosigned again later, and grown in the same hour.
    let store = running.log.store();
    let noted = store.published().await.unwrap().unwrap().time;
    world.clock.advance(60);
    for _ in 0..200 {
        if store.published().await.unwrap().unwrap().time > noted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(store.published().await.unwrap().unwrap().time, noted + 60);
    accredit(&world, &running, 1).await;
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(&bytes(&url, path).await, before, "{path}");
    }
    running.end().await;
    let (_running, url) = writing(&world).await;
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(&bytes(&url, path).await, before, "{path}");
    }
}

#[tokio::test]
async fn an_idle_log_has_a_landmark_every_hour_and_the_newest_48_are_kept() {
    let world = hourly().await;
    let (running, url) = writing(&world).await;
    let size = running.log.published();
    for hours in 1..=49 {
        next_hour(&world, &running).await;
        assert_eq!(running.log.published(), size + hours, "one map head an hour");
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        running.log.committed(),
        size + 49,
        "an hour that goes on gets no second one"
    );
    let last = FIRST + 49;
    let newest = file(&world, &url, &path(last)).await;
    assert_eq!((newest.hour(), newest.map_head().time), (last, NOW + 49 * HOUR));
    let before = file(&world, &url, &path(last - 1)).await;
    let expected = [&newest, &before].map(|file| file.landmark().to_unverified());
    assert_eq!(list(&url).await, expected);
    assert_eq!(get(&url, &path(last - 47)).await.status, 200);
    assert_eq!(get(&url, &path(last - 48)).await.status, 404);
}

#[tokio::test]
async fn an_idle_log_without_quorum_writes_one_map_head_and_no_more() {
    let world = hourly().await;
    let (running, url) = writing(&world).await;
    let size = running.log.committed();
    world.cosigners.set_up(&["w1", "w2", "w3"], false);
    world.clock.advance(HOUR);
    eventually(|| running.log.committed() == size + 1).await;
    world.clock.advance(HOUR);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((running.log.committed(), running.log.published()), (size + 1, size));
    assert_eq!(list(&url).await.len(), 1, "what has no quorum is no landmark");
    world.cosigners.set_up(&["w1", "w2", "w3"], true);
    running.publishes(size + 2).await;
    assert_eq!(list(&url).await.len(), 2);
}

#[tokio::test]
async fn an_agency_that_lost_its_accreditation_leaves_the_next_file() {
    let world = hourly().await;
    let (running, url) = writing(&world).await;
    let agency = accredit(&world, &running, 1).await;
    next_hour(&world, &running).await;
    let record = world.record(&running, agency.did().as_str()).await.unwrap();
    let revocation = Revocation {
        reason: RevocationReason::Ended,
        subject: agency.did().clone(),
    };
    let (kind, payload) = (Kind::AccreditationRevoke, revocation.encode().unwrap());
    let leaf = LeafBuilder::new(kind, record.did(), record.head(kind.part()), payload);
    running.log.append(world.by_registrar(leaf)).await.unwrap();
    running.publishes(running.log.committed()).await;
    let newest = format!("{LIST}/newest");
    assert_eq!(file(&world, &url, &newest).await.len(), 1, "the hour goes on");
    next_hour(&world, &running).await;
    assert!(file(&world, &url, &newest).await.is_empty());
    assert_eq!(
        file(&world, &url, &path(FIRST + 1)).await.len(),
        1,
        "what was so stays so"
    );
}

#[tokio::test]
async fn a_landmark_and_its_checkpoint_are_stored_together_or_not_at_all() {
    let world = hourly().await;
    let (running, url) = writing(&world).await;
    let (size, before) = (running.log.published(), list(&url).await);
    let stops = "CREATE TRIGGER fails BEFORE INSERT ON landmarks BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    fault(&world.files().store(), stops).await;
    world.clock.advance(HOUR);
    eventually(|| running.log.committed() == size + 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(running.log.published(), size);
    let checkpoint = get(&url, "checkpoint").await;
    let checkpoint = UnverifiedCheckpoint::parse(&checkpoint.body).unwrap();
    assert_eq!(checkpoint.dangerous_checkpoint().size(), size);
    assert_eq!(list(&url).await, before);
    fault(&world.files().store(), "DROP TRIGGER fails").await;
    running.publishes(size + 1).await;
    assert_eq!(list(&url).await.len(), 2);
}

#[tokio::test]
async fn a_landmark_file_of_another_log_is_refused() {
    let world = hourly().await;
    let (_running, url) = writing(&world).await;
    let file = UnverifiedLandmarkFile::parse(&bytes(&url, &path(FIRST)).await).unwrap();
    let refused = file.verify(&Ledger::new(NOW).trust_pack());
    let quorum = |error: &LandmarkFileError| {
        matches!(
            error,
            LandmarkFileError::Bundle(BundleError::Quorum(
                QuorumError::LogSignature | QuorumError::NotSignedByLog
            ))
        )
    };
    assert!(refused.as_ref().is_err_and(quorum), "{refused:?}");
}

#[tokio::test]
async fn a_file_is_named_by_its_hour_and_kept_for_good() {
    let world = hourly().await;
    let (running, url) = writing(&world).await;
    let router = router(&running);
    let of_hour = ask(&router, &path(FIRST), None).await;
    let tag = header(&of_hour, "etag");
    assert_eq!(header(&of_hour, "cache-control"), "public, max-age=31536000, immutable");
    let newest = ask(&router, &format!("{LIST}/newest"), None).await;
    assert_eq!(header(&newest, "etag"), tag);
    assert_eq!(header(&newest, "cache-control"), "public, max-age=1");
    let body = to_bytes(newest.into_body(), usize::MAX).await.unwrap();
    assert_eq!(body.to_vec(), bytes(&url, &path(FIRST)).await);
    for held in [tag.clone(), format!("\"other\", {tag}")] {
        let answer = ask(&router, &path(FIRST), Some(&held)).await;
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&answer, "etag"), tag);
        assert!(to_bytes(answer.into_body(), usize::MAX).await.unwrap().is_empty());
    }
    let other = ask(&router, &path(FIRST), Some("\"other\"")).await;
    assert_eq!(other.status(), StatusCode::OK);
    for hour in [
        format!("0{FIRST}"),
        format!("+{FIRST}"),
        (FIRST + 1).to_string(),
        "x".to_owned(),
        u64::MAX.to_string(),
        format!("{}0", u64::MAX),
    ] {
        assert_eq!(get(&url, &format!("{LIST}/{hour}")).await.status, 404, "{hour}");
    }
}

async fn ask(router: &Router, path: &str, held: Option<&str>) -> Response<Body> {
    let mut request = Request::get(format!("/{path}"));
    if let Some(held) = held {
        request = request.header("if-none-match", held);
    }
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

fn header(answer: &Response<Body>, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}

/// A mirror whose log lists this as its landmark, after it has refreshed once.
async fn refreshed(setup: &mut Setup, landmark: impl FnOnce(&Ledger, &UnverifiedCheckpoint) -> UnverifiedLandmark) {
    let note = setup.ledger.publish();
    setup.log.publish(&setup.ledger, &note);
    let checkpoint = landmark(&setup.ledger, &note).encode();
    let listed = StoredLandmark {
        hour: FIRST,
        checkpoint,
    };
    setup.log.change(|content| content.landmarks = vec![listed]);
    setup.mirror.refresh().await.unwrap();
}

#[tokio::test]
async fn nothing_is_served_before_the_first_landmark() {
    let setup = setup().await;
    for path in [LIST.to_owned(), format!("{LIST}/newest")] {
        let problem = get(&setup.url, &path).await.problem();
        assert_eq!(problem, (503, "nothing_published".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn k14_anchor_mirror_serves_no_landmark_that_contradicts_its_tree() {
    let mut setup = setup().await;
    refreshed(&mut setup, |ledger, note| {
        let size = note.dangerous_checkpoint().size();
        let checkpoint = Checkpoint::new(note.dangerous_checkpoint().origin().clone(), size, [7; 32].into());
        let mut lines = vec![ledger.log_signer().sign(&checkpoint).unwrap()];
        lines.extend(ledger.cosign(&checkpoint, &Cosignatures::all(NOW)));
        UnverifiedLandmark::from_note(&UnverifiedCheckpoint::new(checkpoint, lines)).unwrap()
    })
    .await;
    assert_eq!(get(&setup.url, LIST).await.status, 503);
    assert_eq!(
        get(&setup.url, "checkpoint").await.status,
        200,
        "the checkpoint is served all the same"
    );
    let evidence = MirrorStore::open(&setup.folder.path().join("mirror.db")).await.unwrap();
    assert_eq!(evidence.evidence().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_mirror_serves_no_landmark_without_quorum() {
    for is_bare in [true, false] {
        let mut setup = setup().await;
        refreshed(&mut setup, |ledger, note| {
            let checkpoint = note.dangerous_checkpoint().clone();
            let mut lines = vec![ledger.log_signer().sign(&checkpoint).unwrap()];
            if !is_bare {
                lines.extend(ledger.cosign(&checkpoint, &Cosignatures::without_mirror(NOW)));
            }
            UnverifiedLandmark::from_note(&UnverifiedCheckpoint::new(checkpoint, lines)).unwrap()
        })
        .await;
        assert_eq!(get(&setup.url, LIST).await.status, 503);
        assert_eq!(get(&setup.url, &path(FIRST)).await.status, 404);
    }
}

#[tokio::test]
async fn a_mirror_keeps_the_first_landmark_of_an_hour() {
    let mut setup = setup().await;
    let honest = |_: &Ledger, note: &UnverifiedCheckpoint| UnverifiedLandmark::from_note(note).unwrap();
    refreshed(&mut setup, honest).await;
    let (first, file) = (bytes(&setup.url, LIST).await, bytes(&setup.url, &path(FIRST)).await);
    let agency = setup.ledger.create("agency.example");
    setup.ledger.accredit(&agency, "Agency", &["urn:a"]);
    refreshed(&mut setup, honest).await;
    assert_eq!(bytes(&setup.url, LIST).await, first);
    assert_eq!(bytes(&setup.url, &path(FIRST)).await, file);
}

#[tokio::test]
async fn a_landmark_that_a_mirror_refuses_does_not_hold_the_other_up() {
    let mut setup = setup().await;
    let note = setup.ledger.publish();
    setup.log.publish(&setup.ledger, &note);
    let newest = UnverifiedLandmark::from_note(&note).unwrap();
    let false_one = setup.ledger.signed_landmark(1, [7; 32].into());
    let listed = [&newest, &false_one].map(|landmark| StoredLandmark {
        hour: FIRST,
        checkpoint: landmark.encode(),
    });
    setup.log.change(|content| content.landmarks = listed.to_vec());
    setup.mirror.refresh().await.unwrap();
    assert_eq!(list(&setup.url).await, [newest]);
}
