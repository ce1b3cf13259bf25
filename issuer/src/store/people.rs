//! The register.

use sqlx::SqliteExecutor;

use super::{Write, unreadable};
use crate::register::Person;

/// Puts a person into the register, or in the place of what it held; true if the person is new.
pub async fn put(write: &mut Write, person: &Person) -> Result<bool, sqlx::Error> {
    let record = serde_json::to_string(person).map_err(unreadable)?;
    let known: Option<i64> = sqlx::query_scalar("SELECT 1 FROM people WHERE id = ?")
        .bind(&person.id)
        .fetch_optional(&mut **write)
        .await?;
    sqlx::query("INSERT INTO people (id, record) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET record = ?2")
        .bind(&person.id)
        .bind(record)
        .execute(&mut **write)
        .await?;
    Ok(known.is_none())
}

/// A person by the register's id.
pub async fn find(executor: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Person>, sqlx::Error> {
    let record: Option<String> = sqlx::query_scalar("SELECT record FROM people WHERE id = ?")
        .bind(id)
        .fetch_optional(executor)
        .await?;
    record
        .map(|text| serde_json::from_str(&text).map_err(unreadable))
        .transpose()
}

/// How many people the register holds.
pub async fn count(executor: impl SqliteExecutor<'_>) -> Result<u64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM people")
        .fetch_one(executor)
        .await
        .map(super::unsigned)
}
