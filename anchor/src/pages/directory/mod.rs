//! What the pages list: entries by number and subject, organisations by name and card type.
//!
//! It is made from published entries, a little after they are published and off the paths that
//! write and cosign, and kept in a file of its own. What is shown about one organisation or
//! entry is read from the log; only where to look comes from here.

mod follow;
mod query;
mod search;
mod take;

use std::path::Path;

use service::store::{Sqlite, StoreError};

use crate::read::ReadError;

pub(super) use query::{Competence, EntryRow, OrganisationRow};
pub(super) use search::Named;

/// The file's name in the data folder.
const FILE: &str = "pages.db";

/// The list of entries and organisations. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Directory {
    sqlite: Sqlite,
}

/// Why the directory cannot be read or brought up to date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Its own file failed.
    #[error("the pages' directory cannot be used")]
    Store(#[from] sqlx::Error),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log has no such entry, or no checkpoint that can be read.
    #[error("what is published does not fit together")]
    Damaged,
}

impl Directory {
    /// Opens or makes the file in a data folder. One that cannot be opened is made anew: it
    /// holds nothing of its own, and must not keep a log from starting.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        let migrations = [include_str!("schema.sql"), include_str!("search.sql")];
        let sqlite = match Sqlite::open(&file, &migrations).await {
            Ok(sqlite) => sqlite,
            Err(error) => {
                tracing::warn!(%error, "the pages' directory is made again");
                for file in [FILE.to_owned(), format!("{FILE}-wal"), format!("{FILE}-shm")] {
                    // One that is not there need not be removed; any other failure shows below.
                    let _ = std::fs::remove_file(folder.join(file));
                }
                Sqlite::open(&file, &migrations).await?
            }
        };
        Ok(Self { sqlite })
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.sqlite.close().await;
    }
}
