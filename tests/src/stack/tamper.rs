//! Changing a log's store from outside, while it is stopped.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ledger::Map;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::Stack;

impl Stack {
    /// Lets the log forget its map, and starts it again.
    ///
    /// # Errors
    /// The log does not stop or start, or the store is of another form.
    pub async fn tamper_with_map(&mut self) -> Result<()> {
        self.stop("log").await?;
        let mut store = open(&self.log_data().join("log.db")).await?;
        let root = Map::empty().root();
        sqlx::query("UPDATE head SET map_root = ?")
            .bind(root.as_slice())
            .execute(&mut store)
            .await?;
        store.close().await?;
        self.start_all(&["log"]).await
    }

    /// Copies the folder of a log that does not run.
    ///
    /// # Errors
    /// The folder cannot be copied.
    pub fn keep_copy_of_log(&self) -> Result<()> {
        copy(&self.log_data(), &self.log_copy())
    }

    /// Puts the copy in the place of the folder of a log that does not run.
    ///
    /// # Errors
    /// There is no copy.
    pub fn put_copy_of_log_back(&self) -> Result<()> {
        std::fs::remove_dir_all(self.log_data())?;
        Ok(std::fs::rename(self.log_copy(), self.log_data())?)
    }

    fn log_data(&self) -> PathBuf {
        self.layout().of("log").join("data")
    }

    fn log_copy(&self) -> PathBuf {
        self.layout().of("log").join("before-tampering")
    }
}

/// Opens a SQLite file for changing it.
///
/// # Errors
/// It is no database.
pub async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.with_context(|| format!("{}", path.display()))
}

/// Copies a folder with everything in it.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
