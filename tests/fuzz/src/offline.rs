//! A shop that asks without a network, and all that a wallet needs to answer it.

use std::sync::LazyLock;

use cbor::Writer;
use did::identity::Organisation;
use jose::{PrivateJwk, Signer, base64url};
use ledger::{Channel, Clock, FreshnessLimit, ListContent, SnapshotTree, StatusProof, TrustPack, UnverifiedLandmark};
use oid4vp::DcqlQuery;
use proximity::{Accepted, Challenge, HeldIssuer, NewChallenge, UnverifiedChallenge, VerifiedChallenge};
use serde_json::json;
use testkit::credential::key;
use testkit::{Ledger, purpose, scope};

use crate::keys::{NOW, SameEs256};

pub(crate) const VCT: &str = "urn:holdfast:vct:person-identification:1";
pub(crate) const LIST: &str = "https://agency.example/lists/1";
pub(crate) const CLOCK: Clock = Clock {
    device: NOW,
    newest_seen: 0,
};

pub(crate) struct Scene {
    pub(crate) pack: TrustPack,
    pub(crate) agency: String,
    pub(crate) agency_bundle: Vec<u8>,
    pub(crate) status_proof: StatusProof,
    pub(crate) shop: SameEs256,
    pub(crate) shop_bundle: Vec<u8>,
    /// The key that answers are encrypted to.
    pub(crate) key: PrivateJwk,
    /// Everything that the shop ever asked, the same in every run.
    pub(crate) challenges: Vec<Challenge>,
    /// The first of them, as a wallet sees it.
    pub(crate) verified: VerifiedChallenge,
}

pub(crate) static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Office of Residents", &[VCT]);
    let list = ListContent {
        uri: LIST,
        bits: 1,
        bytes: &[0x10; 64],
    };
    ledger.snapshot(&agency, &[(list, b"a token")]);
    let shop = register(&mut ledger);
    let landmark = UnverifiedLandmark::from_note(&ledger.publish()).unwrap();
    let landmarks = [landmark.without_cosignatures()];
    let agency = agency.did().to_string();
    let held = [HeldIssuer {
        did: agency.clone(),
        snapshot: Some(NOW),
        lists: true,
    }];
    let pack = ledger.trust_pack();
    let shop_bundle = ledger.bundle(shop.did().as_str());
    let signer = SameEs256::new(shop.assertion_key().unwrap().1);
    let (query, key) = (query(), key(90));
    let in_sync = NewChallenge {
        did: shop.did().as_str(),
        fragment: "assert-1",
        purpose: "age",
        query: &query,
        nonce: [7; 16],
        issued_at: NOW,
        expires_at: NOW + 300,
        key: key.public(),
        landmarks: &landmarks,
        held: &held,
        accepted: Accepted {
            channel: Channel::InPerson,
            ledger: FreshnessLimit::OFFLINE,
            status: FreshnessLimit::OFFLINE,
        },
        origin: pack.origin(),
        bundle: &shop_bundle,
    };
    let cold = NewChallenge {
        landmarks: &[],
        held: &[],
        ..in_sync
    };
    let challenges: Vec<Challenge> = [cold, in_sync].iter().map(|new| new.sign(&signer).unwrap()).collect();
    let message = challenges[0].to_message();
    let unverified = UnverifiedChallenge::parse(&message).unwrap();
    Scene {
        verified: unverified.verify(&pack, &CLOCK, FreshnessLimit::OFFLINE).unwrap(),
        agency_bundle: ledger.lean_bundle(&agency),
        status_proof: SnapshotTree::new(&[list]).unwrap().prove(LIST, 7).unwrap(),
        agency,
        shop: signer,
        shop_bundle,
        key,
        challenges,
        pack,
    }
});

fn register(ledger: &mut Ledger) -> Organisation {
    let shop = ledger.create("shop.example");
    let mut age = purpose("age", VCT, &["age_over_18"], &["birth_date"]);
    age.channel = Channel::InPerson;
    let registered = scope(shop.did(), "Shop", &[[7; 32]], vec![age], NOW + 1000);
    ledger.register(&registered, &shop);
    shop
}

fn query() -> DcqlQuery {
    let query = json!({"credentials": [{"id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]},
        "claims": [{"path": ["age_over_18"]}]}]});
    DcqlQuery::parse(&query).unwrap()
}

/// A challenge around any request, signed by whoever it may be. docs/offline-qr.md §2
pub(crate) fn signed(request: &[u8], signer: &dyn Signer) -> Vec<u8> {
    let mut text = Writer::new();
    text.array(3).text("holdfast/offline-challenge/v1");
    text.text(SCENE.pack.origin()).bytes(request);
    let signature = signer.sign(&text.into_bytes()).unwrap();
    let mut writer = Writer::new();
    writer.array(4).uint(1).bytes(request).bytes(&signature);
    writer.bytes(&SCENE.shop_bundle);
    writer.into_bytes()
}

/// The nonce that presentations are bound to. docs/offline-qr.md §2
pub(crate) fn nonce(challenge: &Challenge) -> String {
    base64url::encode(challenge.hash())
}
