//! `holdfast-anchor publish`, `policy` and `pack rotate` as processes, against a log over HTTP.

use std::os::unix::fs::PermissionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use anchor::governance::read_key;
use did::identity::Organisation;
use jose::{PrivateJwk, Signer, base64url};
use ledger::{Family, Kind, LeafBuilder, UnverifiedBundle, UnverifiedTrustPack};
use serde_json::{Value, json};
use testkit::objects;

use crate::fixtures::get;
use crate::world::{Running, TOKEN, World};

/// A log at the real time of day, since the program goes by it.
pub(crate) async fn setup() -> (World, Running) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut world = World::at(now).await;
    let running = world.serve().await;
    let settings = [
        "profile = \"development\"".to_owned(),
        format!("data_dir = {:?}", world.folder.path()),
        format!("public_url = \"{}\"", world.url),
        format!("outbound_ports = [{}]", world.url.port().unwrap()),
        format!("admin_token = \"{TOKEN}\""),
    ];
    write(&world, "anchor.toml", settings.join("\n").as_bytes());
    (world, running)
}

pub(crate) fn write(world: &World, name: &str, bytes: &[u8]) {
    let path = world.folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Runs the program: the JSON line it printed.
pub(crate) async fn run(world: &World, arguments: &[&str]) -> Value {
    run_with(world, "anchor.toml", arguments).await
}

/// The same with other settings.
pub(crate) async fn run_with(world: &World, config: &str, arguments: &[&str]) -> Value {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(arguments)
        .args(["--config", config])
        .current_dir(world.folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line: Value = serde_json::from_str(text.trim_end()).unwrap_or_else(|_| panic!("{text:?} {output:?}"));
    assert_eq!(line["ok"] == json!(true), output.status.success(), "{line}");
    line
}

/// Puts keys and DID log of an organisation into a folder.
pub(crate) fn keep(world: &World, folder: &str, organisation: &Organisation) {
    let keys = organisation.keys().dangerous_to_json().to_string();
    write(world, &format!("{folder}/keys.json"), keys.as_bytes());
    write(
        world,
        &format!("{folder}/did.jsonl"),
        organisation.log_file().as_bytes(),
    );
}

/// An organisation on the ledger, its keys in a folder.
pub(crate) async fn organisation(world: &World, name: &str) -> Organisation {
    let now = service::Clock::now(&*world.clock);
    let location = format!("{name}.localhost%3A9");
    let organisation = Organisation::create(&location, now, &mut service::random::fill).unwrap();
    let line = organisation.lines()[0].clone().into_bytes();
    let create = LeafBuilder::new(Kind::DidCreate, organisation.did().as_str(), None, line);
    assert_eq!(world.post_code(&world.by_registrar(create)).await.0, 200);
    keep(world, name, &organisation);
    organisation
}

async fn object(world: &World, family: Family, subject: &str) -> Option<ledger::ObjectRecord> {
    let path = format!(
        "/bundle/object?family={}&subject={}",
        family.word().unwrap(),
        subject.replace('%', "%25")
    );
    let bundle = UnverifiedBundle::parse(&get(&world.url, &path).await.body).unwrap();
    let bundle = bundle.verify_object(&world.pack, family, subject).unwrap();
    bundle.record().cloned()
}

#[tokio::test]
async fn an_owner_publishes_and_publishes_again() {
    let (world, _running) = setup().await;
    let owner = organisation(&world, "agency").await;
    let service = objects::service(owner.did());
    write(&world, "service.json", &service.encode().unwrap());
    for seq in 0..=1 {
        let line = run(&world, &["publish", "service", "service.json", "--identity", "agency"]).await;
        assert_eq!(line["subject"], service.subject, "{line}");
        let record = object(&world, Family::Service, &service.subject).await.unwrap();
        assert_eq!(record.head.seq, seq);
    }
    // The registrar is not the owner: refused, with the log's signature.
    let line = run(&world, &["publish", "service", "service.json"]).await;
    assert_eq!(line["code"], "refused", "{line}");
    let refusal = line["refusal"].as_str().unwrap();
    write(&world, "refusal", refusal.as_bytes());
    let line = verify_refusal(&world).await;
    assert_eq!(
        (&line["ok"], &line["refused"]),
        (&json!(true), &json!("unauthorised")),
        "{line}"
    );
    let mut changed = base64url::decode(refusal).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    write(&world, "refusal", base64url::encode(changed).as_bytes());
    let line = verify_refusal(&world).await;
    assert_eq!(line["code"], "not_proved", "{line}");
}

/// What the program says of the file `refusal`, without a network.
async fn verify_refusal(world: &World) -> Value {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(["verify-refusal", "refusal", "--trust-pack", "trust-pack.json"])
        .current_dir(world.folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_document_supersedes_the_version_before() {
    let (world, _running) = setup().await;
    let owner = organisation(&world, "agency").await;
    for version in 1..=2 {
        let document = objects::document(owner.did(), version, None);
        write(&world, "document.json", &document.encode().unwrap());
        let line = run(
            &world,
            &["publish", "document", "document.json", "--identity", "agency"],
        )
        .await;
        assert_eq!(line["ok"], true, "{line}");
        let record = object(&world, Family::Document, &document.subject).await.unwrap();
        assert_eq!(record.detail, ledger::ObjectDetail::Document([version; 32]));
    }
}

#[tokio::test]
async fn a_file_that_follows_no_schema_is_not_sent() {
    let (world, running) = setup().await;
    let owner = organisation(&world, "agency").await;
    let mut rule: Value = serde_json::from_slice(&objects::rule(owner.did()).encode().unwrap()).unwrap();
    rule["contact"] = json!("Jane Doe");
    write(&world, "rule.json", rule.to_string().as_bytes());
    let committed = running.log.committed();
    let line = run(&world, &["publish", "rule", "rule.json", "--identity", "agency"]).await;
    assert_eq!(line["code"], "form", "{line}");
    assert_eq!(running.log.committed(), committed);
}

#[tokio::test]
async fn governance_changes_the_policy_and_names_a_release_key() {
    let (world, _running) = setup().await;
    let release_key = PrivateJwk::from_ed25519_seed(&[80; 32]);
    write(
        &world,
        "release.key",
        release_key.dangerous_to_value().to_string().as_bytes(),
    );
    let change = json!({"release_keys": [release_key.public().to_value()], "limits": {"writes_per_hour": 20}});
    write(&world, "change.json", change.to_string().as_bytes());
    let line = run(
        &world,
        &["policy", "--change", "change.json", "--key", "governance.json"],
    )
    .await;
    assert_eq!(
        (&line["ok"], &line["policy_version"]),
        (&json!(true), &json!(2)),
        "{line}"
    );

    let mut release = objects::release([1, 2, 0]);
    release.subject = format!("{}/release/wallet", world.pack.origin());
    write(&world, "release.json", &release.encode().unwrap());
    let line = run(
        &world,
        &["publish", "release", "release.json", "--key", "governance.json"],
    )
    .await;
    assert_eq!(line["code"], "refused", "governance releases nothing: {line}");
    let line = run(&world, &["publish", "release", "release.json", "--key", "release.key"]).await;
    assert_eq!(line["ok"], true, "{line}");
    assert!(object(&world, Family::Release, &release.subject).await.is_some());
}

#[tokio::test]
async fn a_stranger_changes_no_policy() {
    let (world, running) = setup().await;
    let stranger = PrivateJwk::from_ed25519_seed(&[81; 32]);
    write(
        &world,
        "stranger.key",
        stranger.dangerous_to_value().to_string().as_bytes(),
    );
    write(&world, "change.json", b"{\"limits\":{\"writes_per_hour\":20}}");
    let committed = running.log.committed();
    let line = run(&world, &["policy", "--change", "change.json", "--key", "stranger.key"]).await;
    assert_eq!(line["code"], "refused", "{line}");
    assert_eq!(running.log.committed(), committed);
}

#[tokio::test]
async fn the_next_pack_is_anchored_before_it_is_in_place() {
    let (world, _running) = setup().await;
    let next = PrivateJwk::from_ed25519_seed(&[82; 32]);
    let today = read_key(&world.files().governance()).unwrap();
    let governance = json!({
        "keys": [today.public_jwk().to_value()],
        "next": [base64url::encode(next.public().thumbprint())],
        "threshold": 1,
    });
    let change = json!({ "governance": governance });
    write(&world, "change.json", change.to_string().as_bytes());
    let line = run(
        &world,
        &["pack", "rotate", "--change", "change.json", "--key", "governance.json"],
    )
    .await;
    assert_eq!(
        (&line["pack_version"], &line["policy_version"]),
        (&json!(2), &json!(2)),
        "{line}"
    );
    let file = std::fs::read(world.files().trust_pack()).unwrap();
    let now = service::Clock::now(&*world.clock);
    let pack = UnverifiedTrustPack::parse(&file)
        .unwrap()
        .verify(Some(&world.pack), now)
        .unwrap();
    let path = format!("/bundle/object?family=policy&subject={}", world.pack.origin());
    let bundle = UnverifiedBundle::parse(&get(&world.url, &path).await.body).unwrap();
    let policy = bundle.verify_policy(&world.pack).unwrap().policy().unwrap();
    assert_eq!(
        (policy.trust_pack.version, policy.trust_pack.sha256),
        (2, pack.sha256())
    );
    assert_eq!(&policy.governance, pack.governance());
}
