//! Landmarks, the hourly file and evidence in the vault.

use crate::cards::{seconds, unsigned};
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::{Landmark, SplitEvidence, TrustPack, UnverifiedLandmark};
use rusqlite::{OptionalExtension as _, params};

/// So many landmarks are compared: those of the last two days, and more.
const LANDMARKS: i64 = 64;

/// Evidence that the log showed two histories. Anybody can check the file without asking anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvidence {
    /// When it was found.
    pub found_at: UnixTime,
    /// The file. docs/ledger.md §12.3
    pub file: Vec<u8>,
}

impl Wallet {
    /// What was found of a log that showed two histories. It is given to nobody but on the person's word.
    pub fn split_evidence(&self) -> Result<Vec<KeptEvidence>, VaultError> {
        self.vault.evidence()
    }
}

impl Vault {
    /// The newest hourly file.
    pub(crate) fn landmark_file(&self) -> Result<Option<Vec<u8>>, VaultError> {
        self.read(|connection| {
            connection
                .query_row("SELECT body FROM landmark_file WHERE id = 1", [], |row| row.get(0))
                .optional()
        })
    }

    /// When it was confirmed.
    pub(crate) fn landmark_file_time(&self) -> Result<Option<UnixTime>, VaultError> {
        let time: Option<i64> = self.read(|connection| {
            connection
                .query_row("SELECT time FROM landmark_file WHERE id = 1", [], |row| row.get(0))
                .optional()
        })?;
        time.map(unsigned).transpose()
    }

    /// Keeps a file, unless a newer one is held.
    pub(crate) fn keep_landmark_file(&self, body: &[u8], time: UnixTime) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO landmark_file (id, body, time) VALUES (1, ?1, ?2)
                 ON CONFLICT (id) DO UPDATE SET body = excluded.body, time = excluded.time
                 WHERE excluded.time >= landmark_file.time",
                params![body, seconds(time)],
            )?;
            Ok(())
        })
    }

    /// The newest landmarks that were seen, to be compared.
    pub(crate) fn landmarks(&self, pack: &TrustPack) -> Result<Vec<Landmark>, VaultError> {
        let rows: Vec<Vec<u8>> = self.read(|connection| {
            let mut statement = connection.prepare("SELECT body FROM landmark ORDER BY size DESC")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        })?;
        let verified = rows.iter().filter_map(|body| {
            let landmark = UnverifiedLandmark::parse(body).ok()?;
            landmark.verify_to_compare(pack).ok()
        });
        Ok(verified.collect())
    }

    pub(crate) fn keep_landmarks(&self, found: &[Landmark], now: UnixTime) -> Result<(), VaultError> {
        self.write(|transaction| {
            for landmark in found {
                transaction.execute(
                    "INSERT INTO landmark (size, body, seen_at) VALUES (?1, ?2, ?3) ON CONFLICT (size) DO NOTHING",
                    params![
                        seconds(landmark.size()),
                        landmark.to_unverified().encode(),
                        seconds(now)
                    ],
                )?;
            }
            transaction.execute(
                "DELETE FROM landmark WHERE size NOT IN (SELECT size FROM landmark ORDER BY size DESC LIMIT ?1)",
                [LANDMARKS],
            )?;
            Ok(())
        })
    }

    pub(crate) fn keep_evidence(&self, found: &[SplitEvidence], now: UnixTime) -> Result<(), VaultError> {
        self.write(|transaction| {
            for evidence in found {
                transaction.execute(
                    "INSERT INTO split_evidence (body, found_at) VALUES (?1, ?2) ON CONFLICT (body) DO NOTHING",
                    params![evidence.encode(), seconds(now)],
                )?;
            }
            Ok(())
        })
    }

    fn evidence(&self) -> Result<Vec<KeptEvidence>, VaultError> {
        let rows: Vec<(i64, Vec<u8>)> = self.read(|connection| {
            let mut statement = connection.prepare("SELECT found_at, body FROM split_evidence ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        rows.into_iter()
            .map(|(found_at, file)| {
                let found_at = unsigned(found_at)?;
                Ok(KeptEvidence { found_at, file })
            })
            .collect()
    }

    /// Whether the log showed two histories. Then nothing of it is believed.
    pub(crate) fn has_evidence(&self) -> Result<bool, VaultError> {
        self.read(|connection| {
            connection.query_row("SELECT EXISTS (SELECT 1 FROM split_evidence)", [], |row| row.get(0))
        })
    }
}
