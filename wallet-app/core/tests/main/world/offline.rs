//! Without a network: what is publicly recorded for that, challenges of the business, and what it reads of an answer.

use super::{NOW, World, query};
use jose::{Algorithm, JwsHeader, PrivateJwk, SigningKey, UnixTime, VerifyingKey};
use ledger::{Channel, FreshnessLimit, ListContent, UnverifiedLandmark};
use oid4vp::DcqlQuery;
use proximity::{
    Accepted, AnswerError, Challenge, FRAME_BYTES, FrameCollector, FrameKind, HeldIssuer, NewChallenge, OpenedAnswer,
    UnverifiedAnswer,
};
use sd_jwt::{KeyBindingPolicy, Requirements, UnverifiedPresentation, VerifiedCredential};
use serde_json::Value;
use status_list::{Bits, StatusClaims, StatusList, sign_token};
use testkit::credential::{key, signer};
use wiremock::ResponseTemplate;

/// Number of the challenge's key in the test kit.
const CHALLENGE_KEY: u64 = 79;
/// Where the hourly file is asked for.
pub(crate) const NEWEST: &str = "/ledger/landmarks/newest";

impl World {
    /// A wallet with a card and everything that others need to check it.
    pub(crate) async fn ready_offline() -> Self {
        let mut world = Self::with_card().await;
        world.publish_proofs(&[0; 128]).await;
        world.wallet.refresh_proofs().await.expect("refreshed");
        world
    }

    /// The agency publishes this list, one bit each, and records it; the ledger serves the hour's file. Gives the list.
    pub(crate) async fn publish_proofs(&mut self, bytes: &[u8]) -> String {
        let uri = self.url("agency", "/lists/1");
        let token = self.publish_list(bytes).await;
        let content = ListContent {
            uri: &uri,
            bits: 1,
            bytes,
        };
        self.ledger.snapshot(&self.agency, &[(content, token.as_bytes())]);
        self.publish_agencies().await;
        self.publish_landmark().await;
        token
    }

    /// The agency publishes this list, and says nothing of it on the ledger.
    pub(crate) async fn publish_list(&self, bytes: &[u8]) -> String {
        let uri = self.url("agency", "/lists/1");
        let (kid, key) = self.agency.assertion_key().expect("key");
        let said = StatusClaims {
            uri: &uri,
            issued_at: self.ledger.now(),
            expires: self.ledger.now() + 3_600,
            time_to_live: 60,
            aggregation_uri: None,
        };
        let header = JwsHeader::new(Algorithm::Es256).with_kid(kid.to_string());
        let list = StatusList::from_bytes(Bits::try_from(1).expect("one bit"), bytes.to_vec());
        let token = sign_token(header, &said, &list, &signer(key)).expect("signed");
        let answer = ResponseTemplate::new(200).set_body_raw(token.clone(), "application/statuslist+jwt");
        self.answer("/lists/1", answer).await;
        token
    }

    /// The ledger serves the newest hour's file; gives it.
    pub(crate) async fn publish_landmark(&mut self) -> Vec<u8> {
        let (_, file) = self.ledger.landmark();
        self.answer_cbor(NEWEST, file.clone()).await;
        file
    }

    /// How many requests there were, to anybody.
    pub(crate) async fn outbound(&self) -> usize {
        self.server.received_requests().await.expect("recorded").len()
    }

    /// Unused offline copies of all cards.
    pub(crate) fn unused_offline(&self) -> u64 {
        let cards = self.wallet.vault().cards().expect("cards");
        cards.iter().map(|card| card.unused.offline).sum()
    }

    pub(crate) fn issuer_key(&self) -> VerifyingKey {
        let (_, key) = self.agency.assertion_key().expect("key");
        VerifyingKey::new(key.public()).expect("key")
    }
}

/// A challenge before it is signed; tests change its parts.
pub(crate) struct ChallengeDraft {
    pub(crate) fragment: String,
    pub(crate) purpose: String,
    pub(crate) query: Value,
    pub(crate) nonce: [u8; 16],
    pub(crate) issued_at: UnixTime,
    pub(crate) expires_at: UnixTime,
    pub(crate) landmarks: Vec<UnverifiedLandmark>,
    pub(crate) held: Vec<HeldIssuer>,
    pub(crate) accepted: Accepted,
    pub(crate) bundle: Vec<u8>,
    pub(crate) signer: PrivateJwk,
    did: String,
}

impl ChallengeDraft {
    /// The registered business asks, and holds nothing about anybody.
    pub(crate) fn of(world: &mut World, purpose: &str, claims: &[&str]) -> Self {
        let note = world.ledger.publish();
        let landmark = UnverifiedLandmark::from_note(&note).expect("a landmark");
        let bundle = world.business_bundle();
        let (kid, key) = world.business.assertion_key().expect("key");
        Self {
            fragment: kid.fragment().to_owned(),
            purpose: purpose.to_owned(),
            query: query("person-identification", claims),
            nonce: [7; 16],
            issued_at: NOW,
            expires_at: NOW + 300,
            landmarks: vec![landmark.without_cosignatures()],
            held: Vec::new(),
            accepted: Accepted {
                channel: Channel::Online,
                ledger: FreshnessLimit::OFFLINE,
                status: FreshnessLimit::OFFLINE,
            },
            bundle,
            signer: key.clone(),
            did: world.business.did().to_string(),
        }
    }

    pub(crate) fn sign(&self, world: &World) -> Challenge {
        let signer = SigningKey::new(&self.signer).expect("key");
        let (pack, query) = (world.ledger.trust_pack(), DcqlQuery::parse(&self.query).expect("query"));
        let ephemeral = key(CHALLENGE_KEY);
        let new = NewChallenge {
            did: &self.did,
            fragment: &self.fragment,
            purpose: &self.purpose,
            query: &query,
            nonce: self.nonce,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            key: ephemeral.public(),
            landmarks: &self.landmarks,
            held: &self.held,
            accepted: self.accepted,
            origin: pack.origin(),
            bundle: &self.bundle,
        };
        new.sign(&signer).expect("a challenge")
    }

    /// What the wallet collects from its codes.
    pub(crate) fn message(&self, world: &World) -> Vec<u8> {
        self.sign(world).to_message()
    }
}

/// What the business reads from the codes of an answer.
pub(crate) fn read(challenge: &Challenge, frames: &[[u8; FRAME_BYTES]]) -> Result<OpenedAnswer, AnswerError> {
    let mut collector = FrameCollector::new(FrameKind::Answer);
    for frame in frames {
        collector.accept(frame).expect("a frame of an answer");
    }
    let answer = UnverifiedAnswer::parse(collector.complete().expect("complete"))?;
    answer.open(challenge, &key(CHALLENGE_KEY), challenge.issued_at() + 1)
}

/// The only card in an answer, with every check of signature, key binding and time.
pub(crate) fn judged(world: &World, challenge: &Challenge, answer: &OpenedAnswer) -> VerifiedCredential {
    let presentations: Vec<&str> = answer.token().presentations().map(|(_, text)| text).collect();
    assert_eq!(presentations.len(), 1, "one card");
    let audience = challenge.client_id().to_string();
    let policy = KeyBindingPolicy::Required {
        audience: &audience,
        nonce: challenge.nonce().as_str(),
    };
    UnverifiedPresentation::parse(presentations[0])
        .expect("a presentation")
        .verify_credential(
            &world.issuer_key(),
            Requirements::Anchored,
            policy,
            challenge.issued_at(),
        )
        .expect("it holds")
}
