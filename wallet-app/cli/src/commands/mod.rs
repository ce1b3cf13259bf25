//! The commands, one file each.

mod accept;
mod answer;
mod businesses;
mod cards;
mod change_pin;
mod collect;
mod complain;
mod consent_screen;
mod ecosystem;
mod evidence;
mod history;
mod init;
mod never_show;
mod present;
mod refresh;
mod services;
mod session;
mod sign_in;
mod status;
mod stop_asking;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::output::Done;

/// Does what was asked.
pub(crate) fn run(arguments: &Arguments, command: &Command) -> Result<Done, Failure> {
    match command {
        Command::Init(options) => init::run(arguments, options),
        Command::Accept(options) => accept::run(arguments, options),
        Command::Collect => collect::run(arguments),
        Command::Keep { waiting } => accept::keep(arguments, waiting),
        Command::Reject { waiting } => accept::reject(arguments, waiting),
        Command::List => cards::list(arguments),
        Command::Show { card } => cards::show(arguments, card),
        Command::Delete { card } => cards::delete(arguments, card),
        Command::Present(options) => present::run(arguments, options),
        Command::StopAsking { party, undo } => stop_asking::run(arguments, party, *undo),
        Command::History => history::run(arguments),
        Command::Businesses => businesses::run(arguments),
        Command::Complain { history_id, out } => complain::run(arguments, *history_id, out),
        Command::NeverShow { card_type, claim, undo } => {
            never_show::run(arguments, card_type.as_deref().zip(claim.as_deref()), *undo)
        }
        Command::Answer(options) => answer::run(arguments, options),
        Command::Evidence { into } => evidence::run(arguments, into),
        Command::Refresh { card: Some(card) } => refresh::run(arguments, card),
        Command::Refresh { card: None } => refresh::proofs(arguments),
        Command::Status => status::run(arguments),
        Command::Services => services::run(arguments),
        Command::ChangePin { new_pin_file } => change_pin::run(arguments, new_pin_file),
        Command::Ecosystem(action) => ecosystem::run(arguments, action),
        Command::Session => session::run(arguments),
    }
}
