//! A ledger, an agency, a business and a wallet.

mod attester;
mod clock;
mod issuer;
mod offline;
mod verifier;

pub(crate) use attester::attesters;
pub(crate) use clock::TestClock;
pub(crate) use issuer::{Copy, CredentialEndpoint, Issuer, keys};
pub(crate) use offline::{ChallengeDraft, NEWEST, judged, read};
pub(crate) use verifier::{RequestDraft, SESSION_KEY, answered, decrypt, form_value, query};

use did::identity::Organisation;
use jose::UnixTime;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use testkit::certificates::{Authority, Chain, Name};
use testkit::credential::{key, vct};
use testkit::{Cosignatures, Ledger, purpose, scope};
use wallet::{
    AcceptedCard, Arrival, CardStatus, Consent, IssuanceError, Locking, MemorySecretStore, Network, OpenRequest,
    Outcome, Passphrase, Protection, Receipt, RequestRefused, Settings, Stretching, Wallet,
};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const NOW: UnixTime = 1_795_176_000;
pub(crate) const PIN: &str = "402918";
pub(crate) const YEAR: u64 = 365 * 24 * 3600;
/// Where issuers say what they issue.
pub(crate) const METADATA: &str = "/.well-known/openid-credential-issuer";

/// All parties. One server stands for all of them; they differ by host and path.
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) agency: Organisation,
    pub(crate) business: Organisation,
    pub(crate) access: Chain,
    pub(crate) server: MockServer,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) keyring: Arc<MemorySecretStore>,
    pub(crate) profile: PathBuf,
    pub(crate) wallet: Wallet,
    priority: AtomicU8,
    places: Arc<AtomicU64>,
}

/// Number of the business's access key in the test kit.
pub(crate) const ACCESS_KEY: u64 = 77;

impl World {
    /// An accredited agency, a registered business, an empty wallet.
    pub(crate) async fn new() -> Self {
        Self::with_anchors(None, None).await
    }

    /// The same with configured trust anchors of issuers and of those who ask.
    pub(crate) async fn with_anchors(issuers: Option<&Authority>, verifiers: Option<&Authority>) -> Self {
        let (issuers, verifiers) = (issuers.map(Authority::pem), verifiers.map(Authority::pem));
        Self::set_up(issuers, verifiers, Some("/attester")).await
    }

    /// The same with this file as the trust anchor of issuers.
    pub(crate) async fn with_issuer_anchor(pem: &str) -> Self {
        Self::set_up(Some(pem), None, Some("/attester")).await
    }

    /// The same with a wallet that nobody attests.
    pub(crate) async fn unattested() -> Self {
        Self::set_up(None, None, None).await
    }

    async fn set_up(issuers: Option<&str>, verifiers: Option<&str>, attester: Option<&str>) -> Self {
        let server = MockServer::start().await;
        let port = server.address().port();
        let mut ledger = Ledger::new(NOW);
        let agency = ledger.create(&format!("agency.localhost%3A{port}"));
        ledger.accredit(
            &agency,
            "City Office",
            &[&vct("person-identification"), &vct("residence")],
        );
        let business = ledger.create(&format!("shop.localhost%3A{port}"));
        let access = Authority::new("access").certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
        let folder = tempfile::tempdir().expect("folder");
        let anchors = |name: &str, pem: Option<&str>| {
            let pem = pem?;
            let path = folder.path().join(name);
            std::fs::create_dir(&path).expect("folder");
            std::fs::write(path.join("anchor.pem"), pem).expect("anchor");
            Some(path)
        };
        let settings = Settings {
            network: Network::Development { ports: vec![port] },
            trust_pack: String::from_utf8(ledger.trust_pack_file()).expect("text"),
            ledger_url: format!("http://ledger.localhost:{port}/ledger").parse().expect("url"),
            mirror_url: Some(format!("http://mirror.localhost:{port}/mirror").parse().expect("url")),
            attester_url: attester.map(|at| format!("http://attester.localhost:{port}{at}").parse().expect("url")),
            issuer_anchors: anchors("issuers", issuers),
            verifier_anchors: anchors("verifiers", verifiers),
        };
        let clock = Arc::new(TestClock::at(NOW));
        let keyring = Arc::new(MemorySecretStore::default());
        let passphrase = Passphrase::new(PIN);
        let locking = Locking {
            passphrase: &passphrase,
            protection: Protection::Keyring,
            stretching: Stretching::dangerous_cheap(),
        };
        let profile = folder.path().join("profile");
        let wallet = Wallet::create(&profile, &locking, settings, keyring.as_ref(), clock.clone()).expect("wallet");
        let mut world = Self {
            ledger,
            agency,
            business,
            access,
            server,
            clock,
            folder,
            keyring,
            profile,
            wallet,
            priority: AtomicU8::new(250),
            places: Arc::default(),
        };
        world.register();
        world.publish_agencies().await;
        world
    }

    /// A copy of what lies on the disk at this moment.
    pub(crate) fn copied(&self) -> PathBuf {
        let profile = self.profile.with_extension("again");
        std::fs::create_dir(&profile).expect("folder");
        for entry in std::fs::read_dir(&self.profile).expect("folder") {
            let entry = entry.expect("entry");
            std::fs::copy(entry.path(), profile.join(entry.file_name())).expect("copied");
        }
        profile
    }

    /// The process is killed and started again: what lies on the disk at this moment is opened.
    pub(crate) fn killed(self) -> Self {
        let profile = self.copied();
        let passphrase = Passphrase::new(PIN);
        let wallet = Wallet::open(&profile, &passphrase, self.keyring.as_ref(), self.clock.clone()).expect("opened");
        Self {
            profile,
            wallet,
            ..self
        }
    }

    /// Mocks mounted later count before those mounted earlier.
    pub(crate) fn next_priority(&self) -> u8 {
        self.priority.fetch_sub(1, Ordering::SeqCst)
    }

    fn register(&mut self) {
        let hash = sha256(self.access.leaf());
        let person = vct("person-identification");
        let purposes = vec![
            purpose("age", &person, &["age_over_18"], &["given_name"]),
            purpose("contract", &person, &["given_name", "family_name", "birth_date"], &[]),
            purpose("home", &vct("residence"), &["locality"], &[]),
        ];
        let scope = scope(self.business.did(), "Corner Shop", &[hash], purposes, NOW + YEAR);
        self.ledger.register(&scope, &self.business);
    }

    /// The business is registered for this purpose alone from now on.
    pub(crate) fn register_again(&mut self, purpose: ledger::Purpose) {
        let hash = sha256(self.access.leaf());
        let scope = scope(self.business.did(), "Corner Shop", &[hash], vec![purpose], NOW + YEAR);
        self.ledger.register(&scope, &self.business);
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub(crate) fn url(&self, party: &str, path: &str) -> String {
        format!("http://{party}.localhost:{}{path}", self.port())
    }

    /// The ledger answers with the newest proofs from now on.
    pub(crate) async fn publish_agencies(&mut self) {
        let bundles = self.ledger.accredited_bundles();
        self.answer_cbor("/ledger/bundles/accredited", bundles).await;
    }

    /// The ledger answers what it knows about one DID.
    pub(crate) async fn publish_record(&mut self, did: &str) {
        let bundle = self.ledger.bundle(did);
        self.answer_cbor("/ledger/bundle", bundle).await;
    }

    /// The ledger's and the mirror's answers under test; the newest one mounted counts.
    pub(crate) async fn answer_cbor(&self, at: &str, body: Vec<u8>) {
        self.answer(at, ResponseTemplate::new(200).set_body_raw(body, "application/cbor"))
            .await;
    }

    /// Mounts an answer that hides every earlier one at this path.
    pub(crate) async fn answer(&self, at: &str, answer: ResponseTemplate) {
        Mock::given(path(at))
            .respond_with(answer)
            .with_priority(self.next_priority())
            .mount(&self.server)
            .await;
    }

    /// The same with an answer that depends on the request.
    pub(crate) async fn answer_by(&self, at: &str, respond: impl wiremock::Respond + 'static) {
        Mock::given(path(at))
            .respond_with(respond)
            .with_priority(self.next_priority())
            .mount(&self.server)
            .await;
    }

    /// Answers once in this way, and then as before.
    pub(crate) async fn answer_once(&self, at: &str, answer: ResponseTemplate) {
        let mock = on("POST", at).respond_with(answer).up_to_n_times(1);
        mock.with_priority(self.next_priority()).mount(&self.server).await;
    }

    /// Everything that was sent to a path.
    pub(crate) async fn sent(&self, verb: &str, at: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.expect("recorded");
        all.into_iter()
            .filter(|r| r.method.as_str() == verb && r.url.path() == at)
            .collect()
    }

    /// An issuer at the agency's host, with the agency's key.
    pub(crate) async fn issuer(&self, kind: &str) -> Issuer {
        let issuer = Issuer::of(self, kind);
        issuer.mount(self).await;
        issuer
    }

    /// Opens and accepts.
    pub(crate) async fn accept(&self, link: &str) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let offer = self.wallet.open_offer(link).await?;
        self.wallet.accept_offer(offer, None).await
    }

    /// A wallet with a person identification that came and of which nobody said yet whose it is.
    pub(crate) async fn with_pending() -> (Self, Arrival) {
        let world = Self::new().await;
        let issuer = world.issuer("person-identification").await;
        let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
        let arrival = world.wallet.receive_offer(offer, None).await.expect("received");
        (world, arrival)
    }

    /// A wallet with a person identification.
    pub(crate) async fn with_card() -> Self {
        let world = Self::new().await;
        let issuer = world.issuer("person-identification").await;
        world.accept(&issuer.offer()).await.expect("accepted");
        world
    }

    /// Opens the request and shows what is needed.
    pub(crate) async fn share(&self, link: &str) -> Result<Receipt, wallet::ShareError> {
        let open = self.wallet.open_request(link).await.expect("opened");
        let consent = open.ask().agree(&[]).expect("agreed");
        self.wallet.share(open, &consent).await
    }

    /// Opens a request that must be refused, and asserts that nothing was sent but for the request
    /// itself, and that no copy was used.
    pub(crate) async fn refused(&self, link: &str) -> RequestRefused {
        let before = self.unused();
        let error = self
            .wallet
            .open_request(link)
            .await
            .map(|open: OpenRequest| drop(open))
            .expect_err("refused");
        assert_eq!(self.sent("POST", "/response/1").await.len(), 0, "nothing is sent");
        assert_eq!(self.unused(), before, "no copy is used");
        error
    }

    /// Accepts an offer that must be refused, and asserts that nothing was stored and the issuer told.
    pub(crate) async fn not_stored(&self, issuer: &Issuer) -> IssuanceError {
        let error = self.accept(&issuer.offer()).await.expect_err("refused");
        self.nothing_kept(&error, 2).await;
        error
    }

    /// Asserts that nothing is left of what an issuer sent and the wallet refused: no card and none that waits, no key;
    /// that the history says why, that the issuer was told once for each batch, and that nothing was sent after that.
    pub(crate) async fn nothing_kept(&self, error: &IssuanceError, batches: usize) {
        let vault = self.wallet.vault();
        assert!(vault.cards().expect("cards").is_empty(), "nothing is stored");
        assert!(self.wallet.pending_cards().expect("cards").is_empty(), "nothing waits");
        assert_eq!(vault.holder_keys().expect("keys"), 0, "its keys are destroyed");
        let noted = &self.wallet.history().expect("history")[0].record;
        assert_eq!(
            (noted.outcome, noted.reason.as_deref()),
            (Outcome::NotStored, Some(error.code()))
        );
        assert_eq!(self.notified().await, vec!["credential_failure"; batches]);
        let all = self.server.received_requests().await.expect("recorded");
        let last = all.iter().rev().take_while(|sent| sent.url.path() == "/notification");
        assert_eq!(last.count(), batches, "nothing more is sent");
    }

    /// Asserts that nobody was asked for anything but the agency and the public record, nor was it tried.
    pub(crate) async fn nobody_else_asked(&self) {
        assert_eq!(self.wallet.blocked_requests(), 0);
        for request in self.server.received_requests().await.expect("recorded") {
            let host = request.headers["host"].to_str().expect("text");
            let known = ["agency.", "ledger."].iter().any(|party| host.starts_with(party));
            assert!(known, "{host} was asked for {}", request.url.path());
        }
    }

    /// Events the issuer was told.
    pub(crate) async fn notified(&self) -> Vec<String> {
        let sent = self.sent("POST", "/notification").await;
        let event = |request: &Request| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).expect("json");
            body["event"].as_str().expect("event").to_owned()
        };
        sent.iter().map(event).collect()
    }

    /// Unused copies of all cards.
    pub(crate) fn unused(&self) -> u64 {
        self.wallet
            .vault()
            .cards()
            .expect("cards")
            .iter()
            .map(|card| card.unused.online)
            .sum()
    }

    /// Status of the only card.
    pub(crate) fn card_status(&self) -> CardStatus {
        let cards = self.wallet.vault().cards().expect("cards");
        self.wallet.card_status(cards.first().expect("a card")).expect("status")
    }

    /// A bundle of the business with everybody's cosignature.
    pub(crate) fn business_bundle(&mut self) -> Vec<u8> {
        let did = self.business.did().to_string();
        self.ledger.bundle(&did)
    }

    /// A bundle of the business with these cosignatures.
    pub(crate) fn business_bundle_with(&mut self, cosignatures: &Cosignatures) -> Vec<u8> {
        let did = self.business.did().to_string();
        self.ledger.bundle_with(&did, cosignatures)
    }

    /// A request of the business for a purpose, published; gives the link.
    pub(crate) async fn ask(&mut self, purpose: &str, claims: &[&str]) -> String {
        let draft = RequestDraft::of(self, purpose, claims);
        draft.publish(self).await
    }
}

/// Agrees with one optional claim.
pub(crate) fn agree(open: &OpenRequest, with: &[&str]) -> Consent {
    let with: Vec<String> = with.iter().map(|name| (*name).to_owned()).collect();
    open.ask().agree(&with).expect("agreed")
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}

/// The parameters of a form that was sent.
pub(crate) fn parameters(request: &Request) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// The key of the DPoP proof that came with a request.
pub(crate) fn thumbprint(request: &Request) -> [u8; 32] {
    let proof = request.headers["dpop"].to_str().expect("text");
    let proof = jose::UnverifiedJws::parse(proof).expect("proof");
    proof.header().jwk().expect("key").thumbprint()
}

/// A mock for one verb.
pub(crate) fn on(verb: &str, at: &str) -> wiremock::MockBuilder {
    Mock::given(method(verb)).and(path(at))
}

/// What a token says; whoever wants to know whether it holds verifies it.
pub(crate) fn claims(compact: &str) -> serde_json::Value {
    let jws = jose::UnverifiedJws::parse(compact).expect("token");
    serde_json::from_slice(jws.dangerous_unverified_payload()).expect("json")
}
