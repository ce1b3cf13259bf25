//! What a check asks, in the words of the registration.

use ledger::{PayloadError, Purpose};
use receipt::as_registered;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Check;

impl Check {
    /// The purpose to register for this check: it covers exactly what the
    /// check asks.
    ///
    /// # Errors
    /// [`PayloadError`] for a path that cannot be registered.
    pub fn to_purpose(&self) -> Result<Purpose, PayloadError> {
        let credentials = self
            .query
            .credentials()
            .iter()
            .map(as_registered)
            .collect::<Result<_, _>>()?;
        Ok(Purpose {
            channel: self.channel,
            credentials,
            id: self.id.clone(),
            privacy_policy: self.privacy_policy.clone(),
            retention_days: self.retention_days,
            rule: Some(self.rule.hash()),
            text: self.purpose.clone(),
        })
    }

    /// Hash of what people agree to when they answer: what is asked and why, by which rule, what is
    /// kept and for how long. A session is of the check that it was opened for, and of no other of
    /// the same id.
    pub(crate) fn agreed(&self) -> [u8; 32] {
        let agreed = json!({
            "id": self.id,
            "channel": self.channel,
            "keep": self.keep,
            "privacy_policy": self.privacy_policy,
            "purpose": self.purpose,
            "query": self.query.to_value(),
            "retention_days": self.retention_days,
            "rule": self.rule.hash(),
        });
        Sha256::digest(agreed.to_string()).into()
    }
}
