//! A request that asked for too much, as a file that the person may give to others. docs/receipts.md §6

use crate::history::HistoryRecord;
use crate::trust::TrustError;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use receipt::complaint::{Complaint, ComplaintError, UnverifiedComplaint};
use rusqlite::{OptionalExtension as _, Transaction, params};

/// Why there is no complaint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComplaintRefused {
    /// The history has no request of that number that was kept.
    #[error("no request was kept under this number")]
    NoSuchRequest,
    /// What is publicly recorded of the business cannot be had.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The newest record was confirmed before the request was made; a little later it can be proved.
    #[error("it cannot be proved yet")]
    TooEarly,
    /// It cannot be proved that too much was asked for.
    #[error(transparent)]
    NotProved(ComplaintError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ComplaintRefused {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRequest => "no_such_request",
            Self::Trust(error) => error.code(),
            Self::TooEarly => "complaint_too_early",
            Self::NotProved(_) => "complaint_not_proved",
            Self::Vault(error) => error.code(),
        }
    }
}

impl Wallet {
    /// The complaint about a request that was refused because it asked for too much. Log or mirror is
    /// asked for the record of that one business, and the business can recognise the visit in the
    /// file: both on the person's word. What cannot be proved is no complaint.
    pub async fn complaint(&self, history_id: i64) -> Result<Vec<u8>, ComplaintRefused> {
        let (request, party) = self
            .vault
            .kept_request(history_id)?
            .ok_or(ComplaintRefused::NoSuchRequest)?;
        let after = self.ledger(self.clock.now()).record_of(&party).await?;
        let file = Complaint { request, after }.encode();
        match UnverifiedComplaint::parse(&file).and_then(|complaint| complaint.verify(&self.pack)) {
            Ok(proved) => {
                self.check_landmarks(&proved.checkpoints)?;
                Ok(file)
            }
            Err(ComplaintError::TwoHistories(evidence)) => {
                self.vault.keep_evidence(&[*evidence], self.clock.now())?;
                Err(TrustError::SplitView.into())
            }
            Err(ComplaintError::AfterIsTooOld) => Err(ComplaintRefused::TooEarly),
            Err(error) => Err(ComplaintRefused::NotProved(error)),
        }
    }
}

impl Vault {
    /// A request that was kept, and of whom it is.
    fn kept_request(&self, history_id: i64) -> Result<Option<(String, String)>, VaultError> {
        let row: Option<(String, String)> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT request, body FROM kept_request JOIN history ON history.id = kept_request.history_id
                     WHERE history_id = ?1",
                    [history_id],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
        })?;
        let Some((request, body)) = row else { return Ok(None) };
        let record: HistoryRecord = serde_json::from_str(&body).map_err(|_| VaultError::MalformedRecord)?;
        Ok(record.party_id.map(|party| (request, party)))
    }
}

/// Keeps a request with the line of the history about it.
pub(crate) fn keep_request(transaction: &Transaction<'_>, history_id: i64, request: &str) -> Result<(), VaultError> {
    transaction.execute(
        "INSERT INTO kept_request (history_id, request) VALUES (?1, ?2)",
        params![history_id, request],
    )?;
    Ok(())
}
