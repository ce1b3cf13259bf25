//! `session`: one command after another, in a wallet that is opened once.

use crate::arguments::{Arguments, Command, Line};
use crate::failure::{Exit, Failure};
use crate::output::{Done, exit, object};
use clap::Parser as _;
use serde_json::{Value, json};
use std::io::Write as _;

/// Reads until nothing more comes. An answer says how the command would have ended as a process of its own: `exit`.
pub(crate) fn run(arguments: &Arguments) -> Result<Done, Failure> {
    let mut line = String::new();
    // Not locked between two lines: `present --consent ask` reads there too.
    while std::io::stdin().read_line(&mut line).map_err(|_| usage())? > 0 {
        let result = answer(arguments, line.trim());
        let mut members = object(&result);
        members.insert("exit".to_owned(), json!(exit(&result)));
        let mut out = std::io::stdout();
        if writeln!(out, "{}", Value::Object(members))
            .and_then(|()| out.flush())
            .is_err()
        {
            break; // Nobody hears us any more.
        }
        line.clear();
    }
    Ok(Done::new("closed", json!({}), "The wallet is closed.".to_owned()))
}

fn answer(arguments: &Arguments, line: &str) -> Result<Done, Failure> {
    let words: Vec<String> = serde_json::from_str(line).map_err(|_| usage())?;
    let command = Line::try_parse_from(words).map_err(|_| usage())?.command;
    match command {
        Command::Session => Err(usage()),
        command => super::run(arguments, &command),
    }
}

fn usage() -> Failure {
    Failure::new(Exit::Usage, "usage")
}
