//! The client: check, connect, read within limits.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Method;
use http::header::{CONTENT_ENCODING, LOCATION};
use url::Url;

use crate::error::{BuildError, OutboundError};
use crate::limits::{Limits, Redirects};
use crate::policy::Policy;
use crate::request::Request;
use crate::resolver::{CheckedResolver, LookupError, Resolve, SystemResolver};
use crate::response::{Response, content_type};

/// Longest time until a connection stands, name lookup and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// The one HTTP client. Cheap to clone; clones share connections and counter.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    policy: Arc<Policy>,
    blocked: Arc<AtomicU64>,
}

/// Makes a [`Client`] with another resolver or further root certificates.
pub struct ClientBuilder {
    policy: Policy,
    resolver: Arc<dyn Resolve>,
    roots: Vec<reqwest::Certificate>,
}

impl ClientBuilder {
    /// Looks names up here instead of asking the operating system.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Trusts these PEM certificates as TLS roots besides those of the system.
    ///
    /// # Errors
    /// [`BuildError::RootCertificate`] if the bytes are not PEM certificates.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, BuildError> {
        let found = reqwest::Certificate::from_pem_bundle(pem).map_err(BuildError::RootCertificate)?;
        self.roots.extend(found);
        Ok(self)
    }

    /// Makes the client.
    ///
    /// # Errors
    /// [`BuildError::Setup`] if the TLS stack does not start.
    pub fn build(self) -> Result<Client, BuildError> {
        let policy = Arc::new(self.policy);
        let blocked = Arc::new(AtomicU64::new(0));
        let resolver = CheckedResolver {
            inner: self.resolver,
            policy: Arc::clone(&policy),
            blocked: Arc::clone(&blocked),
        };
        let builder = reqwest::Client::builder()
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .dns_resolver(resolver);
        let builder = match *policy {
            Policy::Public => builder.tls_certs_merge(self.roots),
            // Nothing but loopback can be reached, so the roots of the system
            // have no use, and a machine without any still works.
            Policy::Development { .. } => builder.tls_certs_only(self.roots),
        };
        let http = builder.build().map_err(BuildError::Setup)?;
        Ok(Client { http, policy, blocked })
    }
}

impl Client {
    /// A client that uses the resolver and the root certificates of the system.
    ///
    /// # Errors
    /// [`BuildError::Setup`] if the TLS stack does not start.
    pub fn new(policy: Policy) -> Result<Self, BuildError> {
        Self::builder(policy).build()
    }

    /// Starts making a client.
    #[must_use]
    pub fn builder(policy: Policy) -> ClientBuilder {
        ClientBuilder {
            policy,
            resolver: Arc::new(SystemResolver),
            roots: Vec::new(),
        }
    }

    /// How many requests were blocked because of their address, for the metric
    /// `ssrf_blocked_total`.
    #[must_use]
    pub fn blocked_total(&self) -> u64 {
        self.blocked.load(Ordering::Relaxed)
    }

    /// Sends a GET.
    ///
    /// # Errors
    /// See [`OutboundError`]; a status other than 2xx is not an error here.
    pub async fn get(&self, url: &Url, limits: &Limits) -> Result<Response, OutboundError> {
        self.send(Request::get(url.clone()), limits).await
    }

    /// Sends a POST.
    ///
    /// # Errors
    /// See [`OutboundError`]; a status other than 2xx is not an error here.
    pub async fn post(
        &self,
        url: &Url,
        content_type: &'static str,
        body: impl Into<Vec<u8>>,
        limits: &Limits,
    ) -> Result<Response, OutboundError> {
        self.send(Request::post(url.clone(), content_type, body), limits).await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// See [`OutboundError`]; a status other than 2xx is not an error here.
    pub async fn send(&self, request: Request, limits: &Limits) -> Result<Response, OutboundError> {
        tokio::time::timeout(limits.total, self.follow(request, limits))
            .await
            .map_err(|_| OutboundError::Timeout)?
    }

    async fn follow(&self, mut request: Request, limits: &Limits) -> Result<Response, OutboundError> {
        let mut left = match limits.redirects {
            Redirects::Follow(most) if request.method == Method::GET => most,
            Redirects::Follow(_) | Redirects::Refuse => 0,
        };
        loop {
            let answer = self.exchange(&request).await?;
            if !answer.status().is_redirection() {
                return read(answer, request.url, limits).await;
            }
            left = left.checked_sub(1).ok_or(OutboundError::Redirect)?;
            let next = redirect_target(&answer, &request.url)?;
            if next.origin() != request.url.origin() {
                // What was meant for one party is not carried to another.
                request.headers.clear();
            }
            request.url = next;
        }
    }

    async fn exchange(&self, request: &Request) -> Result<reqwest::Response, OutboundError> {
        self.policy.check(&request.url).inspect_err(|refusal| {
            if matches!(refusal, OutboundError::Blocked) {
                self.blocked.fetch_add(1, Ordering::Relaxed);
                tracing::warn!("an outbound request was blocked: the address is not allowed");
            }
        })?;
        self.http
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone())
            .body(request.body.clone())
            .send()
            .await
            .map_err(classify)
    }
}

fn redirect_target(answer: &reqwest::Response, from: &Url) -> Result<Url, OutboundError> {
    let target = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    from.join(target.ok_or(OutboundError::Redirect)?)
        .map_err(|_| OutboundError::Redirect)
}

async fn read(mut answer: reqwest::Response, url: Url, limits: &Limits) -> Result<Response, OutboundError> {
    let status = answer.status();
    let headers = std::mem::take(answer.headers_mut());
    if headers.get(CONTENT_ENCODING).is_some_and(|value| value != "identity") {
        return Err(OutboundError::ContentEncoding);
    }
    if status.is_success() && !limits.content_types.is_empty() {
        let found = content_type(&headers).ok_or(OutboundError::ContentType)?;
        if !limits.content_types.contains(&found.as_str()) {
            return Err(OutboundError::ContentType);
        }
    }
    let limit = limits.body;
    let too_large = OutboundError::TooLarge { limit };
    if answer.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(classify)? {
        if body.len() + chunk.len() > limit {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response {
        status,
        url,
        headers,
        body,
    })
}

fn classify(error: reqwest::Error) -> OutboundError {
    let mut source: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        match cause.downcast_ref::<LookupError>() {
            Some(LookupError::Blocked) => return OutboundError::Blocked,
            Some(LookupError::Unresolved) => return OutboundError::Unresolved,
            None => source = cause.source(),
        }
    }
    // The URL may hold a code or a token: it never reaches a log.
    let error = error.without_url();
    if error.is_timeout() {
        OutboundError::Timeout
    } else if error.is_connect() {
        OutboundError::Connect(error)
    } else {
        OutboundError::Exchange(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether an answer that leads from one address to another is followed to public addresses.
    fn followed(from: &str, to: &'static str) -> Result<(), OutboundError> {
        let answer = http::Response::builder().status(302).header(LOCATION, to).body("");
        let next = redirect_target(&answer.unwrap().into(), &from.parse().unwrap())?;
        Policy::Public.check(&next).map(drop)
    }

    #[test]
    fn e7_no_redirect_leads_from_https_to_http() {
        for to in [
            "http://agency.example/b",
            "HTTP://agency.example/b",
            "ftp://agency.example/b",
        ] {
            let refused = followed("https://agency.example/a", to);
            assert!(matches!(refused, Err(OutboundError::Scheme)), "{to}");
        }
        for to in ["/b", "//agency.example/b", "https://agency.example/b"] {
            assert!(followed("https://agency.example/a", to).is_ok(), "{to}");
        }
    }
}
