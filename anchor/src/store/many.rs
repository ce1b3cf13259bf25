//! Many rows in one statement: each statement is a message to SQLite's thread and one back.

use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

/// Rows of a statement; with ten columns still far from the 32,766 parameters that SQLite takes.
const ROWS: usize = 500;

/// Values of a row, one after the other.
pub(super) type Row<'q> = Separated<'q, Sqlite, &'static str>;

/// Inserts rows in their order: `into` stands before the values, `then` after them.
///
/// # Errors
/// The database fails, or a row breaks a constraint that `then` does not provide for.
pub(super) async fn insert<T: Sync>(
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

/// The records that the subjects of these names have.
///
/// # Errors
/// The database fails.
pub(super) async fn records(connection: &mut SqliteConnection, subjects: &[&str]) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    let mut found = Vec::new();
    for subjects in subjects.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT record FROM subjects WHERE subject IN (");
        let mut list = query.separated(", ");
        for subject in subjects {
            list.push_bind(*subject);
        }
        query.push(")");
        let rows = query.build_query_scalar().persistent(false).fetch_all(&mut *connection);
        found.extend(rows.await?);
    }
    Ok(found)
}
