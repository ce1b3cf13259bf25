//! `cargo xtask catalogue`: each row of the catalogue of bad input and faults,
//! the component that must withstand it, the tests named for it and the mutant
//! that shows that the test can fail.

mod named;
mod rows;

pub(crate) use named::{Named, function, in_rust, scan};
pub(crate) use rows::{Catalogue, Entry, Row};

use crate::mutants::{self, Mutant};
use anyhow::{Result, ensure};

/// Where the rows stand.
pub(crate) const FILE: &str = "tests/catalogue.toml";

/// Groups that are whole: every row of them has a test and a mutant, and no line that says that something waits.
const WHOLE: &str = "ABCDEFGHIK";

/// Prints the rows, one line for each test.
pub(crate) fn print() -> Result<()> {
    let (catalogue, tests, mutants) = (Catalogue::read()?, scan()?, mutants::read()?);
    println!("{:<4} {:<9} {:<72} mutant", "row", "component", "test");
    for (id, row) in catalogue.rows() {
        for component in &row.components {
            print_component(id, row, component, &tests, &mutants);
        }
    }
    summary(&catalogue, &tests, &mutants);
    Ok(())
}

fn print_component(id: &str, row: &Row, component: &str, tests: &[Named], mutants: &[Mutant]) {
    let of: Vec<&Named> = of(tests, row, id, component).collect();
    if let (Some(reason), []) = (row.excuse(component), of.as_slice()) {
        println!("{id:<4} {component:<9} - {reason}");
    }
    for test in of {
        let mutant = mutants
            .iter()
            .filter(|mutant| mutant.shows.iter().any(|shown| shown.test == test.name))
            .map(|mutant| mutant.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        println!("{id:<4} {component:<9} {:<72} {mutant}", test.name);
    }
}

fn summary(catalogue: &Catalogue, tests: &[Named], mutants: &[Mutant]) {
    println!(
        "\n{:<5} {:>10} {:>6} {:>7} {:>8}",
        "group", "components", "tested", "mutated", "not owed"
    );
    for group in 'A'..='M' {
        let (mut components, mut tested, mut mutated, mut not_owed) = (0, 0, 0, 0);
        for (id, row) in catalogue.rows().filter(|(id, _)| id.starts_with(group)) {
            for component in &row.components {
                components += 1;
                not_owed += usize::from(row.not_owed(component).is_some());
                tested += usize::from(of(tests, row, id, component).next().is_some());
                mutated += usize::from(mutants.iter().any(|mutant| mutant.is_for(id, component)));
            }
        }
        println!("{group:<5} {components:>10} {tested:>6} {mutated:>7} {not_owed:>8}");
    }
}

/// The tests of one row and component.
fn of<'a>(tests: &'a [Named], row: &'a Row, id: &'a str, component: &'a str) -> impl Iterator<Item = &'a Named> {
    tests.iter().filter(move |test| test.is_for(id, component, row))
}

/// Fails where the list, the tests and the mutants do not agree.
pub(crate) fn check() -> Result<()> {
    let (catalogue, tests, mutants) = (Catalogue::read()?, scan()?, mutants::read()?);
    let mut faults = faults(&catalogue, &tests, &mutants);
    faults.extend(mutants::faults(&mutants, &tests, &catalogue)?);
    for fault in &faults {
        println!("{fault}");
    }
    summary(&catalogue, &tests, &mutants);
    ensure!(
        faults.is_empty(),
        "{} faults in {FILE}; lines that are done with go by `cargo xtask catalogue --settle`",
        faults.len()
    );
    Ok(())
}

/// Takes out the lines that say that something waits, where it waits no longer.
pub(crate) fn settle() -> Result<()> {
    let (catalogue, tests, mutants) = (Catalogue::read()?, scan()?, mutants::read()?);
    let text = std::fs::read_to_string(FILE)?;
    let settled = rows::without(&text, |id, entry, component| {
        catalogue.row(id).is_some_and(|row| match entry {
            Entry::Waits => of(&tests, row, id, component).next().is_some(),
            Entry::Unmutated => mutants.iter().any(|mutant| mutant.is_for(id, component)),
        })
    });
    std::fs::write(FILE, &settled)?;
    println!("{} lines taken out", text.lines().count() - settled.lines().count());
    Ok(())
}

fn faults(catalogue: &Catalogue, tests: &[Named], mutants: &[Mutant]) -> Vec<String> {
    let mut faults = Vec::new();
    for (id, row) in catalogue.rows() {
        for component in &row.components {
            let tested = of(tests, row, id, component).next().is_some();
            let mutated = mutants.iter().any(|mutant| mutant.is_for(id, component));
            let place = format!("{id} {component}");
            faults.extend(
                fault(row, component, tested, mutated, WHOLE.contains(&id[..1])).map(|what| format!("{place}: {what}")),
            );
        }
    }
    for test in tests {
        if catalogue.row(&test.row).is_none() {
            faults.push(format!("{} in {}: no such row", test.name, test.file));
        }
    }
    faults
}

fn fault(row: &Row, component: &str, tested: bool, mutated: bool, is_whole: bool) -> Option<&'static str> {
    if row.not_owed(component).is_some() {
        return None;
    }
    let waits = row.waits.contains_key(component);
    let unmutated = row.unmutated.contains_key(component);
    if is_whole && (waits || unmutated) {
        return Some("nothing in this group may wait");
    }
    match (tested, waits) {
        (false, false) => return Some("no test"),
        (true, true) => return Some("there is a test: it does not wait any more"),
        (false, true) => return unmutated.then_some("waits for a test, so it cannot wait for a mutant"),
        (true, false) => {}
    }
    match (mutated, unmutated) {
        (true, true) => Some("there is a mutant: it does not wait for one any more"),
        (false, false) if is_whole => Some("no mutant"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        toml::from_str(&format!("title = \"x\"\nin = [\"wallet\"]\n{text}")).unwrap()
    }

    #[test]
    fn what_waits_is_missing_and_what_is_missing_waits() {
        let (bare, waits) = (row(""), row("waits.wallet = \"a test\""));
        assert_eq!(fault(&bare, "wallet", false, false, false), Some("no test"));
        assert_eq!(fault(&waits, "wallet", false, false, false), None);
        assert!(fault(&waits, "wallet", true, true, false).is_some());
        assert_eq!(fault(&bare, "wallet", true, true, false), None);
    }

    #[test]
    fn a_test_waits_for_its_mutant_until_there_is_one() {
        let (bare, waits) = (row(""), row("unmutated.wallet = \"no mutant yet\""));
        assert_eq!(fault(&bare, "wallet", true, false, false), None);
        assert_eq!(fault(&waits, "wallet", true, false, false), None);
        assert!(fault(&waits, "wallet", true, true, false).is_some());
    }

    #[test]
    fn in_a_whole_group_every_gap_is_a_fault_and_nothing_waits() {
        let bare = row("");
        assert_eq!(fault(&bare, "wallet", false, false, true), Some("no test"));
        assert_eq!(fault(&bare, "wallet", true, false, true), Some("no mutant"));
        assert_eq!(fault(&bare, "wallet", true, true, true), None);
        for line in ["waits.wallet = \"a test\"", "unmutated.wallet = \"no mutant yet\""] {
            for (tested, mutated) in [(false, false), (true, false)] {
                assert!(fault(&row(line), "wallet", tested, mutated, true).is_some());
            }
        }
    }

    #[test]
    fn what_is_not_owed_needs_nothing() {
        let whole = row("not_owed = \"not built\"");
        assert_eq!(fault(&whole, "wallet", false, false, true), None);
        let one = row("does_not_apply.wallet = \"it never sees one\"");
        assert_eq!(fault(&one, "wallet", false, false, true), None);
    }
}
