//! The files of an identity, over crashes.

use did::identity::OldKey;
use issuer::Settings;
use issuer::identity::{IdentityFiles, IdentityFilesError};
use jose::base64url;
use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain};

use crate::wallet::Wallet;
use crate::world::{NOW, World};

const DAY: u64 = 86_400;

fn files(world: &World) -> (Settings, IdentityFiles) {
    let path = world.folder.path().join("issuer.toml");
    let settings = Settings::new(service::config::load(issuer::DEFAULT, Some(&path), []).unwrap()).unwrap();
    let files = IdentityFiles::new(&settings.common.data_dir);
    (settings, files)
}

#[tokio::test]
async fn an_identity_is_made_once() {
    let world = World::x5c().await;
    let (settings, files) = files(&world);
    assert!(matches!(
        files.create(&settings, NOW),
        Err(IdentityFilesError::Exists(_))
    ));
    let nowhere = IdentityFiles::new(&world.folder.path().join("nowhere"));
    assert!(matches!(nowhere.open(), Err(IdentityFilesError::Missing(_))));
}

#[tokio::test]
async fn a_change_that_was_cut_off_is_finished() {
    let world = World::x5c().await;
    let (settings, files) = files(&world);
    let folder = world.folder.path().join("data/identity");
    let before: Vec<Vec<u8>> = ["keys.json", "did.jsonl", "chain.json"]
        .iter()
        .map(|name| std::fs::read(folder.join(name)).unwrap())
        .collect();
    let rotated = files.rotate(&settings, OldKey::TakeOut, NOW + 1).unwrap();
    let keys: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("keys.json")).unwrap()).unwrap();
    let chain: Vec<String> = serde_json::from_slice(&std::fs::read(folder.join("chain.json")).unwrap()).unwrap();
    let pending = serde_json::json!({ "keys": keys, "log": rotated.log_file(), "chain": chain });
    // As a crash after the first of the files leaves it.
    for (name, bytes) in ["did.jsonl", "chain.json"].iter().zip(&before[1..]) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    service::files::write_private(&folder.join("pending.json"), pending.to_string().as_bytes()).unwrap();
    assert!(matches!(files.read(), Err(IdentityFilesError::Changing)));
    let (opened, _) = files.open().unwrap();
    assert_eq!(opened.lines(), rotated.lines());
    assert!(files.read().is_ok());
}

#[tokio::test]
async fn copies_are_certified_by_the_authority_that_is_configured() {
    let other = World::x5c().await;
    let folder = other.folder.path().join("data/identity");
    let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
    let world = World::x5c_with(&format!("[ca]\ncertificate = {certificate:?}\nkey = {key:?}\n")).await;
    assert!(
        !world.folder.path().join("data/identity/ca.key").exists(),
        "no authority of its own is made"
    );
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (copies, _) = wallet.copies(&world, &token, "residence", 1).await;
    let header = base64url::decode(copies[0].split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let anchors = TrustAnchors::from_pem([std::fs::read(&certificate).unwrap()]).unwrap();
    let chain = UnverifiedChain::parse(&header["x5c"]).unwrap();
    assert!(chain.verify(&anchors, NOW, Purpose::Credential).is_ok());
}

#[tokio::test]
async fn a_certificate_is_renewed_in_time_and_the_key_stays() {
    let world = World::x5c().await;
    let (settings, files) = files(&world);
    let (made, chain) = files.read().unwrap();
    assert!(!files.renew_certificate(&settings, NOW + 80 * DAY).unwrap());
    assert_eq!(files.read().unwrap().1, chain);
    let later = NOW + 100 * DAY;
    assert!(files.renew_certificate(&settings, later).unwrap());
    assert!(!files.renew_certificate(&settings, later).unwrap(), "once");
    let (organisation, renewed) = files.read().unwrap();
    assert_eq!(organisation.lines(), made.lines());
    let anchors = TrustAnchors::from_pem([std::fs::read(files.authority_certificate()).unwrap()]).unwrap();
    let read = UnverifiedChain::from_der(&renewed).unwrap();
    let leaf = read.verify(&anchors, later, Purpose::Credential).unwrap();
    assert!(leaf.public_jwk().same_key(made.assertion_key().unwrap().1.public()));
    // Without the authority's key there is nothing to renew with, and no authority is made in its place.
    let folder = world.folder.path().join("data/identity");
    std::fs::remove_file(folder.join("ca.key")).unwrap();
    assert!(files.renew_certificate(&settings, later + 100 * DAY).is_err());
    assert!(!folder.join("ca.key").exists());
    assert_eq!(files.read().unwrap().1, renewed);
}

#[tokio::test]
async fn below_an_authority_that_has_run_out_a_key_is_certified_once() {
    let world = World::x5c().await;
    let (settings, files) = files(&world);
    let told = |now| {
        let renewed = files.renew_certificate(&settings, now);
        matches!(renewed, Err(IdentityFilesError::Authority))
    };
    // The authority is valid for eleven years.
    let later = NOW + 12 * 366 * DAY;
    let (_, before) = files.read().unwrap();
    assert!(told(later));
    let (_, once) = files.read().unwrap();
    assert_ne!(once, before);
    assert!(told(later) && told(later + DAY));
    assert_eq!(files.read().unwrap().1, once);
    assert!(told(later + 100 * DAY));
    assert_ne!(files.read().unwrap().1, once, "it would have run out");
}

#[tokio::test]
async fn private_keys_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::x5c().await;
    let folder = world.folder.path().join("data/identity");
    for name in ["keys.json", "ca.key", "nonce.key"] {
        let mode = std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
