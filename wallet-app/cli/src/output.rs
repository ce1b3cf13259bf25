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
pub(crate) fn print(format: Format, result: Result<Done, Failure>) -> ExitCode {
    match (format, result) {
        (Format::Json, Ok(done)) => {
            let mut object = Map::from_iter([("ok".to_owned(), json!(true)), ("code".to_owned(), json!(done.code))]);
            object.extend(done.members);
            println!("{}", Value::Object(object));
            ExitCode::SUCCESS
        }
        (Format::Text, Ok(done)) => {
            println!("{}", done.text);
            ExitCode::SUCCESS
        }
        (Format::Json, Err(failure)) => {
            let object = json!({
                "ok": false,
                "code": failure.code,
                "message": failure.sentences(),
                "detail": failure.detail,
                "told": failure.told,
            });
            println!("{object}");
            exit(&failure)
        }
        (Format::Text, Err(failure)) => {
            eprintln!("{} [{}]", failure.sentences(), failure.code);
            exit(&failure)
        }
    }
}

fn exit(failure: &Failure) -> ExitCode {
    ExitCode::from(failure.exit as u8)
}
