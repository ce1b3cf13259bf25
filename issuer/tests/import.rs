//! The register: all or nothing, with the line of what is wrong.

use std::fs::File;
use std::io::{BufWriter, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use issuer::register::{ImportError, Mode, Query, RowError, RowProblem, RowReport, generate_people, import};
use issuer::store::{Store, people};
use testkit::memory::Memory;

use crate::world::NOW;

async fn run(csv: &[u8], mode: Mode) -> (Result<(u64, u64), ImportError>, u64) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let report = import(&store, csv, issuer::date(NOW).unwrap(), mode, |_| ()).await;
    let held = people::count(store.reader()).await.unwrap();
    (report.map(|report| (report.people, report.added)), held)
}

fn people_csv(count: u64) -> String {
    let mut bytes = Vec::new();
    generate_people(count, 3, issuer::date(NOW).unwrap(), &mut bytes, |_| ()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn bad_rows(error: ImportError) -> Vec<RowReport> {
    match error {
        ImportError::Rows { first, .. } => first,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_file_is_imported_whole() {
    let (report, held) = run(people_csv(100).as_bytes(), Mode::Apply).await;
    assert_eq!((report.unwrap(), held), ((100, 100), 100));
}

#[tokio::test]
async fn h15_issuer_a_dry_run_changes_nothing() {
    let (report, held) = run(people_csv(100).as_bytes(), Mode::DryRun).await;
    assert_eq!((report.unwrap(), held), ((100, 100), 0));
}

#[tokio::test]
async fn h15_issuer_a_byte_order_mark_is_tolerated() {
    let csv = [b"\xef\xbb\xbf".as_slice(), people_csv(2).as_bytes()].concat();
    assert_eq!(run(&csv, Mode::Apply).await.0.unwrap(), (2, 2));
}

#[tokio::test]
async fn h15_issuer_one_bad_row_and_nothing_is_imported() {
    let mut lines: Vec<String> = people_csv(100).lines().map(str::to_owned).collect();
    lines[57] = lines[57].replacen(",", ",,", 1);
    lines[80] = lines[80].replacen("SYN-", "=cmd|SYN-", 1);
    lines[90] = lines[90].replace(lines[90].split(',').nth(3).unwrap(), "1.1.1990");
    let (report, held) = run(lines.join("\n").as_bytes(), Mode::Apply).await;
    let expected = [
        (58, RowProblem::CellCount),
        (91, RowProblem::Row(RowError::Date("birth_date"))),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(line, problem)| RowReport { line, problem })
        .collect();
    assert_eq!((bad_rows(report.unwrap_err()), held), (expected, 0));
}

#[tokio::test]
async fn h15_issuer_latin_1_is_refused_with_its_line() {
    let mut csv = people_csv(3).into_bytes();
    let second = csv.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let comma = second + csv[second..].iter().position(|byte| *byte == b',').unwrap() + 1;
    csv.insert(comma, 0xe9);
    let (report, held) = run(&csv, Mode::Apply).await;
    assert_eq!(
        bad_rows(report.unwrap_err()),
        [RowReport {
            line: 2,
            problem: RowProblem::NotUtf8
        }]
    );
    assert_eq!(held, 0);
}

#[tokio::test]
async fn h15_issuer_the_same_person_twice_is_refused_with_both_lines() {
    let csv = people_csv(2);
    let first = csv.lines().nth(1).unwrap().to_owned();
    let (report, _) = run(format!("{csv}{first}\n").as_bytes(), Mode::Apply).await;
    assert_eq!(
        bad_rows(report.unwrap_err()),
        [RowReport {
            line: 4,
            problem: RowProblem::Duplicate(2)
        }]
    );
}

#[tokio::test]
async fn h15_issuer_a_file_that_is_cut_off_is_refused() {
    let csv = people_csv(10);
    let cut = csv.len() - csv.lines().last().unwrap().len() / 2;
    let (report, held) = run(&csv.as_bytes()[..cut], Mode::Apply).await;
    assert_eq!(
        bad_rows(report.unwrap_err()),
        [RowReport {
            line: 11,
            problem: RowProblem::CellCount
        }]
    );
    assert_eq!(held, 0);
}

/// Counts what is read of a file.
struct Counted<'a, R>(R, &'a AtomicUsize);

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.fetch_add(read, Ordering::SeqCst);
        Ok(read)
    }
}

#[tokio::test]
async fn h15_issuer_a_quote_that_is_never_closed_is_not_read_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let start = format!("{}\"", people_csv(2));
    let (endless, read) = (std::io::repeat(b'a').take(1 << 30), AtomicUsize::new(0));
    let file = Counted(start.as_bytes().chain(endless), &read);
    let today = issuer::date(NOW).unwrap();
    let refused = import(&store, file, today, Mode::Apply, |_| ()).await.unwrap_err();
    let expected = RowReport {
        line: 4,
        problem: RowProblem::TooLong,
    };
    assert_eq!(bad_rows(refused), [expected]);
    assert!(read.into_inner() < start.len() + 64 * 1024);
    assert_eq!(people::count(store.reader()).await.unwrap(), 0);
}

/// How many rows are many; `cargo xtask soak import` takes a million.
fn many() -> u64 {
    let rows = std::env::var("HOLDFAST_IMPORT_ROWS").ok();
    rows.map_or(2_000, |rows| rows.parse().unwrap())
}

#[tokio::test]
async fn h15_issuer_many_rows_are_imported_as_they_come() {
    let (count, today) = (many(), issuer::date(NOW).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let file = BufWriter::new(File::create(&path).unwrap());
    generate_people(count, 3, today, file, |_| ()).unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let (memory, started) = (Memory::now(), Instant::now());
    let file = File::open(&path).unwrap();
    let report = import(&store, file, today, Mode::Apply, |_| ()).await.unwrap();
    // Of every row its id is kept, and where it stood.
    assert!(memory.rose_less_than((64 << 20) + 256 * count));
    assert_eq!((report.people, report.added), (count, count));
    assert_eq!(people::count(store.reader()).await.unwrap(), count);
    let (bytes, time) = (std::fs::metadata(&path).unwrap().len(), started.elapsed());
    println!("COUNT: import: {count} rows, {bytes} bytes in {} s", time.as_secs());
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused() {
    let columns = people_csv(1).lines().next().unwrap().to_owned();
    for csv in [
        "",
        "name,age\na,1\n",
        "id,given_name\n1,a\n",
        &format!("{columns},more\n"),
    ] {
        let (report, _) = run(csv.as_bytes(), Mode::Apply).await;
        assert!(matches!(report, Err(ImportError::Header)), "{report:?}");
    }
    assert!(matches!(
        run(columns.as_bytes(), Mode::Apply).await.0,
        Err(ImportError::Empty)
    ));
}

#[tokio::test]
async fn people_of_an_earlier_version_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.sqlite");
    let earlier = service::store::Sqlite::open(&path, &[include_str!("../src/store/schema.sql")])
        .await
        .unwrap();
    sqlx::query("INSERT INTO people (id, record) VALUES ('A-1', ?)")
        .bind(
            serde_json::json!({ "family_name": "Moreau", "given_name": "Inès", "birth_date": "1990-02-01" })
                .to_string(),
        )
        .execute(earlier.writer())
        .await
        .unwrap();
    earlier.close().await;
    let store = Store::open(folder.path()).await.unwrap();
    let found: Vec<String> = sqlx::query_scalar("SELECT id FROM people_search WHERE people_search MATCH ?")
        .bind(Query::parse("ines mor").unwrap().to_fts5())
        .fetch_all(store.reader())
        .await
        .unwrap();
    assert_eq!(found, ["A-1"]);
}
