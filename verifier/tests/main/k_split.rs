//! Row K14: a log that shows two histories.

use ledger::{Landmark, UnverifiedLandmark, UnverifiedSplitEvidence};
use serde_json::json;
use testkit::Ledger;

use crate::kiosk::{Kiosk, Shown, options};
use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{LEDGER, MIRROR, NOW, Options, World};

/// A mirror beside the log, whose landmarks are not to be had.
pub(crate) fn with_a_mirror() -> Options {
    Options {
        sources: &[LEDGER, MIRROR],
        network: |site| site.set(&format!("{MIRROR}/landmarks"), Reply::Status(503)),
        ..Options::default()
    }
}

/// What the mirror says of the newest landmarks.
fn mirror_says(world: &World, landmarks: &[UnverifiedLandmark]) {
    let list = UnverifiedLandmark::encode_list(landmarks);
    world.site.set(&format!("{MIRROR}/landmarks"), Reply::Body(list));
}

/// Another tree of the same size as the newest landmark that is held.
fn other_face(world: &World) -> UnverifiedLandmark {
    let size = world.app.trust.view().landmarks()[0].size();
    world.ledger.signed_landmark(size, tlog::leaf_hash(b"another tree"))
}

/// The evidence files, each checked by somebody who has the trust pack and asks nobody.
fn evidence(world: &World) -> Vec<(Landmark, Landmark)> {
    let Ok(files) = std::fs::read_dir(world.folder.path().join("evidence")) else {
        return Vec::new();
    };
    let pack = world.ledger.trust_pack();
    let checked = files.map(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let evidence = UnverifiedSplitEvidence::parse(&bytes).unwrap().verify(&pack).unwrap();
        (evidence.older().clone(), evidence.newer().clone())
    });
    checked.collect()
}

#[tokio::test]
async fn k14_verifier_log_and_mirror_show_two_histories() {
    let mut world = World::with(with_a_mirror()).await;
    let card = world.person(3);
    mirror_says(&world, &[world.app.trust.view().landmarks()[0].to_unverified()]);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
    assert!(evidence(&world).is_empty(), "the same on both");
    mirror_says(&world, &[other_face(&world)]);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "could_not_check", "ledger_split");
    let kept = evidence(&world);
    assert_eq!(kept.len(), 1);
    let (one, other) = &kept[0];
    assert_eq!(one.size(), other.size());
    assert_ne!(one.root(), other.root());
    // It stays so: when the mirror says otherwise, after another round, and after a restart.
    mirror_says(&world, &[]);
    world.refresh().await;
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "could_not_check", "ledger_split");
    world.restart().await;
    assert_outcome(&world.adult(&card).await, "could_not_check", "ledger_split");
    assert_eq!(evidence(&world), kept, "one file, written once");
}

#[tokio::test]
async fn k14_verifier_one_source_contradicts_what_it_said_before() {
    let mut world = World::new().await;
    let card = world.person(3);
    let face = UnverifiedLandmark::encode_list(&[other_face(&world)]);
    world.site.set(&format!("{LEDGER}/landmarks"), Reply::Body(face));
    world.refresher.refresh_landmarks().await.unwrap();
    assert_outcome(&world.adult(&card).await, "could_not_check", "ledger_split");
    assert_eq!(evidence(&world).len(), 1);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "could_not_check", "ledger_split");
}

#[tokio::test]
async fn k14_verifier_two_sizes_and_what_is_no_landmark_are_no_evidence() {
    let mut world = World::with(with_a_mirror()).await;
    let size = world.app.trust.view().landmarks()[0].size();
    let other = world
        .ledger
        .signed_landmark(size + 1, tlog::leaf_hash(b"of another size"));
    mirror_says(&world, &[other]);
    world.refresh().await;
    assert_outcome(&world.adult(&world.person(3)).await, "yes", "ok");
    assert!(evidence(&world).is_empty());
    world
        .site
        .set(&format!("{MIRROR}/landmarks"), Reply::Body(b"no landmarks".to_vec()));
    let failures = world.counted("refresh_failures");
    world.refresh().await;
    assert!(world.counted("refresh_failures") > failures);
    assert_outcome(&world.adult(&world.person(3)).await, "yes", "ok");
}

#[tokio::test]
async fn k14_verifier_an_answer_brings_another_history() {
    let kiosk = Kiosk::of(World::with(options()).await, 60).await;
    let size = kiosk.world.app.trust.view().landmarks()[0].size();
    // The same log, which has written other entries for somebody else.
    let mut fork = Ledger::new(NOW);
    let mut other = fork.create("other.example");
    while fork.replica().size() + 1 < size {
        other = fork.create(&format!("other{}.example", fork.replica().size()));
    }
    let bundle = fork.lean_bundle(other.did().as_str());
    assert_eq!(fork.replica().size(), size);
    let (opened, challenge, shown) = kiosk.ready().await;
    let shown = Shown {
        bundles: vec![bundle],
        ..shown
    };
    let outcome = kiosk.answer(&opened, &challenge, shown).await;
    assert_outcome(&outcome, "could_not_check", "ledger_split");
    assert_eq!(evidence(&kiosk.world).len(), 1);
    assert_eq!(kiosk.held().await["split"], json!(true));
    assert_outcome(
        &kiosk.adult(&kiosk.world.person(4)).await,
        "could_not_check",
        "ledger_split",
    );
}
