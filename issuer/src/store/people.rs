//! The register.

use sqlx::{SqliteExecutor, SqlitePool};

use super::{Write, unreadable};
use crate::register::{Person, Query};

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

/// Most people that are counted for one query.
const COUNTED: u32 = 1000;

/// What a query found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// One page of people, by name.
    pub people: Vec<Person>,
    /// How many there are in all, up to 1000.
    pub total: u32,
    /// Whether there are more than were counted.
    pub more: bool,
}

/// People by the beginnings of words of their id, name and date of birth: so many, after the first `offset`.
pub async fn search(reader: &SqlitePool, query: &Query, offset: u32, most: u32) -> Result<Found, sqlx::Error> {
    let words = query.to_fts5();
    let hits: u32 =
        sqlx::query_scalar("SELECT count(*) FROM (SELECT 1 FROM people_search WHERE people_search MATCH ? LIMIT ?)")
            .bind(&words)
            .bind(COUNTED + 1)
            .fetch_one(reader)
            .await?;
    let records: Vec<String> = sqlx::query_scalar(
        "SELECT record FROM (SELECT id, family_name, given_name FROM people_search WHERE people_search MATCH ? LIMIT ?)
         JOIN people USING (id) ORDER BY family_name, given_name, id LIMIT ? OFFSET ?",
    )
    .bind(&words)
    .bind(COUNTED)
    .bind(most)
    .bind(offset)
    .fetch_all(reader)
    .await?;
    let people = records
        .iter()
        .map(|record| serde_json::from_str(record).map_err(unreadable));
    Ok(Found {
        people: people.collect::<Result<_, _>>()?,
        total: hits.min(COUNTED),
        more: hits > COUNTED,
    })
}

/// How many people the register holds.
pub async fn count(executor: impl SqliteExecutor<'_>) -> Result<u64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM people")
        .fetch_one(executor)
        .await
        .map(super::unsigned)
}
