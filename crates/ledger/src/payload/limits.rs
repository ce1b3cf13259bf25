//! How much may be written. docs/ledger.md §4.1 and §5.6.

use serde::{Deserialize, Serialize};

use super::json::present;
use crate::kind::Kind;

/// How much may be written about one subject, and by one registrar. docs/ledger.md §5.6
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Longest accreditation, relying party payload and what the kinds 12 to 18 and 20 say.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub document_bytes: Option<u64>,
    /// Longest did:webvh log line.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub did_line_bytes: Option<u64>,
    /// Entries a day that one registrar signs, about whomever.
    pub registrar_writes_per_day: u32,
    /// Entries an hour that one registrar signs, about whomever.
    pub registrar_writes_per_hour: u32,
    /// Longest status snapshot.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub snapshot_bytes: Option<u64>,
    /// Status snapshots an hour, and audit snapshots.
    pub snapshots_per_hour: u32,
    /// Other entries a day.
    pub writes_per_day: u32,
    /// Other entries an hour.
    pub writes_per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: None,
            did_line_bytes: None,
            registrar_writes_per_day: 2000,
            registrar_writes_per_hour: 500,
            snapshot_bytes: None,
            snapshots_per_hour: 6,
            writes_per_day: 50,
            writes_per_hour: 10,
        }
    }
}

impl Limits {
    /// The longest payload of a kind: the cap of the kind, or a lower one that the policy sets.
    pub fn payload_cap(&self, kind: Kind) -> u64 {
        let lower = match kind {
            Kind::DidCreate | Kind::DidUpdate | Kind::DidRotate | Kind::DidDeactivate => self.did_line_bytes,
            Kind::AccreditationGrant
            | Kind::RelyingPartyRegister
            | Kind::RelyingPartyUpdate
            | Kind::SchemaPublish
            | Kind::SchemaSupersede
            | Kind::RulePublish
            | Kind::RuleSupersede
            | Kind::ServicePublish
            | Kind::ServiceSupersede
            | Kind::Document
            | Kind::Release => self.document_bytes,
            Kind::StatusSnapshot => self.snapshot_bytes,
            Kind::Policy
            | Kind::AccreditationRevoke
            | Kind::RelyingPartyRevoke
            | Kind::MapHead
            | Kind::AuditSnapshot => None,
        };
        lower.unwrap_or(u64::MAX).min(kind.payload_cap())
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
