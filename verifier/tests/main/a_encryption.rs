//! Encrypted answers that are not even opened: A10 to A12.

use std::time::{Duration, Instant};

use http::StatusCode;
use jose::{PublicJwk, jwe};
use oid4vp::{PresentationRequest, ResponseMode};
use serde_json::{Value, json};
use testkit::credential::key;
use testkit::jwe::{
    OTHER_ALGORITHMS, bad_ephemeral_keys, compressed, header_of, sealed_under, with_algorithm, with_bad_tag,
    with_header,
};
use testkit::memory::Memory;

use crate::wallet::assert_outcome;
use crate::world::World;

/// A session, and what a good answer to it says.
struct Case {
    world: World,
    opened: Value,
    request: PresentationRequest,
    payload: String,
}

impl Case {
    async fn new() -> Self {
        let world = World::new().await;
        let opened = world.open("adult").await;
        let request = world.request(&opened).await;
        let shown = world.show(&world.person(3), &["age_over_18"], &request);
        let payload = json!({ "vp_token": { "person": [shown] }, "state": request.state().unwrap().as_str() });
        Self {
            world,
            opened,
            request,
            payload: payload.to_string(),
        }
    }

    fn key(&self) -> &PublicJwk {
        let ResponseMode::DirectPostJwt(encryption) = self.request.response_mode() else {
            panic!("not encrypted")
        };
        encryption.key()
    }

    /// The good answer.
    fn sealed(&self) -> String {
        let enc = jwe::ContentEncryption::A128Gcm;
        jwe::encrypt(self.payload.as_bytes(), self.key(), enc, None, None).unwrap()
    }

    /// The good answer under a header with something in it that nobody may say: it would open.
    fn sealed_saying(&self, change: impl FnOnce(&mut Value)) -> String {
        let sender = key(1);
        let mut header = header_of(&sender, self.key());
        change(&mut header);
        sealed_under(&header, self.payload.as_bytes(), &sender, self.key())
    }

    async fn post(&self, compact: &str) -> (StatusCode, Value) {
        let form = format!("response={compact}");
        self.world.post(self.request.response_uri().path(), &form).await
    }

    /// Refused, and the session is as it was; what the wallet is told.
    async fn refused(&self, compact: &str) -> Value {
        let counted = self.world.counted("refused_responses");
        let (status, problem) = self.post(compact).await;
        assert_eq!(
            (status, &problem["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_request"))
        );
        let unchanged = json!({ "id": self.opened["id"], "state": "scanned" });
        assert_eq!(self.world.outcome(&self.opened).await, unchanged);
        assert_eq!(self.world.counted("refused_responses"), counted + 1);
        problem
    }

    /// The good answer is still taken, also one that was made by hand.
    async fn is_answered(&self) {
        let (status, reply) = self.post(&self.sealed_saying(|_| {})).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        assert_outcome(&self.world.outcome(&self.opened).await, "yes", "ok");
    }
}

#[tokio::test]
async fn a10_verifier_a_compressed_answer_is_not_even_decrypted() {
    let case = Case::new().await;
    let spaces = " ".repeat(16 * 1024 * 1024);
    for text in [case.payload.clone(), format!("{}{spaces}", case.payload)] {
        let inflates = compressed(text.as_bytes(), case.key());
        let memory = Memory::now();
        case.refused(&inflates).await;
        assert!(memory.rose_less_than(10 << 20), "nothing is inflated");
    }
    let said = case.sealed_saying(|header| header["zip"] = json!("DEF"));
    case.refused(&said).await;
    case.is_answered().await;
}

#[tokio::test]
async fn a11_verifier_a_password_with_two_thousand_million_rounds() {
    let case = Case::new().await;
    let started = Instant::now();
    for alg in OTHER_ALGORITHMS {
        case.refused(&with_algorithm(&case.sealed(), alg)).await;
        let said = case.sealed_saying(|header| {
            header["alg"] = json!(alg);
            header["p2c"] = json!(1_u64 << 31);
        });
        case.refused(&said).await;
    }
    assert!(started.elapsed() < Duration::from_secs(10), "no round is computed");
    case.is_answered().await;
}

#[tokio::test]
async fn a12_verifier_ephemeral_keys_that_are_none() {
    let case = Case::new().await;
    let mut told = vec![case.refused(&with_bad_tag(&case.sealed())).await];
    for key in bad_ephemeral_keys(case.key()) {
        let message = with_header(&case.sealed(), |header| header["epk"] = key);
        told.push(case.refused(&message).await);
    }
    let secret = case.sealed_saying(|header| header["epk"] = key(1).dangerous_to_value());
    told.push(case.refused(&secret).await);
    told.dedup();
    assert_eq!(told.len(), 1, "what was wrong is not told: {told:?}");
    case.is_answered().await;
}
