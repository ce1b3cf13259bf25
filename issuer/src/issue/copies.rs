//! One-time copies. Two copies differ in key, salts and status entry alone, whoever they are for.

use jose::{PublicJwk, UnixTime};
use sd_jwt::{CredentialDraft, Disclosable, IssueError, Padding, StatusReference};
use serde_json::{Map, Value};

use super::configuration_id::Channel;
use super::schema::CredentialType;
use crate::day;
use crate::identity::Signing;

/// Makes the copies of one card for one channel.
pub struct CopyMaker<'a> {
    /// Who signs.
    pub signing: &'a Signing,
    /// The type.
    pub credential_type: &'a CredentialType,
    /// What is said about the person.
    pub claims: Map<String, Value>,
    /// What the copies are for.
    pub channel: Channel,
    /// The time; copies carry the day alone.
    pub now: UnixTime,
}

impl CopyMaker<'_> {
    /// One copy for one key at one place of a status list.
    pub fn copy(&self, holder_key: &PublicJwk, list_uri: &str, index: u64) -> Result<String, IssueError> {
        let day = day::start(self.now);
        let rules = self.credential_type.holdfast;
        let draft = CredentialDraft {
            vct: self.credential_type.vct().to_owned(),
            issuer: Some(self.signing.issuer.clone()),
            issued_at: day,
            not_before: day,
            expires: day + rules.validity_days * day::SECONDS,
            holder_key: bare(holder_key),
            status: Some(StatusReference {
                index,
                uri: list_uri.to_owned(),
            }),
            claims: self.claims.clone(),
            disclosable: Disclosable::EveryClaim,
            padding: Padding::To(rules.digests),
        };
        let x5c = match (self.channel, &self.signing.kid) {
            // Where there is no anchored DID, the chain is the only way to the key.
            (Channel::Offline, Some(_)) => None,
            _ => Some(self.signing.x5c.clone()),
        };
        draft.issue(
            Some(&self.signing.key_id()),
            x5c,
            &mut service::random::fill,
            &self.signing.key,
        )
    }
}

/// The key without what a wallet may have written beside it: such a member would mark all its copies.
fn bare(key: &PublicJwk) -> PublicJwk {
    let point = key
        .sec1_uncompressed()
        .and_then(|point| PublicJwk::from_p256_sec1(point).ok());
    point.unwrap_or_else(|| key.clone())
}
