//! The encrypted database: opening, checking, layout.

use super::error::{UnlockError, VaultError};
use super::wrapping::DatabaseKey;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

const FILE: &str = "vault.db";
/// The layout: the first, and what each later version changed. A wallet never opens a newer one.
const SCHEMA: [&str; 12] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
    include_str!("schema_10.sql"),
    include_str!("schema_11.sql"),
    include_str!("schema_12.sql"),
];
pub(super) const SCHEMA_VERSION: u32 = 12;
const APPLICATION_ID: u32 = 0x484f_4c44;

/// Makes the database. What was there before set-up was never readable, so it is replaced.
pub(super) fn create(folder: &Path, key: &DatabaseKey) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(folder, key, flags)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    migrate(&mut connection, 0)?;
    Ok(connection)
}

/// Brings the layout from a version to the newest: all of it or nothing.
fn migrate(connection: &mut Connection, from: u32) -> Result<(), VaultError> {
    let transaction = connection.transaction()?;
    let done = usize::try_from(from).unwrap_or(SCHEMA.len());
    for step in SCHEMA.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// Opens it and checks every page before anything is read: a damaged vault is never shown in part.
pub(super) fn open(folder: &Path, key: &DatabaseKey) -> Result<Connection, UnlockError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if !folder.join(FILE).exists() {
        return Err(VaultError::Corrupted.into());
    }
    let mut connection = connect(folder, key, flags)?;
    let application: u32 = pragma(&connection, "application_id")?;
    if application != APPLICATION_ID {
        return Err(VaultError::Corrupted.into());
    }
    let found: u32 = pragma(&connection, "user_version")?;
    if found > SCHEMA_VERSION {
        return Err(UnlockError::NewerVersion {
            found,
            supported: SCHEMA_VERSION,
        });
    }
    check_integrity(&connection)?;
    if found < SCHEMA_VERSION {
        migrate(&mut connection, found)?;
    }
    Ok(connection)
}

fn connect(folder: &Path, key: &DatabaseKey, flags: OpenFlags) -> Result<Connection, VaultError> {
    let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
    connection.execute_batch(&key_pragma(key.as_bytes()))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// SQLCipher takes 32 bytes in hexadecimal as the key itself, without stretching them again.
fn key_pragma(key: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(96));
    text.push_str("PRAGMA key = \"x'");
    for byte in key {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str("'\";");
    text
}

/// The seal of every page, then the structure: the first finds changed bytes, the second lost ones.
fn check_integrity(connection: &Connection) -> Result<(), VaultError> {
    let broken_pages = {
        let mut statement = connection.prepare("PRAGMA cipher_integrity_check")?;
        let mut rows = statement.query([])?;
        rows.next()?.is_some()
    };
    let structure: String = pragma(connection, "quick_check")?;
    if broken_pages || structure != "ok" {
        Err(VaultError::Corrupted)
    } else {
        Ok(())
    }
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> Result<T, VaultError> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}
