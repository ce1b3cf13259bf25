//! Many rows in one statement: each statement is a message to SQLite's thread and one back.

use std::collections::BTreeMap;

use ledger::Hash;
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use tlog::NodeId;

use super::{ReadError, read, signed, unsigned};

/// Rows of a statement; with ten columns still far from the 32,766 parameters that SQLite takes.
const ROWS: usize = 500;
/// Hashes of the longest proof.
const PROOF: usize = 64;

/// Values of a row, one after the other.
pub(crate) type Row<'q> = Separated<'q, Sqlite, &'static str>;

/// Inserts rows in their order: `into` stands before the values, `then` after them.
///
/// # Errors
/// The database fails, or a row breaks a constraint that `then` does not provide for.
pub(crate) async fn insert<T: Sync>(
    connection: &mut SqliteConnection,
    into: &str,
    rows: &[T],
    then: &str,
    values: impl Fn(Row<'_>, &T) + Send + Sync,
) -> Result<(), sqlx::Error> {
    for rows in rows.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(into);
        query.push_values(rows, &values);
        query.push(then);
        query.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Notes that a tree of `size` entries no longer has the rows of these hashes.
///
/// # Errors
/// The database fails.
pub(super) async fn remove(
    connection: &mut SqliteConnection,
    table: &'static str,
    hashes: &[&[u8]],
    size: i64,
) -> Result<(), sqlx::Error> {
    for hashes in hashes.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("UPDATE ");
        query.push(table).push(" SET removed_at = ").push_bind(size);
        query.push(" WHERE hash IN (");
        let mut list = query.separated(", ");
        for hash in hashes {
            list.push_bind(*hash);
        }
        query.push(")");
        query.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The records that the subjects of these names have, by name.
///
/// # Errors
/// The database fails.
pub(super) async fn records(
    connection: &mut SqliteConnection,
    subjects: &[&str],
) -> Result<BTreeMap<String, Vec<u8>>, sqlx::Error> {
    let mut found = BTreeMap::new();
    for subjects in subjects.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT subject, record FROM subjects WHERE subject IN (");
        let mut list = query.separated(", ");
        for subject in subjects {
            list.push_bind(*subject);
        }
        query.push(")");
        let rows = query.build_query_as::<(String, Vec<u8>)>().persistent(false);
        found.extend(rows.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

/// What is stored by these hashes, where something is: `of` selects hash and bytes, up to the list of hashes.
///
/// # Errors
/// [`ReadError`]
pub(super) async fn by_hash(
    connection: &mut SqliteConnection,
    of: &'static str,
    hashes: &[Hash],
) -> Result<BTreeMap<Hash, Vec<u8>>, ReadError> {
    let mut found = BTreeMap::new();
    for hashes in hashes.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(of);
        let mut list = query.separated(", ");
        for hash in hashes {
            list.push_bind(hash.as_slice());
        }
        query.push(")");
        let rows = query.build_query_as::<(Vec<u8>, Vec<u8>)>().persistent(false);
        for (hash, bytes) in rows.fetch_all(&mut *connection).await? {
            found.insert(read::hash(&hash)?, bytes);
        }
    }
    Ok(found)
}

/// The hashes of these subtrees, where they are stored.
///
/// # Errors
/// [`ReadError`]
pub(super) async fn nodes(
    connection: &mut SqliteConnection,
    nodes: &[NodeId],
) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
    let mut found = BTreeMap::new();
    for wanted in nodes.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("WITH wanted (level, idx) AS (");
        query.push_values(wanted, |mut row, node| {
            row.push_bind(i64::from(node.level)).push_bind(signed(node.index));
        });
        // Joined crosswise SQLite takes what is wanted first, and looks each up by its key.
        query.push(
            ") SELECT wanted.level, wanted.idx, hashes.hash FROM wanted CROSS JOIN hashes
             ON hashes.level = wanted.level AND hashes.idx = wanted.idx",
        );
        // Proofs are short and come again; the rows of a batch are seldom as many as those of another.
        let rows = query.build_query_as::<(i64, i64, Vec<u8>)>();
        let rows = rows.persistent(wanted.len() <= PROOF).fetch_all(&mut *connection);
        for (level, index, hash) in rows.await? {
            let level = u8::try_from(level).map_err(|_| ReadError::Damaged("hash"))?;
            let index = unsigned(index);
            found.insert(NodeId { level, index }, read::hash(&hash)?.into());
        }
    }
    Ok(found)
}
