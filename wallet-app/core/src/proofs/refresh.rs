//! Fetching proofs: whole files, the same for everybody, at random times.

use super::ProofError;
use crate::clock::OsRandom;
use crate::services::ServicesError;
use crate::status::Refreshed;
use crate::trust::TrustError;
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::{FreshnessLimit, UnverifiedLandmarkFile};

/// A landmark file is an hour's; one that is older than this is worth asking for the next.
const WORTH_REFRESHING: u64 = 2 * 3_600;
/// Seconds between two refreshes on a timer, at least and at most.
const PAUSE: (u64, u64) = (1_800, 5_400);
/// The most that a wallet waits that holds nothing recent.
const SOON: u64 = 600;

/// What a refresh came to.
#[derive(Debug)]
pub struct ProofsRefreshed {
    /// When what is held now was confirmed.
    pub time: UnixTime,
    /// Agencies in the file.
    pub agencies: usize,
    /// The status lists.
    pub lists: Refreshed,
    /// The same lists as the file names them, for proofs. Where one cannot be had so, the newest may still say the same.
    pub recorded: Refreshed,
    /// How many services there are in the list, which is fetched at the same times; why it stayed as it was.
    pub services: Result<usize, ServicesError>,
}

impl Wallet {
    /// Fetches the newest hourly file of all agencies, from the log or a mirror, and the status lists of all issuers
    /// whose cards are held, as they are and as the file names them; with them the list of all services. On a timer or the
    /// person's word, never because a card is shown.
    pub async fn refresh_proofs(&self) -> Result<ProofsRefreshed, ProofError> {
        let bytes = self.ledger(self.clock.now()).newest_landmark_file().await?;
        let (time, agencies) = self.take_landmark_file(&bytes)?;
        let lists = self.refresh_status().await?;
        let recorded = self.refresh_recorded().await?;
        let services = self.refresh_services().await;
        Ok(ProofsRefreshed {
            time,
            agencies,
            lists,
            recorded,
            services,
        })
    }

    fn take_landmark_file(&self, bytes: &[u8]) -> Result<(UnixTime, usize), ProofError> {
        let clock = self.ledger(self.clock.now()).still_trusted()?;
        let file = UnverifiedLandmarkFile::parse(bytes)?.verify(&self.pack)?;
        clock
            .age(file.time(), FreshnessLimit::OFFLINE)
            .map_err(TrustError::from)?;
        self.compare_landmarks(&[file.landmark()])?;
        self.vault
            .saw_ledger_time(clock.seen(file.time()).map_err(TrustError::from)?)?;
        self.vault.keep_landmark_file(bytes, file.time())?;
        let held = self.vault.landmark_file_time()?;
        Ok((held.unwrap_or(file.time()), file.len()))
    }

    /// Seconds to wait before the next refresh on a timer, drawn anew each time, so that the time of asking says nothing
    /// about the one who asks.
    pub fn proof_refresh_pause(&self) -> Result<u64, VaultError> {
        let now = self.ledger(self.clock.now()).clock()?.now();
        let held = self.vault.landmark_file_time()?;
        let recent = held.is_some_and(|time| now.saturating_sub(time) <= WORTH_REFRESHING);
        let (least, most) = if recent { PAUSE } else { (0, SOON) };
        let drawn = u64::from(u32::from_be_bytes(OsRandom::bytes()));
        Ok(least + drawn % (most - least + 1))
    }
}
