//! Passages that stand in more than one place. Those that may are named, with a reason.

use crate::sources;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// So many lines make a passage.
const LINES: usize = 6;
/// How many passages two files may have in common, and why: `ONE ~ OTHER COUNT | reason`.
const ALLOWED: &str = "ci/allowed-copies.txt";
/// Written by a test, and not by people.
const WRITTEN: [&str; 1] = ["wallet-app/src/lib/backend/samples.ts"];

/// How many passages each two files have in common, in the order of their names.
type Common = BTreeMap<(String, String), usize>;

/// A line that counts, with its place.
struct Line {
    file: usize,
    number: usize,
    text: String,
}

/// Prints the longest passages, and how many there are; gives what is not as it is allowed.
pub(super) fn print(shown: usize) -> Result<Vec<String>> {
    let mut files = sources::files(&["rs", "ts", "svelte", "py"])?;
    files.retain(|file| !WRITTEN.iter().any(|written| file == Path::new(written)));
    let mut lines = Vec::new();
    for (file, path) in files.iter().enumerate() {
        let text = std::fs::read_to_string(path)?;
        lines.extend(counting(file, &text));
    }
    let mut passages = passages(&lines);
    passages.sort_by_key(|passage| std::cmp::Reverse(passage.length));
    println!("\n{} passages of {LINES} lines or more stand twice", passages.len());
    for passage in passages.iter().take(shown) {
        let place = |at: usize| format!("{}:{}", files[lines[at].file].display(), lines[at].number);
        println!(
            "{:>6}  {} ~ {}",
            passage.length,
            place(passage.first),
            place(passage.again)
        );
    }
    let mut found = Common::new();
    for passage in &passages {
        let name = |at: usize| files[lines[at].file].display().to_string();
        *found.entry(pair(name(passage.first), name(passage.again))).or_default() += 1;
    }
    let text = std::fs::read_to_string(ALLOWED).with_context(|| format!("cannot read {ALLOWED}"))?;
    let faults = faults(&found, &allowed(&text)?);
    for fault in &faults {
        println!("{fault}");
    }
    Ok(faults)
}

fn pair(one: String, other: String) -> (String, String) {
    if one <= other { (one, other) } else { (other, one) }
}

/// What is allowed, each with a reason.
fn allowed(text: &str) -> Result<Common> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| allowance(line).with_context(|| format!("{ALLOWED}: {line}")))
        .collect()
}

fn allowance(line: &str) -> Option<((String, String), usize)> {
    let (what, reason) = line.split_once(" | ")?;
    let (names, count) = what.trim_end().rsplit_once(' ')?;
    let (one, other) = names.trim_end().split_once(" ~ ")?;
    let named = pair(one.to_owned(), other.to_owned());
    (!reason.trim().is_empty()).then_some((named, count.parse().ok()?))
}

/// Passages that no line allows, and lines that allow what is not there any more.
fn faults(found: &Common, allowed: &Common) -> Vec<String> {
    let all: BTreeSet<&(String, String)> = found.keys().chain(allowed.keys()).collect();
    let count = |common: &Common, pair: &(String, String)| common.get(pair).copied().unwrap_or_default();
    all.into_iter()
        .map(|pair| (pair, count(found, pair), count(allowed, pair)))
        .filter(|(_, found, allowed)| found != allowed)
        .map(|((one, other), found, allowed)| {
            format!("{one} ~ {other}: {found} passages in common, {ALLOWED} says {allowed}")
        })
        .collect()
}

/// The lines of a file without blank ones, comments, imports and lone punctuation.
fn counting(file: usize, text: &str) -> Vec<Line> {
    let skipped = |line: &str| {
        line.starts_with("//")
            || line.starts_with("use ")
            || line.starts_with("import ")
            || line.starts_with("#")
            || !line.chars().any(char::is_alphanumeric)
    };
    text.lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line.trim()))
        .filter(|(_, line)| !skipped(line))
        .map(|(number, line)| Line {
            file,
            number,
            text: line.to_owned(),
        })
        .collect()
}

/// Where a passage stands first and again, as places in all lines.
struct Passage {
    first: usize,
    again: usize,
    length: usize,
}

fn passages(lines: &[Line]) -> Vec<Passage> {
    let mut first: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut found: Vec<Passage> = Vec::new();
    for (at, window) in lines.windows(LINES).enumerate() {
        if window.iter().any(|line| line.file != window[0].file) {
            continue;
        }
        let text: Vec<&str> = window.iter().map(|line| line.text.as_str()).collect();
        let Some(&before) = first.get(&text) else {
            first.insert(text, at);
            continue;
        };
        match found.last_mut() {
            // The next window of the same passage.
            Some(last)
                if last.again + last.length - LINES + 1 == at && last.first + last.length - LINES + 1 == before =>
            {
                last.length += 1;
            }
            _ => found.push(Passage {
                first: before,
                again: at,
                length: LINES,
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(files: &[&str]) -> Vec<Line> {
        let numbered = files.iter().enumerate();
        numbered.flat_map(|(file, text)| counting(file, text)).collect()
    }

    #[test]
    fn a_passage_that_stands_twice_is_one_passage() {
        let text = "a\nb\nc\nd\ne\nf\ng\n";
        let other = "x\na\nb\n\nc\n// between\nd\ne\nf\ng\ny\n";
        let found = passages(&lines(&[text, other]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].length, 7);
    }

    fn common(one: &str, other: &str, count: usize) -> Common {
        Common::from([(pair(one.to_owned(), other.to_owned()), count)])
    }

    #[test]
    fn what_may_stand_twice_is_named_with_a_reason() {
        let read = allowed("# why\n\nb.rs ~ a.rs 2 | another crate\n").unwrap();
        assert_eq!(read, common("a.rs", "b.rs", 2));
        for line in ["a.rs ~ b.rs 2", "a.rs ~ b.rs 2 | ", "a.rs ~ b.rs | why", "a.rs 2 | why"] {
            assert!(allowed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn one_passage_more_is_a_fault_and_so_is_an_allowance_that_is_left() {
        let two = common("a.rs", "b.rs", 2);
        assert!(faults(&two, &two).is_empty());
        assert_eq!(faults(&two, &common("a.rs", "b.rs", 1)).len(), 1);
        assert_eq!(faults(&common("a.rs", "b.rs", 1), &two).len(), 1);
        assert_eq!(faults(&two, &Common::new()).len(), 1);
        assert_eq!(faults(&Common::new(), &two).len(), 1);
    }

    #[test]
    fn no_passage_goes_over_the_end_of_a_file() {
        assert!(passages(&lines(&["a\nb\nc\n", "d\ne\nf\n", "a\nb\nc\n", "d\ne\nf\n"])).is_empty());
    }
}
