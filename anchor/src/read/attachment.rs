use std::str::FromStr;

use ledger::{BlobRef, OrganisationRecord};
use thiserror::Error;

/// A payload that a reader wants with a proof bundle, if the record names one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Attachment {
    /// The newest did:webvh log line.
    Did,
    /// What the organisation may ask for, as a relying party.
    Scope,
    /// What the organisation may issue.
    Accreditation,
    /// The newest status snapshot.
    Snapshot,
}

impl Attachment {
    /// What the set of all accredited agencies carries with each bundle.
    pub const ACCREDITED: [Self; 2] = [Self::Accreditation, Self::Snapshot];

    /// Reads `did,scope,accreditation,snapshot` or a part of it; empty text is none.
    ///
    /// # Errors
    /// When a name is unknown or comes twice.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, AttachmentError> {
        let mut list = Vec::new();
        for name in text.split(',').filter(|_| !text.is_empty()) {
            let attachment = name.parse()?;
            if list.contains(&attachment) {
                return Err(AttachmentError::Twice);
            }
            list.push(attachment);
        }
        Ok(list)
    }

    /// The payload that a record names under this word, if it has one.
    #[must_use]
    pub fn payload(self, record: &OrganisationRecord) -> Option<BlobRef> {
        match self {
            Self::Did => Some(*record.did_state().line()),
            Self::Scope => record.relying_party().map(|entry| entry.payload),
            Self::Accreditation => record.accreditation_entry().map(|entry| *entry.payload()),
            Self::Snapshot => record.status_snapshot().map(|entry| entry.payload),
        }
    }
}

impl FromStr for Attachment {
    type Err = AttachmentError;

    fn from_str(name: &str) -> Result<Self, AttachmentError> {
        match name {
            "did" => Ok(Self::Did),
            "scope" => Ok(Self::Scope),
            "accreditation" => Ok(Self::Accreditation),
            "snapshot" => Ok(Self::Snapshot),
            _ => Err(AttachmentError::Unknown),
        }
    }
}

/// Why a list of attachments is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AttachmentError {
    /// No attachment has this name.
    #[error("unknown attachment")]
    Unknown,
    /// An attachment is named twice.
    #[error("an attachment is named twice")]
    Twice,
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("" => Ok(vec![]); "none")]
    #[test_case("did,snapshot" => Ok(vec![Attachment::Did, Attachment::Snapshot]); "two")]
    #[test_case("did,did" => Err(AttachmentError::Twice); "twice")]
    #[test_case("did," => Err(AttachmentError::Unknown); "empty name")]
    #[test_case("key" => Err(AttachmentError::Unknown); "unknown")]
    fn list(text: &str) -> Result<Vec<Attachment>, AttachmentError> {
        Attachment::parse_list(text)
    }
}
