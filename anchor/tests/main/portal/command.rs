//! `holdfast-anchor portal` as a process.

use std::os::unix::fs::PermissionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::world::World;

/// Runs a command: whether it succeeded, and what it printed.
async fn run(world: &World, arguments: &[&str]) -> (bool, Value) {
    let program = env!("CARGO_BIN_EXE_holdfast-anchor");
    let mut command = tokio::process::Command::new(program);
    command.arg("portal").args(arguments).args(["--config", "anchor.toml"]);
    let ended = command
        .current_dir(world.folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    let printed = serde_json::from_slice(&ended.stdout).unwrap_or_default();
    (ended.status.success(), printed)
}

#[tokio::test]
async fn the_authority_is_made_once_and_letters_are_shown_once() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let world = World::at(now).await;
    let text = format!(
        "profile = \"development\"\ndata_dir = {:?}\npublic_url = \"{}\"\n[portal]\n",
        world.folder.path(),
        world.url
    );
    std::fs::write(world.folder.path().join("anchor.toml"), text).unwrap();
    let password = world.folder.path().join("password");
    service::files::write_private(&password, b"four eyes see more\n").unwrap();
    let operator = ["init", "--operator", "ada", "--password-file", "password"];
    let (ok, made) = run(&world, &operator).await;
    assert!(ok, "{made}");
    let key = world.folder.path().join("registrar/access-authority.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&key).unwrap();
    let (ok, _) = run(&world, &["init"]).await;
    assert!(!ok, "it is never overwritten");
    assert_eq!(std::fs::read(&key).unwrap(), before);
    let bob = [
        "add-operator",
        "bob",
        "--role",
        "reviewer",
        "--password-file",
        "password",
    ];
    assert!(run(&world, &bob).await.0);
    let (ok, letter) = run(&world, &["letter", "--organisation", "Corner Shop"]).await;
    assert!(ok);
    assert_eq!(letter["organisation"], json!("Corner Shop"));
    assert_eq!(letter["code"].as_str().unwrap().len(), 19);
    service::files::write_private(&password, b"and five see even more\n").unwrap();
    let another = |name| ["set-password", name, "--password-file", "password"];
    assert!(run(&world, &another("bob")).await.0);
    assert!(!run(&world, &another("eve")).await.0, "there is none of this name");
    assert!(run(&world, &["remove-operator", "bob"]).await.0);
    let (ok, _) = run(&world, &["remove-operator", "bob"]).await;
    assert!(!ok, "there is none any more");
}
