//! Importing `people.csv`: streamed, reported row by row, all or nothing.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Take};

use jiff::civil::Date;

use super::row::{Row, RowError};
use crate::store::{Store, Write, people};

/// How many bad rows are reported before the rest is only counted.
const REPORTED: usize = 100;
/// Longest line in bytes.
const LINE_LIMIT: u64 = 16 * 1024;
/// What is read for one row at most: a quote that is never closed makes one row of all that follows.
const READ_LIMIT: u64 = 2 * LINE_LIMIT;

/// Whether the register changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything is checked, nothing is kept.
    DryRun,
    /// Everything is kept, or nothing if a row is bad.
    Apply,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// People read.
    pub people: u64,
    /// Of these, new in the register.
    pub added: u64,
}

/// A bad row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RowReport {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub problem: RowProblem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// A cell is wrong.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The line is not UTF-8; Latin-1 is not guessed at.
    #[error("not UTF-8 (is it Latin-1?)")]
    NotUtf8,
    /// The number of cells is not that of the header: the file is cut off or a quote is missing.
    #[error("not as many cells as columns")]
    CellCount,
    /// The line is longer than any row.
    #[error("the line is too long")]
    TooLong,
    /// The id stands on an earlier line too.
    #[error("the same id as on line {0}")]
    Duplicate(u64),
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Bad rows: the first hundred, and how many there are in all.
    #[error("{total} bad rows; nothing was imported")]
    Rows {
        /// The first hundred.
        first: Vec<RowReport>,
        /// All.
        total: u64,
    },
    /// The first line does not name the columns.
    #[error("the first line must name the columns, starting with id")]
    Header,
    /// There is no row.
    #[error("the file has no rows")]
    Empty,
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    /// The store refused.
    #[error("the register cannot be written")]
    Store(#[from] sqlx::Error),
}

/// Imports people. A person who is in the register already is replaced; the file must name nobody twice.
pub async fn import(
    store: &Store,
    file: impl Read,
    today: Date,
    mode: Mode,
    mut progress: impl FnMut(u64),
) -> Result<ImportReport, ImportError> {
    let mut rows = Rows::open(file)?;
    let mut transaction = store.begin().await?;
    let mut report = ImportReport { people: 0, added: 0 };
    let mut bad = Bad::default();
    let mut seen = HashMap::new();
    while let Some((line, row)) = rows.next()? {
        let person =
            row.and_then(|row| Ok(row.person(today)?))
                .and_then(|person| match seen.insert(person.id.clone(), line) {
                    Some(earlier) => Err(RowProblem::Duplicate(earlier)),
                    None => Ok(person),
                });
        match person {
            // After the first bad row nothing will be kept: the rest is only checked.
            Ok(person) if bad.total == 0 => {
                report.added += u64::from(put(&mut transaction, &person).await?);
                report.people += 1;
            }
            Ok(_) => {}
            Err(problem) => bad.add(RowReport { line, problem }),
        }
        progress(line);
    }
    match bad.total {
        0 if report.people == 0 => Err(ImportError::Empty),
        0 => {
            match mode {
                Mode::Apply => transaction.commit().await?,
                Mode::DryRun => transaction.rollback().await?,
            }
            Ok(report)
        }
        total => Err(ImportError::Rows {
            first: bad.first,
            total,
        }),
    }
}

async fn put(transaction: &mut Write, person: &super::Person) -> Result<bool, sqlx::Error> {
    people::put(transaction, person).await
}

#[derive(Default)]
struct Bad {
    first: Vec<RowReport>,
    total: u64,
}

impl Bad {
    fn add(&mut self, report: RowReport) {
        self.total += 1;
        if self.first.len() < REPORTED {
            self.first.push(report);
        }
    }
}

/// The rows of a file, each with its line, read one at a time.
struct Rows<R> {
    csv: csv::Reader<Take<BufReader<R>>>,
    columns: csv::StringRecord,
    record: csv::ByteRecord,
    /// A row did not end: what follows is not looked at.
    ended: bool,
}

impl<R: Read> Rows<R> {
    fn open(file: R) -> Result<Self, ImportError> {
        let mut file = BufReader::new(file);
        // Spreadsheets like to begin with a byte order mark.
        if file.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            file.consume(3);
        }
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(file.take(READ_LIMIT));
        let columns = csv.headers().map_err(|_| ImportError::Header)?.clone();
        if columns.get(0) != Some("id") {
            return Err(ImportError::Header);
        }
        // A column that is missing or unknown is the header's fault, not that of every row.
        let empty = csv::StringRecord::from(vec![""; columns.len()]);
        empty
            .deserialize::<Row>(Some(&columns))
            .map_err(|_| ImportError::Header)?;
        Ok(Self {
            csv,
            columns,
            record: csv::ByteRecord::new(),
            ended: false,
        })
    }

    #[expect(
        clippy::type_complexity,
        reason = "a line, and the row on it or what is wrong with it"
    )]
    fn next(&mut self) -> Result<Option<(u64, Result<Row, RowProblem>)>, ImportError> {
        if self.ended {
            return Ok(None);
        }
        self.csv.get_mut().set_limit(READ_LIMIT);
        let before = self.csv.position().byte();
        let more = self
            .csv
            .read_byte_record(&mut self.record)
            .map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => ImportError::Read(error),
                _ => ImportError::Header,
            })?;
        if !more {
            return Ok(None);
        }
        self.ended = self.csv.get_ref().limit() == 0;
        let line = self.record.position().map_or(0, csv::Position::line);
        if self.csv.position().byte() - before > LINE_LIMIT {
            return Ok(Some((line, Err(RowProblem::TooLong))));
        }
        if self.record.len() != self.columns.len() {
            return Ok(Some((line, Err(RowProblem::CellCount))));
        }
        let Ok(text) = csv::StringRecord::from_byte_record(self.record.clone()) else {
            return Ok(Some((line, Err(RowProblem::NotUtf8))));
        };
        let row = text.deserialize(Some(&self.columns)).map_err(|_| RowProblem::CellCount);
        Ok(Some((line, row)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let header = b"id,given_name,family_name,birth_date,place_of_birth,nationality,personal_number,sex,\
                portrait,street_address,postal_code,locality,region,country,resident_since,licence_number,categories,\
                issue_date,expiry_date,organisation_name,organisation_number,role,valid_powers\n";
            let today = jiff::civil::date(2026, 11, 20);
            let file = [header.as_slice(), &bytes].concat();
            let mut rows = Rows::open(file.as_slice()).unwrap();
            while let Ok(Some((_, row))) = rows.next() {
                if let Ok(row) = row {
                    let _ = row.person(today);
                }
            }
            let _ = Rows::open(bytes.as_slice()).map(|_| ());
        }
    }
}
