//! Deleting a card: hidden at once, destroyed with all its keys once it can no longer be undone. The
//! issuer is not asked and not told.

use super::reissue::destroy_copies;
use super::{Card, CardId, WholeCard, seconds, unsigned};
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::UnixTime;
use rusqlite::{OptionalExtension as _, Transaction, params};

/// For how many seconds a card that was deleted can be had back.
pub const UNDO_SECONDS: u64 = 10;

/// Why a card was not deleted or not brought back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// There is none of this name.
    #[error("there is no such card")]
    Unknown,
    /// It was deleted too long ago.
    #[error("the card was deleted for good")]
    TooLate,
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl CardError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "no_such_card",
            Self::TooLate => "too_late_to_undo",
            Self::Vault(error) => error.code(),
        }
    }
}

impl Wallet {
    /// Hides a card at once, in every format; [`Wallet::undo_delete`] brings it back for [`UNDO_SECONDS`], then
    /// [`Wallet::sweep_deleted`] destroys it. Opening the wallet again ends that time as well.
    pub fn delete_card(&self, id: &str) -> Result<(), CardError> {
        self.hide(id).map(drop)
    }

    /// Hides a card, and says what all its forms are called.
    fn hide(&self, id: &str) -> Result<Vec<CardId>, CardError> {
        let now = seconds(self.clock.now());
        let forms = called(self.vault.cards()?, id).ok_or(CardError::Unknown)?;
        self.vault.write(|transaction| -> Result<(), CardError> {
            for form in &forms {
                let changed = transaction.execute(
                    "UPDATE card SET deleted_at = ?2 WHERE id = ?1 AND arrival IS NULL AND deleted_at IS NULL",
                    params![form.as_str(), now],
                );
                if changed.map_err(VaultError::from)? != 1 {
                    return Err(CardError::Unknown);
                }
            }
            Ok(())
        })?;
        Ok(forms)
    }

    /// Destroys a card at once, where nobody could bring it back anyway.
    pub fn destroy_card(&self, id: &str) -> Result<(), CardError> {
        let forms = self.hide(id)?;
        self.vault.write(|transaction| destroy(transaction, &forms))?;
        Ok(self.vault.empty_log()?)
    }

    /// Brings back a card that was deleted just now.
    pub fn undo_delete(&self, id: &str) -> Result<(), CardError> {
        let now = self.clock.now();
        let hidden = self.vault.cards_where("deleted_at IS NOT NULL", [])?;
        let forms = called(hidden, id).ok_or(CardError::TooLate)?;
        self.vault.write(|transaction| {
            let deleted: Option<i64> = transaction
                .query_row(
                    "SELECT deleted_at FROM card WHERE id = ?1 AND deleted_at IS NOT NULL",
                    [id],
                    |row| row.get(0),
                )
                .optional()
                .map_err(VaultError::from)?;
            let deleted = unsigned(deleted.ok_or(CardError::TooLate)?)?;
            if is_over(deleted, now) {
                return Err(CardError::TooLate);
            }
            for form in &forms {
                transaction
                    .execute("UPDATE card SET deleted_at = NULL WHERE id = ?1", [form.as_str()])
                    .map_err(VaultError::from)?;
            }
            Ok(())
        })
    }

    /// Destroys the cards whose time to be brought back is over, and says how many.
    pub fn sweep_deleted(&self) -> Result<usize, VaultError> {
        let now = self.clock.now();
        self.vault.destroy_deleted(|deleted| is_over(deleted, now))
    }
}

/// What the card of this name is called in each of its formats.
fn called(cards: Vec<Card>, id: &str) -> Option<Vec<CardId>> {
    WholeCard::called(cards, id).map(|card| card.ids())
}

/// A clock that was set back ends the time as well.
fn is_over(deleted: UnixTime, now: UnixTime) -> bool {
    now.checked_sub(deleted).is_none_or(|passed| passed >= UNDO_SECONDS)
}

impl Vault {
    /// Destroys the deleted cards that are chosen by when they were deleted.
    pub(crate) fn destroy_deleted(&self, chosen: impl Fn(UnixTime) -> bool) -> Result<usize, VaultError> {
        let destroyed = self.write(|transaction| {
            let mut over = Vec::new();
            {
                let mut statement =
                    transaction.prepare("SELECT id, deleted_at FROM card WHERE deleted_at IS NOT NULL")?;
                let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
                for row in rows {
                    let (id, deleted) = row?;
                    if chosen(unsigned(deleted)?) {
                        over.push(CardId(id));
                    }
                }
            }
            destroy(transaction, &over)?;
            Ok::<_, VaultError>(over.len())
        })?;
        if destroyed > 0 {
            self.empty_log()?;
        }
        Ok(destroyed)
    }
}

/// Removes cards with all their copies and keys.
pub(crate) fn destroy(transaction: &Transaction<'_>, cards: &[CardId]) -> Result<(), VaultError> {
    for card in cards {
        destroy_copies(transaction, card)?;
        transaction.execute("DELETE FROM card WHERE id = ?1", [card.as_str()])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_over;
    use test_case::test_case;

    #[test_case(100, 100 => false ; "at once")]
    #[test_case(100, 109 => false ; "nine seconds")]
    #[test_case(100, 110 => true ; "ten seconds")]
    #[test_case(100, 99 => true ; "a clock set back")]
    fn over(deleted: u64, now: u64) -> bool {
        is_over(deleted, now)
    }
}
