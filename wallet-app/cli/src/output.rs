//! What is printed: one JSON object, or sentences.

use crate::failure::Failure;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// How the person wants to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Sentences.
    Text,
    /// One JSON object.
    Json,
}

/// What a command came to.
pub(crate) struct Done {
    code: &'static str,
    members: Map<String, Value>,
    text: String,
}

impl Done {
    /// `members` go into the JSON object beside `ok` and `code`; `text` is for people.
    pub(crate) fn new(code: &'static str, members: Value, text: String) -> Self {
        let members = match members {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self { code, members, text }
    }
}

/// Prints the result and gives the exit code.
pub(crate) fn print(format: Format, result: &Result<Done, Failure>) -> ExitCode {
    match (format, result) {
        (Format::Json, result) => println!("{}", Value::Object(object(result))),
        (Format::Text, Ok(done)) => println!("{}", done.text),
        (Format::Text, Err(failure)) => eprintln!("{} [{}]", failure.sentences(), failure.code),
    }
    ExitCode::from(exit(result))
}

/// The object that programs read.
pub(crate) fn object(result: &Result<Done, Failure>) -> Map<String, Value> {
    let (code, mut members) = match result {
        Ok(done) => (done.code, done.members.clone()),
        Err(failure) => (
            failure.code,
            Map::from_iter([
                ("message".to_owned(), json!(failure.sentences())),
                ("detail".to_owned(), json!(failure.detail)),
                ("told".to_owned(), json!(failure.told)),
            ]),
        ),
    };
    members.insert("ok".to_owned(), json!(result.is_ok()));
    members.insert("code".to_owned(), json!(code));
    members
}

/// How a process with this result ends.
pub(crate) fn exit(result: &Result<Done, Failure>) -> u8 {
    result.as_ref().err().map_or(0, |failure| failure.exit as u8)
}
