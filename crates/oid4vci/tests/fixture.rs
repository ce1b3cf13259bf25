//! An issuer of one card, the wallet's side of it, and keys and random bytes that are the same each time.

use jose::{Algorithm, PrivateJwk, SigningKey};
use oid4vci::wallet::{AuthorizedIssuance, HttpRequest, HttpResponse, PreparedIssuance, Reply};
use oid4vci::{
    AuthorizationServerMetadata, CredentialOffer, DpopExpectation, Identifier, IssuerMetadata, NoncePurpose,
    PRE_AUTHORIZED_CODE, PreAuthorizedGrant, ServerNonces, Transport, TxCodeHash, UnverifiedDpop,
};
use serde_json::{Value, json};

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://issuer.example/agency";

pub(crate) fn random(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut count = seed;
    move |out: &mut [u8]| {
        count = count.wrapping_add(1);
        out.fill(count);
    }
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_p256(&mut random(seed))).unwrap()
}

pub(crate) fn id() -> Identifier {
    Identifier::parse(ISSUER, Transport::Https).unwrap()
}

pub(crate) fn offer(grant: Value) -> CredentialOffer {
    let offer = json!({
        "credential_issuer": ISSUER,
        "credential_configuration_ids": ["card"],
        "grants": { PRE_AUTHORIZED_CODE: grant },
    });
    CredentialOffer::parse(offer.to_string().as_bytes(), Transport::Https).unwrap()
}

pub(crate) fn issuer_metadata(change: impl FnOnce(&mut Value)) -> IssuerMetadata {
    let mut metadata = json!({
        "credential_issuer": ISSUER,
        "credential_endpoint": "https://issuer.example/agency/credential",
        "nonce_endpoint": "https://issuer.example/agency/nonce",
        "notification_endpoint": "https://issuer.example/agency/notification",
        "batch_credential_issuance": { "batch_size": 2 },
        "credential_configurations_supported": { "card": {
            "format": "dc+sd-jwt", "vct": "urn:card:1",
            "cryptographic_binding_methods_supported": ["jwk"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        } },
    });
    change(&mut metadata);
    IssuerMetadata::parse(metadata.to_string().as_bytes(), &id(), Transport::Https).unwrap()
}

pub(crate) fn server_metadata(change: impl FnOnce(&mut Value)) -> AuthorizationServerMetadata {
    let mut metadata = json!({
        "issuer": ISSUER,
        "token_endpoint": "https://issuer.example/agency/token",
        "grant_types_supported": [PRE_AUTHORIZED_CODE],
        "dpop_signing_alg_values_supported": ["ES256"],
        "pre-authorized_grant_anonymous_access_supported": true,
    });
    change(&mut metadata);
    let id = Identifier::parse(metadata["issuer"].as_str().unwrap(), Transport::Https).unwrap();
    AuthorizationServerMetadata::parse(metadata.to_string().as_bytes(), &id, Transport::Https).unwrap()
}

pub(crate) fn prepared(grant: Value) -> PreparedIssuance {
    PreparedIssuance::new(
        offer(grant),
        issuer_metadata(|_| ()),
        server_metadata(|_| ()),
        Algorithm::Es256,
    )
    .unwrap()
}

pub(crate) fn plain() -> Value {
    json!({ "pre-authorized_code": "code" })
}

/// Sends nothing anywhere: what an answer would look like.
pub(crate) fn answer<'a>(status: u16, dpop_nonce: Option<&'a str>, body: &'a str) -> HttpResponse<'a> {
    HttpResponse {
        status,
        content_type: Some("application/json"),
        dpop_nonce,
        body: body.as_bytes(),
    }
}

pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    &request.headers.iter().find(|(header, _)| *header == name).unwrap().1
}

/// The issuer's memory in these tests.
pub(crate) struct TestIssuer {
    pub(crate) nonces: ServerNonces,
    pub(crate) dpop_nonces: ServerNonces,
    pub(crate) grant: PreAuthorizedGrant,
}

impl TestIssuer {
    pub(crate) fn new() -> Self {
        Self {
            nonces: ServerNonces::new(&[1; 32], &id(), NoncePurpose::KeyProof, 300),
            dpop_nonces: ServerNonces::new(&[1; 32], &id(), NoncePurpose::Dpop, 300),
            grant: PreAuthorizedGrant::new(Some(TxCodeHash::new("1234", [5; 16])), NOW + 600),
        }
    }

    /// Checks the DPoP proof as an endpoint does, and gives the thumbprint.
    pub(crate) fn dpop(&self, request: &HttpRequest, token: Option<&str>) -> Result<[u8; 32], oid4vci::DpopError> {
        let expected = DpopExpectation {
            method: "POST",
            url: &request.url,
            access_token: token,
            nonces: &self.dpop_nonces,
            now: NOW,
        };
        Ok(UnverifiedDpop::parse([header(request, "dpop")].into_iter())?
            .verify(&expected)?
            .jkt())
    }
}

pub(crate) fn authorized(issuer: &TestIssuer) -> AuthorizedIssuance {
    let nonce = issuer.dpop_nonces.issue(NOW, &mut random(1));
    let body = r#"{"access_token":"tok","token_type":"DPoP"}"#;
    match prepared(plain())
        .token_response(&answer(200, Some(&nonce), body))
        .unwrap()
    {
        Reply::Done(authorized) => authorized,
        other => panic!("{other:?}"),
    }
}
