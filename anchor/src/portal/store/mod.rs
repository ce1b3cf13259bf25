//! What the portal keeps: one SQLite file below the data folder of the log.

mod accounts;
mod applications;
mod businesses;
mod complaints;
mod hosts;
mod letters;
mod registrations;
mod rules;
mod steps;

use std::path::Path;

use service::signin;
use service::store::{Sqlite, StoreError};

pub(crate) use accounts::Account;
pub(crate) use applications::{FileError, Filed, NewApplication};
pub(crate) use businesses::{Anchored, Business};
pub use complaints::Counts;
pub(crate) use hosts::HostProof;
pub(crate) use letters::LetterError;
pub(crate) use steps::{ApplyError, Taken};

/// The file's name in the data folder.
const FILE: &str = "portal.db";

/// The portal's store. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    sqlite: Sqlite,
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// [`StoreError`]
    pub(crate) async fn open(folder: &Path) -> Result<Self, StoreError> {
        let migrations = [
            signin::SCHEMA,
            include_str!("schema.sql"),
            include_str!("schema_2.sql"),
            include_str!("schema_3.sql"),
            include_str!("schema_4.sql"),
        ];
        let sqlite = Sqlite::open(&folder.join(FILE), &migrations).await?;
        Ok(Self { sqlite })
    }

    /// The file, for what all services keep in theirs.
    pub(crate) fn sqlite(&self) -> &Sqlite {
        &self.sqlite
    }

    /// The number of complaints about each business, for the pages of the ledger.
    pub(crate) fn counts(&self) -> Counts {
        Counts::new(self.sqlite.clone())
    }

    /// Closes the file.
    pub(crate) async fn close(&self) {
        self.sqlite.close().await;
    }
}

/// SQLite's integers are signed; no time here reaches the difference.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn restored(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
