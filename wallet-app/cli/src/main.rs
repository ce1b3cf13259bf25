//! `holdfast-wallet`: the wallet on the command line.

mod arguments;
mod codes;
mod commands;
mod failure;
mod messages;
mod output;
mod session;
mod words;

use arguments::Arguments;
use clap::Parser as _;
use failure::{Exit, Failure};
use output::{Format, print};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error),
    };
    let format = if arguments.json { Format::Json } else { Format::Text };
    print(format, &commands::run(&arguments, &arguments.command))
}

/// Whoever asked for JSON gets JSON, also when the command was not understood.
fn not_understood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || !std::env::args().any(|argument| argument == "--json") {
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { Exit::Usage as u8 } else { 0 });
    }
    print(Format::Json, &Err(Failure::new(Exit::Usage, "usage")))
}
