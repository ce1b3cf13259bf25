//! Reading bundles and posting entries.

use std::path::Path;
use std::time::Duration;

use jose::UnixTime;
use ledger::{
    BundleError, Family, ObjectRecord, Submission, TrustPack, TrustPackError, UnverifiedBundle, UnverifiedTrustPack,
    VerifiedBundle,
};
use outbound::{Client, Limits, OutboundError};
use url::Url;

use crate::config::Settings;

/// Longest bundle read.
const BUNDLE_LIMIT: usize = 1024 * 1024;
/// How long an append may take: the log answers once the quorum has signed.
const APPEND_TIME: Duration = Duration::from_secs(30);

/// The ledger of one trust pack.
pub struct LedgerClient {
    http: Client,
    url: Url,
    pack: TrustPack,
}

impl std::fmt::Debug for LedgerClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerClient")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// Why the ledger cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerClientError {
    /// The trust pack cannot be read.
    #[error("the trust pack cannot be read")]
    Read(#[from] std::io::Error),
    /// The trust pack is refused.
    #[error("the trust pack: {0}")]
    TrustPack(#[from] TrustPackError),
    /// There is no trust pack or no address in the settings.
    #[error("trust_pack and ledger_url are needed")]
    NotConfigured,
}

/// Why the ledger did not answer as it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The address cannot be made.
    #[error("the ledger's address is malformed")]
    Address,
    /// It cannot be reached, or answers with an error.
    #[error(transparent)]
    Http(#[from] OutboundError),
    /// The bundle proves nothing.
    #[error("the bundle: {0}")]
    Bundle(#[from] BundleError),
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is in the log, and the quorum has signed.
    Done,
    /// Somebody was faster: read the record again.
    Conflict,
    /// Too many writes, or no quorum at this moment: try again later.
    Later,
    /// The log refuses it for good.
    Refused(u16),
}

impl LedgerClient {
    /// The ledger that the settings name.
    pub fn new(settings: &Settings, http: Client, now: UnixTime) -> Result<Self, LedgerClientError> {
        let (Some(pack), Some(url)) = (&settings.own.trust_pack, &settings.own.ledger_url) else {
            return Err(LedgerClientError::NotConfigured);
        };
        Ok(Self {
            http,
            url: url.clone(),
            pack: read_pack(pack, now)?,
        })
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.pack.origin()
    }

    /// The newest bundle about an organisation, verified.
    pub async fn bundle(&self, did: &str) -> Result<VerifiedBundle, LedgerError> {
        let mut url = self.join("bundle")?;
        url.query_pairs_mut().append_pair("did", did);
        Ok(self.fetch(&url).await?.verify(&self.pack, did)?)
    }

    /// The newest bundle about a card type, rule or service, verified.
    pub async fn object(&self, family: Family, subject: &str) -> Result<VerifiedBundle<ObjectRecord>, LedgerError> {
        let mut url = self.join("bundle/object")?;
        url.query_pairs_mut()
            .append_pair("family", family.word().unwrap_or_default())
            .append_pair("subject", subject);
        Ok(self.fetch(&url).await?.verify_object(&self.pack, family, subject)?)
    }

    async fn fetch(&self, url: &Url) -> Result<UnverifiedBundle, LedgerError> {
        let limits = Limits::MESSAGE
            .with_body(BUNDLE_LIMIT)
            .with_content_types(&["application/cbor"]);
        let response = self.http.get(url, &limits).await?.success()?;
        Ok(UnverifiedBundle::parse(response.body())?)
    }

    /// Posts an entry.
    pub async fn append(&self, submission: &Submission) -> Result<Posted, LedgerError> {
        let url = self.join("api/v1/entries")?;
        let limits = Limits::MESSAGE.with_total(APPEND_TIME);
        let response = self
            .http
            .post(&url, "application/cbor", submission.encode(), &limits)
            .await?;
        Ok(match response.status().as_u16() {
            200..=299 => Posted::Done,
            409 => Posted::Conflict,
            429 | 503 => Posted::Later,
            status => Posted::Refused(status),
        })
    }

    fn join(&self, path: &str) -> Result<Url, LedgerError> {
        let base = self.url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|_| LedgerError::Address)
    }
}

fn read_pack(path: &Path, now: UnixTime) -> Result<TrustPack, LedgerClientError> {
    Ok(UnverifiedTrustPack::parse(&std::fs::read(path)?)?.verify(None, now)?)
}
