//! What the verifier holds already, and which answers count. docs/offline-qr.md §2, §3.3

use cbor::{CborError, Reader, Writer};
use jose::UnixTime;
use ledger::{Channel, FreshnessLimit};

/// Issuers that a challenge names, at most.
pub const HELD_ISSUERS: usize = 64;

/// An issuer whose fresh record the verifier holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldIssuer {
    /// The issuer.
    pub did: String,
    /// Time of the status snapshot that the record names, where it names one.
    pub snapshot: Option<UnixTime>,
    /// Whether the status lists are held and fresh.
    pub lists: bool,
}

/// What kind of answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// In person: the person who shows is compared with the portrait. Online: nobody looks.
    pub channel: Channel,
    /// Highest age of an issuer's record.
    pub ledger: FreshnessLimit,
    /// Highest age of a status.
    pub status: FreshnessLimit,
}

/// What a wallet adds to an answer about one issuer. docs/offline-qr.md §3.3
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The verifier has it all.
    Nothing,
    /// The proof of the card's status.
    Status,
    /// The bundle of the issuer, and the proof of the card's status.
    BundleAndStatus,
}

impl HeldIssuer {
    /// What is missing, where the wallet's record of the issuer names a snapshot of that time.
    pub(super) fn lacks(&self, snapshot: Option<UnixTime>) -> Evidence {
        if self.lists {
            Evidence::Nothing
        } else if self.snapshot.is_some() && self.snapshot == snapshot {
            Evidence::Status
        } else {
            Evidence::BundleAndStatus
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.array(3).text(&self.did);
        match self.snapshot {
            Some(time) => writer.uint(time),
            None => writer.null(),
        };
        writer.boolean(self.lists);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(3)?;
        let did = reader.text()?.to_owned();
        let snapshot = if reader.skip_null()? {
            None
        } else {
            Some(reader.uint()?)
        };
        Ok(Self {
            did,
            snapshot,
            lists: reader.boolean()?,
        })
    }
}

impl Accepted {
    pub(super) fn write(&self, writer: &mut Writer) {
        let channel = match self.channel {
            Channel::Online => 0,
            Channel::InPerson => 1,
        };
        writer.array(3).uint(channel).uint(self.ledger.0).uint(self.status.0);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(3)?;
        let channel = match reader.uint()? {
            0 => Channel::Online,
            1 => Channel::InPerson,
            _ => return Err(CborError::UnexpectedValue),
        };
        Ok(Self {
            channel,
            ledger: FreshnessLimit(reader.uint()?),
            status: FreshnessLimit(reader.uint()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(Some(5), true, Some(4) => Evidence::Nothing ; "lists_are_held")]
    #[test_case(Some(5), false, Some(5) => Evidence::Status ; "the_same_snapshot")]
    #[test_case(Some(5), false, Some(6) => Evidence::BundleAndStatus ; "another_snapshot")]
    #[test_case(None, false, None => Evidence::BundleAndStatus ; "no_snapshot_to_prove_in")]
    fn lacks(held: Option<u64>, lists: bool, own: Option<u64>) -> Evidence {
        let issuer = HeldIssuer {
            did: "did:webvh:Qm:a.example".to_owned(),
            snapshot: held,
            lists,
        };
        issuer.lacks(own)
    }
}
