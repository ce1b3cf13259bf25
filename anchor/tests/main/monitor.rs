//! `holdfast-anchor monitor` as a process, against logs over HTTP.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use card_formats::NewBits;
use did::identity::Organisation;
use jose::{Algorithm, JwsHeader, SigningKey};
use ledger::{Kind, ListContent, UnverifiedSplitEvidence};
use serde_json::{Value, json};
use service::webhook::WebhookSecret;
use status_list::{Bits, Status, StatusClaims, StatusList, StatusPurpose, sign_token};
use tempfile::TempDir;
use testkit::{Cosignatures, Ledger};
use url::Url;

use crate::fixtures::{LogServer, listen};
use crate::world::eventually;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What a webhook was sent: headers and body.
pub(crate) type Received = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

/// A log, somebody who watches it, and whoever is told.
pub(crate) struct Setup {
    pub(crate) ledger: Ledger,
    log: LogServer,
    url: Url,
    pub(crate) folder: TempDir,
    pub(crate) received: Received,
    pub(crate) webhook: Url,
    /// How many messages the webhook answers with an error before it takes them.
    pub(crate) failing: Arc<AtomicUsize>,
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

async fn setup() -> Setup {
    setup_at(now()).await
}

/// A log that published for the last time then.
pub(crate) async fn setup_at(time: u64) -> Setup {
    let mut ledger = Ledger::new(time);
    ledger.create("one.example");
    let (log, url) = LogServer::start(&ledger).await;
    let note = ledger.publish();
    log.publish(&ledger, &note);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pack.json"), ledger.trust_pack_file()).unwrap();
    service::files::write_private(&folder.path().join("secret"), SECRET.as_bytes()).unwrap();
    let received = Received::default();
    let failing = Arc::new(AtomicUsize::new(0));
    let state = (received.clone(), failing.clone());
    let webhook = Router::new().route("/hook", post(receive)).with_state(state);
    let webhook = listen(webhook).await.join("hook").unwrap();
    Setup {
        ledger,
        log,
        url,
        folder,
        received,
        webhook,
        failing,
    }
}

async fn receive(
    State((received, failing)): State<(Received, Arc<AtomicUsize>)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let left = failing.load(Ordering::SeqCst);
    if left > 0 {
        failing.store(left - 1, Ordering::SeqCst);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    received.lock().unwrap().push((headers, body.to_vec()));
    StatusCode::NO_CONTENT
}

impl Setup {
    pub(crate) fn publish(&mut self) {
        let note = self.ledger.publish();
        self.log.publish(&self.ledger, &note);
    }

    /// The monitor, with these arguments more.
    fn monitor(&self, more: &[&str]) -> tokio::process::Command {
        let mut monitor = tokio::process::Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"));
        monitor
            .args(["monitor", self.url.as_str()])
            .args(more)
            .args(["--trust-pack", "pack.json"])
            .args(["--state", "state", "--webhook", self.webhook.as_str()])
            .args(["--webhook-secret-file", "secret"])
            .current_dir(self.folder.path())
            .env_clear();
        monitor
    }

    /// Looks once: the exit code, and what was printed.
    pub(crate) async fn look(&self, more: &[&str]) -> (Option<i32>, String) {
        let output = self.monitor(more).arg("--once").output().await.unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), said)
    }

    /// What the webhook was sent since the last time, each message with a signature that holds.
    fn told(&self) -> Vec<Value> {
        let received = std::mem::take(&mut *self.received.lock().unwrap());
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let message = |(headers, body): (HeaderMap, Vec<u8>)| {
            assert_eq!(headers[CONTENT_TYPE], "application/json");
            assert_eq!(secret.verify(&headers, &body, now()), Ok(()));
            serde_json::from_slice(&body).unwrap()
        };
        received.into_iter().map(message).collect()
    }

    /// The one message, without its time.
    pub(crate) fn told_once(&self) -> (String, Value) {
        let [message] = <[Value; 1]>::try_from(self.told()).unwrap();
        (message["type"].as_str().unwrap().to_owned(), message["data"].clone())
    }
}

fn evidence(folder: &Path, ledger: &Ledger) -> bool {
    let files = std::fs::read_dir(folder.join("state")).unwrap();
    let mut evidence = files.map(|file| file.unwrap().path()).filter(|path| {
        let extension = path.extension();
        extension.is_some_and(|extension| extension == "evidence")
    });
    let Some(file) = evidence.next() else {
        return false;
    };
    let file = UnverifiedSplitEvidence::parse(&std::fs::read(file).unwrap()).unwrap();
    file.verify(&ledger.trust_pack()).is_ok()
}

#[tokio::test]
async fn nothing_is_told_where_all_is_well() {
    let mut setup = setup().await;
    assert_eq!(setup.look(&[]).await, (Some(0), String::new()));
    setup.ledger.create("two.example");
    setup.publish();
    assert_eq!(setup.look(&[]).await, (Some(0), String::new()));
    assert_eq!(setup.told(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_mirror_that_does_not_answer_is_told_and_the_others_are_still_watched() {
    let mut setup = setup().await;
    publish_a_bad_entry(&mut setup);
    let (code, said) = setup.look(&["http://localhost:1/"]).await;
    assert_eq!(code, Some(6), "{said}");
    let kinds: Vec<String> = setup
        .told()
        .iter()
        .map(|message| message["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["ledger.unread", "ledger.entry_breaks_rule"]);
    // The entry was told; the mirror is still away.
    assert_eq!(setup.look(&["http://localhost:1/"]).await.0, Some(3));
}

/// The log commits an entry that breaks a rule, and publishes it: its number.
fn publish_a_bad_entry(setup: &mut Setup) -> usize {
    let number = setup.ledger.entries().len();
    let did = setup.ledger.registrar().did().to_string();
    let leaf = setup.ledger.next_leaf(Kind::StatusSnapshot, &did, b"{}".to_vec());
    assert!(setup.ledger.try_write(&leaf.proved_by_payload()).is_err());
    setup.publish();
    number
}

/// A log that lets a later part of the look fail must not get an entry past whoever watches.
#[tokio::test]
async fn an_entry_that_breaks_a_rule_is_told_although_the_look_fails_after_it() {
    let mut setup = setup().await;
    let number = publish_a_bad_entry(&mut setup);
    setup.log.change(|content| content.false_tiles = true);
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(6), "{said}");
    let told = setup.told();
    let kinds: Vec<&Value> = told.iter().map(|message| &message["type"]).collect();
    assert_eq!(kinds, ["ledger.entry_breaks_rule", "ledger.broken"]);
    assert_eq!(told[0]["data"]["entry"], number);
    // The next look goes on behind it.
    setup.log.change(|content| content.false_tiles = false);
    assert_eq!(setup.look(&[]).await, (Some(0), String::new()));
    assert_eq!(setup.told(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_a_look_found_is_told_although_the_monitor_is_stopped_in_it() {
    let mut setup = setup().await;
    publish_a_bad_entry(&mut setup);
    setup.log.change(|content| content.hanging_tiles = true);
    let mut monitor = setup
        .monitor(&[])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // Written after the replay, before the hash tiles are asked for.
    let state = setup.folder.path().join("state/audit.state");
    eventually(|| state.exists()).await;
    let stop = format!("kill {}", monitor.id().unwrap());
    std::process::Command::new("sh").args(["-c", &stop]).status().unwrap();
    assert_eq!(monitor.wait().await.unwrap().code(), Some(6));
    assert_eq!(setup.told_once().0, "ledger.entry_breaks_rule");
}

#[tokio::test]
async fn an_entry_that_breaks_a_rule_is_told_once() {
    let mut setup = setup().await;
    let number = publish_a_bad_entry(&mut setup);
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(6), "{said}");
    let (kind, data) = setup.told_once();
    assert_eq!(
        (kind.as_str(), &data["entry"]),
        ("ledger.entry_breaks_rule", &json!(number))
    );
    assert_eq!(setup.look(&[]).await, (Some(0), String::new()));
}

#[tokio::test]
async fn a_log_that_stands_still_is_told() {
    let setup = setup_at(now() - 3600).await;
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(4), "{said}");
    assert_eq!(setup.told_once().0, "ledger.stale");
    assert_eq!(setup.look(&["--max-age", "7200"]).await.0, Some(0));
}

#[tokio::test]
async fn what_a_webhook_did_not_take_is_told_it_in_the_next_look() {
    let setup = setup_at(now() - 3600).await;
    // As often as a message is sent in one look.
    setup.failing.store(3, Ordering::SeqCst);
    let mut monitor = setup
        .monitor(&["--interval", "1"])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    eventually(|| !setup.received.lock().unwrap().is_empty()).await;
    assert_eq!(setup.told_once().0, "ledger.stale");
    // Once it is told, it is told no more.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(setup.told(), Vec::<Value>::new());
    monitor.kill().await.unwrap();
}

#[tokio::test]
async fn a_checkpoint_without_a_quorum_is_told_and_not_replayed() {
    let mut setup = setup().await;
    setup.ledger.create("two.example");
    let note = setup.ledger.publish_with(&Cosignatures::without_mirror(now()));
    setup.log.publish(&setup.ledger, &note);
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(6), "{said}");
    assert_eq!(setup.told_once().0, "ledger.broken");
    assert!(!setup.folder.path().join("state/audit.state").exists());
}

#[tokio::test]
async fn k14_anchor_a_monitor_notices_two_histories_at_two_places() {
    let setup = setup().await;
    let mut other = Ledger::new(setup.ledger.now());
    other.create("other.example");
    other.create("another.example");
    let (mirror, url) = LogServer::start(&other).await;
    let note = other.publish();
    mirror.publish(&other, &note);
    let (code, said) = setup.look(&[url.as_str()]).await;
    assert_eq!(code, Some(7), "{said}");
    assert!(evidence(setup.folder.path(), &setup.ledger));
    let told = setup.told();
    let split = told.iter().find(|message| message["type"] == "ledger.split_view");
    let data = &split.unwrap()["data"];
    assert_eq!(data["older"], setup.ledger.entries().len());
    assert_eq!(data["newer"], other.entries().len());
}

#[tokio::test]
async fn k14_anchor_a_monitor_notices_another_history_than_before() {
    let setup = setup().await;
    assert_eq!(setup.look(&[]).await.0, Some(0));
    let mut other = Ledger::new(setup.ledger.now());
    other.create("other.example");
    other.create("another.example");
    let note = other.publish();
    setup.log.publish(&other, &note);
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(7), "{said}");
    assert!(evidence(setup.folder.path(), &setup.ledger));
    assert_eq!(setup.told_once().0, "ledger.split_view");
    // And it does not come to believe the other one.
    assert_eq!(setup.look(&[]).await.0, Some(7));
}

#[tokio::test]
async fn a_false_hash_tile_is_told() {
    let setup = setup().await;
    setup.log.change(|content| content.false_tiles = true);
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(6), "{said}");
    assert_eq!(setup.told_once().0, "ledger.broken");
}

#[tokio::test]
async fn every_change_of_an_organisation_that_is_watched_is_told() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    setup.publish();
    let did = agency.did().to_string();
    let watched = ["--subject", did.as_str()];
    // What was before the first look is printed, and sent to nobody.
    let (code, said) = setup.look(&watched).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with(&format!("changed: {did}: ")), "{said}");
    assert_eq!(setup.told(), Vec::<Value>::new());
    let number = setup.ledger.entries().len();
    setup.ledger.accredit(&agency, "Agency", &["urn:a"]);
    setup.ledger.create("other.example");
    setup.publish();
    assert_eq!(setup.look(&watched).await.0, Some(0));
    let kind = Kind::AccreditationGrant.to_string();
    assert_eq!(
        setup.told_once(),
        (
            "organisation.changed".to_owned(),
            json!({"organisation": did, "entry": number, "kind": kind})
        )
    );
    assert_eq!(setup.look(&["--subject", "nobody"]).await.0, Some(1));
}

#[tokio::test]
async fn a_state_that_was_changed_is_refused() {
    let setup = setup().await;
    assert_eq!(setup.look(&[]).await.0, Some(0));
    let path = setup.folder.path().join("state/audit.state");
    let mut state = std::fs::read(&path).unwrap();
    state[100] ^= 1;
    std::fs::write(&path, state).unwrap();
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("the state file is not what was written"), "{said}");
}

/// A status list token of an agency, and what it holds.
fn token(agency: &Organisation, uri: &str, revoked: u64, issued_at: u64) -> (StatusList, String) {
    let mut list = StatusList::new(Bits::One, 4096);
    list.set(revoked, Status::Invalid).unwrap();
    let signed = sign(agency, uri, &list, issued_at);
    (list, signed)
}

/// A status list token of an agency.
fn sign(agency: &Organisation, uri: &str, list: &StatusList, issued_at: u64) -> String {
    let (kid, key) = agency.assertion_key().unwrap();
    let said = StatusClaims {
        uri,
        issued_at,
        expires: issued_at + 3600,
        time_to_live: 60,
        aggregation_uri: None,
    };
    let header = JwsHeader::new(Algorithm::Es256).with_kid(kid.to_string());
    sign_token(header, &said, list, &SigningKey::new(key).unwrap()).unwrap()
}

/// What a list of one bit a card is in a snapshot.
fn content<'a>(uri: &'a str, bytes: &'a [u8]) -> ListContent<'a> {
    ListContent { uri, bits: 1, bytes }
}

/// Serves status list tokens, each under its place: `/0`, `/1`, …
async fn serve_tokens(served: Arc<Mutex<Vec<String>>>) -> Url {
    let serve = |State(served): State<Arc<Mutex<Vec<String>>>>, UrlPath(place): UrlPath<usize>| async move {
        let token = served.lock().unwrap()[place].clone();
        ([(CONTENT_TYPE, "application/statuslist+jwt")], token)
    };
    listen(Router::new().route("/{place}", get(serve)).with_state(served)).await
}

#[tokio::test]
async fn lists_that_are_not_those_of_the_snapshot_are_told() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    setup.ledger.accredit(&agency, "Agency", &["urn:a"]);
    let served = Arc::new(Mutex::new(vec![String::new()]));
    let uri = serve_tokens(served.clone()).await.join("0").unwrap().to_string();
    let (list, signed) = token(&agency, &uri, 7, now());
    setup
        .ledger
        .snapshot(&agency, &[(content(&uri, list.bytes()), signed.as_bytes())]);
    setup.publish();
    served.lock().unwrap()[0] = signed;
    assert_eq!(setup.look(&["--snapshots"]).await, (Some(0), String::new()));
    // Another list of the same time: not what was anchored.
    served.lock().unwrap()[0] = token(&agency, &uri, 8, setup.ledger.now()).1;
    assert_eq!(setup.look(&[]).await.0, Some(0), "nobody asked for it");
    let (code, said) = setup.look(&["--snapshots"]).await;
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(setup.told_once().0, "ledger.snapshot_differs");
    // One that was published since is the next snapshot's.
    served.lock().unwrap()[0] = token(&agency, &uri, 8, setup.ledger.now() + 1).1;
    assert_eq!(setup.look(&["--snapshots"]).await.0, Some(0));
}

/// An agency that always serves a list of after its snapshot is never held to what it anchored.
#[tokio::test]
async fn an_agency_whose_lists_are_always_younger_than_its_snapshots_is_told() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    setup.ledger.accredit(&agency, "Agency", &["urn:a"]);
    let served = Arc::new(Mutex::new(vec![String::new()]));
    let uri = serve_tokens(served.clone()).await.join("0").unwrap().to_string();
    let (list, anchored) = token(&agency, &uri, 7, now());
    let younger = token(&agency, &uri, 7, setup.ledger.now() + 1).1;
    let kept = setup.folder.path().join("state/snapshots.json");
    let did = agency.did().to_string();
    let lists = [(content(&uri, list.bytes()), anchored.as_bytes())];
    setup.ledger.snapshot(&agency, &lists);
    setup.publish();
    served.lock().unwrap()[0] = younger.clone();
    assert_eq!(setup.look(&["--snapshots"]).await, (Some(0), String::new()));
    // It was so for longer than an honest agency needs to anchor its next snapshot.
    let since = |age: u64| {
        std::fs::write(
            &kept,
            json!({ &did: {"built": null, "since": now() - age} }).to_string(),
        )
        .unwrap()
    };
    since(7 * 3600);
    let (code, said) = setup.look(&["--snapshots"]).await;
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(
        setup.told_once(),
        (
            "ledger.snapshot_differs".to_owned(),
            json!({"organisation": did, "reason": "for hours every list served was younger than what was anchored"}),
        )
    );
    since(5 * 3600);
    assert_eq!(setup.look(&["--snapshots"]).await.0, Some(0));
    // One that can be built again ends it.
    since(7 * 3600);
    served.lock().unwrap()[0] = anchored.clone();
    assert_eq!(setup.look(&["--snapshots"]).await.0, Some(0));
    served.lock().unwrap()[0] = younger;
    assert_eq!(setup.look(&["--snapshots"]).await.0, Some(0));
    // The newest snapshot was built again: it may be old.
    let mut aged: Value = serde_json::from_slice(&std::fs::read(&kept).unwrap()).unwrap();
    assert!(aged[&did]["built"].is_string());
    aged[&did]["since"] = 1.into();
    std::fs::write(&kept, aged.to_string()).unwrap();
    assert_eq!(setup.look(&["--snapshots"]).await.0, Some(0));
}

/// What stands under which path, of both kinds of list; under a path with a query what is answered to that alone.
type Served = Arc<Mutex<BTreeMap<String, String>>>;

/// Serves lists, each under its path, and nothing else.
async fn serve_lists(served: Served) -> Url {
    let serve = |State(served): State<Served>, uri: Uri| async move {
        let asked = uri.path_and_query().map_or(uri.path(), |asked| asked.as_str());
        let found = {
            let served = served.lock().unwrap();
            served.get(asked).or_else(|| served.get(uri.path())).cloned()
        };
        let Some(list) = found else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let kind = match list.starts_with('{') {
            true => "application/vc",
            false => "application/statuslist+jwt",
        };
        ([(CONTENT_TYPE, kind)], list).into_response()
    };
    listen(Router::new().fallback(serve).with_state(served)).await
}

/// A list of two bits a card in which these say so.
fn list_of(said: &[(u64, Status)]) -> StatusList {
    let mut list = StatusList::new(Bits::Two, 4096);
    for (index, status) in said {
        list.set(*index, *status).unwrap();
    }
    list
}

/// Serves lists of bits beside this one, which say this, signed by this agency at this time.
fn serve_bits(served: &Served, office: (&Organisation, &str), said: &[(u64, Status)], signed_at: u64) {
    serve_bits_to(served, "", office, said, signed_at);
}

/// The same to those who ask with this query alone.
fn serve_bits_to(
    served: &Served,
    query: &str,
    (agency, uri): (&Organisation, &str),
    said: &[(u64, Status)],
    signed_at: u64,
) {
    let (kid, key) = agency.assertion_key().unwrap();
    for purpose in StatusPurpose::ALL {
        let bits = NewBits {
            token_list: uri,
            purpose,
            list: &list_of(said),
            issuer: agency.did().as_str(),
            kid: &kid.to_string(),
            signed_at,
            expires: signed_at + 3600,
            time_to_live: 60,
            signer: &SigningKey::new(key).unwrap(),
        };
        let path = purpose.list_beside("/0") + query;
        served.lock().unwrap().insert(path, bits.sign().unwrap());
    }
}

/// An agency with students' cards, whose one list was anchored: card 7 revoked, card 9 suspended.
async fn with_anchored_list() -> (Setup, Organisation, Served, String) {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    let types = ["urn:holdfast:vct:student-card:1"];
    setup.ledger.accredit(&agency, "Agency", &types);
    let served = Served::default();
    let uri = serve_lists(served.clone()).await.join("0").unwrap().to_string();
    let list = list_of(ANCHORED);
    let token = sign(&agency, &uri, &list, setup.ledger.now());
    let content = ListContent {
        uri: &uri,
        bits: 2,
        bytes: list.bytes(),
    };
    setup.ledger.snapshot(&agency, &[(content, token.as_bytes())]);
    setup.publish();
    served.lock().unwrap().insert("/0".to_owned(), token);
    (setup, agency, served, uri)
}

const ANCHORED: &[(u64, Status)] = &[(7, Status::Invalid), (9, Status::Suspended)];

#[tokio::test]
async fn lists_of_bits_that_contradict_what_was_anchored_are_told() {
    let (setup, agency, served, uri) = with_anchored_list().await;
    let look = async || setup.look(&["--snapshots"]).await;
    assert_eq!(look().await, (Some(0), String::new()), "there are none");
    let at = setup.ledger.now();
    let (not_suspended, not_revoked) = ANCHORED.split_at(1);
    let more = [ANCHORED, &[(8, Status::Invalid)]].concat();
    let more = more.as_slice();
    for (said, signed_at, expected) in [
        // Of the time of the snapshot: the same, or told.
        (ANCHORED, at, 0),
        (not_revoked, at, 5),
        (not_suspended, at, 5),
        (more, at, 5),
        // Later a card may be revoked, and suspended no longer; a revocation stays.
        (more, at + 1, 0),
        (not_suspended, at + 1, 0),
        (not_revoked, at + 1, 5),
        // Before none was revoked that is not now.
        (not_revoked, at - 1, 0),
        (more, at - 1, 5),
    ] {
        serve_bits(&served, (&agency, &uri), said, signed_at);
        let (code, told) = look().await;
        assert_eq!(code, Some(expected), "{said:?} at {signed_at}: {told}");
        let reason = "it says other than the list that was anchored";
        assert_eq!(told.contains(reason), expected == 5, "{told}");
    }
}

/// Later nobody is suspended any more: what was said at the time of the snapshot is asked for.
#[tokio::test]
async fn lists_of_bits_as_they_were_are_held_to_the_snapshot() {
    let (mut setup, agency, served, uri) = with_anchored_list().await;
    let at = setup.ledger.now();
    let then = format!("?time={at}");
    let (not_suspended, _) = ANCHORED.split_at(1);
    let more = [ANCHORED, &[(8, Status::Suspended)]].concat();
    serve_bits(&served, (&agency, &uri), not_suspended, at + 1);
    assert_eq!(setup.look(&["--snapshots"]).await, (Some(0), String::new()));
    for (said, expected) in [(ANCHORED, 0), (not_suspended, 5), (ANCHORED, 0), (more.as_slice(), 5)] {
        serve_bits_to(&served, &then, (&agency, &uri), said, at);
        let (code, told) = setup.look(&["--snapshots"]).await;
        assert_eq!(code, Some(expected), "{said:?}: {told}");
        let reason = "/suspension: it says other than the list that was anchored";
        assert_eq!(told.contains(reason), expected == 5, "{told}");
    }
    let other = setup.ledger.create("other.example");
    setup.publish();
    serve_bits_to(&served, &then, (&other, &uri), not_suspended, at);
    let (code, told) = setup.look(&["--snapshots"]).await;
    assert_eq!(code, Some(0), "what the agency did not sign is no proof: {told}");
}

#[tokio::test]
async fn a_list_of_bits_that_is_not_the_agencys_or_cannot_be_had_is_told() {
    let (mut setup, agency, served, uri) = with_anchored_list().await;
    let other = setup.ledger.create("other.example");
    setup.publish();
    serve_bits(&served, (&other, &uri), ANCHORED, setup.ledger.now());
    let (code, told) = setup.look(&["--snapshots"]).await;
    assert_eq!(code, Some(5), "{told}");
    assert!(
        told.contains("/revocation: signed with a key that does not count"),
        "{told}"
    );
    // A token in its place says nothing of either purpose.
    let beside = StatusPurpose::Revocation.list_beside(&uri);
    let token = sign(&agency, &beside, &list_of(ANCHORED), setup.ledger.now());
    served.lock().unwrap().insert("/0/revocation".to_owned(), token);
    let (code, told) = setup.look(&["--snapshots"]).await;
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("the list has another purpose"), "{told}");
}

/// Tokens are small where their lists are not: what is held is bounded by what they inflate to.
#[tokio::test]
async fn lists_that_inflate_to_more_than_is_read_are_not_held() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    setup.ledger.accredit(&agency, "Agency", &["urn:a"]);
    let served = Arc::new(Mutex::new(Vec::new()));
    let base = serve_tokens(served.clone()).await;
    let uris: Vec<String> = (0..5)
        .map(|place| base.join(&place.to_string()).unwrap().to_string())
        .collect();
    let large = StatusList::new(Bits::Eight, 15 * 1024 * 1024);
    let tokens: Vec<String> = uris.iter().map(|uri| sign(&agency, uri, &large, now())).collect();
    assert!(tokens.iter().all(|token| token.len() < 64 * 1024));
    // Where they were held and compared, they would make another root than this.
    let lists: Vec<(ListContent<'_>, &[u8])> = uris
        .iter()
        .zip(&tokens)
        .map(|(uri, token)| (content(uri, &[0; 8]), token.as_bytes()))
        .collect();
    setup.ledger.snapshot(&agency, &lists);
    setup.publish();
    *served.lock().unwrap() = tokens.clone();
    let (code, said) = setup.look(&["--snapshots"]).await;
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("the lists are longer than is read"), "{said}");
}
