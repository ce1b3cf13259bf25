//! A whole log in one process: real store, real routes, real signatures, a clock that stands
//! still, and cosigners that can be switched off.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anchor::config::Files;
use anchor::init::{CosignerArg, NewLedger, make};
use anchor::log::{Log, Pace, Reply, StartError, Status, Transport, Unreachable};
use anchor::pack::load_pack;
use anchor::routes::App;
use anchor::serve::load_identity;
use anchor::store::Store;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use did::identity::{Organisation, OrganisationKeys};
use jose::SigningKey;
use ledger::{
    Accreditation, AccreditedType, Head, Kind, LeafBuilder, Localized, OrganisationRecord, Replica, Submission,
    TrustPack, UnverifiedBundle,
};
use outbound::{Limits, Request};
use serde_json::{Value, json};
use service::config::Common;
use service::{CancellationToken, Clock, Secret, TestClock};
use tempfile::TempDir;
use tlog::{AddCheckpoint, Checkpoint, Cosigner, LogKey, Origin, WitnessState};
use url::Url;

use crate::fixtures::{NOW, client};

pub(crate) const TOKEN: &str = "kX3vJ9-abcdefghij";

/// Every cosigner of the policy, by host.
pub(crate) struct Cosigners {
    nodes: BTreeMap<String, Mutex<Node>>,
    /// Which host was asked about which checkpoint, in order.
    asked: Mutex<Vec<(String, Checkpoint, String)>>,
    clock: Arc<TestClock>,
    store: Mutex<Option<Store>>,
}

struct Node {
    cosigner: Cosigner,
    state: WitnessState,
    is_up: bool,
    /// A mirror replays; it has this replica.
    replica: Option<Replica>,
}

impl Cosigners {
    fn new(names: &[&str], clock: &Arc<TestClock>) -> Self {
        let node = |(number, name): (u8, &&str)| {
            let key = format!("{name}.localhost").parse().unwrap();
            let node = Node {
                cosigner: Cosigner::from_seed(key, &[number; 32]).unwrap(),
                state: WitnessState::new([]),
                is_up: true,
                replica: None,
            };
            (format!("{name}.localhost"), Mutex::new(node))
        };
        Self {
            nodes: (1..).zip(names).map(node).collect(),
            asked: Mutex::default(),
            clock: Arc::clone(clock),
            store: Mutex::default(),
        }
    }

    /// Switches cosigners on or off.
    pub(crate) fn set_up(&self, names: &[&str], is_up: bool) {
        for name in names {
            lock(&self.nodes[&format!("{name}.localhost")]).is_up = is_up;
        }
    }

    /// Who was asked, in order, with the text of the log's signature line.
    pub(crate) fn asked(&self) -> Vec<(String, Checkpoint, String)> {
        lock(&self.asked).clone()
    }

    /// Makes a witness believe in another tree of the log.
    pub(crate) fn forget(&self, name: &str, log: &LogKey, origin: &str) {
        let mut node = lock(&self.nodes[&format!("{name}.localhost")]);
        node.state = WitnessState::new([log.clone()]);
        node.replica = node.replica.is_some().then(|| Replica::new(origin));
    }

    /// A cosigner is told the keys of the log; what it recorded stays.
    pub(crate) fn learn(&self, name: &str, keys: Vec<LogKey>) {
        let mut node = lock(&self.nodes[&format!("{name}.localhost")]);
        let origin = Origin::from(keys[0].verifier_key().name());
        let newest = node.state.newest(&origin).map(|newest| newest.to_note(&[]));
        node.state = WitnessState::new(keys);
        if let Some(note) = newest {
            node.state.restore(note).unwrap();
        }
    }

    fn args(&self, mirror: bool) -> Vec<CosignerArg> {
        let is_mirror = |host: &str| host.starts_with('m');
        let args = self.nodes.iter().filter(|(host, _)| is_mirror(host) == mirror);
        args.map(|(host, node)| CosignerArg {
            vkey: lock(node).cosigner.verifier_key().to_string(),
            url: format!("http://{host}:1").parse().unwrap(),
        })
        .collect()
    }

    async fn answer(&self, host: &str, body: &[u8]) -> Result<Reply, Unreachable> {
        let request = AddCheckpoint::parse(body).unwrap();
        let checkpoint = request.checkpoint.dangerous_checkpoint().clone();
        let line = request.checkpoint.signatures()[0].to_string();
        lock(&self.asked).push((host.to_owned(), checkpoint.clone(), line));
        if !lock(&self.nodes[host]).is_up {
            return Err(Unreachable("switched off".into()));
        }
        if host.starts_with('m') {
            self.replay(host, checkpoint.size()).await;
        }
        let mut node = lock(&self.nodes[host]);
        if let Some(replica) = &node.replica
            && replica.endorse(&checkpoint).is_err()
        {
            return Ok(reply(422, ""));
        }
        match node.state.check(request) {
            Ok(persisted) => {
                let recorded = node.state.record(persisted).unwrap();
                let line = recorded.cosign(&node.cosigner, self.clock.now()).unwrap();
                Ok(reply(200, &line.to_string()))
            }
            Err(tlog::Refusal::Conflict { size }) => Ok(reply(409, &format!("{size}\n"))),
            Err(refusal) => Ok(reply(refusal.status(), "")),
        }
    }

    async fn replay(&self, host: &str, size: u64) {
        let store = lock(&self.store).clone().unwrap();
        loop {
            let at = lock(&self.nodes[host]).replica.as_ref().unwrap().size();
            if at >= size {
                return;
            }
            let (leaf, payload) = store.entry(at).await.unwrap().unwrap();
            let mut node = lock(&self.nodes[host]);
            node.replica.as_mut().unwrap().push(&leaf, &payload).unwrap();
        }
    }
}

impl Transport for Cosigners {
    fn post<'a>(
        &'a self,
        url: &'a Url,
        body: Vec<u8>,
        _: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Unreachable>> + Send + 'a>> {
        Box::pin(async move { self.answer(url.host_str().unwrap(), &body).await })
    }
}

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        body: body.as_bytes().to_vec(),
    }
}

/// A log with three witnesses and a mirror, two of three needed.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) cosigners: Arc<Cosigners>,
    pub(crate) registrar: Organisation,
    pub(crate) pack: TrustPack,
    pub(crate) pace: Pace,
    pub(crate) url: Url,
    /// The files of the log's keys.
    pub(crate) log_keys: Vec<PathBuf>,
    listener: Option<tokio::net::TcpListener>,
    serving: Option<tokio::task::JoinHandle<()>>,
}

/// The log of a [`World`], running.
pub(crate) struct Running {
    pub(crate) log: Log,
    pub(crate) stop: CancellationToken,
}

impl World {
    /// Makes the ledger; nothing runs yet.
    pub(crate) async fn new() -> Self {
        Self::at(NOW).await
    }

    pub(crate) async fn at(now: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::at(now));
        let cosigners = Arc::new(Cosigners::new(&["w1", "w2", "w3", "m1"], &clock));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://ledger.localhost:{port}");
        let common: Common = serde_json::from_value(json!({
            "profile": "development", "data_dir": folder.path(), "listen": "127.0.0.1:0",
            "ops_listen": "127.0.0.1:0", "public_url": url, "outbound_ports": [port],
        }))
        .unwrap();
        let ledger = NewLedger {
            name: "Test".to_owned(),
            origin: None,
            witnesses: cosigners.args(false),
            mirrors: cosigners.args(true),
            threshold: None,
            snapshots_per_hour: None,
            live: false,
        };
        make(&common, &ledger, now).await.unwrap();
        let files = Files::new(folder.path());
        let pack = load_pack(&files.trust_pack(), now).unwrap();
        for name in ["w1", "w2", "w3"] {
            cosigners.forget(name, pack.log_key(), pack.origin());
        }
        let mut mirror = lock(&cosigners.nodes["m1.localhost"]);
        mirror.state = WitnessState::new([pack.log_key().clone()]);
        mirror.replica = Some(Replica::new(pack.origin()));
        drop(mirror);
        Self {
            registrar: registrar(folder.path()),
            folder,
            clock,
            cosigners,
            pack,
            pace: Pace {
                batch: Duration::from_millis(5),
                cosign: Duration::from_secs(3600),
                retry: Duration::from_millis(20),
                // Entries come when a test writes them, whatever its clock does.
                hour: Duration::from_secs(3600),
                ..Pace::default()
            },
            url: url.parse().unwrap(),
            log_keys: vec![PathBuf::from("log.key")],
            listener: Some(listener),
            serving: None,
        }
    }

    pub(crate) fn files(&self) -> Files {
        Files::new(self.folder.path()).with_log_keys(self.log_keys.clone())
    }

    /// Starts the log, whether or not it may write.
    pub(crate) async fn start(&self) -> Running {
        self.try_start().await.unwrap()
    }

    pub(crate) async fn try_start(&self) -> Result<Running, StartError> {
        self.try_start_with(Arc::clone(&self.cosigners) as _).await
    }

    /// The same, with something between the log and its cosigners.
    pub(crate) async fn try_start_with(&self, transport: Arc<dyn Transport>) -> Result<Running, StartError> {
        let store = Store::open(&self.files().store()).await.unwrap();
        *lock(&self.cosigners.store) = Some(store.clone());
        let identity = load_identity(&self.files(), self.clock.now()).unwrap();
        let stop = CancellationToken::new();
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        let log = Log::start(store, identity, transport, clock, self.pace.clone(), stop.clone()).await?;
        Ok(Running { log, stop })
    }

    /// Starts the log and its routes, and waits until it writes.
    pub(crate) async fn serve(&mut self) -> Running {
        let running = self.start().await;
        running.reaches(&Status::Writing).await;
        let token = Secret::try_from(TOKEN.to_owned()).unwrap();
        let router = App::new(running.log.clone(), Some(token), Some(self.files().registrar_log())).router();
        if let Some(listener) = self.listener.take() {
            self.serving = Some(tokio::spawn(
                async move { axum::serve(listener, router).await.unwrap() },
            ));
        }
        running
    }

    /// Ends the log, and starts it again at the same address.
    pub(crate) async fn serve_again(&mut self, running: Running) -> Running {
        running.end().await;
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _ = serving.await;
        }
        let address = ("127.0.0.1", self.url.port().unwrap());
        self.listener = Some(tokio::net::TcpListener::bind(address).await.unwrap());
        self.serve().await
    }

    /// A DID create, signed by the registrar.
    pub(crate) fn create(&self, agency: &Organisation) -> Submission {
        let line = agency.lines()[0].clone().into_bytes();
        self.by_registrar(LeafBuilder::new(Kind::DidCreate, agency.did().as_str(), None, line))
    }

    /// An accreditation, signed by the registrar.
    pub(crate) fn grant(&self, record: &OrganisationRecord, vct: &str) -> Submission {
        let head = record.head(Kind::AccreditationGrant.part());
        self.grant_after(head, record.did(), vct)
    }

    /// The same, after this head of the organisation's accreditation.
    pub(crate) fn grant_after(&self, head: Option<&Head>, did: &str, vct: &str) -> Submission {
        let accreditation = Accreditation {
            name: Localized::english("Agency").unwrap(),
            subject: did.parse().unwrap(),
            succeeds: None,
            types: vec![AccreditedType {
                until: NOW * 2,
                vct: vct.to_owned(),
            }],
        };
        let payload = accreditation.encode().unwrap();
        self.by_registrar(LeafBuilder::new(Kind::AccreditationGrant, did, head, payload))
    }

    pub(crate) fn by_registrar(&self, leaf: LeafBuilder) -> Submission {
        self.signed_by(&self.registrar, leaf)
    }

    /// Signed by the ledger key of an organisation.
    pub(crate) fn signed_by(&self, organisation: &Organisation, leaf: LeafBuilder) -> Submission {
        let (key_id, key) = organisation.ledger_key().unwrap();
        let key = SigningKey::new(key).unwrap();
        leaf.signed_by(self.pack.origin(), &[(key_id.to_string().as_str(), &key)])
            .unwrap()
    }

    /// The newest published record of an organisation, proved against the trust pack.
    pub(crate) async fn record(&self, running: &Running, did: &str) -> Option<OrganisationRecord> {
        let bundle = running.log.store().bundle(did, &[]).await.unwrap().unwrap();
        let bundle = UnverifiedBundle::parse(&bundle)
            .unwrap()
            .verify(&self.pack, did)
            .unwrap();
        bundle.record().cloned()
    }

    /// `POST /api/v1/entries`: status, headers that matter, JSON.
    pub(crate) async fn post(&self, body: Vec<u8>, token: Option<&str>) -> (u16, Option<String>, Value) {
        self.post_to("/api/v1/entries", body, token).await
    }

    /// The same for several entries: `POST /api/v1/entries/batch`.
    pub(crate) async fn post_several(&self, body: Vec<u8>, token: Option<&str>) -> (u16, Option<String>, Value) {
        self.post_to("/api/v1/entries/batch", body, token).await
    }

    async fn post_to(&self, path: &str, body: Vec<u8>, token: Option<&str>) -> (u16, Option<String>, Value) {
        let url = self.url.join(path).unwrap();
        let mut request = Request::post(url, "application/cbor", body);
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            request = request.header(AUTHORIZATION, value);
        }
        let limits = Limits::MESSAGE
            .with_total(Duration::from_secs(60))
            .with_body(1024 * 1024);
        let answer = client(&self.url).send(request, &limits).await.unwrap();
        let retry = answer.header("retry-after").map(str::to_owned);
        (
            answer.status().as_u16(),
            retry,
            serde_json::from_slice(answer.body()).unwrap_or_default(),
        )
    }

    /// The same with the admin token: status and stable code.
    pub(crate) async fn post_code(&self, submission: &Submission) -> (u16, String) {
        let (status, _, json) = self.post(submission.encode(), Some(TOKEN)).await;
        (status, json["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Running {
    /// Waits until the log has this status.
    pub(crate) async fn reaches(&self, status: &Status) {
        let mut watch = self.log.watch_status();
        let reached = watch.wait_for(|now| now == status);
        let reached = tokio::time::timeout(Duration::from_secs(20), reached).await;
        assert!(reached.is_ok(), "{:?} is not reached: {:?}", status, self.log.status());
    }

    /// Waits until so many entries are published.
    pub(crate) async fn publishes(&self, size: u64) {
        eventually(|| self.log.published() >= size).await;
    }

    /// Ends it, and waits until the store is free.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.log.store().close().await;
    }
}

/// A new agency; the number makes it another one.
pub(crate) fn agency(number: u8) -> Organisation {
    let mut call = 0_u8;
    let mut random = move |out: &mut [u8]| {
        call = call.wrapping_add(1);
        out.fill(call);
        out[0] = number;
    };
    Organisation::create(&format!("agency{number}.localhost%3A1"), NOW, &mut random).unwrap()
}

pub(crate) async fn eventually(mut holds: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to hold");
}

fn registrar(folder: &Path) -> Organisation {
    let files = Files::new(folder);
    let keys = OrganisationKeys::from_json(&std::fs::read(files.registrar_keys()).unwrap()).unwrap();
    Organisation::open(keys, &std::fs::read_to_string(files.registrar_log()).unwrap()).unwrap()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
