//! One-time copies. Two copies differ in key, salts and status entry alone, whoever they are for.

use card_formats::{Format, IssueError, NewCopy};
use jose::{PublicJwk, UnixTime};
use serde_json::{Map, Value};
use status_list::StatusReference;

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
    /// The format.
    pub format: Format,
    /// What the format calls the type.
    pub card_type: &'a str,
    /// What is said about the person, as the format has it.
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
        let expires = self.credential_type.expires(self.now);
        let rules = self.credential_type.holdfast;
        let copy = NewCopy {
            card_type: self.card_type,
            issuer: &self.signing.issuer,
            kid: &self.signing.key_id(),
            x5c: match (self.channel, &self.signing.kid) {
                // Where there is no anchored DID, the chain is the only way to the key.
                (Channel::Offline, Some(_)) => None,
                _ => Some(&self.signing.x5c),
            },
            issued_at: day,
            expires,
            holder_key: &bare(holder_key),
            status: StatusReference::of_token(list_uri, index),
            claims: &self.claims,
            digests: self
                .credential_type
                .form(self.format)
                .map_or(rules.digests, |form| form.digests),
            signer: &self.signing.key,
        };
        self.format.issue(&copy, &mut service::random::fill)
    }
}

/// The key without what a wallet may have written beside it: such a member would mark all its copies.
fn bare(key: &PublicJwk) -> PublicJwk {
    let point = key
        .sec1_uncompressed()
        .and_then(|point| PublicJwk::from_p256_sec1(point).ok());
    point.unwrap_or_else(|| key.clone())
}
