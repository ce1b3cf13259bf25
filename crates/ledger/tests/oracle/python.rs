//! The oracle as a process: a question a line, an answer a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

pub(super) struct Python {
    child: Child,
    // Taken away when it ends, so that it sees the end of its questions.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// A module of the oracle, to be run; `None` where there is no Python with the one package it needs.
pub(super) fn module(name: &str) -> Option<Command> {
    let program = std::env::var("HOLDFAST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = Command::new(&program).args(["-c", "import cryptography"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut command = Command::new(program);
    command
        .args(["-m", name])
        .env(
            "PYTHONPATH",
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle"),
        )
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Some(command)
}

impl Python {
    /// `None` where it cannot be had.
    pub(super) fn start() -> Option<Self> {
        let mut command = module("oracle")?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Some(Self {
            questions: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
        })
    }

    pub(super) fn answer(&mut self, question: &Value) -> Value {
        let questions = self.questions.as_mut().unwrap();
        writeln!(questions, "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("the oracle ended; its error stands above")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.child.wait();
    }
}
