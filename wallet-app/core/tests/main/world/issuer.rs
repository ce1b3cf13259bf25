//! An issuer that issues to whatever key is proved, and can be told to issue something else.

use super::{NOW, World, claims, on};
use jose::{PrivateJwk, PublicJwk, UnverifiedJws};
use sd_jwt::CredentialDraft;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::credential::{Agency, person_identification, residence, status, vct};
use wiremock::{Request, Respond, ResponseTemplate};

/// One copy about to be issued.
pub(crate) struct Copy<'a> {
    pub(crate) number: u64,
    pub(crate) agency: &'a Agency,
    pub(crate) draft: CredentialDraft,
    pub(crate) x5c: Option<Value>,
}

impl Copy<'_> {
    /// Issues it as it is.
    pub(crate) fn issue(self) -> String {
        let agency = Agency {
            did: self.agency.did.clone(),
            kid: self.agency.kid.clone(),
            key: self.agency.key.clone(),
            x5c: self.x5c,
        };
        agency.issue(self.draft)
    }
}

type Make = dyn Fn(Copy<'_>) -> String + Send + Sync;

/// The issuer's side of one offer.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) kind: String,
    pub(crate) vct: String,
    pub(crate) claims: Map<String, Value>,
    pub(crate) did: String,
    pub(crate) kid: String,
    pub(crate) key: PrivateJwk,
    pub(crate) x5c: Option<Value>,
    signs_in: bool,
    places: Arc<AtomicU64>,
    make: Arc<Make>,
}

impl Issuer {
    /// The agency of the world.
    pub(crate) fn of(world: &World, kind: &str) -> Self {
        let (kid, key) = world.agency.assertion_key().expect("key");
        Self {
            url: world.url("agency", ""),
            kind: kind.to_owned(),
            vct: vct(kind),
            claims: if kind == "residence" {
                residence()
            } else {
                person_identification()
            },
            did: world.agency.did().to_string(),
            kid: kid.to_string(),
            key: key.clone(),
            x5c: None,
            signs_in: false,
            places: Arc::clone(&world.places),
            make: Arc::new(|copy: Copy<'_>| copy.issue()),
        }
    }

    /// Changes how each copy is made.
    pub(crate) fn making(mut self, make: impl Fn(Copy<'_>) -> String + Send + Sync + 'static) -> Self {
        self.make = Arc::new(make);
        self
    }

    /// The person signs in for its cards.
    pub(crate) fn signing_in(mut self) -> Self {
        self.signs_in = true;
        self
    }

    /// The offer of both batches, by value.
    pub(crate) fn offer(&self) -> String {
        self.offer_of(&[self.kind.clone(), format!("{}.offline", self.kind)])
    }

    /// An offer of these configurations.
    pub(crate) fn offer_of(&self, configurations: &[String]) -> String {
        let offer = self.offer_json(configurations).to_string();
        let encoded: String = url::form_urlencoded::byte_serialize(offer.as_bytes()).collect();
        format!("openid-credential-offer://?credential_offer={encoded}")
    }

    pub(crate) fn offer_json(&self, configurations: &[String]) -> Value {
        let grants = if self.signs_in {
            json!({"authorization_code": {"issuer_state": "the-offer"}})
        } else {
            json!({"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "code"}})
        };
        json!({
            "credential_issuer": self.url,
            "credential_configuration_ids": configurations,
            "grants": grants,
        })
    }

    pub(crate) fn metadata(&self) -> Value {
        let configuration = json!({
            "format": "dc+sd-jwt",
            "vct": self.vct,
            "scope": self.kind,
            "cryptographic_binding_methods_supported": ["jwk"],
            "credential_signing_alg_values_supported": ["ES256"],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {"display": [{"name": "Test card", "locale": "en"}]},
        });
        json!({
            "credential_issuer": self.url,
            "credential_endpoint": format!("{}/credential", self.url),
            "nonce_endpoint": format!("{}/nonce", self.url),
            "notification_endpoint": format!("{}/notification", self.url),
            "batch_credential_issuance": {"batch_size": 3},
            "credential_configurations_supported": {
                &self.kind: configuration,
                format!("{}.offline", self.kind): configuration,
            },
        })
    }

    pub(crate) fn server_metadata(&self) -> Value {
        let mut metadata = json!({
            "issuer": self.url,
            "token_endpoint": format!("{}/token", self.url),
            "grant_types_supported": ["urn:ietf:params:oauth:grant-type:pre-authorized_code"],
            "pre-authorized_grant_anonymous_access_supported": true,
            "dpop_signing_alg_values_supported": ["ES256"],
        });
        if self.signs_in {
            metadata["grant_types_supported"] = json!(["authorization_code", "refresh_token"]);
            metadata["response_types_supported"] = json!(["code"]);
            metadata["authorization_endpoint"] = format!("{}/authorize", self.url).into();
            metadata["pushed_authorization_request_endpoint"] = format!("{}/par", self.url).into();
            metadata["code_challenge_methods_supported"] = json!(["S256"]);
            metadata["authorization_response_iss_parameter_supported"] = true.into();
        }
        metadata
    }

    pub(crate) async fn mount(&self, world: &World) {
        let server = &world.server;
        let priority = || world.next_priority();
        let well_known = "/.well-known/openid-credential-issuer";
        let json = |body: Value| ResponseTemplate::new(200).set_body_json(body);
        on("GET", well_known)
            .respond_with(json(self.metadata()))
            .with_priority(priority())
            .mount(server)
            .await;
        let well_known = "/.well-known/oauth-authorization-server";
        on("GET", well_known)
            .respond_with(json(self.server_metadata()))
            .with_priority(priority())
            .mount(server)
            .await;
        let pushed = json!({"request_uri": "urn:ietf:params:oauth:request_uri:abc", "expires_in": 60});
        on("POST", "/par")
            .respond_with(ResponseTemplate::new(201).set_body_json(pushed))
            .with_priority(priority())
            .mount(server)
            .await;
        let token = json!({
            "access_token": "token", "token_type": "DPoP", "expires_in": 300, "refresh_token": "refresh",
        });
        on("POST", "/token")
            .respond_with(json(token))
            .with_priority(priority())
            .mount(server)
            .await;
        on("POST", "/nonce")
            .respond_with(json(json!({"c_nonce": "fresh"})))
            .with_priority(priority())
            .mount(server)
            .await;
        on("POST", "/credential")
            .respond_with(self.endpoint())
            .with_priority(priority())
            .mount(server)
            .await;
        on("POST", "/notification")
            .respond_with(ResponseTemplate::new(204))
            .with_priority(priority())
            .mount(server)
            .await;
    }

    /// The credential endpoint alone, for mounting over another one.
    pub(crate) fn endpoint(&self) -> CredentialEndpoint {
        CredentialEndpoint {
            agency: Agency {
                did: self.did.clone(),
                kid: self.kid.clone(),
                key: self.key.clone(),
                x5c: self.x5c.clone(),
            },
            vct: self.vct.clone(),
            claims: self.claims.clone(),
            list: format!("{}/lists/1", self.url),
            issued: AtomicU64::new(0),
            places: Arc::clone(&self.places),
            make: Arc::clone(&self.make),
        }
    }
}

/// Answers credential requests.
pub(crate) struct CredentialEndpoint {
    agency: Agency,
    vct: String,
    claims: Map<String, Value>,
    list: String,
    issued: AtomicU64,
    /// The next place in the list: none is given twice, whichever endpoint issues.
    places: Arc<AtomicU64>,
    make: Arc<Make>,
}

impl Respond for CredentialEndpoint {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_json(self.answer(request, false))
    }
}

impl CredentialEndpoint {
    /// One copy for each proof, in their order or the other way round.
    pub(crate) fn answer(&self, request: &Request, backwards: bool) -> Value {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let configuration = body["credential_configuration_id"].as_str().expect("configuration");
        let offline = configuration.ends_with(".offline");
        let mut credentials: Vec<Value> = keys(&body["proofs"])
            .iter()
            .map(|key| json!({"credential": self.credential(key, offline)}))
            .collect();
        if backwards {
            credentials.reverse();
        }
        json!({"credentials": credentials, "notification_id": configuration})
    }

    fn credential(&self, holder: &PublicJwk, offline: bool) -> String {
        let number = self.issued.fetch_add(1, Ordering::SeqCst);
        let mut draft = self.agency.draft(&self.vct, self.claims.clone(), holder, NOW);
        let place = self.places.fetch_add(1, Ordering::SeqCst);
        draft.status = Some(status(&self.list, place));
        let x5c = if offline { None } else { self.agency.x5c.clone() };
        (self.make)(Copy {
            number,
            agency: &self.agency,
            draft,
            x5c,
        })
    }
}

/// The keys that are proved: one by one, or by an attestation of all.
pub(crate) fn keys(proofs: &Value) -> Vec<PublicJwk> {
    if let Some(attestation) = proofs["attestation"][0].as_str() {
        return attested(attestation);
    }
    let proofs = proofs["jwt"].as_array().expect("proofs").iter();
    let proofs = proofs.map(|proof| UnverifiedJws::parse(proof.as_str().expect("text")).expect("proof"));
    let proofs: Vec<UnverifiedJws> = proofs.collect();
    match proofs[0].header().other().get("key_attestation") {
        Some(attestation) => attested(attestation.as_str().expect("text")),
        None => proofs
            .iter()
            .map(|proof| proof.header().jwk().expect("key").clone())
            .collect(),
    }
}

fn attested(attestation: &str) -> Vec<PublicJwk> {
    let keys = claims(attestation)["attested_keys"].as_array().expect("keys").clone();
    keys.iter().map(|key| PublicJwk::parse(key).expect("key")).collect()
}
