//! Tests named for a row, found in the sources.

use super::Row;
use crate::sources;
use anyhow::Result;
use std::path::Path;

/// A test whose name begins with a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) row: String,
    /// `None` where the name says only the row.
    pub(crate) component: Option<String>,
    pub(crate) file: String,
}

const COMPONENTS: [&str; 4] = ["wallet", "issuer", "verifier", "anchor"];

impl Named {
    /// Whether it is a test of this row for this component. A name without a
    /// component is one of a row that has only one.
    pub(crate) fn is_for(&self, id: &str, component: &str, row: &Row) -> bool {
        let named = self.component.as_deref();
        self.row == id && (named == Some(component) || (named.is_none() && row.components.len() == 1))
    }
}

/// All of them, in Rust and in the tests of pages.
pub(crate) fn scan() -> Result<Vec<Named>> {
    let mut found = Vec::new();
    for file in sources::files(&["rs", "test.ts"])? {
        let text = std::fs::read_to_string(&file)?;
        let names = if file.extension().is_some_and(|end| end == "rs") {
            in_rust(&text)
        } else {
            in_pages(&text)
        };
        found.extend(names.into_iter().filter_map(|name| named(&name, &file)));
    }
    Ok(found)
}

/// The names of all test functions.
pub(crate) fn in_rust(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut test = false;
    for line in text.lines().map(str::trim) {
        test |= ["#[test]", "#[test_case", "#[tokio::test", "#[test_matrix"]
            .iter()
            .any(|attribute| line.starts_with(attribute));
        if let Some(name) = function(line) {
            if test {
                names.push(name.to_owned());
            }
            test = false;
        }
    }
    names
}

/// The name of the function that begins on this line.
pub(crate) fn function(line: &str) -> Option<&str> {
    let at = line.find("fn ")?;
    let before = line[..at].split_whitespace();
    let words = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe"];
    if !before.clone().all(|word| words.contains(&word)) {
        return None;
    }
    let rest = &line[at + 3..];
    let end = rest.find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric())?;
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

/// The titles of all tests of pages.
pub(crate) fn in_pages(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim();
            let rest = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
            let quote = rest.chars().next().filter(|first| "\"'`".contains(*first))?;
            Some(rest[1..].split(quote).next()?.to_owned())
        })
        .collect()
}

fn named(name: &str, file: &Path) -> Option<Named> {
    let mut words = name.split(['_', ' ']);
    let row = words.next()?;
    let (group, number) = (row.chars().next()?, row.get(1..)?);
    if !('A'..='M').contains(&group.to_ascii_uppercase()) || number.parse::<u32>().ok()? == 0 {
        return None;
    }
    let component = words
        .next()
        .map(|word| word.trim_end_matches(':'))
        .filter(|word| COMPONENTS.contains(word));
    // A function without a component is a test inside the core.
    if component.is_none() && group.is_ascii_lowercase() {
        return None;
    }
    Some(Named {
        name: name.to_owned(),
        row: row.to_ascii_uppercase(),
        component: component.map(str::to_owned),
        file: file.display().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "#[test]\nfn a1_wallet_none() {\n}\nfn a2_wallet_helper() {}\n#[test_case(1 ; \"one\")]\n#[tokio::test]\nasync fn f3_wallet(n: u8) {\n";

    #[test]
    fn a_function_is_a_test_by_its_attribute() {
        assert_eq!(in_rust(RUST), ["a1_wallet_none", "f3_wallet"]);
    }

    #[test]
    fn a_name_says_row_and_component() {
        let file = Path::new("x.rs");
        let found = named("a14_issuer_dpop", file).unwrap();
        assert_eq!(
            (found.row.as_str(), found.component.as_deref()),
            ("A14", Some("issuer"))
        );
        assert_eq!(named("a0_the_forged_one_is_good", file), None);
        assert_eq!(named("d1_inflation_stops_at_the_limit", file), None);
        assert_eq!(named("es256_is_fast", file), None);
        let of_a_page = named("F8 no matching card", Path::new("x.test.ts")).unwrap();
        assert_eq!((of_a_page.row.as_str(), of_a_page.component), ("F8", None));
        let of_one = named("M4 wallet: unlock", Path::new("x.test.ts")).unwrap();
        assert_eq!(
            (of_one.row.as_str(), of_one.component.as_deref()),
            ("M4", Some("wallet"))
        );
    }

    #[test]
    fn titles_of_pages_are_found() {
        assert_eq!(
            in_pages("  test(\"F9 closing sends nothing\", async () => {\n"),
            ["F9 closing sends nothing"]
        );
    }
}
