//! The rows as they stand in the file.

use super::FILE;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every row by its id.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Catalogue(BTreeMap<String, Row>);

/// One kind of bad input or fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// What it is, in a few words.
    pub(crate) title: String,
    /// Who must withstand it.
    #[serde(rename = "in")]
    pub(crate) components: Vec<String>,
    /// Why the whole row is not owed.
    #[serde(default)]
    not_owed: Option<String>,
    /// Why a component never meets it.
    #[serde(default)]
    does_not_apply: BTreeMap<String, String>,
    /// What a component is missing.
    #[serde(default)]
    pub(crate) waits: BTreeMap<String, String>,
    /// Components whose tests have no mutant yet.
    #[serde(default)]
    pub(crate) unmutated: BTreeMap<String, String>,
}

/// A line of a row that goes away once it is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// No test.
    Waits,
    /// No mutant.
    Unmutated,
}

impl Catalogue {
    /// Reads and checks the file.
    pub(crate) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
        let catalogue: Self = toml::from_str(&text).with_context(|| format!("cannot understand {FILE}"))?;
        for (id, row) in &catalogue.0 {
            ensure!(place(id).is_some(), "{id} is no row");
            ensure!(!row.title.is_empty(), "{id} has no title");
            let named = [&row.does_not_apply, &row.waits, &row.unmutated];
            for component in named.into_iter().flat_map(BTreeMap::keys) {
                ensure!(row.components.contains(component), "{id} is not about {component}");
            }
        }
        Ok(catalogue)
    }

    /// All rows, A1 before A2 before A10.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        let mut rows: Vec<_> = self.0.iter().map(|(id, row)| (id.as_str(), row)).collect();
        rows.sort_by_key(|(id, _)| place(id));
        rows.into_iter()
    }

    pub(crate) fn row(&self, id: &str) -> Option<&Row> {
        self.0.get(id)
    }
}

impl Row {
    /// Why nothing is owed here.
    pub(crate) fn not_owed(&self, component: &str) -> Option<&str> {
        self.not_owed
            .as_ref()
            .or_else(|| self.does_not_apply.get(component))
            .map(String::as_str)
    }

    /// What stands in the place of a test.
    pub(crate) fn excuse(&self, component: &str) -> Option<String> {
        let not_owed = self.not_owed(component).map(|reason| format!("not owed: {reason}"));
        not_owed.or_else(|| self.waits.get(component).map(|what| format!("waits: {what}")))
    }
}

/// Group and number of a row.
fn place(id: &str) -> Option<(char, u32)> {
    let group = id.chars().next().filter(char::is_ascii_uppercase)?;
    Some((group, id[1..].parse().ok()?))
}

/// The text without the lines that are done with.
pub(crate) fn without(text: &str, done: impl Fn(&str, Entry, &str) -> bool) -> String {
    let mut id = "";
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(section) = line.strip_prefix('[') {
            id = section.trim_end_matches(']');
        }
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        let entry = match key.split_once('.') {
            Some(("waits", component)) => Some((Entry::Waits, component)),
            Some(("unmutated", component)) => Some((Entry::Unmutated, component)),
            _ => None,
        };
        if !entry.is_some_and(|(entry, component)| done(id, entry, component)) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_the_order_of_their_numbers() {
        let row = "title = \"x\"\nin = [\"wallet\"]\n";
        let catalogue: Catalogue = toml::from_str(&format!("[A10]\n{row}[A2]\n{row}[B1]\n{row}")).unwrap();
        assert_eq!(
            catalogue.rows().map(|(id, _)| id).collect::<Vec<_>>(),
            ["A2", "A10", "B1"]
        );
    }

    #[test]
    fn only_lines_that_are_done_with_go() {
        let text = "[A1]\nwaits.wallet = \"a\"\nunmutated.issuer = \"b\"\n[A2]\nwaits.wallet = \"a\"\n";
        let settled = without(text, |id, entry, component| {
            (id, entry, component) == ("A1", Entry::Waits, "wallet")
        });
        assert_eq!(settled, "[A1]\nunmutated.issuer = \"b\"\n[A2]\nwaits.wallet = \"a\"\n");
    }
}
