//! The parameters of a signed request, each checked. OpenID4VP 1.0 §5

use jose::UnixTime;
use jose::claims::numeric_date;
use serde_json::{Map, Value};
use url::Url;

use super::{RequestError, ResponseEncryption, STATIC_WALLET_AUDIENCE, VerifierInfo, http_url};
use crate::{ClientId, DcqlQuery, HolderBinding, Nonce, State, supported_formats};

/// A request that holds every rule, from a verifier that was authenticated.
#[derive(Debug, Clone)]
pub struct PresentationRequest {
    pub(crate) client_id: ClientId,
    pub(crate) response_uri: Url,
    pub(crate) response_uri_text: String,
    pub(crate) response_mode: ResponseMode,
    pub(crate) nonce: Nonce,
    pub(crate) state: Option<State>,
    pub(crate) query: DcqlQuery,
    pub(crate) verifier_info: Vec<VerifierInfo>,
    pub(crate) expires_at: Option<UnixTime>,
}

/// How the response travels. OpenID4VP 1.0 §8.2, §8.3.1
#[derive(Debug, Clone)]
pub enum ResponseMode {
    /// `direct_post`: a form, in the clear inside TLS.
    DirectPost,
    /// `direct_post.jwt`: encrypted to the verifier's key.
    DirectPostJwt(ResponseEncryption),
}

impl PresentationRequest {
    pub(super) fn read(client_id: ClientId, claims: &Map<String, Value>, now: UnixTime) -> Result<Self, RequestError> {
        check_audience_and_time(claims, now)?;
        if string(claims, "response_type")? != "vp_token" {
            return Err(RequestError::UnsupportedResponseType);
        }
        if claims.contains_key("transaction_data") {
            return Err(RequestError::TransactionData);
        }
        let response_mode = response_mode(claims)?;
        let nonce = Nonce::parse(string(claims, "nonce")?).map_err(RequestError::Nonce)?;
        let state = match optional_string(claims, "state")? {
            None => None,
            Some(text) => Some(State::parse(text).map_err(RequestError::State)?),
        };
        let query = query(claims)?;
        let unbound = query
            .credentials()
            .iter()
            .any(|q| q.holder_binding() == HolderBinding::None);
        if unbound && state.is_none() {
            return Err(RequestError::StateRequired);
        }
        let verifier_info = match claims.get("verifier_info") {
            None => Vec::new(),
            Some(value) => VerifierInfo::parse_all(value)?,
        };
        let response_uri = response_uri(claims)?;
        if let ClientId::X509SanDns(name) = &client_id
            && !response_uri
                .host_str()
                .is_some_and(|host| host.eq_ignore_ascii_case(name.as_str()))
        {
            return Err(RequestError::ForeignResponseUri);
        }
        let expires_at = time(claims, "exp")?;
        Ok(Self {
            client_id,
            response_uri,
            response_uri_text: string(claims, "response_uri")?.to_owned(),
            response_mode,
            nonce,
            state,
            query,
            verifier_info,
            expires_at,
        })
    }

    /// The verifier's identifier; its full text is the audience of the
    /// presentations. OpenID4VP 1.0 §14.1.2
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Where the response goes.
    pub fn response_uri(&self) -> &Url {
        &self.response_uri
    }

    /// The same as it is written in the request: a handover is about the text. Appendix B.2.6.1
    pub fn response_uri_text(&self) -> &str {
        &self.response_uri_text
    }

    /// How the response travels.
    pub fn response_mode(&self) -> &ResponseMode {
        &self.response_mode
    }

    /// What the key binding must carry.
    pub fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// What the response must carry back.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// What is asked for.
    pub fn query(&self) -> &DcqlQuery {
        &self.query
    }

    /// The ledger bundle of the business, as it was sent; not verified here.
    pub fn bundle(&self) -> Option<&[u8]> {
        self.verifier_info.iter().find_map(|info| match info {
            VerifierInfo::Bundle(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// The id of the registered purpose that the request says it serves.
    pub fn purpose(&self) -> Option<&str> {
        self.verifier_info.iter().find_map(|info| match info {
            VerifierInfo::Purpose(purpose) => Some(purpose.as_str()),
            _ => None,
        })
    }

    /// The rule that turns what is shown into yes or no, as it was sent; to be checked by the
    /// caller, and believed only where its hash is publicly recorded. docs/rules.md §6
    pub fn dangerous_rule(&self) -> Option<&Value> {
        self.verifier_info.iter().find_map(|info| match info {
            VerifierInfo::Rule(rule) => Some(rule),
            _ => None,
        })
    }

    /// The registration certificate, as it was sent; not verified here, see [`crate::UnverifiedRegistration`].
    pub fn dangerous_registration(&self) -> Option<&str> {
        self.verifier_info.iter().find_map(|info| match info {
            VerifierInfo::Registration(certificate) => Some(certificate.as_str()),
            _ => None,
        })
    }

    /// The proof of who signed the registration certificate, as it was sent; not verified here.
    pub fn registrar(&self) -> Option<&[u8]> {
        self.verifier_info.iter().find_map(|info| match info {
            VerifierInfo::Registrar(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// Proof of an earlier ledger record of the business, as it was sent; not verified here.
    pub fn earlier_bundle(&self) -> Option<&[u8]> {
        self.verifier_info.iter().find_map(|info| match info {
            VerifierInfo::EarlierBundle(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// When the request ends.
    pub fn expires_at(&self) -> Option<UnixTime> {
        self.expires_at
    }
}

pub(super) fn response_uri(claims: &Map<String, Value>) -> Result<Url, RequestError> {
    http_url(string(claims, "response_uri")?).ok_or(RequestError::BadResponseUri)
}

fn check_audience_and_time(claims: &Map<String, Value>, now: UnixTime) -> Result<(), RequestError> {
    if string(claims, "aud")? != STATIC_WALLET_AUDIENCE {
        return Err(RequestError::WrongAudience);
    }
    if time(claims, "exp")?.is_some_and(|exp| now >= exp) {
        return Err(RequestError::Expired);
    }
    for name in ["iat", "nbf"] {
        if time(claims, name)?.is_some_and(|start| start > now.saturating_add(CLOCK_LEEWAY)) {
            return Err(RequestError::NotYetValid);
        }
    }
    Ok(())
}

fn response_mode(claims: &Map<String, Value>) -> Result<ResponseMode, RequestError> {
    let mode = string(claims, "response_mode")?;
    if !matches!(mode, "direct_post" | "direct_post.jwt") {
        return Err(RequestError::UnsupportedResponseMode);
    }
    if claims.contains_key("redirect_uri") {
        return Err(RequestError::RedirectUriPresent);
    }
    if mode == "direct_post" {
        return Ok(ResponseMode::DirectPost);
    }
    let metadata = match claims.get("client_metadata") {
        None => return Err(RequestError::Missing("client_metadata")),
        Some(value) => value.as_object().ok_or(RequestError::WrongType("client_metadata"))?,
    };
    ResponseEncryption::choose(metadata).map(ResponseMode::DirectPostJwt)
}

fn query(claims: &Map<String, Value>) -> Result<DcqlQuery, RequestError> {
    let query = match (claims.get("dcql_query"), claims.get("scope")) {
        (Some(_), Some(_)) => return Err(RequestError::QueryAndScope),
        (None, None) => return Err(RequestError::NoQuery),
        (None, Some(_)) => return Err(RequestError::ScopeNotSupported),
        (Some(query), None) => DcqlQuery::parse(query)?,
    };
    if !query
        .credentials()
        .iter()
        .any(|asked| supported_formats().any(|format| format == asked.format()))
    {
        return Err(RequestError::NoSupportedFormat);
    }
    Ok(query)
}

pub(super) fn string<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Result<&'c str, RequestError> {
    optional_string(claims, name)?.ok_or(RequestError::Missing(name))
}

fn optional_string<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Result<Option<&'c str>, RequestError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(RequestError::WrongType(name)),
    }
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<UnixTime>, RequestError> {
    numeric_date(claims, name).map_err(|_| RequestError::BadTime(name))
}

/// How far a verifier's clock may be ahead.
const CLOCK_LEEWAY: UnixTime = 60;
