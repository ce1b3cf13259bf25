//! Requests, as they should be or in one point not.

use super::{ACCESS_KEY, NOW, World};
use jose::{JwsHeader, PrivateJwk, base64url, sign_compact};
use serde_json::{Value, json};
use testkit::credential::{key, signer, vct};
use wiremock::ResponseTemplate;

/// A request before it is signed; tests change its parts.
pub(crate) struct RequestDraft {
    pub(crate) claims: Value,
    pub(crate) typ: String,
    pub(crate) x5c: Option<Value>,
    pub(crate) kid: Option<String>,
    pub(crate) key: PrivateJwk,
    /// The client id of the link.
    pub(crate) client_id: String,
}

/// Number of the session's encryption key in the test kit.
pub(crate) const SESSION_KEY: u64 = 78;

impl RequestDraft {
    /// The registered business asks, by its access certificate, with its record.
    pub(crate) fn of(world: &mut World, purpose: &str, claims: &[&str]) -> Self {
        let bundle = world.business_bundle();
        let kind = if purpose == "home" {
            "residence"
        } else {
            "person-identification"
        };
        let query = query(kind, claims);
        let client_id = format!("x509_hash:{}", base64url::encode(super::sha256(world.access.leaf())));
        Self {
            claims: json!({
                "client_id": client_id,
                "aud": "https://self-issued.me/v2",
                "response_type": "vp_token",
                "response_mode": "direct_post.jwt",
                "response_uri": world.url("shop", "/response/1"),
                "nonce": "n-0123456789012345678901234567",
                "state": "s-0123456789012345678901234567",
                "dcql_query": query,
                "client_metadata": metadata(),
                "verifier_info": [
                    {"format": "holdfast-bundle+cbor", "data": base64url::encode(bundle)},
                    {"format": "holdfast-purpose", "data": {"purpose": purpose}},
                ],
                "iat": NOW,
                "exp": NOW + 300,
            }),
            typ: "oauth-authz-req+jwt".to_owned(),
            x5c: Some(world.access.x5c()),
            kid: None,
            key: key(ACCESS_KEY),
            client_id,
        }
    }

    /// The same business by its DID.
    pub(crate) fn by_did(world: &mut World, purpose: &str, claims: &[&str]) -> Self {
        let mut draft = Self::of(world, purpose, claims);
        let (kid, key) = world.business.assertion_key().expect("key");
        draft.set_client_id(&format!("decentralized_identifier:{}", world.business.did()));
        draft.x5c = None;
        draft.kid = Some(kid.to_string());
        draft.key = key.clone();
        draft
    }

    /// In link and request.
    pub(crate) fn set_client_id(&mut self, client_id: &str) {
        self.claims["client_id"] = client_id.into();
        self.client_id = client_id.to_owned();
    }

    /// Another record comes along.
    pub(crate) fn set_bundle(&mut self, bundle: &[u8]) {
        self.claims["verifier_info"][0]["data"] = base64url::encode(bundle).into();
    }

    /// No record comes along.
    pub(crate) fn without_record(mut self) -> Self {
        self.claims.as_object_mut().expect("object").remove("verifier_info");
        self
    }

    pub(crate) fn header(&self) -> JwsHeader {
        let mut header = JwsHeader::new(jose::Algorithm::Es256).with_typ(&self.typ);
        if let Some(x5c) = &self.x5c {
            header = header.with_x5c(x5c.clone());
        }
        if let Some(kid) = &self.kid {
            header = header.with_kid(kid);
        }
        header
    }

    pub(crate) fn sign(&self) -> String {
        let payload = self.claims.to_string();
        sign_compact(&self.header(), payload.as_bytes(), &signer(&self.key)).expect("signed")
    }

    /// Signed, and to be had; gives the link.
    pub(crate) async fn publish(&self, world: &World) -> String {
        self.publish_text(world, &self.sign()).await
    }

    /// This text is to be had instead.
    pub(crate) async fn publish_text(&self, world: &World, text: &str) -> String {
        let answer = ResponseTemplate::new(200).set_body_raw(text, "application/oauth-authz-req+jwt");
        world.answer("/request/1", answer).await;
        let accepted = ResponseTemplate::new(200).set_body_json(json!({}));
        super::on("POST", "/response/1")
            .respond_with(accepted)
            .with_priority(255)
            .mount(&world.server)
            .await;
        self.link(world)
    }

    /// Signed anew for every POST, with the nonce of the wallet; gives the link.
    pub(crate) async fn publish_echoing(&self, world: &World) -> String {
        let link = self.publish(world).await + "&request_uri_method=post";
        let (header, claims, key) = (self.header(), self.claims.clone(), self.key.clone());
        let echo = move |request: &wiremock::Request| {
            let mut claims = claims.clone();
            claims["wallet_nonce"] = form_value(&request.body, "wallet_nonce").into();
            let text = sign_compact(&header, claims.to_string().as_bytes(), &signer(&key)).expect("signed");
            ResponseTemplate::new(200).set_body_raw(text, "application/oauth-authz-req+jwt")
        };
        let mock = super::on("POST", "/request/1").respond_with(echo);
        mock.with_priority(world.next_priority()).mount(&world.server).await;
        link
    }

    pub(crate) fn link(&self, world: &World) -> String {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.client_id)
            .append_pair("request_uri", &world.url("shop", "/request/1"))
            .finish();
        format!("openid4vp://?{query}")
    }
}

/// One parameter of a posted form.
pub(crate) fn form_value(body: &[u8], name: &str) -> String {
    url::form_urlencoded::parse(body)
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        .expect("parameter")
}

/// What was answered: the decrypted payload of the only response.
pub(crate) async fn answered(world: &World) -> Value {
    let sent = world.sent("POST", "/response/1").await;
    assert_eq!(sent.len(), 1, "one answer");
    decrypt(&sent[0].body)
}

pub(crate) fn decrypt(body: &[u8]) -> Value {
    let response = form_value(body, "response");
    let jwe = jose::jwe::UnverifiedJwe::parse(&response).expect("jwe");
    let all = [
        jose::jwe::ContentEncryption::A128Gcm,
        jose::jwe::ContentEncryption::A256Gcm,
    ];
    let plain = jwe.decrypt(&key(SESSION_KEY), &all).expect("decrypted");
    serde_json::from_slice(&plain).expect("json")
}

/// One card, these claims.
pub(crate) fn query(kind: &str, claims: &[&str]) -> Value {
    let claims: Vec<Value> = claims.iter().map(|name| json!({"id": name, "path": [name]})).collect();
    let mut credential = json!({"id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": [vct(kind)]}});
    if !claims.is_empty() {
        credential["claims"] = claims.into();
    }
    json!({"credentials": [credential]})
}

fn metadata() -> Value {
    let mut jwk = key(SESSION_KEY).public().to_value();
    jwk["kid"] = "session".into();
    jwk["alg"] = "ECDH-ES".into();
    jwk["use"] = "enc".into();
    json!({
        "jwks": {"keys": [jwk]},
        "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"],
        "vp_formats_supported": {"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}},
    })
}
