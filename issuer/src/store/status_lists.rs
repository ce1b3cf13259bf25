//! Status lists: which place each copy has, and what the lists say.

use sqlx::{Row, SqliteExecutor};
use status_list::Status;

use super::{Write, signed, unsigned};

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The list.
    pub id: i64,
    /// Its name in its URI.
    pub name: String,
    /// How many places it has.
    pub entries: u64,
    /// Grows with every change of a status.
    pub version: u64,
    /// Whether it was opened just now.
    pub is_new: bool,
}

/// A new list is opened before this share of the places, in per cent, is taken: until then a random place is free
/// after a few tries.
const FULL_AT_PERCENT: u64 = 80;

/// Takes room for so many copies in the first list that has it, or in a new one. For none, it is a list that has room
/// for one.
pub async fn take_room(write: &mut Write, copies: u64, entries: u64) -> Result<List, sqlx::Error> {
    let row = sqlx::query(
        "UPDATE status_lists SET taken = taken + ?1 WHERE id =
         (SELECT id FROM status_lists WHERE (taken + max(?1, 1)) * 100 < entries * ?2 ORDER BY id LIMIT 1)
         RETURNING id, name, entries, version",
    )
    .bind(signed(copies))
    .bind(signed(FULL_AT_PERCENT))
    .fetch_optional(&mut **write)
    .await?;
    if let Some(row) = row {
        return list(&row);
    }
    let name = service::random::id();
    let id = sqlx::query("INSERT INTO status_lists (name, entries, taken, version) VALUES (?, ?, ?, 1)")
        .bind(&name)
        .bind(signed(entries))
        .bind(signed(copies))
        .execute(&mut **write)
        .await?
        .last_insert_rowid();
    Ok(List {
        id,
        name,
        entries,
        version: 1,
        is_new: true,
    })
}

/// Takes so many free places, for which there is room, that nobody can foresee. HAIP 1.0 §6.1
pub async fn take_places(
    write: &mut Write,
    list: &List,
    notification_id: &str,
    count: usize,
) -> Result<Vec<u64>, sqlx::Error> {
    let mut places = Vec::with_capacity(count);
    while places.len() < count {
        let tried: Vec<u64> = (places.len()..count).map(|_| random_below(list.entries)).collect();
        let free: Vec<i64> = sqlx::query_scalar(
            "INSERT INTO copies (list_id, position, notification_id, status) SELECT ?, value, ?, 0 FROM json_each(?)
             WHERE true ON CONFLICT DO NOTHING RETURNING position",
        )
        .bind(list.id)
        .bind(notification_id)
        .bind(serde_json::json!(tried).to_string())
        .fetch_all(&mut **write)
        .await?;
        places.extend(free.into_iter().map(unsigned));
    }
    Ok(places)
}

/// A number below `bound`, each as likely as the other.
fn random_below(bound: u64) -> u64 {
    let bound = bound.max(1);
    let largest = u64::MAX - u64::MAX % bound;
    loop {
        let number = u64::from_le_bytes(service::random::bytes());
        if number < largest {
            return number % bound;
        }
    }
}

/// Which copies a change of status is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies<'a> {
    /// All of a card.
    OfCard(&'a str),
    /// Those of one batch.
    OfBatch(&'a str),
}

/// Sets the status of copies and marks their lists as changed. A revoked copy stays revoked.
pub async fn set(write: &mut Write, copies: Copies<'_>, status: Status) -> Result<(), sqlx::Error> {
    let (which, name) = match copies {
        Copies::OfCard(id) => (
            "notification_id IN (SELECT notification_id FROM batches WHERE credential_id = ?1)",
            id,
        ),
        Copies::OfBatch(id) => ("notification_id = ?1", id),
    };
    let lists = format!(
        "UPDATE status_lists SET version = version + 1 WHERE id IN
         (SELECT list_id FROM copies WHERE {which} AND status NOT IN (1, ?2))"
    );
    let statuses = format!("UPDATE copies SET status = ?2 WHERE {which} AND status NOT IN (1, ?2)");
    for statement in [lists, statuses] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(name)
            .bind(i64::from(status.value()))
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}

/// Whether a batch has copies that are not revoked.
pub async fn has_left(write: &mut Write, notification_id: &str) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT 1 FROM copies WHERE notification_id = ? AND status <> 1 LIMIT 1")
        .bind(notification_id)
        .fetch_optional(&mut **write)
        .await?;
    Ok(row.is_some())
}

/// Every list, oldest first.
pub async fn all(executor: impl SqliteExecutor<'_>) -> Result<Vec<List>, sqlx::Error> {
    let rows = sqlx::query("SELECT id, name, entries, version FROM status_lists ORDER BY id")
        .fetch_all(executor)
        .await?;
    rows.iter().map(list).collect()
}

/// A list by the name in its URI.
pub async fn find(executor: impl SqliteExecutor<'_>, name: &str) -> Result<Option<List>, sqlx::Error> {
    let row = sqlx::query("SELECT id, name, entries, version FROM status_lists WHERE name = ?")
        .bind(name)
        .fetch_optional(executor)
        .await?;
    row.map(|row| list(&row)).transpose()
}

/// The places of a list that are not valid.
pub async fn not_valid(executor: impl SqliteExecutor<'_>, list: i64) -> Result<Vec<(u64, Status)>, sqlx::Error> {
    let rows = sqlx::query("SELECT position, status FROM copies WHERE list_id = ? AND status <> 0")
        .bind(list)
        .fetch_all(executor)
        .await?;
    let place = |row: &sqlx::sqlite::SqliteRow| -> Result<(u64, Status), sqlx::Error> {
        let status: i64 = row.try_get("status")?;
        let status = u8::try_from(status).map_err(super::unreadable)?;
        Ok((unsigned(row.try_get("position")?), Status::from(status)))
    };
    rows.iter().map(place).collect()
}

/// The token of a list as it is being served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedToken {
    /// The list's version that it shows.
    pub version: u64,
    /// Thumbprint of the key that signed it.
    pub key: Vec<u8>,
    /// When it was signed.
    pub signed_at: u64,
    /// The token.
    pub token: String,
}

/// The token of a list that was kept last.
pub async fn served_token(executor: impl SqliteExecutor<'_>, list: i64) -> Result<Option<ServedToken>, sqlx::Error> {
    let row = sqlx::query("SELECT version, key, signed_at, token FROM status_tokens WHERE list_id = ?")
        .bind(list)
        .fetch_optional(executor)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ServedToken {
        version: unsigned(row.try_get("version")?),
        key: row.try_get("key")?,
        signed_at: unsigned(row.try_get("signed_at")?),
        token: row.try_get("token")?,
    }))
}

/// Keeps the token of a list, so that every process serves the same.
pub async fn keep_token(write: &mut Write, list: i64, served: &ServedToken) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO status_tokens (list_id, version, key, signed_at, token) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(list)
    .bind(signed(served.version))
    .bind(&served.key)
    .bind(signed(served.signed_at))
    .bind(&served.token)
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn list(row: &sqlx::sqlite::SqliteRow) -> Result<List, sqlx::Error> {
    Ok(List {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        entries: unsigned(row.try_get("entries")?),
        version: unsigned(row.try_get("version")?),
        is_new: false,
    })
}
