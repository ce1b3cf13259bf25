//! `history`: everything asked and answered, without values.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use crate::words::{day, outcome};
use serde_json::json;

pub(crate) fn run(arguments: &Arguments) -> Result<Done, Failure> {
    let entries = open(arguments)?.vault().history()?;
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let claims: Vec<&str> = entry
                .record
                .cards
                .iter()
                .flat_map(|card| card.claims.iter().map(String::as_str))
                .collect();
            let again = if entry.record.cards.iter().any(|card| card.shown_before) {
                " (a copy shown before)"
            } else {
                ""
            };
            let receipt = match (entry.receipt, entry.contradicts) {
                (false, _) => "",
                (true, false) => ", with a receipt",
                (true, true) => ", with a receipt that contradicts the public record: `evidence`",
            };
            let about = if claims.is_empty() {
                String::new()
            } else {
                format!(": {}", claims.join(", "))
            };
            format!(
                "{:>4}  {}  {} ({}), {}{about}{again}{receipt}",
                entry.id,
                day(entry.at),
                entry.record.party,
                entry.record.host,
                outcome(entry.record.outcome)
            )
        })
        .collect();
    let text = if lines.is_empty() {
        "Nothing has happened yet.".to_owned()
    } else {
        lines.join("\n")
    };
    Ok(Done::new("ok", json!({ "entries": entries }), text))
}
