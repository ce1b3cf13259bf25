//! `init --ecosystem` and `ecosystem`: by link, picture and file; asked, agreed to, refused.

use crate::answer::text;
use crate::profile::{Answer, Profile};
use jose::Signer;
use ledger::{EcosystemLink, Mode, PackContent, UnverifiedTrustPack, fingerprint};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

const PACK: &str = "/about/trust-pack.json";

/// The pack of today with the address of the ledger in it, changed.
fn pack(profile: &Profile, change: impl FnOnce(&mut PackContent)) -> Vec<u8> {
    let mut content = profile.ledger.pack_content().clone();
    content.policy = content
        .policy
        .replacen('\n', &format!(" {}\n", profile.url("ledger", "")), 1);
    change(&mut content);
    let signers: [&dyn Signer; 1] = [profile.ledger.governance()];
    content.sign(&signers).expect("signed")
}

/// Serves a pack, and gives the link to it.
async fn serve(profile: &Profile, pack: &[u8]) -> EcosystemLink {
    let answer = ResponseTemplate::new(200).set_body_raw(pack, "application/json");
    Mock::given(path(PACK))
        .respond_with(answer)
        .mount(&profile.server)
        .await;
    let read = UnverifiedTrustPack::parse(pack).expect("a pack");
    let sha256 = read.verify(None, profile.ledger.now()).expect("sound").sha256();
    EcosystemLink::new(profile.url("ledger", PACK).parse().expect("url"), sha256).expect("a link")
}

fn init(profile: &Profile, from: &str, confirm: &[&str]) -> Answer {
    let port = profile.port().to_string();
    let arguments = [
        "init",
        "--password-only",
        "--development",
        "--ports",
        &port,
        "--ecosystem",
        from,
    ];
    profile.run(&[&arguments[..], confirm].concat())
}

fn write(profile: &Profile, name: &str, bytes: &[u8]) -> String {
    std::fs::write(profile.path(name), bytes).expect("written");
    profile.path(name).display().to_string()
}

#[tokio::test]
async fn a_wallet_begins_with_a_link_and_says_what_it_belongs_to() {
    let profile = Profile::empty().await;
    let link = serve(&profile, &pack(&profile, |_| ())).await;
    assert_eq!(
        init(&profile, &link.to_string(), &["--confirm", "yes"]).code(),
        (0, "created")
    );
    let listed = profile.run(&["ecosystem", "list"]);
    let ecosystem = &listed.json["ecosystems"][0];
    assert_eq!(
        (ecosystem["name"].as_str(), ecosystem["mode"].as_str()),
        (Some("Holdfast test"), Some("test"))
    );
    assert_eq!(ecosystem["fingerprint"], fingerprint(link.sha256()));
}

#[tokio::test]
async fn the_code_that_the_ledger_prints_begins_a_wallet_too() {
    let profile = Profile::empty().await;
    let link = serve(&profile, &pack(&profile, |_| ())).await;
    let picture = profile.path("code.png");
    text(&link.to_string()).save(&picture).expect("written");
    let answer = init(&profile, &picture.display().to_string(), &["--confirm", "yes"]);
    assert_eq!(answer.code(), (0, "created"));
}

#[tokio::test]
async fn nobody_at_the_terminal_and_whoever_says_no_adds_nothing() {
    let profile = Profile::empty().await;
    let link = serve(&profile, &pack(&profile, |_| ())).await.to_string();
    for confirm in [&["--confirm", "no"][..], &[]] {
        assert_eq!(init(&profile, &link, confirm).code(), (3, "not_added"));
        assert!(!profile.path("profile").exists());
    }
}

#[tokio::test]
async fn k19_wallet_another_pack_than_the_link_names_makes_no_wallet() {
    let profile = Profile::empty().await;
    let served = serve(&profile, &pack(&profile, |_| ())).await;
    let other = EcosystemLink::new(served.pack().clone(), [7; 32]).expect("a link");
    let answer = init(&profile, &other.to_string(), &["--confirm", "yes"]);
    assert_eq!(answer.code(), (4, "fingerprint_differs"));
    assert!(!profile.path("profile").exists());
}

#[tokio::test]
async fn a_link_without_a_hash_is_not_followed() {
    let profile = Profile::empty().await;
    let link = serve(&profile, &pack(&profile, |_| ())).await;
    let answer = init(&profile, link.pack().as_str(), &["--confirm", "yes"]);
    assert_eq!(answer.code(), (2, "ecosystem_link_invalid"));
    assert!(profile.server.received_requests().await.expect("recorded").is_empty());
}

#[tokio::test]
async fn the_next_pack_is_added_from_a_file_and_counts_when_the_wallet_is_opened_again() {
    let profile = Profile::new().await;
    let next = write(&profile, "next.json", &pack(&profile, |pack| pack.version = 2));
    assert_eq!(profile.run(&["ecosystem", "add", &next]).code(), (3, "not_added"));
    assert_eq!(
        profile.run(&["ecosystem", "add", &next, "--confirm", "yes"]).code(),
        (0, "added")
    );
    assert_eq!(profile.run(&["ecosystem", "list"]).json["ecosystems"][0]["version"], 2);
    assert_eq!(profile.run(&["ecosystem", "add", &next]).code(), (0, "ok"));
}

#[tokio::test]
async fn k19_wallet_test_and_live_are_never_mixed() {
    let profile = Profile::new().await;
    let live = write(&profile, "live.json", &pack(&profile, |pack| pack.mode = Mode::Live));
    let other = write(
        &profile,
        "other.json",
        &pack(&profile, |pack| pack.name = "Other".to_owned()),
    );
    for (file, code) in [(live, "ecosystem_other_mode"), (other, "ecosystem_other")] {
        let answer = profile.run(&["ecosystem", "add", &file, "--confirm", "yes"]);
        assert_eq!(answer.code(), (4, code));
        let held = &profile.run(&["ecosystem", "list"]).json["ecosystems"][0];
        assert_eq!(
            (held["name"].as_str(), held["mode"].as_str()),
            (Some("Holdfast test"), Some("test"))
        );
    }
}

#[tokio::test]
async fn what_is_no_picture_and_no_pack_is_named() {
    let profile = Profile::empty().await;
    let text = write(&profile, "text", b"hello");
    assert_eq!(init(&profile, &text, &[]).code(), (2, "picture_unreadable"));
    assert_eq!(init(&profile, "nowhere.png", &[]).code(), (2, "file_unreadable"));
}
