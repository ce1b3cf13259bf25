//! Records of all accredited agencies: one request for the whole set, whichever of them is meant,
//! so that neither the ledger nor a mirror learns whose cards somebody holds.

use super::TrustError;
use crate::text::plain;
use crate::vault::{Vault, VaultError};
use jose::UnixTime;
use ledger::{
    Accreditation, Clock, Family, FreshnessLimit, LANDMARK_FILE_CAP, OrganisationRecord, StatusSnapshot, TrustPack,
    TrustPackError, UnverifiedBundle, VerifiedBundle,
};
use outbound::{Client, Limits, OutboundError};
use rusqlite::{OptionalExtension as _, params};
use std::time::Duration;
use url::Url;

/// Reads the ledger, or a mirror of it.
pub(crate) struct LedgerClient<'a> {
    pub(crate) client: &'a Client,
    pub(crate) pack: &'a TrustPack,
    pub(crate) vault: &'a Vault,
    pub(crate) ledger_url: &'a Url,
    pub(crate) mirror_url: Option<&'a Url>,
    pub(crate) device_time: UnixTime,
}

/// An agency with the proof of its newest record.
#[derive(Debug)]
pub(crate) struct Agency {
    bundle: VerifiedBundle,
}

/// Every agency whose record is proved and fresh.
#[derive(Debug)]
pub(crate) struct Agencies {
    found: Vec<Agency>,
    refused: Option<TrustError>,
    not_accredited: Vec<String>,
}

/// Agencies in a row that lost their keys, at most.
const SUCCESSIONS: usize = 8;

/// Kilobytes an agency, for all agencies of a country.
const BUNDLES: Limits = Limits::METADATA
    .with_body(16 * 1024 * 1024)
    .with_total(Duration::from_secs(5))
    .with_content_types(&["application/cbor"]);

/// The hourly file of all agencies.
const LANDMARK_FILE: Limits = BUNDLES.with_body(LANDMARK_FILE_CAP).with_total(Duration::from_secs(60));

/// Kilobytes a service or rule.
const WHOLE_LIST: Limits = BUNDLES.with_total(Duration::from_secs(60));

impl LedgerClient<'_> {
    /// The clock that ages are measured by.
    pub(crate) fn clock(&self) -> Result<Clock, VaultError> {
        Ok(Clock {
            device: self.device_time,
            newest_seen: self.vault.newest_ledger_time()?,
        })
    }

    /// The clock, where something can be checked at all: not by a trust pack that has run out since the wallet was
    /// opened, nor with a log that showed two histories.
    pub(crate) fn still_trusted(&self) -> Result<Clock, TrustError> {
        if self.vault.has_evidence()? {
            return Err(TrustError::SplitView);
        }
        let clock = self.clock()?;
        if clock.now() >= self.pack.expires() {
            return Err(TrustPackError::Expired.into());
        }
        Ok(clock)
    }

    /// Accepts a bundle: proof, quorum, freshness; then its time counts as seen.
    pub(crate) fn accept(&self, bundle: UnverifiedBundle, subject: &str) -> Result<VerifiedBundle, TrustError> {
        let clock = self.still_trusted()?;
        let verified = bundle.verify(self.pack, subject)?;
        clock.age(verified.time(), FreshnessLimit::ONLINE)?;
        self.vault.saw_ledger_time(clock.seen(verified.time())?)?;
        Ok(verified)
    }

    /// All accredited agencies: from the ledger, else from the mirror, else what is held.
    pub(crate) async fn agencies(&self) -> Result<Agencies, TrustError> {
        match self.fetch(["bundles", "accredited"], &BUNDLES).await {
            Ok(set) => {
                let agencies = self.read(&set)?;
                if !agencies.found.is_empty() {
                    self.keep(&set)?;
                }
                Ok(agencies)
            }
            Err(error) => match self.held()? {
                Some(set) => self.read(&set),
                None => Err(TrustError::LedgerUnreachable(error)),
            },
        }
    }

    /// The newest hourly file of all agencies: the same for everybody. docs/ledger.md §12.2
    pub(crate) async fn newest_landmark_file(&self) -> Result<Vec<u8>, OutboundError> {
        self.fetch(["landmarks", "newest"], &LANDMARK_FILE).await
    }

    /// Everything that is published of a family: the same for everybody. docs/services.md §2
    pub(crate) async fn everything_of(&self, family: Family) -> Result<Vec<u8>, OutboundError> {
        self.fetch(["bundles", family.word().unwrap_or_default()], &WHOLE_LIST)
            .await
    }

    /// From the ledger, else from the mirror.
    async fn fetch(&self, path: [&str; 2], limits: &Limits) -> Result<Vec<u8>, OutboundError> {
        match self.fetch_from(self.ledger_url, path, limits).await {
            Err(error) => match self.mirror_url {
                Some(mirror) => self.fetch_from(mirror, path, limits).await.map_err(|_| error),
                None => Err(error),
            },
            fetched => fetched,
        }
    }

    async fn fetch_from(&self, base: &Url, path: [&str; 2], limits: &Limits) -> Result<Vec<u8>, OutboundError> {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let answer = self.client.get(&url, limits).await?;
        Ok(answer.success()?.into_body())
    }

    /// Looks each of these issuers up that is not among the accredited: one that the ledger has a
    /// record of is not to be believed for its certificate. Nothing is asked where the set itself
    /// was not proved, because then nobody outside it is believed.
    pub(crate) async fn look_up(&self, agencies: &mut Agencies, issuers: Vec<String>) -> Result<(), TrustError> {
        if agencies.refused.is_some() {
            return Ok(());
        }
        for did in issuers {
            if agencies.by_did(&did).is_none() && self.has_record(&did).await? {
                agencies.not_accredited.push(did);
            }
        }
        Ok(())
    }

    async fn has_record(&self, did: &str) -> Result<bool, TrustError> {
        let bytes = self.record_of(did).await?;
        let bundle = self.accept(UnverifiedBundle::parse(&bytes)?, did)?;
        Ok(bundle.record().is_some())
    }

    /// The proof of the newest record of one organisation, as it comes from the ledger, else from the
    /// mirror. Whoever answers learns of whom.
    pub(crate) async fn record_of(&self, did: &str) -> Result<Vec<u8>, TrustError> {
        let fetched = match self.fetch_one(self.ledger_url, did).await {
            Err(error) => match self.mirror_url {
                Some(mirror) => self.fetch_one(mirror, did).await.map_err(|_| error),
                None => Err(error),
            },
            fetched => fetched,
        };
        fetched.map_err(TrustError::LedgerUnreachable)
    }

    async fn fetch_one(&self, base: &Url, did: &str) -> Result<Vec<u8>, OutboundError> {
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("bundle");
        }
        url.query_pairs_mut().append_pair("did", did);
        let answer = self.client.get(&url, &BUNDLES).await?;
        Ok(answer.success()?.into_body())
    }

    /// One bundle that does not hold leaves the others as they are; the reason is kept for whoever
    /// looks for that agency and does not find it.
    fn read(&self, set: &[u8]) -> Result<Agencies, TrustError> {
        let mut agencies = Agencies {
            found: Vec::new(),
            refused: None,
            not_accredited: Vec::new(),
        };
        for bundle in UnverifiedBundle::parse_set(set)? {
            let subject = bundle.dangerous_claimed_subject().ok_or(TrustError::MalformedAnswer);
            match subject.and_then(|subject| self.accept(bundle, &subject)) {
                Ok(bundle) => agencies.found.push(Agency { bundle }),
                Err(error) => agencies.refused = Some(error),
            }
        }
        Ok(agencies)
    }

    fn keep(&self, set: &[u8]) -> Result<(), VaultError> {
        self.vault.write(|transaction| {
            transaction.execute(
                "INSERT INTO agency_bundles (id, bundles) VALUES (1, ?1)
                 ON CONFLICT (id) DO UPDATE SET bundles = excluded.bundles",
                params![set],
            )?;
            Ok(())
        })
    }

    pub(super) fn held(&self) -> Result<Option<Vec<u8>>, VaultError> {
        self.vault.read(|connection| {
            connection
                .query_row("SELECT bundles FROM agency_bundles WHERE id = 1", [], |row| row.get(0))
                .optional()
        })
    }
}

impl Agencies {
    /// The agency of this DID.
    pub(crate) fn by_did(&self, did: &str) -> Option<&Agency> {
        self.found.iter().find(|agency| agency.did() == Some(did))
    }

    /// An agency whose DID lives at this host and port: the one that may offer cards from there.
    pub(crate) fn by_host(&self, url: &Url) -> Option<&Agency> {
        self.found.iter().find(|agency| {
            agency
                .did()
                .and_then(host_of)
                .is_some_and(|(host, port)| url.host_str() == Some(host.as_str()) && url.port() == port)
        })
    }

    /// Whether an agency goes on for another one, itself or through others, as their records say, and that counts by
    /// now. docs/ledger.md §4.2
    pub(crate) fn go_on(&self, agency: &Agency, other: &str, now: UnixTime) -> bool {
        let mut before = agency.goes_on_for(now);
        for _ in 0..SUCCESSIONS {
            match before {
                None => return false,
                Some(did) if did == other => return true,
                Some(did) => before = self.by_did(did).and_then(|agency| agency.goes_on_for(now)),
            }
        }
        false
    }

    /// What is certain about an issuer that is a did:webvh and not among the accredited, before
    /// any certificate is looked at: recorded without an accreditation, or perhaps among those whose
    /// record was not proved.
    pub(crate) fn refuses(&self, did: &str) -> Option<TrustError> {
        if self.not_accredited.iter().any(|recorded| recorded == did) {
            return Some(TrustError::NotAccredited);
        }
        self.refused.is_some().then_some(TrustError::UnknownIssuer)
    }

    /// Why an agency that was looked for may be missing.
    pub(crate) fn reason_for_absence(self) -> Option<TrustError> {
        self.refused
    }
}

impl Agency {
    /// Its DID.
    pub(crate) fn did(&self) -> Option<&str> {
        self.bundle.record().map(OrganisationRecord::did)
    }

    /// The agency that lost its keys and in whose place it is by now.
    fn goes_on_for(&self, now: UnixTime) -> Option<&str> {
        let succession = self.bundle.record()?.accreditation_entry()?.succession()?;
        (succession.from <= now).then_some(succession.succeeds.as_str())
    }

    /// Its record.
    pub(crate) fn record(&self) -> Result<&OrganisationRecord, TrustError> {
        self.bundle.record().ok_or(TrustError::UnknownIssuer)
    }

    /// Its name, from the payload of its accreditation.
    pub(crate) fn accreditation(&self) -> Result<Accreditation, TrustError> {
        let entry = self.record()?.accreditation_entry().ok_or(TrustError::NotAccredited)?;
        let payload = entry.payload();
        let bytes = self.bundle.blob(&payload.hash).ok_or(TrustError::IncompleteRecord)?;
        Ok(Accreditation::parse(bytes)?)
    }

    /// Its newest status snapshot, if it ever published one.
    pub(crate) fn snapshot(&self) -> Result<Option<StatusSnapshot>, TrustError> {
        let Some(entry) = self.record()?.status_snapshot() else {
            return Ok(None);
        };
        let hash = &entry.payload.hash;
        let bytes = self.bundle.blob(hash).ok_or(TrustError::IncompleteRecord)?;
        Ok(Some(StatusSnapshot::parse(bytes)?))
    }
}

/// Host and port of an organisation as they are shown; of another DID all of it.
pub(crate) fn host_text(did: &str) -> String {
    match host_of(did) {
        Some((host, Some(port))) => plain(&format!("{host}:{port}")),
        Some((host, None)) => plain(&host),
        None => plain(did),
    }
}

/// Host and port of a did:webvh. did:webvh 1.0 §3.3
fn host_of(did: &str) -> Option<(String, Option<u16>)> {
    let rest = did.strip_prefix("did:webvh:")?;
    let location = rest.split(':').nth(1)?;
    match location.split_once("%3A").or_else(|| location.split_once("%3a")) {
        Some((host, port)) => Some((host.to_owned(), Some(port.parse().ok()?))),
        None => Some((location.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::host_of;
    use test_case::test_case;

    #[test_case("did:webvh:QmX:agency.example" => Some(("agency.example".to_owned(), None)) ; "host")]
    #[test_case("did:webvh:QmX:agency.localhost%3A8401" => Some(("agency.localhost".to_owned(), Some(8401))) ; "host and port")]
    #[test_case("did:webvh:QmX:agency.example:office" => Some(("agency.example".to_owned(), None)) ; "path")]
    #[test_case("did:web:agency.example" => None ; "another method")]
    fn host(did: &str) -> Option<(String, Option<u16>)> {
        host_of(did)
    }
}
