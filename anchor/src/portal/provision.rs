//! The verifier that serves many businesses, as its client. docs/registration.md §5
//!
//! The portal asks; the verifier never does. What the verifier answers is checked like everything from outside.

use axum::http::header::{AUTHORIZATION, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use jose::{PublicJwk, strict_json};
use outbound::{Client, Limits, OutboundError, Request};
use serde::Deserialize;
use serde_json::{Value, json};
use service::Secret;
use url::Url;

use super::authority::request_key;
use crate::registrar::Application;

const JSON: &str = "application/json";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest token, id or link of an answer, in bytes.
const TEXT: usize = 2048;

/// The provisioning interface, and the interface of the registrar's own business.
#[derive(Clone)]
pub(crate) struct Verifier {
    http: Client,
    base: Url,
    provisioning: Option<Secret>,
}

/// Why the verifier's answer is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProvisionError {
    /// No verifier is configured, or no token for it.
    #[error("no verifier is configured")]
    NotConfigured,
    /// The verifier cannot be reached.
    #[error("the verifier: {0}")]
    Outbound(#[from] OutboundError),
    /// The verifier refused.
    #[error("the verifier refused: {code}")]
    Refused {
        /// Its code.
        code: String,
    },
    /// The answer is not what was agreed.
    #[error("the verifier's answer is malformed")]
    Answer,
    /// The keys of the answer do not fit together.
    #[error("the verifier's keys do not fit together")]
    Keys,
}

/// A business with keys at the verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) did: String,
    pub(crate) did_line: String,
    pub(crate) csr: String,
}

/// A token of a business, as it is listed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    pub(crate) created: Option<u64>,
    #[serde(default)]
    pub(crate) last_used_day: Option<Value>,
}

/// A token that was just made: it is shown once.
#[derive(Clone, Deserialize)]
pub(crate) struct NewToken {
    pub(crate) token: String,
}

/// A webhook that was just set: its secret is shown once.
#[derive(Clone, Deserialize)]
pub(crate) struct NewWebhook {
    #[serde(default)]
    pub(crate) secret: Option<String>,
}

/// A webhook as it is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) url: String,
}

/// Who signs in at the desk of a business.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Staff {
    pub(crate) operators: Vec<Member>,
    pub(crate) invitations: Vec<Invited>,
}

/// Somebody on the staff.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) role: String,
}

/// Somebody who was invited.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Invited {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) expires: u64,
}

/// An invitation that was just made: its code is shown once.
#[derive(Clone, Deserialize)]
pub(crate) struct NewInvitation {
    pub(crate) code: String,
}

/// A check of a card that is under way.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) request_uri: String,
    pub(crate) expires_at: u64,
}

/// What became of a check of a card.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) verdict: Option<String>,
    #[serde(default)]
    claims: serde_json::Map<String, Value>,
}

impl Outcome {
    /// A text that was shown, whatever the query was called: the verifier tells claims by query.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        let value = self.claims.values().find_map(|card| card.get(claim))?;
        value.as_str().filter(|text| !text.is_empty() && text.len() <= 200)
    }
}

impl Verifier {
    pub(crate) fn new(http: Client, base: Url, provisioning: Option<Secret>) -> Self {
        Self {
            http,
            base,
            provisioning,
        }
    }

    /// An address of the verifier, for people.
    pub(crate) fn page(&self, path: &[&str]) -> Option<Url> {
        self.url(path).ok()
    }

    /// Has keys made for a business: the same ones however often it is asked.
    pub(crate) async fn create_business(&self, id: &str, name: &Value) -> Result<Made, ProvisionError> {
        let body = json!({"id": id, "name": name});
        let request = Request::post(self.url(&["api", "v1", "businesses"])?, JSON, body.to_string());
        let answer = self.provision(once(request, &format!("create-business-{id}"))).await?;
        made(&answer)
    }

    /// Sets the checks of a business.
    pub(crate) async fn put_checks(&self, id: &str, checks: &[Value]) -> Result<(), ProvisionError> {
        let url = self.business(id, &["checks"])?;
        let body = json!({ "checks": checks });
        self.provision(Request::put(url, JSON, body.to_string())).await?;
        Ok(())
    }

    /// Gives a business its certificates.
    pub(crate) async fn put_certificates(
        &self,
        id: &str,
        chain: &[&str],
        registration: &str,
    ) -> Result<(), ProvisionError> {
        let url = self.business(id, &["certificates"])?;
        let body = json!({"access_certificate_chain": chain, "registration_certificate": registration});
        self.provision(Request::put(url, JSON, body.to_string())).await?;
        Ok(())
    }

    /// The tokens of a business.
    pub(crate) async fn tokens(&self, id: &str) -> Result<Vec<Token>, ProvisionError> {
        let answer = self.provision(Request::get(self.business(id, &["tokens"])?)).await?;
        read(answer)
    }

    /// Makes a token. Sent again with the same `key`, it is the same one.
    pub(crate) async fn create_token(
        &self,
        id: &str,
        name: &str,
        scopes: &[&str],
        key: &str,
    ) -> Result<NewToken, ProvisionError> {
        let body = json!({"name": name, "scopes": scopes});
        let request = Request::post(self.business(id, &["tokens"])?, JSON, body.to_string());
        read(self.provision(once(request, key)).await?)
    }

    /// Makes a token anew; the one before counts for another hour.
    pub(crate) async fn rotate_token(&self, id: &str, token: &str, key: &str) -> Result<NewToken, ProvisionError> {
        let request = Request::post(self.business(id, &["tokens", token, "rotate"])?, JSON, "{}");
        read(self.provision(once(request, key)).await?)
    }

    /// Takes a token away.
    pub(crate) async fn revoke_token(&self, id: &str, token: &str) -> Result<(), ProvisionError> {
        self.provision(Request::delete(self.business(id, &["tokens", token])?))
            .await?;
        Ok(())
    }

    /// The staff of a business.
    pub(crate) async fn staff(&self, id: &str) -> Result<Staff, ProvisionError> {
        let answer = self.provision(Request::get(self.business(id, &["operators"])?)).await?;
        read(answer)
    }

    /// Invites somebody to the staff. Sent again with the same `key`, it is the same invitation.
    pub(crate) async fn invite(
        &self,
        id: &str,
        name: &str,
        role: &str,
        key: &str,
    ) -> Result<NewInvitation, ProvisionError> {
        let body = json!({"name": name, "role": role});
        let request = Request::post(self.business(id, &["invitations"])?, JSON, body.to_string());
        read(self.provision(once(request, key)).await?)
    }

    /// Takes an invitation back.
    pub(crate) async fn withdraw(&self, id: &str, invitation: &str) -> Result<(), ProvisionError> {
        self.provision(Request::delete(self.business(id, &["invitations", invitation])?))
            .await?;
        Ok(())
    }

    /// Takes somebody off the staff.
    pub(crate) async fn remove_operator(&self, id: &str, name: &str) -> Result<(), ProvisionError> {
        self.provision(Request::delete(self.business(id, &["operators", name])?))
            .await?;
        Ok(())
    }

    /// The webhook of a business, if there is one.
    pub(crate) async fn webhook(&self, id: &str) -> Result<Option<Webhook>, ProvisionError> {
        match self
            .provision(Request::get(self.business(id, &["webhooks", WEBHOOK])?))
            .await
        {
            Ok(answer) => read(answer).map(Some),
            Err(ProvisionError::Refused { code }) if code == "not_found" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets the webhook of a business.
    pub(crate) async fn put_webhook(&self, id: &str, url: &str) -> Result<NewWebhook, ProvisionError> {
        let body = json!({"url": url, "events": ["session.closed"]});
        let request = Request::put(self.business(id, &["webhooks", WEBHOOK])?, JSON, body.to_string());
        read(self.provision(request).await?)
    }

    /// Takes the webhook of a business away.
    pub(crate) async fn delete_webhook(&self, id: &str) -> Result<(), ProvisionError> {
        self.provision(Request::delete(self.business(id, &["webhooks", WEBHOOK])?))
            .await?;
        Ok(())
    }

    /// Opens a check of a card for the registrar's own business.
    pub(crate) async fn open_session(&self, check: &str, token: &Secret) -> Result<Session, ProvisionError> {
        let url = self.url(&["api", "v1", "checks", check, "sessions"])?;
        let request = Request::post(url, JSON, json!({"flow": "cross_device"}).to_string());
        let session: Session = read(self.send(request, Some(token)).await?)?;
        if session.id.len() > TEXT || session.request_uri.len() > TEXT {
            return Err(ProvisionError::Answer);
        }
        Ok(session)
    }

    /// What became of it.
    pub(crate) async fn session(&self, id: &str, token: &Secret) -> Result<Outcome, ProvisionError> {
        let url = self.url(&["api", "v1", "sessions", id])?;
        read(self.send(Request::get(url), Some(token)).await?)
    }

    async fn provision(&self, request: Request) -> Result<Value, ProvisionError> {
        let token = self.provisioning.as_ref().ok_or(ProvisionError::NotConfigured)?;
        self.send(request, Some(token)).await
    }

    async fn send(&self, mut request: Request, token: Option<&Secret>) -> Result<Value, ProvisionError> {
        if let Some(token) = token {
            let text = format!("Bearer {}", token.dangerous_reveal());
            let mut value = HeaderValue::from_str(&text).map_err(|_| ProvisionError::NotConfigured)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let answer = self.http.send(request, &Limits::MESSAGE).await?;
        let status = answer.status();
        if status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        let body = strict_json::parse(answer.body(), &strict_json::Limits::MESSAGE);
        if status.is_success() {
            return body.map_err(|_| ProvisionError::Answer);
        }
        let body = body.unwrap_or_default();
        let code = body.get("code").and_then(Value::as_str).unwrap_or("unknown");
        Err(ProvisionError::Refused {
            code: code.chars().take(64).collect(),
        })
    }

    fn business(&self, id: &str, rest: &[&str]) -> Result<Url, ProvisionError> {
        let mut path = vec!["api", "v1", "businesses", id];
        path.extend_from_slice(rest);
        self.url(&path)
    }

    fn url(&self, path: &[&str]) -> Result<Url, ProvisionError> {
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| ProvisionError::NotConfigured)?;
        segments.pop_if_empty().extend(path);
        drop(segments);
        Ok(url)
    }
}

/// The portal keeps one webhook for each business, under this name.
const WEBHOOK: &str = "portal";

/// A request that has its effect once for each key.
fn once(request: Request, key: &str) -> Request {
    match HeaderValue::from_str(&format!("\"{key}\"")) {
        Ok(value) => request.header(IDEMPOTENCY_KEY, value),
        Err(_) => request,
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: Value) -> Result<T, ProvisionError> {
    serde_json::from_value(answer).map_err(|_| ProvisionError::Answer)
}

/// The DID log line verifies and is of the DID; the signing request is signed by the key that it names.
fn made(answer: &Value) -> Result<Made, ProvisionError> {
    let did = answer["did"].as_str().ok_or(ProvisionError::Answer)?;
    let csr = answer["csr"].as_str().ok_or(ProvisionError::Answer)?;
    let file = answer["application"].to_string();
    let application = Application::parse(file.as_bytes()).map_err(|_| ProvisionError::Keys)?;
    if application.did().as_str() != did {
        return Err(ProvisionError::Keys);
    }
    let named = PublicJwk::parse(&answer["access_key"]).map_err(|_| ProvisionError::Keys)?;
    let requested = request_key(csr).map_err(|_| ProvisionError::Keys)?;
    if !named.same_key(&requested) {
        return Err(ProvisionError::Keys);
    }
    Ok(Made {
        did: did.to_owned(),
        did_line: application.did_log_line().to_owned(),
        csr: csr.to_owned(),
    })
}
