//! The wallet's side of an issuance over HTTP, with keys that were made before.

use anyhow::{Context, Result, bail, ensure};
use http::{HeaderName, HeaderValue};
use jose::{Algorithm, PrivateJwk, Signer, SigningKey};
use oid4vci::wallet::{
    AuthorizedIssuance, CredentialAnswer, HttpRequest, HttpResponse, PreparedIssuance, Reply, fetch_issuer_metadata,
    fetch_server_metadata,
};
use oid4vci::{AuthorizationServerMetadata, Identifier, IssuerMetadata, OfferLink, Transport, make_key_proof};
use outbound::{Client, Limits, Policy, Request, Response};
use sd_jwt::{HeldSdJwt, UnverifiedSdJwt};
use serde_json::json;
use service::{Clock, SystemClock, random};

use crate::services::{AGENCY, Services};

/// Copies of a card that are asked for at once.
pub(crate) const BATCH: usize = 5;
/// What is issued.
const CARD: &str = "person-identification";
const LIMITS: Limits = Limits::MESSAGE.with_body(1024 * 1024);

/// Whether messages are encrypted on top of TLS, as the agency offers it. OpenID4VCI 1.0 §10
#[derive(Debug, Clone, Copy)]
pub(crate) enum Messages {
    Encrypted,
    Clear,
}

/// Somebody with keys, who knows the agency.
pub(crate) struct Holder {
    client: Client,
    metadata: IssuerMetadata,
    server: AuthorizationServerMetadata,
    dpop_key: SigningKey,
    keys: Vec<SigningKey>,
}

/// What was issued at once.
pub(crate) struct Batch {
    pub(crate) copies: Vec<String>,
    /// How long the signed part of each proof was that the agency had to check.
    pub(crate) proofs: Vec<usize>,
}

/// A copy of a card and its key.
pub(crate) struct Card {
    pub(crate) held: HeldSdJwt,
    pub(crate) key: SigningKey,
}

impl Holder {
    /// Makes the keys and reads what the agency says of itself.
    pub(crate) async fn new(services: &Services) -> Result<Self> {
        let client = client(services)?;
        let issuer = Identifier::parse(&services.stack.agency(AGENCY)?.url, Transport::LoopbackHttp)?;
        let metadata = send(&client, fetch_issuer_metadata(&issuer)).await?;
        let server = send(&client, fetch_server_metadata(&issuer)).await?;
        Ok(Self {
            metadata: IssuerMetadata::parse(answer(&metadata).json()?, &issuer, Transport::LoopbackHttp)?,
            server: AuthorizationServerMetadata::parse(answer(&server).json()?, &issuer, Transport::LoopbackHttp)?,
            client,
            dpop_key: fresh_key()?,
            keys: (0..BATCH).map(|_| fresh_key()).collect::<Result<_>>()?,
        })
    }

    /// Has a card offered; nothing is asked for yet.
    pub(crate) async fn offered(&self, services: &Services, messages: Messages) -> Result<PreparedIssuance> {
        Ok(self.offer(services, messages).await?.0)
    }

    /// The same, with what the agency calls the offer.
    async fn offer(&self, services: &Services, messages: Messages) -> Result<(PreparedIssuance, String)> {
        let api = services.stack.agency(AGENCY)?;
        let wanted = json!({"credential_type": CARD, "subject": services.subject, "form": "value"});
        let url = format!("{}/api/v1/offers", api.url);
        let made = services.stack.http().post_json(&url, &api.token, &wanted).await?;
        let link = made["offer_uri"].as_str().context("offer_uri")?;
        let id = made["id"].as_str().context("id of the offer")?.to_owned();
        let OfferLink::ByValue(offer) = OfferLink::parse(link, Transport::LoopbackHttp)? else {
            bail!("the link does not hold the offer");
        };
        let mut metadata = self.metadata.clone();
        match messages {
            Messages::Clear => {
                metadata.credential_request_encryption = None;
                metadata.credential_response_encryption = None;
            }
            Messages::Encrypted => ensure!(
                metadata.credential_response_encryption.is_some(),
                "the agency offers no encryption"
            ),
        }
        let prepared = PreparedIssuance::new(offer, metadata, self.server.clone(), Algorithm::Es256)?;
        Ok((prepared, id))
    }

    /// Takes a batch: token, nonce, credentials.
    pub(crate) async fn take(&self, prepared: PreparedIssuance) -> Result<Batch> {
        let mut proofs = Vec::new();
        let mut session = self.authorized(prepared, &mut proofs).await?;
        let request = session.nonce_request().context("the agency hands out no nonces")?;
        session.nonce_response(&answer(&send(&self.client, request).await?))?;
        proofs.extend(self.key_proofs(&session)?);
        let keys: Vec<&dyn Signer> = self.keys.iter().map(|key| key as &dyn Signer).collect();
        let now = SystemClock.now();
        let request = session.credential_request(CARD, &keys, &self.dpop_key, now, &mut random::fill)?;
        proofs.push(dpop_length(&request)?);
        let response = send(&self.client, request).await?;
        match session.credential_response(&answer(&response), BATCH)? {
            Reply::Done(CredentialAnswer::Issued(issued)) if issued.credentials.len() == BATCH => Ok(Batch {
                copies: issued.credentials,
                proofs,
            }),
            _ => bail!("the agency does not issue {BATCH} copies at once"),
        }
    }

    /// The copies of a batch, each with its key.
    pub(crate) fn into_cards(self, copies: &[String]) -> Result<Vec<Card>> {
        let card = |(key, copy): (SigningKey, &String)| {
            Ok(Card {
                held: UnverifiedSdJwt::parse(copy)?.dangerous_from_storage()?,
                key,
            })
        };
        self.keys.into_iter().zip(copies).map(card).collect()
    }

    /// The first answer asks for a nonce in the DPoP proof. RFC 9449 §8
    async fn authorized(&self, mut prepared: PreparedIssuance, proofs: &mut Vec<usize>) -> Result<AuthorizedIssuance> {
        for _ in 0..2 {
            let request = prepared.token_request(None, &self.dpop_key, SystemClock.now(), &mut random::fill)?;
            proofs.push(dpop_length(&request)?);
            let response = send(&self.client, request).await?;
            if let Reply::Done(session) = prepared.token_response(&answer(&response))? {
                return Ok(session);
            }
        }
        bail!("the agency gives no token")
    }

    /// How long the signed parts of the key proofs are: all as long as this one.
    fn key_proofs(&self, session: &AuthorizedIssuance) -> Result<[usize; BATCH]> {
        let key = self.keys.first().context("no key")?;
        let issuer = &self.metadata.credential_issuer;
        let proof = make_key_proof(issuer, session.c_nonce(), key, SystemClock.now())?;
        Ok([signed_length(&proof)?; BATCH])
    }
}

impl Card {
    /// Copies of a card that was issued just now, and what the agency calls it.
    pub(crate) async fn issued(services: &Services) -> Result<(Vec<Self>, String)> {
        let holder = Holder::new(services).await?;
        let (offered, offer) = holder.offer(services, Messages::Encrypted).await?;
        let batch = holder.take(offered).await?;
        let api = services.stack.agency(AGENCY)?;
        let url = format!("{}/api/v1/offers/{offer}", api.url);
        let state = services.stack.http().get_json(&url, &api.token).await?;
        let id = state["credential_id"].as_str().context("credential_id of the offer")?;
        Ok((holder.into_cards(&batch.copies)?, id.to_owned()))
    }
}

/// A client that reaches the services of the row.
pub(crate) fn client(services: &Services) -> Result<Client> {
    let ports = services.stack.ports().all();
    Ok(Client::new(Policy::Development { ports })?)
}

/// How many bytes of a JWS, or of an issued SD-JWT, are signed.
pub(crate) fn signed_length(jws: &str) -> Result<usize> {
    let signed = jws.split('~').next().and_then(|jws| jws.rfind('.'));
    signed.context("not a JWS")
}

fn dpop_length(request: &HttpRequest) -> Result<usize> {
    let proof = request.headers.iter().find(|(name, _)| *name == "dpop");
    let (_, proof) = proof.context("a request without DPoP")?;
    signed_length(proof)
}

fn fresh_key() -> Result<SigningKey> {
    Ok(SigningKey::new(&PrivateJwk::generate_p256(&mut random::fill))?)
}

async fn send(client: &Client, request: HttpRequest) -> Result<Response> {
    let mut sent = match request.method {
        "GET" => Request::get(request.url),
        _ => Request::post(request.url, "application/json", request.body),
    };
    for (name, value) in request.headers {
        sent = sent.header(HeaderName::from_static(name), HeaderValue::from_str(&value)?);
    }
    Ok(client.send(sent, &LIMITS).await?)
}

fn answer(response: &Response) -> HttpResponse<'_> {
    HttpResponse {
        status: response.status().as_u16(),
        content_type: response.header("content-type"),
        dpop_nonce: response.header("dpop-nonce"),
        body: response.body(),
    }
}
