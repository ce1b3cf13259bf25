//! `businesses`: who knows what, without values.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use crate::words::day;
use serde_json::json;
use std::collections::BTreeSet;
use wallet::{Business, HistoryEntry, KeptUntil};

pub(crate) fn run(arguments: &Arguments) -> Result<Done, Failure> {
    let businesses = open(arguments)?.businesses()?;
    let lines: Vec<String> = businesses.iter().map(line).collect();
    let text = if lines.is_empty() {
        "Nobody has asked yet.".to_owned()
    } else {
        lines.join("\n")
    };
    Ok(Done::new("ok", json!({ "businesses": businesses }), text))
}

fn line(business: &Business) -> String {
    let seen = business.entries.iter().filter(|entry| entry.kept_until().is_some());
    let claims: BTreeSet<&str> = seen
        .clone()
        .flat_map(|entry| &entry.record.cards)
        .flat_map(|card| card.claims.iter().map(String::as_str))
        .collect();
    let saw = match seen.clone().next() {
        None => "saw nothing".to_owned(),
        Some(newest) => format!(
            "saw {} (last on {}, {})",
            claims.into_iter().collect::<Vec<_>>().join(", "),
            day(newest.at),
            kept(newest)
        ),
    };
    let blocked = if business.blocked { ", blocked" } else { "" };
    format!("{} ({}): {saw}{blocked}", business.name, business.host)
}

fn kept(entry: &HistoryEntry) -> String {
    match entry.kept_until() {
        Some(KeptUntil::Until { at }) => format!("kept until {}", day(at)),
        Some(KeptUntil::NotKept) => "not kept".to_owned(),
        Some(KeptUntil::Said) => "kept, as they said themselves; nobody has recorded for how long".to_owned(),
        _ => "nobody knows how long it is kept".to_owned(),
    }
}
