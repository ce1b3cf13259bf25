//! This issuer as a relying party: a person signs in at an OpenID provider. OpenID Connect Core 1.0 §3.1, with PKCE

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderValue};
use jose::strict_json::{self, Limits as JsonLimits};
use oid4vci::{PkceVerifier, Transport};
use outbound::{Client, Limits, OutboundError, Request};
use serde::Deserialize;
use service::{Clock, Secret};
use tokio::sync::OnceCell;
use url::Url;

use super::id_token::{Expected, IdTokenAlgorithm, IdTokenError, ProviderKeys};
use crate::config::Settings;

/// For how many seconds the provider's metadata and keys are taken as they were.
const METADATA_SECONDS: u64 = 600;
/// How long one answer of the provider may take. A person waits meanwhile, for at most three of them in a request
/// that itself ends after ten seconds.
const ANSWER_TIME: Duration = Duration::from_secs(3);
/// For how many seconds a provider that could not be read is not asked again.
const FAILURE_SECONDS: u64 = 5;

/// Where people sign in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizenSettings {
    /// The provider, as it names itself.
    pub issuer: String,
    /// What it knows this issuer by.
    pub client_id: String,
    /// What this issuer proves that with.
    pub client_secret: Secret,
    /// The claim of the ID Token that holds the register's person id.
    #[serde(default = "subject")]
    pub person_claim: String,
    /// Algorithms that ID Tokens may be signed with; ES256 where nothing is said.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<IdTokenAlgorithm>,
}

fn subject() -> String {
    "sub".to_owned()
}

fn algorithms() -> Vec<IdTokenAlgorithm> {
    vec![IdTokenAlgorithm::Es256]
}

/// The sign-in of people at one provider.
pub(crate) struct CitizenSignIn {
    settings: CitizenSettings,
    transport: Transport,
    callback: Url,
    http: Client,
    clock: Arc<dyn Clock>,
    held: Mutex<Arc<Discovery>>,
}

/// One reading of what the provider publishes: under way, or what came of it and when. However many wait for it, it is
/// one, and whoever reads what is held never waits.
type Discovery = OnceCell<(Result<Arc<Provider>, Arc<CitizenSignInError>>, u64)>;

/// What a provider publishes. OpenID Connect Discovery 1.0 §3
struct Provider {
    authorization_endpoint: Url,
    token_endpoint: Url,
    keys: ProviderKeys,
}

#[derive(Deserialize)]
struct RawMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

/// A sign-in that begins.
pub(crate) struct Begun {
    /// Where the browser goes.
    pub(crate) url: Url,
    /// What the answer must carry.
    pub(crate) state: String,
    /// What the ID Token must carry.
    pub(crate) nonce: String,
    /// What the provider's code is redeemed with.
    pub(crate) verifier: String,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CitizenSignInError {
    /// The provider does not answer.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(#[from] OutboundError),
    /// The provider could not be read a moment ago.
    #[error("the provider could not be read: {0}")]
    NotDiscovered(Arc<CitizenSignInError>),
    /// The provider answers, and not as it should.
    #[error("the provider's {0} is unusable")]
    Malformed(&'static str),
    /// The provider's metadata name another issuer. OpenID Connect Discovery 1.0 §4.3
    #[error("the metadata are of another provider")]
    OtherProvider,
    /// The provider refused the code.
    #[error("the provider refused the code")]
    Refused,
    /// The ID Token does not hold.
    #[error("the ID Token: {0}")]
    IdToken(#[from] IdTokenError),
    /// The ID Token does not say which person of the register it is.
    #[error("the ID Token names no person")]
    NoPerson,
}

impl CitizenSignInError {
    /// Whether it may work in a while.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Malformed(_) => true,
            Self::NotDiscovered(cause) => cause.is_passing(),
            Self::OtherProvider | Self::Refused | Self::IdToken(_) | Self::NoPerson => false,
        }
    }
}

impl CitizenSignIn {
    /// With the settings, if there are any.
    pub(crate) fn new(settings: &Settings, http: Client, clock: Arc<dyn Clock>) -> Option<Self> {
        let own = settings.own.citizens.clone()?;
        let mut callback = settings.common.public_url.clone();
        callback.set_path("/signed-in");
        Some(Self {
            settings: own,
            transport: settings.transport,
            callback,
            http,
            clock,
            held: Mutex::default(),
        })
    }

    /// Whether an answer that names its sender is of this provider. RFC 9207 §2.4
    pub(crate) fn is_named(&self, issuer: &str) -> bool {
        issuer == self.settings.issuer
    }

    /// A request to sign in, with state, nonce and PKCE of its own. OpenID Connect Core 1.0 §3.1.2.1
    pub(crate) async fn begin(&self) -> Result<Begun, CitizenSignInError> {
        let provider = self.provider().await?;
        let verifier = PkceVerifier::generate(&mut service::random::fill);
        let (state, nonce) = (service::random::token(), service::random::token());
        let mut url = provider.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", self.callback.as_str())
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", verifier.challenge().as_str())
            .append_pair("code_challenge_method", "S256");
        Ok(Begun {
            url,
            state,
            nonce,
            verifier: verifier.as_str().to_owned(),
        })
    }

    /// Redeems the provider's code and says who signed in. OpenID Connect Core 1.0 §3.1.3
    pub(crate) async fn finish(&self, code: &str, verifier: &str, nonce: &str) -> Result<String, CitizenSignInError> {
        let provider = self.provider().await?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", self.callback.as_str())
            .append_pair("code_verifier", verifier)
            .finish();
        let request = Request::post(
            provider.token_endpoint.clone(),
            "application/x-www-form-urlencoded",
            form,
        );
        let answer = self
            .http
            .send(
                request.header(AUTHORIZATION, self.credentials()?),
                &Limits::MESSAGE.with_total(ANSWER_TIME),
            )
            .await?;
        match answer.status().as_u16() {
            200 => {}
            400..=499 => return Err(CitizenSignInError::Refused),
            _ => return Err(CitizenSignInError::Malformed("answer to the code")),
        }
        let token: RawToken = strict_json::from_slice(answer.body(), &JsonLimits::MESSAGE)
            .map_err(|_| CitizenSignInError::Malformed("answer to the code"))?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce,
            algorithms: &self.settings.algorithms,
            now: self.clock.now(),
        };
        let verified = provider.keys.verify(&token.id_token, &expected);
        if matches!(verified, Err(IdTokenError::UnknownKey)) {
            // The provider has new keys: they are fetched with the next sign-in.
            *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        }
        let claims = verified?;
        let person = claims.get(&self.settings.person_claim).and_then(|value| value.as_str());
        match person {
            Some(person) if !person.is_empty() => Ok(person.to_owned()),
            _ => Err(CitizenSignInError::NoPerson),
        }
    }

    /// RFC 6749 §2.3.1: name and secret are form-encoded first.
    fn credentials(&self) -> Result<HeaderValue, CitizenSignInError> {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.dangerous_reveal());
        let pair = format!("{}:{}", encoded(id), encoded(secret));
        let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
            .map_err(|_| CitizenSignInError::Malformed("secret"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What the provider publishes, asked for again after a while. OpenID Connect Discovery 1.0 §4
    async fn provider(&self) -> Result<Arc<Provider>, CitizenSignInError> {
        let discovery = self.discovery();
        let read = async {
            let found = self.discover().await.map(Arc::new).map_err(Arc::new);
            (found, self.clock.now())
        };
        let (found, _) = discovery.get_or_init(|| read).await;
        found.clone().map_err(CitizenSignInError::NotDiscovered)
    }

    /// The reading that counts now: a new one where the last is too old.
    fn discovery(&self) -> Arc<Discovery> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = held.get().is_some_and(|(found, at)| {
            let good_for = if found.is_ok() {
                METADATA_SECONDS
            } else {
                FAILURE_SECONDS
            };
            self.clock.now() >= at.saturating_add(good_for)
        });
        if is_old {
            *held = Arc::default();
        }
        Arc::clone(&held)
    }

    async fn discover(&self) -> Result<Provider, CitizenSignInError> {
        let issuer = &self.settings.issuer;
        let metadata = CitizenSignInError::Malformed("metadata");
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let Ok(url) = self.transport.endpoint(&url) else {
            return Err(metadata);
        };
        let answer = self
            .http
            .get(&url, &Limits::METADATA.with_total(ANSWER_TIME))
            .await?
            .success()?;
        let Ok(raw) = strict_json::from_slice::<RawMetadata>(answer.body(), &JsonLimits::METADATA) else {
            return Err(metadata);
        };
        if raw.issuer != *issuer {
            return Err(CitizenSignInError::OtherProvider);
        }
        let endpoint = |text: &str| self.transport.endpoint(text);
        let (Ok(authorization_endpoint), Ok(token_endpoint), Ok(keys)) = (
            endpoint(&raw.authorization_endpoint),
            endpoint(&raw.token_endpoint),
            endpoint(&raw.jwks_uri),
        ) else {
            return Err(metadata);
        };
        // Key sets have a media type of their own beside that of JSON. RFC 7517 §8.5
        let limits = Limits::METADATA
            .with_total(ANSWER_TIME)
            .with_content_types(&["application/json", "application/jwk-set+json"]);
        let answer = self.http.get(&keys, &limits).await?.success()?;
        let keys = ProviderKeys::parse(answer.body()).map_err(|_| CitizenSignInError::Malformed("key set"))?;
        Ok(Provider {
            authorization_endpoint,
            token_endpoint,
            keys,
        })
    }
}

/// OpenID Connect Core 1.0 §3.1.3.3; the access token is of no use here.
#[derive(Deserialize)]
struct RawToken {
    id_token: String,
}
