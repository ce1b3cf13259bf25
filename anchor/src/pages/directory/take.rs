//! What one published entry changes in the lists. Whether it changed anything is not decided
//! here: the log admits what `apply` takes, and a mirror says what it refused.

use ledger::{Accreditation, Kind, Leaf, Localized, MapHead, Payload};
use sqlx::SqliteConnection;
use tlog::leaf_hash;

use super::search::words_of;
use crate::pages::StoredEntry;
use crate::store::{many, signed};

/// A published entry on its way into the lists.
pub(super) struct New<'a> {
    number: u64,
    entry: &'a StoredEntry,
    /// `None`: no leaf of a known kind.
    leaf: Option<Leaf>,
    is_refused: bool,
}

impl<'a> New<'a> {
    pub(super) fn of(number: u64, entry: &'a StoredEntry, is_refused: bool) -> Self {
        let leaf = Leaf::parse(&entry.leaf).ok();
        Self {
            number,
            entry,
            is_refused: is_refused || leaf.is_none(),
            leaf,
        }
    }

    /// The leaf of an entry that changed something.
    fn counts(&self) -> Option<&Leaf> {
        self.leaf.as_ref().filter(|_| !self.is_refused)
    }
}

/// Takes entries, in their order. What most of them are, organisations that nobody has named yet, is written with few
/// statements.
pub(super) async fn take(connection: &mut SqliteConnection, entries: &[New<'_>]) -> Result<(), sqlx::Error> {
    let into = "INSERT INTO entries (number, kind, subject, is_refused) ";
    many::insert(connection, into, entries, "", |mut row, new| {
        let leaf = new.leaf.as_ref();
        row.push_bind(signed(new.number))
            .push_bind(leaf.map(|leaf| signed(leaf.kind.number())))
            .push_bind(leaf.map(|leaf| leaf.subject.as_str()))
            .push_bind(new.is_refused);
    })
    .await?;
    fingerprints(connection, entries).await?;
    create(connection, entries).await?;
    for new in entries {
        if let Some(leaf) = new.counts().filter(|leaf| leaf.kind != Kind::DidCreate) {
            change(connection, new.number, leaf, &new.entry.payload).await?;
        }
    }
    Ok(())
}

/// The hashes by which entries are found: of the leaf, and of the payload.
async fn fingerprints(connection: &mut SqliteConnection, entries: &[New<'_>]) -> Result<(), sqlx::Error> {
    let mut prints = Vec::with_capacity(2 * entries.len());
    for new in entries {
        prints.push((*leaf_hash(&new.entry.leaf).as_bytes(), new.number));
        prints.extend(new.leaf.iter().map(|leaf| (leaf.payload.hash, new.number)));
    }
    let into = "INSERT OR IGNORE INTO fingerprints (hash, number) ";
    many::insert(connection, into, &prints, "", |mut row, (hash, number)| {
        row.push_bind(hash.as_slice()).push_bind(signed(*number));
    })
    .await
}

/// Organisations that are new. Their creation comes before all else about them.
async fn create(connection: &mut SqliteConnection, entries: &[New<'_>]) -> Result<(), sqlx::Error> {
    let leaves = entries.iter().filter_map(New::counts);
    let created = leaves.filter(|leaf| leaf.kind == Kind::DidCreate);
    let dids: Vec<&str> = created.map(|leaf| leaf.subject.as_str()).collect();
    let into = "INSERT OR IGNORE INTO organisations (did, sort) ";
    many::insert(connection, into, &dids, "", |mut row, did| {
        row.push_bind(*did).push_bind(did.to_ascii_lowercase());
    })
    .await?;
    let mut words = Vec::new();
    for did in &dids {
        words.extend(words_of(did, None).into_iter().map(|word| (word, *did)));
    }
    let into = "INSERT OR IGNORE INTO words (word, did) ";
    many::insert(connection, into, &words, "", |mut row, (word, did)| {
        row.push_bind(word.as_str()).push_bind(*did);
    })
    .await
}

async fn change(
    connection: &mut SqliteConnection,
    number: u64,
    leaf: &Leaf,
    payload: &[u8],
) -> Result<(), sqlx::Error> {
    let did = leaf.subject.as_str();
    match (leaf.kind, Payload::parse(leaf.kind, payload)) {
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
    spell(connection, did, name).await?;
    Ok(sort)
}

/// The words by which an organisation is found are those of its newest name.
async fn spell(connection: &mut SqliteConnection, did: &str, name: &Localized) -> Result<(), sqlx::Error> {
    run(connection, "DELETE FROM words WHERE did = ?1", did).await?;
    for word in words_of(did, Some(name)) {
        sqlx::query("INSERT INTO words (word, did) VALUES (?, ?)")
            .bind(word)
            .bind(did)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
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
