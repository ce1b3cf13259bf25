//! A log that changes its key. docs/ledger.md §9.1

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use anchor::mirror::{Mirror, MirrorStore, routes};
use anchor::pack::load_pack;
use jose::base64url;
use ledger::{
    Kind, LeafBuilder, PreviousLogKey, TrustPack, UnverifiedBundle, UnverifiedLandmark, UnverifiedRefusal,
    UnverifiedTrustPack,
};
use serde_json::Value;
use service::{Clock as _, Metrics};
use testkit::Ledger;
use testkit::ledger::ORIGIN;
use tlog::{AddCheckpoint, KeyId, LogKey, LogSigner, UnverifiedCheckpoint, leaf_hash};

use crate::fixtures::{NOW, OK, get, listen, post, request, source};
use crate::mirror::key;
use crate::publish_process::{run, setup, write};
use crate::world::{TOKEN, World, agency};

/// Makes the next key and the next pack, and leaves the settings as they are.
async fn rotate(world: &World) -> Value {
    let added = run(world, &["log-key", "add"]).await;
    let change = added["change"].as_str().unwrap();
    let pack = ["pack", "rotate", "--change", change, "--key", "governance.json"];
    assert_eq!(run(world, &pack).await["pack_version"], 2);
    added
}

/// The key files that the settings are to name.
fn key_files(added: &Value) -> Vec<PathBuf> {
    serde_json::from_value(added["log_key_files"].clone()).unwrap()
}

fn pack_in_place(world: &World) -> TrustPack {
    load_pack(&world.files().trust_pack(), world.clock.now()).unwrap()
}

/// Has the program start with these key files: what it says when it refuses.
async fn refuses(world: &World, files: &[PathBuf]) -> String {
    let settings = fs::read_to_string(world.folder.path().join("anchor.toml")).unwrap();
    let settings = format!("{settings}\nlog_key_files = {files:?}\n");
    write(world, "keys.toml", settings.as_bytes());
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(["serve", "--config", "keys.toml"])
        .current_dir(world.folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Who signed the newest checkpoint as the log.
async fn signed_by(world: &World) -> Vec<KeyId> {
    let note = UnverifiedCheckpoint::parse(&get(&world.url, "/checkpoint").await.body).unwrap();
    let lines = note.signatures().iter();
    let by_log = lines.filter(|line| line.key_name().as_str() == world.pack.origin());
    by_log.map(|line| line.key_id()).collect()
}

fn id(key: &LogKey) -> KeyId {
    key.verifier_key().id()
}

/// Whether whoever has this pack believes the log: checkpoint, bundle and landmarks.
async fn is_read_with(world: &World, pack: &TrustPack) -> bool {
    let note = UnverifiedCheckpoint::parse(&get(&world.url, "/checkpoint").await.body).unwrap();
    let did = world.registrar.did().as_str();
    let bundle = get(&world.url, &format!("/bundle?did={}", did.replace('%', "%25"))).await;
    let bundle = UnverifiedBundle::parse(&bundle.body).unwrap();
    let landmarks = UnverifiedLandmark::parse_list(&get(&world.url, "/landmarks").await.body).unwrap();
    let found = [
        note.verify(pack.policy()).is_ok(),
        bundle.verify(pack, did).is_ok(),
        landmarks.into_iter().all(|landmark| landmark.verify(pack).is_ok()),
    ];
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    found[0]
}

/// Writes an entry, so that something is published now.
async fn write_one(world: &World, number: u8) {
    assert_eq!(world.post_code(&world.create(&agency(number))).await.0, 200);
}

#[tokio::test]
async fn k18_anchor_key_files_that_do_not_fit_the_pack_are_refused() {
    let (world, _running) = setup().await;
    let added = run(&world, &["log-key", "add"]).await;
    let both = key_files(&added);
    let said = refuses(&world, &both).await;
    let vkey = added["vkey"].as_str().unwrap();
    assert!(
        said.contains(&format!("the trust pack does not name the key {vkey}")),
        "{said}"
    );

    let change = added["change"].as_str().unwrap();
    let pack = ["pack", "rotate", "--change", change, "--key", "governance.json"];
    assert_eq!(run(&world, &pack).await["ok"], true);
    let said = refuses(&world, &both[..1]).await;
    assert!(said.contains("the log key is not the one of the trust pack"), "{said}");
    let said = refuses(&world, &[both[1].clone(), both[1].clone()]).await;
    assert!(said.contains("the trust pack does not name the key"), "{said}");
    let file = world.folder.path().join(&both[1]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let said = refuses(&world, &both).await;
    assert!(said.contains("set mode 0600"), "{said}");
}

#[tokio::test]
async fn k18_anchor_a_log_that_changes_its_key_is_read_with_the_pack_before_and_the_one_after() {
    let (mut world, running) = setup().await;
    let before = world.pack.clone();
    let added = rotate(&world).await;
    let after = pack_in_place(&world);
    let (old, new) = (before.log_key().clone(), after.log_key().clone());
    // Until it is started again, it signs as before.
    assert_eq!(signed_by(&world).await, [id(&old)]);
    assert!(is_read_with(&world, &after).await);

    world.log_keys = key_files(&added);
    world.cosigners.learn("w2", after.log_keys());
    world.cosigners.learn("m1", after.log_keys());
    world.cosigners.set_up(&["w3"], false);
    let running = world.serve_again(running).await;
    write_one(&world, 1).await;
    assert_eq!(signed_by(&world).await, [id(&old), id(&new)]);
    assert!(
        is_read_with(&world, &before).await,
        "w1 and who has the pack before know the old key alone"
    );
    assert!(is_read_with(&world, &after).await);
    assert_eq!(refusal_is_read_with(&world, &before, &after).await, [true, true]);

    world.cosigners.learn("w1", after.log_keys());
    world.clock.set(added["until"].as_u64().unwrap());
    write_one(&world, 2).await;
    assert_eq!(signed_by(&world).await, [id(&new)]);
    assert!(note_is_read_with(&world, &after).await);
    assert!(!note_is_read_with(&world, &before).await, "its time is over");

    world.log_keys = key_files(&added)[1..].to_vec();
    let running = world.serve_again(running).await;
    write_one(&world, 3).await;
    assert_eq!(signed_by(&world).await, [id(&new)]);
    assert_eq!(running.log.published(), running.log.committed());
}

async fn note_is_read_with(world: &World, pack: &TrustPack) -> bool {
    let note = UnverifiedCheckpoint::parse(&get(&world.url, "/checkpoint").await.body).unwrap();
    note.verify(pack.policy()).is_ok()
}

/// Whether a refusal that the log signs now is believed with these packs.
async fn refusal_is_read_with(world: &World, before: &TrustPack, after: &TrustPack) -> [bool; 2] {
    let stranger = agency(9);
    let line = world.create(&stranger).payload().to_vec();
    let unsigned = LeafBuilder::new(Kind::DidCreate, stranger.did().as_str(), None, line);
    let submission = unsigned.proved_by_payload();
    let (status, _, answer) = world.post(submission.encode(), Some(TOKEN)).await;
    assert_ne!(status, 200, "{answer}");
    let bytes = base64url::decode(answer["refusal"].as_str().unwrap()).unwrap();
    let hash = leaf_hash(&submission.leaf().encode());
    [before, after].map(|pack| {
        let refusal = UnverifiedRefusal::parse(&bytes).unwrap();
        refusal.verify(&pack.log_keys(), hash.as_bytes()).is_ok()
    })
}

#[tokio::test]
async fn a_key_is_not_changed_while_the_one_before_still_counts() {
    let (world, _running) = setup().await;
    rotate(&world).await;
    let before = fs::read_dir(world.folder.path()).unwrap().count();
    assert_eq!(run(&world, &["log-key", "add"]).await["code"], "log_key");
    assert_eq!(fs::read_dir(world.folder.path()).unwrap().count(), before);
}

/// The pack after that of a ledger: another log key, and the one before until then.
fn next_pack(ledger: &Ledger, signer: &LogSigner, until: u64) -> TrustPack {
    let mut content = ledger.pack_content().clone();
    let (before, next) = (content.log_key.clone(), signer.verifier_key().to_string());
    content.policy = content.policy.replace(&before, &next);
    content.previous_log_key = Some(PreviousLogKey { until, vkey: before });
    content.log_key = next;
    content.version += 1;
    let signed = content.sign(&[ledger.governance()]).unwrap();
    let pack = UnverifiedTrustPack::parse(&signed).unwrap();
    pack.verify(Some(&ledger.trust_pack()), NOW).unwrap()
}

#[tokio::test]
async fn k18_anchor_mirror_goes_on_with_the_next_pack_and_cosigns_what_either_key_signed() {
    let mut setup = crate::mirror::setup().await;
    setup.ledger.create("first.example");
    let note = setup.ledger.publish();
    setup.log.load(&setup.ledger);
    let answer = post(&setup.url, request(&setup.ledger, 0, &note).to_string()).await;
    assert_eq!(answer.status, OK, "{}", answer.text());
    let size = note.dangerous_checkpoint().size();

    let next = LogSigner::from_seed(ORIGIN.parse().unwrap(), &[50; 32]).unwrap();
    let pack = next_pack(&setup.ledger, &next, NOW + 3600);
    let store = MirrorStore::open(&setup.folder.path().join("mirror.db")).await.unwrap();
    let clock = std::sync::Arc::new(service::TestClock::at(NOW + 10));
    let log = source(&setup.log_url);
    let mirror = Mirror::start(pack, log, store, key(), clock, &Metrics::new()).await;
    let url = listen(routes(mirror.unwrap())).await;
    // What it recorded was signed by the key before; what it is shown, by one, the other, or both.
    let checkpoint = note.dangerous_checkpoint().clone();
    let signers = [setup.ledger.log_signer(), &next];
    let lines = signers.map(|signer| signer.sign(&checkpoint).unwrap());
    for lines in [&lines[..1], &lines[1..], &lines[..]] {
        let request = AddCheckpoint {
            old_size: size,
            proof: vec![],
            checkpoint: UnverifiedCheckpoint::new(checkpoint.clone(), lines.to_vec()),
        };
        let answer = post(&url, request.to_string()).await;
        assert_eq!(answer.status, OK, "{}", answer.text());
    }
}
