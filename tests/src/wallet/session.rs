//! A wallet that is opened once and stays open, as a person's does: `holdfast-wallet session`.

use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::{Answer, Exit};
use crate::process::{binaries, dying_with_us};

/// The open wallet. Ends with this value.
#[derive(Debug)]
pub(super) struct Session {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Session {
    /// Starts the process; the wallet is opened by the first command that needs it.
    pub(super) fn start(arguments: &[String], environment: &[(String, String)]) -> Result<Self> {
        let path = binaries()?.join("holdfast-wallet");
        let mut process = dying_with_us(&path)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", path.display()))?;
        let input = process.stdin.take().context("the wallet's standard input")?;
        let output = process.stdout.take().context("the wallet's standard output")?;
        Ok(Self {
            input,
            output: BufReader::new(output).lines(),
            process,
        })
    }

    /// Runs one command.
    pub(super) async fn run(&mut self, arguments: &[&str]) -> Result<Answer> {
        let line = format!("{}\n", json!(arguments));
        self.input.write_all(line.as_bytes()).await?;
        let answer = self.output.next_line().await?;
        let answer = answer.with_context(|| format!("holdfast-wallet ended at `{}`", arguments.join(" ")))?;
        let json: Value = serde_json::from_str(&answer).with_context(|| format!("not one JSON object: {answer:?}"))?;
        let exit = json["exit"].as_i64().and_then(|exit| i32::try_from(exit).ok());
        Ok(Answer {
            exit: Exit::from(exit.with_context(|| format!("no exit in {json}"))?),
            json,
        })
    }

    /// Closes the wallet and waits until it has let go of its files.
    pub(super) async fn close(self) -> Result<()> {
        let Self {
            input,
            output,
            mut process,
        } = self;
        drop(input);
        process.wait().await?;
        drop(output);
        Ok(())
    }
}
