//! Fetching the list: all services and all rules there are, whoever asks.

use super::ServicesError;
use super::held::{HeldList, claimed};
use crate::trust::TrustError;
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::{Clock, Family, FreshnessLimit, UnverifiedBundle};

impl Wallet {
    /// Fetches every service and every rule that is publicly recorded, from the ledger or a mirror, and keeps them with
    /// their proofs in the place of what was held; how many services. With them come the records of all agencies. Three
    /// requests, the same for everybody: they name no service and follow from no card. Where one proof does not hold,
    /// nothing of the list is taken.
    pub async fn refresh_services(&self) -> Result<usize, ServicesError> {
        let ledger = self.ledger(self.clock.now());
        ledger.agencies().await?;
        let services = ledger.everything_of(Family::Service).await?;
        let rules = ledger.everything_of(Family::Rule).await?;
        let clock = ledger.still_trusted()?;
        let mut times = self.proved(&services, Family::Service, &clock)?;
        let count = times.len();
        times.extend(self.proved(&rules, Family::Rule, &clock)?);
        if let Some(newest) = times.iter().max() {
            let seen = clock.seen(*newest).map_err(TrustError::from)?;
            self.vault.saw_ledger_time(seen)?;
        }
        // An empty list proves no time: it came with what was confirmed last.
        let time = match times.iter().min() {
            Some(oldest) => *oldest,
            None => self.vault.newest_ledger_time()?,
        };
        self.vault.keep_service_list(&HeldList { services, rules, time })?;
        Ok(count)
    }

    /// When each bundle of a set was confirmed, all of which prove what they say, and recently.
    fn proved(&self, set: &[u8], family: Family, clock: &Clock) -> Result<Vec<UnixTime>, TrustError> {
        let mut times = Vec::new();
        for bundle in UnverifiedBundle::parse_set(set)? {
            let subject = claimed(&bundle, family).ok_or(TrustError::MalformedAnswer)?;
            let verified = bundle.verify_object(&self.pack, family, &subject)?;
            clock.age(verified.time(), FreshnessLimit::ONLINE)?;
            times.push(verified.time());
        }
        Ok(times)
    }
}
