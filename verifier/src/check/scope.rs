//! What a check asks, in the words of the registration.

use ledger::{ClaimPath, PayloadError, Purpose, ScopeCredential};
use oid4vp::CredentialQuery;
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
            .map(scope_credential)
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

/// A claim that every claim set has is needed, the others are optional.
fn scope_credential(asked: &CredentialQuery) -> Result<ScopeCredential, PayloadError> {
    let (mut needed, mut optional) = (Vec::new(), Vec::new());
    for (place, claim) in asked.claims().iter().enumerate() {
        let path = ClaimPath::from_json(&claim.path().to_value())?;
        if asked.claim_sets().iter().all(|set| set.contains(&place)) {
            needed.push(path);
        } else {
            optional.push(path);
        }
    }
    let types = asked.meta().type_names().into_iter();
    Ok(ScopeCredential {
        needed,
        optional,
        vct_values: types.map(str::to_owned).collect(),
    })
}
