//! Passages that stand in more than one place.

use crate::sources;
use anyhow::Result;
use std::collections::HashMap;

/// So many lines make a passage.
const LINES: usize = 6;

/// A line that counts, with its place.
struct Line {
    file: usize,
    number: usize,
    text: String,
}

/// Prints the longest passages, and how many there are.
pub(super) fn print(shown: usize) -> Result<()> {
    let files = sources::files(&["rs", "ts", "svelte", "py"])?;
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
    Ok(())
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

    #[test]
    fn no_passage_goes_over_the_end_of_a_file() {
        assert!(passages(&lines(&["a\nb\nc\n", "d\ne\nf\n", "a\nb\nc\n", "d\ne\nf\n"])).is_empty());
    }
}
