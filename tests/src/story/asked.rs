//! What a business asks for, read by somebody who does not care who asks.

use anyhow::{Context, Result};
use jose::jwe::{ContentEncryption, encrypt};
use jose::{PublicJwk, UnverifiedJws};
use serde_json::{Map, Value, json};

/// The parts of a request that an answer needs.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks: the audience of the presentation.
    pub client_id: String,
    /// What the presentation has to be bound to.
    pub nonce: String,
    /// Where the answer goes.
    pub response_uri: String,
    state: Option<String>,
    query: String,
    encryption_key: PublicJwk,
}

impl Asked {
    /// Reads a signed request without verifying it.
    ///
    /// # Errors
    /// The request is not of the form that the verifier makes.
    pub fn read(request: &str) -> Result<Self> {
        let jws = UnverifiedJws::parse(request.trim())?;
        let claims: Value = serde_json::from_slice(jws.dangerous_unverified_payload())?;
        let text = |name: &str| claims[name].as_str().map(str::to_owned);
        let key = claims["client_metadata"]["jwks"]["keys"][0].clone();
        Ok(Self {
            client_id: text("client_id").context("client_id")?,
            nonce: text("nonce").context("nonce")?,
            state: text("state"),
            response_uri: text("response_uri").context("response_uri")?,
            query: claims["dcql_query"]["credentials"][0]["id"]
                .as_str()
                .context("dcql_query")?
                .to_owned(),
            encryption_key: PublicJwk::parse(&key)?,
        })
    }

    /// The encrypted answer with one presentation: the value of the form field `response`.
    /// OpenID4VP 1.0 §8.3.1
    ///
    /// # Errors
    /// The key of the request cannot be used.
    pub fn answer(&self, presentation: &str) -> Result<String> {
        let mut answer = Map::new();
        answer.insert("vp_token".into(), json!({ self.query.clone(): [presentation] }));
        if let Some(state) = &self.state {
            answer.insert("state".into(), state.clone().into());
        }
        let plain = Value::Object(answer).to_string();
        Ok(encrypt(
            plain.as_bytes(),
            &self.encryption_key,
            ContentEncryption::A128Gcm,
            None,
            None,
        )?)
    }
}
