//! HTTP of the harness, through the one client of the project.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use http::header::{AUTHORIZATION, HeaderValue};
use outbound::{Client, Limits, OutboundError, Policy, Request, Response};
use serde_json::Value;

use crate::ports::Ports;

/// Long enough for a commit with witnesses and mirror on a busy machine.
const TIME: Duration = Duration::from_secs(30);
const BODY: usize = 16 * 1024 * 1024;

/// Reaches the services of one stack, and nothing else.
#[derive(Clone)]
pub struct Http {
    client: Client,
}

impl Http {
    /// A client for the ports of a stack.
    ///
    /// # Errors
    /// The TLS stack does not start.
    pub fn new(ports: &Ports) -> Result<Self> {
        Ok(Self {
            client: Client::new(Policy::Development { ports: ports.all() })?,
        })
    }

    /// A GET, whatever the status.
    ///
    /// # Errors
    /// No answer.
    pub async fn get(&self, url: &str) -> Result<Response, anyhow::Error> {
        self.send(Request::get(url.parse()?))
            .await
            .with_context(|| format!("GET {url}"))
    }

    /// A GET of JSON, with a bearer token unless it is empty; the status must be 2xx.
    ///
    /// # Errors
    /// No answer, another status, or no JSON.
    pub async fn get_json(&self, url: &str, token: &str) -> Result<Value> {
        let mut request = Request::get(url.parse()?);
        if !token.is_empty() {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        json(self.send(request).await.with_context(|| format!("GET {url}"))?, url)
    }

    /// A POST of JSON with a bearer token; the status must be 2xx.
    ///
    /// # Errors
    /// No answer, another status, or no JSON.
    pub async fn post_json(&self, url: &str, token: &str, body: &Value) -> Result<Value> {
        json(self.post(url, token, body).await?, url)
    }

    /// A POST of JSON with a bearer token, whatever the status.
    ///
    /// # Errors
    /// No answer.
    pub async fn post(&self, url: &str, token: &str, body: &Value) -> Result<Response> {
        let request =
            Request::post(url.parse()?, "application/json", body.to_string()).header(AUTHORIZATION, bearer(token)?);
        self.send(request).await.with_context(|| format!("POST {url}"))
    }

    /// A POST of a form, whatever the status.
    ///
    /// # Errors
    /// No answer.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(url.parse()?, "application/x-www-form-urlencoded", body);
        self.send(request).await.with_context(|| format!("POST {url}"))
    }

    async fn send(&self, request: Request) -> Result<Response, OutboundError> {
        let limits = Limits::MESSAGE.with_total(TIME).with_body(BODY);
        self.client.send(request, &limits).await
    }
}

fn bearer(token: &str) -> Result<HeaderValue> {
    Ok(HeaderValue::from_str(&format!("Bearer {token}"))?)
}

fn json(response: Response, url: &str) -> Result<Value> {
    let text = String::from_utf8_lossy(response.body()).into_owned();
    ensure!(response.status().is_success(), "{url}: {} {text}", response.status());
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("{url}: not JSON: {text}"))
}

/// Asks again and again until `ask` gives a value, or the time is over.
///
/// # Errors
/// What the last attempt said, after `limit`.
pub async fn eventually<T, F>(limit: Duration, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let end = tokio::time::Instant::now() + limit;
    loop {
        match ask().await {
            Ok(value) => return Ok(value),
            Err(error) if tokio::time::Instant::now() >= end => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
