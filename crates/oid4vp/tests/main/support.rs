//! Keys, queries and requests for the tests.

use jose::{PrivateJwk, PublicJwk, SigningKey, UnixTime};
use oid4vp::{ClientId, DcqlQuery, NewRequest, Nonce, RequestSigner, RequestUri, RequestUriMethod, State};
use serde_json::{Value, json};
use url::Url;

pub(crate) const NOW: UnixTime = 1_790_000_000;
pub(crate) const DID: &str = "did:example:shop";
pub(crate) const KID: &str = "did:example:shop#assert-1";

/// Reproducible "random" bytes.
pub(crate) fn random(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut next = seed;
    move |out: &mut [u8]| {
        for byte in out {
            next = next.wrapping_mul(31).wrapping_add(17);
            *byte = next;
        }
    }
}

pub(crate) fn key(seed: u8) -> PrivateJwk {
    PrivateJwk::generate_p256(&mut random(seed))
}

pub(crate) fn signer(seed: u8) -> SigningKey {
    SigningKey::new(&key(seed)).unwrap()
}

pub(crate) fn residence_query() -> DcqlQuery {
    DcqlQuery::parse(&json!({ "credentials": [{
        "id": "residence", "format": "dc+sd-jwt",
        "meta": { "vct_values": ["urn:holdfast:vct:residence:1"] },
        "claims": [{ "path": ["country"] }]
    }] }))
    .unwrap()
}

/// A verifier with one session.
pub(crate) struct Verifier {
    pub(crate) client_id: ClientId,
    pub(crate) signer: SigningKey,
    pub(crate) session_key: PrivateJwk,
    pub(crate) nonce: Nonce,
    pub(crate) state: State,
    pub(crate) query: DcqlQuery,
    pub(crate) response_uri: Url,
}

impl Verifier {
    pub(crate) fn new() -> Self {
        let encryption = key(2).with_kid("session-1");
        Self {
            client_id: ClientId::from_did(DID).unwrap(),
            signer: signer(1),
            session_key: encryption,
            nonce: Nonce::generate(&mut random(3)),
            state: State::generate(&mut random(4)),
            query: residence_query(),
            response_uri: Url::parse("https://shop.example/response/1").unwrap(),
        }
    }

    pub(crate) fn link(&self) -> RequestUri {
        let target = Url::parse("https://shop.example/request/1").unwrap();
        RequestUri::new(&self.client_id, target, RequestUriMethod::Post)
    }

    pub(crate) fn encryption_key(&self) -> PublicJwk {
        self.session_key.public().clone().for_encryption().unwrap()
    }

    pub(crate) fn request(&self, wallet_nonce: Option<&str>) -> String {
        let key = self.encryption_key();
        NewRequest {
            client_id: &self.client_id,
            response_uri: &self.response_uri,
            nonce: &self.nonce,
            state: &self.state,
            query: &self.query,
            encryption_key: Some(&key),
            verifier_info: &[],
            wallet_nonce,
            issued_at: NOW,
            expires_at: NOW + 300,
        }
        .sign(&RequestSigner::Did {
            kid: KID,
            signer: &self.signer,
        })
        .unwrap()
    }

    /// The claims of a good request, to be spoiled.
    pub(crate) fn claims(&self) -> Value {
        let request = self.request(None);
        let payload = request.split('.').nth(1).unwrap();
        serde_json::from_slice(&jose::base64url::decode(payload).unwrap()).unwrap()
    }

    /// Signs other claims with the same key.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = jose::JwsHeader::new(jose::Algorithm::Es256)
            .with_typ(oid4vp::REQUEST_TYP)
            .with_kid(KID);
        jose::sign_compact(&header, claims.to_string().as_bytes(), &self.signer).unwrap()
    }
}
