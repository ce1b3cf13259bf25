//! `stop-asking`: requests of somebody are not shown any more, or are again.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use serde_json::json;

pub(crate) fn run(arguments: &Arguments, party: &str, undo: bool) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let (code, text) = if undo {
        wallet.let_ask_again(party)?;
        ("may_ask_again", "Their requests are shown again.")
    } else {
        wallet.stop_asking(party)?;
        ("stopped", "Their requests are not shown any more. They are not told.")
    };
    Ok(Done::new(code, json!({ "party": party }), text.to_owned()))
}
