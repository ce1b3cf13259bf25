//! Whether a host is the organisation's: it shows a random value there that only this organisation was told.
//! docs/registration.md §2
//!
//! The first line of a DID log is public, so that an application file proves nothing of who hands it in. Whoever can
//! put a file on the host that the DID names can.

use std::time::Duration;

use axum::http::StatusCode;
use did::webvh::WebvhDid;
use jose::UnixTime;
use outbound::{Limits, OutboundError};
use url::Url;

use super::Portal;
use super::content::{Applicant, Hosting};
use super::store::{Filed, HostProof};
use crate::registrar::Application;

/// Where the value stands. RFC 8615
pub(crate) const PATH: &str = "/.well-known/holdfast-registration.txt";
/// One line of text, from the host itself.
const LIMITS: Limits = Limits::MESSAGE
    .with_body(256)
    .with_total(Duration::from_secs(5))
    .with_content_types(&["text/plain"]);
/// For how many seconds a look that found the value counts: thirty days.
const COUNTS: UnixTime = 30 * 86_400;

/// What came of a look at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The value stands there.
    Proved,
    /// Something else stands there.
    OtherText,
    /// There is no such file.
    NoFile,
    /// It leads elsewhere, which is not followed.
    Redirect,
    /// It is longer than a value.
    TooLong,
    /// It is no plain text.
    MediaType,
    /// It took too long.
    TooSlow,
    /// The host, or an address of it, is none that is looked at.
    NotAllowed,
    /// Nothing answers there.
    NotReached,
}

impl Outcome {
    const ALL: [Self; 9] = [
        Self::Proved,
        Self::OtherText,
        Self::NoFile,
        Self::Redirect,
        Self::TooLong,
        Self::MediaType,
        Self::TooSlow,
        Self::NotAllowed,
        Self::NotReached,
    ];

    /// The name in the store.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::OtherText => "other_text",
            Self::NoFile => "no_file",
            Self::Redirect => "redirect",
            Self::TooLong => "too_long",
            Self::MediaType => "media_type",
            Self::TooSlow => "too_slow",
            Self::NotAllowed => "not_allowed",
            Self::NotReached => "not_reached",
        }
    }

    /// The outcome of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

impl From<&OutboundError> for Outcome {
    fn from(error: &OutboundError) -> Self {
        match error {
            OutboundError::Redirect => Self::Redirect,
            OutboundError::TooLarge { .. } => Self::TooLong,
            OutboundError::ContentType | OutboundError::ContentEncoding => Self::MediaType,
            OutboundError::Timeout => Self::TooSlow,
            OutboundError::Blocked | OutboundError::Scheme | OutboundError::Credentials => Self::NotAllowed,
            _ => Self::NotReached,
        }
    }
}

impl HostProof {
    /// Whether the value was found there, the last time that somebody looked, and not too long ago.
    pub(crate) fn counts(&self, now: UnixTime) -> bool {
        match (self.outcome, self.checked_at) {
            (Some(Outcome::Proved), Some(at)) => at.saturating_add(COUNTS) > now,
            _ => false,
        }
    }
}

/// The host that an organisation with keys of its own stands for: that of its DID, with its port.
pub(crate) fn host(filed: &Filed) -> Option<String> {
    if filed.applicant == Applicant::Business && filed.content.hosting == Hosting::Hosted {
        return None;
    }
    let file = Application::parse(filed.content.file.as_bytes()).ok()?;
    host_of(file.did().as_str())
}

/// The host that a DID names, with its port.
pub(crate) fn host_of(did: &str) -> Option<String> {
    let did: WebvhDid = did.parse().ok()?;
    Some(match did.port() {
        Some(port) => format!("{}:{port}", did.host()),
        None => did.host().to_owned(),
    })
}

impl Portal {
    /// What has to stand at the host of an application, and what came of the last look; `None` where nothing has to.
    pub(crate) async fn host_proof(&self, filed: &Filed) -> Result<Option<HostProof>, sqlx::Error> {
        match host(filed) {
            Some(host) => self.inner.store.host_proof(&filed.business, &host).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks whether the value stands there, and notes what came of it.
    pub(crate) async fn look_at_host(&self, filed: &Filed, proof: &HostProof) -> Result<(), sqlx::Error> {
        let outcome = self.look(&proof.host, &proof.value).await;
        tracing::info!(application = %filed.id, outcome = outcome.as_str(), "a host was looked at");
        let store = &self.inner.store;
        store.keep_outcome(&filed.business, proof, outcome, self.now()).await
    }

    async fn look(&self, host: &str, value: &str) -> Outcome {
        let Some(url) = self.address_at(host) else {
            return Outcome::NotAllowed;
        };
        match self.inner.http.get(&url, &LIMITS).await {
            Ok(answer) if answer.status() != StatusCode::OK => Outcome::NoFile,
            Ok(answer) if answer.body().trim_ascii() == value.as_bytes() => Outcome::Proved,
            Ok(_) => Outcome::OtherText,
            Err(error) => Outcome::from(&error),
        }
    }

    /// Where the value of a host is expected.
    pub(crate) fn address_at(&self, host: &str) -> Option<Url> {
        Url::parse(&format!("{}://{host}{PATH}", self.inner.scheme)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(Some(Outcome::Proved), Some(5), 5 => true; "just now")]
    #[test_case(Some(Outcome::Proved), Some(5), 4 + COUNTS => true; "lately")]
    #[test_case(Some(Outcome::Proved), Some(5), 5 + COUNTS => false; "too long ago")]
    #[test_case(Some(Outcome::OtherText), Some(5), 5 => false; "not found")]
    #[test_case(None, None, 5 => false; "never looked at")]
    fn counts(outcome: Option<Outcome>, checked_at: Option<UnixTime>, now: UnixTime) -> bool {
        let proof = HostProof {
            host: "shop.example".to_owned(),
            value: "v".to_owned(),
            outcome,
            checked_at,
        };
        proof.counts(now)
    }

    #[test]
    fn names_are_each_others() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::named(outcome.as_str()), Some(outcome));
        }
    }
}
