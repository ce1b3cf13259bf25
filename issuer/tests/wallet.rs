//! A wallet that can also misbehave: it makes its proofs by hand.

use axum::body::Body;
use http::Request;
use jose::{JwsHeader, PrivateJwk, Signer, SigningKey, sign_compact};
use oid4vci::{DpopTarget, make_dpop_proof, make_key_proof};
use serde_json::{Value, json};
use url::Url;

use crate::world::{Answer, NOW, PUBLIC_URL, World};

pub(crate) struct Wallet {
    pub(crate) dpop_key: SigningKey,
}

pub(crate) fn fresh_key() -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_p256(&mut service::random::fill)).unwrap()
}

impl Wallet {
    pub(crate) fn new() -> Self {
        Self { dpop_key: fresh_key() }
    }

    /// A good DPoP proof for a path, with a nonce fetched for it.
    pub(crate) async fn dpop(&self, world: &World, path: &str, token: Option<&str>) -> String {
        let nonce = dpop_nonce(world).await;
        let url: Url = format!("{PUBLIC_URL}{path}").parse().unwrap();
        let target = DpopTarget {
            method: "POST",
            url: &url,
            access_token: token,
            nonce: Some(&nonce),
        };
        make_dpop_proof(
            &target,
            &self.dpop_key,
            service::Clock::now(&*world.clock),
            &mut service::random::fill,
        )
        .unwrap()
    }

    /// The claims of a good DPoP proof for the token endpoint.
    pub(crate) async fn dpop_claims(&self, world: &World) -> Value {
        json!({
            "jti": service::random::id(), "htm": "POST", "htu": format!("{PUBLIC_URL}/token"), "iat": NOW,
            "nonce": dpop_nonce(world).await,
        })
    }

    pub(crate) fn dpop_header(&self) -> JwsHeader {
        JwsHeader::new(self.dpop_key.algorithm())
            .with_typ("dpop+jwt")
            .with_jwk(self.dpop_key.public_jwk().clone())
    }

    pub(crate) async fn token_with(&self, world: &World, dpop: &str, form: String) -> Answer {
        let request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("dpop", dpop)
            .body(Body::from(form));
        world.send(request.unwrap()).await
    }

    /// A token request with a good proof.
    pub(crate) async fn token(&self, world: &World, code: &str, tx_code: Option<&str>) -> Answer {
        let dpop = self.dpop(world, "/token", None).await;
        self.token_with(world, &dpop, form(code, tx_code)).await
    }

    /// An access token for a fresh offer.
    pub(crate) async fn access_token(&self, world: &World, credential_type: &str, subject: &str) -> String {
        let (_, code, _) = world.offer(credential_type, subject, false).await;
        let answer = self.token(world, &code, None).await;
        answer.json()["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer:?}"))
            .to_owned()
    }

    pub(crate) async fn post(&self, world: &World, path: &str, token: &str, body: impl Into<Body>) -> Answer {
        self.post_as(world, path, token, "application/json", body).await
    }

    /// The same with a media type.
    pub(crate) async fn post_as(
        &self,
        world: &World,
        path: &str,
        token: &str,
        media_type: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let dpop = self.dpop(world, path, Some(token)).await;
        let request = Request::post(path)
            .header("content-type", media_type)
            .header("authorization", format!("DPoP {token}"))
            .header("dpop", dpop)
            .body(body.into());
        world.send(request.unwrap()).await
    }

    /// A credential request with these key proofs.
    pub(crate) async fn credential(
        &self,
        world: &World,
        token: &str,
        configuration: &str,
        proofs: &[String],
    ) -> Answer {
        let body = json!({ "credential_configuration_id": configuration, "proofs": { "jwt": proofs } });
        self.post(world, "/credential", token, body.to_string()).await
    }

    /// A batch of copies, and its notification id.
    pub(crate) async fn copies(
        &self,
        world: &World,
        token: &str,
        configuration: &str,
        count: usize,
    ) -> (Vec<String>, String) {
        let nonce = c_nonce(world).await;
        let proofs: Vec<String> = (0..count).map(|_| key_proof(&fresh_key(), &nonce)).collect();
        let answer = self.credential(world, token, configuration, &proofs).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let json = answer.json();
        let items = json["credentials"].as_array().unwrap();
        let copies = items
            .iter()
            .map(|item| item["credential"].as_str().unwrap().to_owned())
            .collect();
        (copies, json["notification_id"].as_str().unwrap().to_owned())
    }
}

pub(crate) fn form(code: &str, tx_code: Option<&str>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", oid4vci::PRE_AUTHORIZED_CODE)
        .append_pair("pre-authorized_code", code);
    if let Some(tx_code) = tx_code {
        form.append_pair("tx_code", tx_code);
    }
    form.finish()
}

async fn nonces(world: &World) -> Answer {
    world.send(Request::post("/nonce").body(Body::empty()).unwrap()).await
}

pub(crate) async fn dpop_nonce(world: &World) -> String {
    nonces(world).await.header("dpop-nonce").unwrap().to_owned()
}

pub(crate) async fn c_nonce(world: &World) -> String {
    nonces(world).await.json()["c_nonce"].as_str().unwrap().to_owned()
}

/// A good key proof.
pub(crate) fn key_proof(key: &SigningKey, nonce: &str) -> String {
    let issuer = oid4vci::Identifier::parse(PUBLIC_URL, oid4vci::Transport::LoopbackHttp).unwrap();
    make_key_proof(&issuer, Some(nonce), key, NOW).unwrap()
}

/// The same with `iss`.
pub(crate) fn key_proof_of(client: &str, key: &SigningKey, nonce: &str) -> String {
    let header = JwsHeader::new(key.algorithm())
        .with_typ("openid4vci-proof+jwt")
        .with_jwk(key.public_jwk().clone());
    let claims = json!({ "iss": client, "aud": PUBLIC_URL, "iat": NOW, "nonce": nonce });
    signed(key, &header, &claims)
}

/// A JWS with any header text and payload text, signed with the key.
pub(crate) fn forged(key: &SigningKey, header: &str, payload: &str) -> String {
    let signed = format!(
        "{}.{}",
        jose::base64url::encode(header),
        jose::base64url::encode(payload)
    );
    let signature = key.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", jose::base64url::encode(signature))
}

/// A JWS with this header and payload.
pub(crate) fn signed(key: &SigningKey, header: &JwsHeader, payload: &Value) -> String {
    sign_compact(header, payload.to_string().as_bytes(), key).unwrap()
}
