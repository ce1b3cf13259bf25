//! Whose keys sign registration certificates: those of the registrars that the policy of the ledger names, by their
//! newest records. docs/registration.md §4.1

use super::{LedgerClient, TrustError};
use jose::VerifyingKey;
use ledger::{FreshnessLimit, UnverifiedBundle};

impl LedgerClient<'_> {
    /// The keys of a registrar, by the proof that came along: the newest policy, which names it, and its record. Both
    /// hold by the trust pack; nobody is asked. `None` where who is said to be a registrar is none: the policy does not
    /// name it, or its DID was deactivated.
    ///
    /// # Errors
    /// The proof can fail as every other.
    pub(crate) fn registrar_keys(&self, proof: &[u8]) -> Result<Option<Vec<VerifyingKey>>, TrustError> {
        let clock = self.still_trusted()?;
        // Two, so that what is looked at costs two proofs and no more.
        let [policy, record] = <[UnverifiedBundle; 2]>::try_from(UnverifiedBundle::parse_set(proof)?)
            .map_err(|_| TrustError::MalformedAnswer)?;
        let policy = policy.verify_policy(self.pack)?;
        clock.age(policy.time(), FreshnessLimit::ONLINE)?;
        let policy = policy.policy().ok_or(TrustError::IncompleteRecord)?;
        let did = record.dangerous_claimed_subject().ok_or(TrustError::MalformedAnswer)?;
        if !policy.registrars.iter().any(|named| named.as_str() == did) {
            return Ok(None);
        }
        let bundle = self.accept(record, &did)?;
        let record = bundle.record().ok_or(TrustError::IncompleteRecord)?;
        if record.is_deactivated() {
            return Ok(None);
        }
        let keys = record.assertion_keys();
        Ok(Some(keys.filter_map(|(_, key)| VerifyingKey::new(key).ok()).collect()))
    }
}
