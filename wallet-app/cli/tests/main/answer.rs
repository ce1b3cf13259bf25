//! `answer`, `refresh` and `evidence`: codes in pictures and videos, and what is refused before anything is shown.

use crate::cards::with;
use crate::profile::Profile;
use did::identity::Organisation;
use image::{GrayImage, Luma, imageops};
use jose::{PrivateJwk, SigningKey};
use ledger::{Channel, FreshnessLimit};
use oid4vp::DcqlQuery;
use proximity::{Accepted, FRAME_BYTES, FrameCode, FrameKind, FrameSource, NewChallenge};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use testkit::credential::{Agency, key, person_identification, vct};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};
use zxingcpp::BarcodeFormat;

/// The code of a frame.
fn frame(bytes: &[u8; FRAME_BYTES]) -> GrayImage {
    const PIXELS: u32 = 4;
    let code = FrameCode::new(bytes).expect("a code");
    let side = FrameCode::SIDE_WITH_QUIET_ZONE * PIXELS;
    GrayImage::from_fn(side, side, |x, y| {
        Luma([if code.is_dark(x / PIXELS, y / PIXELS) { 0 } else { 255 }])
    })
}

/// A code that holds a text, as a page shows it.
pub(crate) fn text(text: &str) -> GrayImage {
    let code = zxingcpp::create(BarcodeFormat::QRCode).from_str(text).expect("fits");
    let drawn = code.to_image_with(&zxingcpp::write().scale(4).add_quiet_zones(true));
    let drawn = drawn.expect("a picture");
    let (width, height) = (drawn.width().unsigned_abs(), drawn.height().unsigned_abs());
    GrayImage::from_raw(width, height, drawn.data()).expect("as many bytes as pixels")
}

/// Codes beside one another.
fn sheet(codes: &[GrayImage]) -> GrayImage {
    let side = codes[0].width();
    let count = u32::try_from(codes.len()).expect("small");
    let mut sheet = GrayImage::from_pixel(side * count, side, Luma([255]));
    for (place, code) in (0..).zip(codes) {
        imageops::overlay(&mut sheet, code, i64::from(side) * place, 0);
    }
    sheet
}

fn challenge_of(profile: &mut Profile, shop: &Organisation) -> FrameSource {
    let person = vct("person-identification");
    let mut age = testkit::purpose("age", &person, &["age_over_18"], &[]);
    age.channel = Channel::InPerson;
    let now = profile.ledger.now();
    let scope = testkit::scope(shop.did(), "Corner Shop", &[[9; 32]], vec![age], now + 1_000_000);
    profile.ledger.register(&scope, shop);
    let query = json!({"credentials": [{"id": "card", "format": "dc+sd-jwt",
        "meta": {"vct_values": [person]}, "claims": [{"path": ["age_over_18"]}]}]});
    let query = DcqlQuery::parse(&query).expect("query");
    let (did, bundle) = (shop.did().to_string(), profile.ledger.bundle(shop.did().as_str()));
    let pack = profile.ledger.trust_pack();
    let (kid, signer): (_, &PrivateJwk) = shop.assertion_key().expect("key");
    let ephemeral = key(79);
    let new = NewChallenge {
        did: &did,
        fragment: kid.fragment(),
        purpose: "age",
        query: &query,
        nonce: [7; 16],
        issued_at: now,
        expires_at: now + 600,
        key: ephemeral.public(),
        landmarks: &[],
        held: &[],
        accepted: Accepted {
            channel: Channel::InPerson,
            ledger: FreshnessLimit::OFFLINE,
            status: FreshnessLimit::OFFLINE,
        },
        origin: pack.origin(),
        bundle: &bundle,
    };
    let challenge = new.sign(&SigningKey::new(signer).expect("key")).expect("a challenge");
    FrameSource::new(FrameKind::Challenge, &challenge.to_message()).expect("frames")
}

fn challenge(profile: &mut Profile) -> FrameSource {
    let shop = profile.ledger.create("shop.localhost%3A8446");
    challenge_of(profile, &shop)
}

fn save(profile: &Profile, name: &str, picture: &GrayImage) -> String {
    let path = profile.path(name);
    picture.save(&path).expect("saved");
    path.display().to_string()
}

/// Exit and code of an answer to this, and whether anything was written.
fn answer(profile: &Profile, challenge: &str) -> (i32, String) {
    let out = profile.path("out");
    let out = out.display().to_string();
    let answer = profile.run(&["answer", challenge, "--out", &out, "--consent", "yes"]);
    assert!(!Path::new(&out).exists(), "nothing is written");
    let (exit, code) = answer.code();
    (exit, code.to_owned())
}

/// A person identification is there, with one copy that is shown as codes; its status is told at this address, if anywhere.
fn with_person(profile: &Profile, told_at: Option<&str>) {
    let (person, holder) = (vct("person-identification"), key(81));
    let agency = Agency::new("did:web:office.example", "did:web:office.example#key-1", key(80));
    let draft = agency.draft(&person, person_identification(), holder.public(), profile.ledger.now());
    let (credential, claims) = (agency.issue(draft), json!(person_identification()));
    let private = holder.dangerous_to_value();
    let told = told_at.map_or_else(|| "NULL, NULL".to_owned(), |uri| format!("'{uri}', 1"));
    let rows = format!(
        r#"INSERT INTO card (id, vct, issuer, issuer_host, display, claims, received_at) VALUES
            ('one', '{person}', '{{"known_by": "certificate", "name": "Office"}}', 'office.example', '{{}}', '{claims}', 1);
        INSERT INTO holder_key (id, private_jwk) VALUES ('a', CAST('{private}' AS BLOB));
        INSERT INTO copy (card_id, kind, key_id, credential, status_uri, status_index) VALUES
            ('one', 'offline', 'a', '{credential}', {told});"#
    );
    with(profile, &rows);
}

/// What people read who show what is asked.
fn shown(profile: &Profile, challenge: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast-wallet"));
    command.arg("--profile").arg(profile.path("profile"));
    command.arg("--pin-file").arg(profile.path("pin"));
    command.args(["answer", challenge, "--consent", "yes", "--out"]);
    command.arg(profile.path("out"));
    command
        .env_remove("HOLDFAST_PIN")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let output = command.output().expect("started");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test]
async fn a_card_that_is_not_known_to_be_good_is_named_above_what_is_asked() {
    let line = format!(
        "The status of your card “{}”: not known; `status` finds out.\n",
        vct("person-identification")
    );
    for (told_at, is_named) in [(Some("https://office.example/list"), true), (None, false)] {
        let mut profile = Profile::new().await;
        with_person(&profile, told_at);
        let codes: Vec<GrayImage> = challenge(&mut profile).sheet().iter().map(frame).collect();
        let picture = save(&profile, "sheet.png", &sheet(&codes));
        let text = shown(&profile, &picture);
        assert!(text.contains("From your card"), "{text}");
        assert_eq!(text.starts_with(&line), is_named, "{text}");
    }
}

#[tokio::test]
async fn m2_wallet_pictures_of_something_else() {
    let mut profile = Profile::new().await;
    let blank = save(&profile, "blank.png", &GrayImage::from_pixel(200, 200, Luma([255])));
    assert_eq!(answer(&profile, &blank), (2, "no_code_found".to_owned()));
    let link = save(&profile, "link.png", &text("openid4vp://?client_id=x"));
    assert_eq!(answer(&profile, &link), (4, "not_a_challenge".to_owned()));
    std::fs::write(profile.path("text.png"), "no picture").expect("written");
    let other = profile.path("text.png").display().to_string();
    assert_eq!(answer(&profile, &other), (2, "picture_unreadable".to_owned()));
    let frames = challenge(&mut profile);
    let one = save(&profile, "one.png", &frame(&frames.frames()[0]));
    assert_eq!(answer(&profile, &one), (2, "codes_incomplete".to_owned()));
    assert!(profile.server.received_requests().await.expect("recorded").is_empty());
}

#[tokio::test]
async fn f8_wallet_a_challenge_on_a_sheet_or_in_a_folder_is_read_without_a_network() {
    let mut profile = Profile::new().await;
    let source = challenge(&mut profile);
    let codes: Vec<GrayImage> = source.sheet().iter().map(frame).collect();
    let on_a_sheet = save(&profile, "sheet.png", &sheet(&codes));
    std::fs::create_dir(profile.path("codes")).expect("folder");
    // Any of them, in any order: the recovery symbols alone.
    for (number, bytes) in source.frames().iter().rev().take(source.needed()).enumerate() {
        save(&profile, &format!("codes/{number}.png"), &frame(bytes));
    }
    let in_a_folder = profile.path("codes").display().to_string();
    for challenge in [on_a_sheet, in_a_folder] {
        assert_eq!(
            answer(&profile, &challenge),
            (4, "no_matching_card".to_owned()),
            "{challenge}"
        );
    }
    let history = profile.run(&["history"]);
    assert_eq!(history.json["entries"][0]["party"], "Corner Shop");
    assert!(
        profile.server.received_requests().await.expect("recorded").is_empty(),
        "nobody is asked"
    );
}

#[tokio::test]
async fn f8_wallet_a_challenge_in_a_video_is_read() {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        println!("SKIPPED: there is no ffmpeg");
        return;
    }
    let mut profile = Profile::new().await;
    let source = challenge(&mut profile);
    std::fs::create_dir(profile.path("shots")).expect("folder");
    for (number, bytes) in source.frames().iter().take(source.needed() + 2).enumerate() {
        save(&profile, &format!("shots/{number:02}.png"), &frame(bytes));
    }
    let video = profile.path("challenge.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-framerate", "8", "-i"])
        .arg(profile.path("shots/%02d.png"))
        .args(["-pix_fmt", "yuv420p"])
        .arg(&video)
        .status();
    assert!(made.expect("started").success());
    let video = video.display().to_string();
    assert_eq!(answer(&profile, &video), (4, "no_matching_card".to_owned()));
}

#[tokio::test]
async fn m2_wallet_without_ffmpeg_the_package_is_named() {
    let profile = Profile::new().await;
    std::fs::write(profile.path("x.mp4"), []).expect("written");
    let mut command = profile.command();
    command
        .env("PATH", "/nonexistent")
        .arg("answer")
        .arg(profile.path("x.mp4"));
    command.args(["--out", "out", "--consent", "yes"]);
    let answer = crate::profile::Answer::of(&command.output().expect("started"));
    assert_eq!(answer.code(), (2, "ffmpeg_missing"));
    assert!(
        answer.json["message"]
            .as_str()
            .expect("message")
            .contains("package ffmpeg")
    );
}

#[tokio::test]
async fn refreshing_says_how_old_the_proofs_are() {
    let mut profile = Profile::new().await;
    let missing = profile.run(&["list"]);
    assert_eq!(missing.json["offline"]["proofs"]["state"], "missing");
    assert_eq!(profile.run(&["refresh"]).code(), (5, "proofs_unreachable"));
    let (_, file) = profile.ledger.landmark();
    let answer = ResponseTemplate::new(200).set_body_raw(file, "application/cbor");
    Mock::given(path("/landmarks/newest"))
        .respond_with(answer)
        .mount(&profile.server)
        .await;
    let refreshed = profile.run(&["refresh"]);
    assert_eq!(refreshed.code(), (0, "proofs_refreshed"));
    assert_eq!(
        refreshed.json["offline"]["proofs"],
        json!({"state": "ready", "hours": 0})
    );
    let listed = profile.run(&["list"]);
    assert_eq!(listed.json["offline"]["proofs"]["state"], "ready");
}

#[tokio::test]
async fn where_nothing_was_found_there_is_no_evidence() {
    let profile = Profile::new().await;
    let into = profile.path("evidence").display().to_string();
    let found = profile.run(&["evidence", "--into", &into]);
    assert_eq!((found.code(), &found.json["files"]), ((0, "ok"), &json!([])));
    assert!(!Path::new(&into).exists());
}
