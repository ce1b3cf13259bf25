//! `change-pin`: another PIN or passphrase.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, passphrase, passphrase_in};
use serde_json::json;
use std::path::Path;
use wallet::OsKeyring;

pub(crate) fn run(arguments: &Arguments, new: &Path) -> Result<Done, Failure> {
    let (current, next) = (passphrase(arguments)?, passphrase_in(new)?);
    open(arguments)?.change_passphrase(&current, &next, &OsKeyring)?;
    let text = "From now on your wallet is opened by the new one.".to_owned();
    Ok(Done::new("changed", json!({}), text))
}
