//! A verifier without a network, and the phone before it.

use axum::body::{Body, to_bytes};
use http::{Response, StatusCode};
use jose::base64url;
use ledger::{Clock as LedgerClock, FreshnessLimit, ListContent, SnapshotTree, StatusProof};
use oid4vp::VpToken;
use proximity::{Challenge, FrameCode, FrameKind, FrameSource, NewAnswer, UnverifiedChallenge, VerifiedChallenge};
use sd_jwt::HeldSdJwt;
use serde_json::{Value, json};
use service::Clock;
use verifier::Place;

use crate::forge::Forged;
use crate::staff::{self, Staff};
use crate::world::{LIST, Options, World};

/// A kiosk that was brought up to date, and somebody who is signed in at it.
pub(crate) struct Kiosk {
    pub(crate) world: World,
    pub(crate) staff: Staff,
}

/// What a phone shows.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) presentations: Vec<String>,
    pub(crate) bundles: Vec<Vec<u8>>,
    pub(crate) proofs: Vec<StatusProof>,
}

impl Shown {
    pub(crate) fn only(presentation: String) -> Self {
        Self {
            presentations: vec![presentation],
            ..Self::default()
        }
    }
}

pub(crate) fn options() -> Options {
    Options {
        place: Place::Kiosk,
        ..Options::default()
    }
}

impl Kiosk {
    pub(crate) async fn new() -> Self {
        Self::after(0).await
    }

    /// So many seconds after the last time it had a network.
    pub(crate) async fn after(seconds: u64) -> Self {
        Self::of(World::with(options()).await, seconds).await
    }

    pub(crate) async fn of(world: World, seconds: u64) -> Self {
        world.clock.advance(seconds);
        let staff = Staff::sign_in(&world, "ada", "staff").await;
        Self { world, staff }
    }

    /// Opens a check.
    pub(crate) async fn ask(&self, check: &str) -> Value {
        let (status, opened) = self.try_ask(check).await;
        assert_eq!(status, StatusCode::OK, "{opened}");
        opened
    }

    pub(crate) async fn try_ask(&self, check: &str) -> (StatusCode, Value) {
        let key = service::random::id();
        let path = format!("/checks/{check}/offline");
        self.staff.post(&self.world, &path, &json!({}), &key).await
    }

    pub(crate) async fn get(&self, opened: &Value, what: &str) -> (StatusCode, Value) {
        self.staff.get(&self.world, &path(opened, what)).await
    }

    pub(crate) async fn post(&self, opened: &Value, what: &str, body: &Value) -> (StatusCode, Value) {
        self.staff.post(&self.world, &path(opened, what), body, "").await
    }

    pub(crate) async fn outcome(&self, opened: &Value) -> Value {
        let (status, outcome) = self.get(opened, "").await;
        assert_eq!(status, StatusCode::OK, "{outcome}");
        outcome
    }

    pub(crate) async fn held(&self) -> Value {
        let (status, held) = self.staff.get(&self.world, "/held").await;
        assert_eq!(status, StatusCode::OK, "{held}");
        held
    }

    /// The challenge as the store has it.
    pub(crate) async fn challenge(&self, opened: &Value) -> Challenge {
        let session = self.world.app.store.session(opened["id"].as_str().unwrap()).await;
        Challenge::restore(&session.unwrap().unwrap().challenge.unwrap()).unwrap()
    }

    /// What a phone that trusts the same ledger makes of the codes: they are those of the
    /// challenge, bit by bit, and it holds.
    pub(crate) async fn read(&self, opened: &Value) -> VerifiedChallenge {
        let message = self.challenge(opened).await.to_message();
        let source = FrameSource::new(FrameKind::Challenge, &message).unwrap();
        let codes = source.frames().iter().map(|frame| FrameCode::new(frame).unwrap());
        let codes: Vec<String> = codes.map(|code| base64url::encode(code.to_bits())).collect();
        let (status, shown) = self.get(opened, "/challenge").await;
        assert_eq!(status, StatusCode::OK, "{shown}");
        assert_eq!(
            (&shown["side"], &shown["needed"]),
            (&json!(77), &json!(source.needed()))
        );
        assert_eq!(shown["frames"], json!(codes));
        let clock = LedgerClock {
            device: self.world.clock.now(),
            newest_seen: 0,
        };
        let pack = self.world.ledger.trust_pack();
        let challenge = UnverifiedChallenge::parse(&message).unwrap();
        challenge.verify(&pack, &clock, FreshnessLimit::OFFLINE).unwrap()
    }

    /// Claims of a card, bound to a challenge.
    pub(crate) fn show(&self, card: &HeldSdJwt, claims: &[&str], challenge: &VerifiedChallenge) -> String {
        let (audience, nonce) = bound_to(challenge);
        self.world
            .show_at(card, claims, &audience, &nonce, self.world.clock.now())
    }

    /// A presentation for `adult` that can be spoiled.
    pub(crate) fn forge(&self, challenge: &VerifiedChallenge) -> Forged {
        let (audience, nonce) = bound_to(challenge);
        self.world.forge_for(&audience, &nonce)
    }

    /// Hands in everything that the codes of a message hold.
    pub(crate) async fn hand_in(&self, opened: &Value, message: &[u8]) -> (StatusCode, Value) {
        let asked = self.world.site.asked();
        let answered = self
            .post(opened, "/frames", &json!({ "frames": frames(message) }))
            .await;
        assert_eq!(self.world.site.asked(), asked, "nobody is asked");
        answered
    }

    /// Answers a check, and gives what is told afterwards.
    pub(crate) async fn answer(&self, opened: &Value, challenge: &VerifiedChallenge, shown: Shown) -> Value {
        let (status, progress) = self.hand_in(opened, &sealed(challenge, &shown)).await;
        assert_eq!(
            (status, &progress["state"]),
            (StatusCode::OK, &json!("complete")),
            "{progress}"
        );
        let outcome = self.outcome(opened).await;
        assert_eq!(progress["outcome"], outcome);
        outcome
    }

    /// A check `adult` up to the moment at which the phone shows its answer.
    pub(crate) async fn ready(&self) -> (Value, VerifiedChallenge, Shown) {
        let opened = self.ask("adult").await;
        let challenge = self.read(&opened).await;
        let shown = Shown::only(self.show(&self.world.person(3), &["age_over_18"], &challenge));
        (opened, challenge, shown)
    }

    /// Shows a card for `adult`.
    pub(crate) async fn adult(&self, card: &HeldSdJwt) -> Value {
        let opened = self.ask("adult").await;
        let challenge = self.read(&opened).await;
        let shown = Shown::only(self.show(card, &["age_over_18"], &challenge));
        self.answer(&opened, &challenge, shown).await
    }

    /// The proof of a card's status in the lists as the agency has them now.
    pub(crate) fn proof(&self, index: u64) -> StatusProof {
        let list = ListContent {
            uri: LIST,
            bits: self.world.statuses.bits().number(),
            bytes: self.world.statuses.bytes(),
        };
        SnapshotTree::new(&[list]).unwrap().prove(LIST, index).unwrap()
    }

    /// The bytes of a reply that is no JSON.
    pub(crate) async fn bytes(response: Response<Body>) -> Vec<u8> {
        to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()
    }

    pub(crate) async fn portrait(&self, opened: &Value) -> Response<Body> {
        let request = staff::post(&format!("/desk/api/v1{}", path(opened, "/portrait")))
            .header("cookie", self.staff.cookie())
            .body(Body::from("{}"))
            .unwrap();
        self.world.send(request).await
    }
}

fn path(opened: &Value, what: &str) -> String {
    format!("/sessions/{}{what}", opened["id"].as_str().unwrap())
}

fn bound_to(challenge: &VerifiedChallenge) -> (String, String) {
    let challenge = challenge.challenge();
    (challenge.client_id().to_string(), challenge.nonce().as_str().to_owned())
}

/// The message that a phone shows.
pub(crate) fn sealed(challenge: &VerifiedChallenge, shown: &Shown) -> Vec<u8> {
    let mut token = VpToken::new();
    let query = challenge.challenge().query().credential("person").unwrap();
    for presentation in &shown.presentations {
        token.insert(query.id().clone(), presentation.clone());
    }
    let answer = NewAnswer {
        token: &token,
        bundles: &shown.bundles,
        status_proofs: &shown.proofs,
    };
    answer.seal(challenge).unwrap().message().to_vec()
}

/// What the codes of a message hold, as pages hand it in.
pub(crate) fn frames(message: &[u8]) -> Vec<String> {
    let source = FrameSource::new(FrameKind::Answer, message).unwrap();
    source.sheet().iter().map(base64url::encode).collect()
}
