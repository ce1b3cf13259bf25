//! `never-show`: claims that are shown to nobody.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use serde_json::json;

pub(crate) fn run(arguments: &Arguments, chosen: Option<(&str, &str)>, undo: bool) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    match chosen {
        Some((vct, claim)) if undo => wallet.may_show(vct, claim)?,
        Some((vct, claim)) => wallet.never_show(vct, claim)?,
        None => {}
    }
    let never = wallet.never_shown()?;
    let lines: Vec<String> = never
        .iter()
        .map(|never| format!("{} of {}", never.claim, never.vct))
        .collect();
    let text = if lines.is_empty() {
        "Everything may be shown, each time on your word.".to_owned()
    } else {
        format!("Shown to nobody:\n{}", lines.join("\n"))
    };
    Ok(Done::new("ok", json!({ "never_shown": never }), text))
}
