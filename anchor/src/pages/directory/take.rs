//! What one published entry changes in the lists. Whether it changed anything is not decided
//! here: the log admits what `apply` takes, and a mirror says what it refused.

use ledger::{Accreditation, Kind, Leaf, Localized, MapHead, Payload};
use sqlx::SqliteConnection;
use tlog::leaf_hash;

use super::search::words_of;
use crate::pages::StoredEntry;
use crate::store::signed;

pub(super) async fn take(
    connection: &mut SqliteConnection,
    number: u64,
    entry: &StoredEntry,
    is_refused: bool,
) -> Result<(), sqlx::Error> {
    let leaf = Leaf::parse(&entry.leaf).ok();
    let is_refused = is_refused || leaf.is_none();
    sqlx::query("INSERT INTO entries (number, kind, subject, is_refused) VALUES (?, ?, ?, ?)")
        .bind(signed(number))
        .bind(leaf.as_ref().map(|leaf| signed(leaf.kind.number())))
        .bind(leaf.as_ref().map(|leaf| leaf.subject.as_str()))
        .bind(is_refused)
        .execute(&mut *connection)
        .await?;
    fingerprint(connection, leaf_hash(&entry.leaf).as_bytes(), number).await?;
    if let Some(leaf) = &leaf {
        fingerprint(connection, &leaf.payload.hash, number).await?;
    }
    match leaf {
        Some(leaf) if !is_refused => change(connection, number, &leaf, &entry.payload).await,
        _ => Ok(()),
    }
}

async fn change(
    connection: &mut SqliteConnection,
    number: u64,
    leaf: &Leaf,
    payload: &[u8],
) -> Result<(), sqlx::Error> {
    let did = leaf.subject.as_str();
    match (leaf.kind, Payload::parse(leaf.kind, payload)) {
        (Kind::DidCreate, _) => {
            run(
                connection,
                "INSERT OR IGNORE INTO organisations (did, sort) VALUES (?1, lower(?1))",
                did,
            )
            .await?;
            spell(connection, did, None).await
        }
        (Kind::DidDeactivate, _) => run(connection, "UPDATE organisations SET is_closed = 1 WHERE did = ?1", did).await,
        (Kind::AccreditationRevoke, _) => {
            run(connection, "DELETE FROM competences WHERE did = ?1", did).await?;
            run(connection, "UPDATE organisations SET is_agency = 0 WHERE did = ?1", did).await
        }
        (Kind::RelyingPartyRevoke, _) => {
            run(
                connection,
                "UPDATE organisations SET registered = NULL WHERE did = ?1",
                did,
            )
            .await
        }
        (_, Ok(Payload::Accreditation(accreditation))) => grant(connection, number, did, &accreditation).await,
        (_, Ok(Payload::Scope(scope))) => {
            name(connection, did, &scope.name).await?;
            sqlx::query("UPDATE organisations SET registered = ? WHERE did = ?")
                .bind(signed(number))
                .bind(did)
                .execute(connection)
                .await
                .map(|_| ())
        }
        (_, Ok(Payload::MapHead(head))) => time(connection, head).await,
        _ => Ok(()),
    }
}

async fn run(connection: &mut SqliteConnection, statement: &'static str, did: &str) -> Result<(), sqlx::Error> {
    sqlx::query(statement).bind(did).execute(connection).await.map(|_| ())
}

/// A grant replaces the one before; a card type that was in that one keeps the time since when.
async fn grant(
    connection: &mut SqliteConnection,
    number: u64,
    did: &str,
    accreditation: &Accreditation,
) -> Result<(), sqlx::Error> {
    let sort = name(connection, did, &accreditation.name).await?;
    run(connection, "UPDATE organisations SET is_agency = 1 WHERE did = ?1", did).await?;
    let before: Vec<(String, i64)> = sqlx::query_as("SELECT vct, since FROM competences WHERE did = ?")
        .bind(did)
        .fetch_all(&mut *connection)
        .await?;
    run(connection, "DELETE FROM competences WHERE did = ?1", did).await?;
    for accredited in &accreditation.types {
        let since = before.iter().find(|(vct, _)| *vct == accredited.vct);
        sqlx::query("INSERT INTO competences (vct, did, sort, until, since) VALUES (?, ?, ?, ?, ?)")
            .bind(accredited.vct.as_str())
            .bind(did)
            .bind(sort.as_str())
            .bind(signed(accredited.until))
            .bind(since.map_or(signed(number), |(_, since)| *since))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Takes a name over; gives what it is sorted by.
async fn name(connection: &mut SqliteConnection, did: &str, name: &Localized) -> Result<String, sqlx::Error> {
    let sort = name.text("en").to_lowercase();
    let json = serde_json::to_string(name).unwrap_or_default();
    sqlx::query("UPDATE organisations SET name = ?, sort = ? WHERE did = ?")
        .bind(json)
        .bind(sort.as_str())
        .bind(did)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE competences SET sort = ? WHERE did = ?")
        .bind(sort.as_str())
        .bind(did)
        .execute(&mut *connection)
        .await?;
    spell(connection, did, Some(name)).await?;
    Ok(sort)
}

/// The words by which an organisation is found are those of its newest name.
async fn spell(connection: &mut SqliteConnection, did: &str, name: Option<&Localized>) -> Result<(), sqlx::Error> {
    run(connection, "DELETE FROM words WHERE did = ?1", did).await?;
    for word in words_of(did, name) {
        sqlx::query("INSERT INTO words (word, did) VALUES (?, ?)")
            .bind(word)
            .bind(did)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// A hash by which an entry is found.
async fn fingerprint(connection: &mut SqliteConnection, hash: &ledger::Hash, number: u64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT OR IGNORE INTO fingerprints (hash, number) VALUES (?, ?)")
        .bind(hash.as_slice())
        .bind(signed(number))
        .execute(connection)
        .await
        .map(|_| ())
}

/// A map head closes its batch: what came before it was written then.
async fn time(connection: &mut SqliteConnection, head: MapHead) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE entries SET time = ? WHERE time IS NULL AND number <= ?")
        .bind(signed(head.time))
        .bind(signed(head.size))
        .execute(connection)
        .await
        .map(|_| ())
}
