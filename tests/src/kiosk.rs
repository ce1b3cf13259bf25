//! The desk of a business without a network: `holdfast-verifier kiosk` in a namespace of its own, and somebody before it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jose::base64url;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::alone::{Alone, Tried};
use crate::codes;
use crate::process::{append, binaries, signal};
use crate::stack::{Device, Stack};

/// How long it may take until it listens.
const READY: Duration = Duration::from_secs(30);
const DESK: &str = "/desk/api/v1";

/// A kiosk at which somebody has signed in. Ends with this value.
#[derive(Debug)]
pub struct Kiosk {
    alone: Alone,
    process: Child,
    relay: Relay,
}

/// What the kiosk answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// What came with it; null where nothing did.
    pub body: Value,
}

impl Reply {
    /// The name of the problem, where it is one.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body, if all went well.
    ///
    /// # Errors
    /// It did not.
    pub fn success(self) -> Result<Value> {
        ensure!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        Ok(self.body)
    }
}

impl Kiosk {
    /// Starts it on what its device holds, and signs somebody in.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(stack: &Stack, device: &Device, alone: Alone) -> Result<Self> {
        let Device { name, port, staff } = device;
        let log = append(&stack.logs().join(format!("{name}.log")))?;
        let mut process = alone
            .command(&binaries()?.join("holdfast-verifier"))
            .args(["kiosk", "--listen", &format!("127.0.0.1:{port}"), "--config"])
            .arg(stack.layout().config(name))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the kiosk")?;
        let end = tokio::time::Instant::now() + READY;
        while !alone.listens(*port)? {
            ensure!(process.try_wait()?.is_none(), "the kiosk has ended");
            ensure!(tokio::time::Instant::now() < end, "the kiosk does not listen");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let relay = Relay::start(&alone, *port)?;
        let mut kiosk = Self { alone, process, relay };
        let credentials = json!({ "name": staff.name, "password": staff.password });
        kiosk.post("/sign-in", &credentials).await?.success()?;
        Ok(kiosk)
    }

    /// What it holds.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn held(&mut self) -> Result<Value> {
        self.get("/held").await?.success()
    }

    /// Opens a check.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn open(&mut self, check: &str) -> Result<Reply> {
        self.post(&format!("/checks/{check}/offline"), &json!({})).await
    }

    /// Opens a check and draws its challenge into a folder; the id of the session.
    ///
    /// # Errors
    /// It refuses.
    pub async fn ask(&mut self, check: &str, folder: &Path) -> Result<String> {
        let opened = self.open(check).await?.success()?;
        let id = opened["id"]
            .as_str()
            .with_context(|| format!("id in {opened}"))?
            .to_owned();
        let shown = self.get(&format!("/sessions/{id}/challenge")).await?.success()?;
        let texts = shown["frames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let codes: Vec<Vec<u8>> = texts.map(base64url::decode).collect::<Result<_, _>>()?;
        let side = shown["side"].as_u64().context("side")?;
        codes::draw_bits(&codes, usize::try_from(side)?, folder)?;
        Ok(id)
    }

    /// Hands in what a camera saw.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn see(&mut self, session: &str, frames: &[Vec<u8>]) -> Result<Reply> {
        let frames: Vec<String> = frames.iter().map(base64url::encode).collect();
        self.post(&format!("/sessions/{session}/frames"), &json!({ "frames": frames }))
            .await
    }

    /// What is known of a session.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn session(&mut self, session: &str) -> Result<Value> {
        self.get(&format!("/sessions/{session}")).await?.success()
    }

    /// Stops it; what it tried to reach meanwhile. Those who ask at the desk are counted too.
    ///
    /// # Errors
    /// It does not stop well.
    pub async fn stop(mut self) -> Result<Tried> {
        let tried = self.alone.tried()?;
        signal(&self.process, Signal::TERM)?;
        let status = tokio::time::timeout(READY, self.process.wait()).await??;
        ensure!(status.success(), "the kiosk ended with {status}");
        Ok(tried)
    }

    async fn get(&mut self, path: &str) -> Result<Reply> {
        self.relay.send("GET", path, "").await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Result<Reply> {
        self.relay.send("POST", path, &body.to_string()).await
    }
}

/// Whoever asks for us inside.
#[derive(Debug)]
struct Relay {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Relay {
    fn start(alone: &Alone, port: u16) -> Result<Self> {
        let mut process = alone
            .command(&binaries()?.join("holdfast-relay"))
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the relay")?;
        let input = process.stdin.take().context("the relay's standard input")?;
        let output = process.stdout.take().context("the relay's standard output")?;
        Ok(Self {
            input,
            output: BufReader::new(output).lines(),
            _process: process,
        })
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) -> Result<Reply> {
        let asked = json!({ "method": method, "path": format!("{DESK}{path}"), "body": body });
        self.input.write_all(format!("{asked}\n").as_bytes()).await?;
        let answer = self
            .output
            .next_line()
            .await?
            .with_context(|| format!("no answer to {path}"))?;
        let answer: Value = serde_json::from_str(&answer)?;
        let body = answer["body"].as_str().unwrap_or_default();
        Ok(Reply {
            status: answer["status"]
                .as_u64()
                .and_then(|status| u16::try_from(status).ok())
                .context("status")?,
            // Not everything is JSON; what is not says nothing here.
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        })
    }
}
