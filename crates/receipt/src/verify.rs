//! From what came with a reply to a receipt that holds. docs/receipts.md §5

use jose::strict_json::Limits;
use jose::{Algorithm, JwsError, UnixTime, UnverifiedJws, VerifyingKey};
use ledger::{KeyLookup, OrganisationRecord, hour_of};
use serde_json::Value;

use crate::{RECEIPT_TYP, Receipt, RequestHash, SentReceipt, ShownCard};

/// A receipt as it came.
#[derive(Clone, Debug)]
pub struct UnverifiedReceipt(pub(crate) SentReceipt);

/// What the citizen knows, with which a receipt has to agree.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The request that was answered.
    pub request: &'a RequestHash,
    /// What was shown.
    pub cards: &'a [ShownCard],
    /// Hash of the rule that the purpose of the request records; `None` where it records none, and then any will do.
    pub rule: Option<&'a [u8; 32]>,
    /// When the reply came.
    pub now: UnixTime,
}

/// A receipt that the business signed for this very request. Made by [`UnverifiedReceipt::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    receipt: Receipt,
    sent: SentReceipt,
}

/// Why a receipt is none. docs/receipts.md §5
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// No signed token, of another type, or its signature does not hold.
    #[error("receipt: {0}")]
    Jws(#[from] JwsError),
    /// It names no key.
    #[error("the receipt names no key")]
    NoKeyNamed,
    /// The key was taken out of the business's record.
    #[error("the receipt is signed with a key that was taken out")]
    KeyRetired,
    /// The key is not one with which this business signs.
    #[error("the receipt is not signed with a key of this business")]
    KeyNotInRecord,
    /// The business is recorded as closed.
    #[error("the business is recorded as closed")]
    Deactivated,
    /// The payload is not of the form of docs/receipts.md §2.
    #[error("the receipt is malformed")]
    Malformed,
    /// It is from another business.
    #[error("the receipt is from another business")]
    OtherBusiness,
    /// It is about another request.
    #[error("the receipt is about another request")]
    OtherRequest,
    /// It names other claims than were shown.
    #[error("the receipt names other claims than were shown")]
    OtherClaims,
    /// It names another rule than the one that is recorded for the purpose.
    #[error("the receipt names another rule than the recorded one")]
    OtherRule,
    /// It names another hour.
    #[error("the receipt names another hour")]
    OtherHour,
}

impl UnverifiedReceipt {
    /// Verifies it by the record of the business that asked, and by what the citizen knows.
    ///
    /// # Errors
    /// [`ReceiptError`]
    pub fn verify(self, record: &OrganisationRecord, expected: &Expected<'_>) -> Result<VerifiedReceipt, ReceiptError> {
        let Self(sent) = self;
        let receipt = signed(&sent.receipt, record)?;
        if !receipt.is_about(expected.request, &sent.salt) {
            return Err(ReceiptError::OtherRequest);
        }
        if receipt.cards != expected.cards {
            return Err(ReceiptError::OtherClaims);
        }
        if expected.rule.is_some_and(|rule| receipt.rule != *rule) {
            return Err(ReceiptError::OtherRule);
        }
        // Clocks differ by a little, and an hour may end between the verdict and the reply.
        if receipt.hour.abs_diff(hour_of(expected.now)) > 1 {
            return Err(ReceiptError::OtherHour);
        }
        Ok(VerifiedReceipt { receipt, sent })
    }
}

/// What a business signed: signature, form, and that it speaks of itself.
pub(crate) fn signed(receipt: &str, record: &OrganisationRecord) -> Result<Receipt, ReceiptError> {
    let jws = UnverifiedJws::parse(receipt)?;
    let key = signing_key(&jws, record)?;
    let payload = jws.verify(&key, RECEIPT_TYP)?.claims_within(&Limits::MESSAGE)?;
    let receipt = Receipt::read(Value::Object(payload)).ok_or(ReceiptError::Malformed)?;
    if receipt.business == record.did() {
        Ok(receipt)
    } else {
        Err(ReceiptError::OtherBusiness)
    }
}

/// The key follows from the record; the receipt only says which of them.
fn signing_key(jws: &UnverifiedJws, record: &OrganisationRecord) -> Result<VerifyingKey, ReceiptError> {
    if record.is_deactivated() {
        return Err(ReceiptError::Deactivated);
    }
    let kid = jws.header().kid().ok_or(ReceiptError::NoKeyNamed)?;
    let found = match record.assertion_key(kid) {
        KeyLookup::Current(key) => VerifyingKey::new(&key).ok(),
        KeyLookup::Retired => return Err(ReceiptError::KeyRetired),
        KeyLookup::Never => None,
    };
    let is_es256 = |key: &VerifyingKey| key.algorithm() == Algorithm::Es256;
    found.filter(is_es256).ok_or(ReceiptError::KeyNotInRecord)
}

impl VerifiedReceipt {
    /// What it says.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The receipt and its salt, to be kept.
    #[must_use]
    pub fn sent(&self) -> &SentReceipt {
        &self.sent
    }
}
