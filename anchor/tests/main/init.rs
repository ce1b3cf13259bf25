//! `init`, and what a log refuses to start with.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use anchor::init::{InitError, NewLedger, make};
use anchor::pack::PackError;
use anchor::serve::{IdentityError, load_identity};
use did::webvh::{WitnessProofs, resolve};
use ledger::{Mode, TrustPackError};
use serde_json::json;
use service::config::Common;
use service::files::PrivateFileError;
use tlog::{LogSigner, SecretKeyError};

use crate::fixtures::NOW;
use crate::world::World;

#[tokio::test]
async fn init_makes_a_ledger_whose_parts_fit_together() {
    let world = World::new().await;
    assert_eq!((world.pack.mode(), world.pack.version()), (Mode::Test, 1));
    assert_eq!(world.pack.origin(), "ledger.localhost/log");
    let identity = load_identity(&world.files(), NOW).unwrap();
    assert_eq!(identity.origin(), world.pack.origin());
    let did = world.registrar.state().did().clone();
    let log = world.registrar.log_file();
    resolve(log.as_bytes(), &did, &WitnessProofs::default(), NOW).unwrap();
    for file in [
        world.files().log_key(),
        world.files().governance(),
        world.files().registrar_keys(),
    ] {
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file:?}"
        );
    }
}

#[tokio::test]
async fn the_policy_names_the_trust_pack_by_version_and_hash() {
    let world = World::new().await;
    let running = world.start().await;
    let (_, payload) = running.log.store().entry(0).await.unwrap().unwrap();
    let named = ledger::Policy::parse(&payload).unwrap().trust_pack;
    assert_eq!(
        (named.version, named.sha256),
        (world.pack.version(), world.pack.sha256())
    );
}

#[tokio::test]
async fn init_overwrites_nothing() {
    let world = World::new().await;
    let common: Common = serde_json::from_value(json!({
        "profile": "development", "data_dir": world.folder.path(), "listen": "127.0.0.1:0",
        "ops_listen": "127.0.0.1:0", "public_url": world.url,
    }))
    .unwrap();
    let before = fs::read(world.files().log_key()).unwrap();
    let ledger = NewLedger {
        name: "Again".to_owned(),
        origin: None,
        witnesses: Vec::new(),
        mirrors: Vec::new(),
        threshold: None,
        snapshots_per_hour: None,
        live: false,
    };
    assert!(matches!(make(&common, &ledger, NOW).await, Err(InitError::Exists(_))));
    assert_eq!(fs::read(world.files().log_key()).unwrap(), before);
}

#[tokio::test]
async fn k18_anchor_a_missing_key_is_refused() {
    let world = World::new().await;
    fs::remove_file(world.files().log_key()).unwrap();
    let refused = load_identity(&world.files(), NOW).unwrap_err();
    assert!(matches!(refused, IdentityError::KeyFile(PrivateFileError::Io { .. })));
}

#[tokio::test]
async fn k18_anchor_a_key_that_others_may_read_is_refused() {
    let world = World::new().await;
    fs::set_permissions(world.files().log_key(), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = load_identity(&world.files(), NOW).unwrap_err();
    assert!(matches!(
        refused,
        IdentityError::KeyFile(PrivateFileError::Permissions(_))
    ));
}

#[tokio::test]
async fn k18_anchor_a_key_of_another_log_or_kind_is_refused() {
    let world = World::new().await;
    let write = |text: &str| {
        fs::write(world.files().log_key(), text).unwrap();
        load_identity(&world.files(), NOW).unwrap_err()
    };
    // The right name, another key.
    let other = LogSigner::from_seed(world.pack.origin().parse().unwrap(), &[9; 32]).unwrap();
    let refused = write(other.dangerous_secret_text().unwrap().dangerous_as_str());
    assert!(matches!(refused, IdentityError::OtherKey));
    let cosigner = tlog::Cosigner::from_seed(world.pack.origin().parse().unwrap(), &[9; 32]).unwrap();
    let refused = write(cosigner.dangerous_secret_text().unwrap().dangerous_as_str());
    assert!(matches!(refused, IdentityError::Key(SecretKeyError::WrongType)));
    assert!(matches!(write(""), IdentityError::Key(SecretKeyError::Shape)));
}

#[tokio::test]
async fn an_expired_or_changed_trust_pack_is_refused() {
    let world = World::new().await;
    let late = load_identity(&world.files(), world.pack.expires()).unwrap_err();
    assert!(matches!(
        late,
        IdentityError::Pack(PackError::Pack(TrustPackError::Expired))
    ));
    let text = fs::read_to_string(world.files().trust_pack()).unwrap();
    fs::write(world.files().trust_pack(), text.replace("\"Test\"", "\"Tesl\"")).unwrap();
    let changed = load_identity(&world.files(), NOW).unwrap_err();
    assert!(matches!(
        changed,
        IdentityError::Pack(PackError::Pack(TrustPackError::OwnThreshold))
    ));
}
