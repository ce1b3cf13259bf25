//! Reads complaint files as anybody can. docs/receipts.md §6

use jose::UnixTime;
use ledger::TrustPack;
use receipt::complaint::{ComplaintError, UnverifiedComplaint};

use super::complaints::{ComplaintReader, Finding, Refusal};

/// Believes what the trust pack of this ledger proves.
#[derive(Clone, Debug)]
pub struct ComplaintFiles(TrustPack);

impl ComplaintFiles {
    /// Complaints about businesses of the ledger that this pack is of.
    #[must_use]
    pub fn new(pack: TrustPack) -> Self {
        Self(pack)
    }
}

impl ComplaintReader for ComplaintFiles {
    fn read(&self, bytes: &[u8], _: UnixTime) -> Result<Finding, Refusal> {
        let complaint = UnverifiedComplaint::parse(bytes).map_err(|error| refusal(&error))?;
        let proved = complaint.verify(&self.0).map_err(|error| refusal(&error))?;
        Ok(Finding {
            digest: *proved.request.as_bytes(),
            did: proved.business,
            asked: proved.outside.iter().map(receipt::OverAsked::name).collect(),
            hour: proved.asked_at,
        })
    }
}

fn refusal(error: &ComplaintError) -> Refusal {
    match error {
        ComplaintError::Cbor(_) | ComplaintError::TooLong | ComplaintError::Damaged => Refusal::Form,
        ComplaintError::WithinScope => Refusal::WithinScope,
        ComplaintError::TwoHistories(_) => {
            tracing::error!("a complaint proves that this log showed two histories");
            Refusal::NotProved
        }
        _ => Refusal::NotProved,
    }
}
