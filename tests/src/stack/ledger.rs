//! The ledger: log, three witnesses, a verifying mirror, and its registrar.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stack;
use super::settings::{Settings, path};
use crate::process::{Finished, Program, run};

/// How long the registrar waits for a receipt.
const RECEIPT_TIME: Duration = Duration::from_secs(15);

/// The names of the witnesses' services.
pub const WITNESSES: [&str; 3] = ["witness-1", "witness-2", "witness-3"];

/// What `holdfast-anchor init` made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ledger {
    /// The log's verifier key.
    pub vkey: String,
    /// Verifier key and address of each witness.
    pub witnesses: Vec<(String, String)>,
    /// Verifier key and address of the mirror.
    pub mirror: (String, String),
    /// The quorum as text.
    pub policy_file: PathBuf,
    /// What opens the log for registrars.
    pub admin_token: String,
}

impl Stack {
    /// Makes keys, quorum, trust pack and the configuration of the log, its
    /// witnesses and its mirror.
    ///
    /// # Errors
    /// A command fails.
    pub async fn found_ledger(&self) -> Result<Ledger> {
        let admin_token = service::random::token();
        let mut log = Settings::of("log", self.layout())?;
        log.set("admin_token", admin_token.clone())
            .set("batch_ms", 20)
            .set("cosign_seconds", 60)
            .set("portal", self.portal()?);
        log.write("log", self.layout())?;
        let mut witnesses = Vec::new();
        for name in WITNESSES {
            witnesses.push((
                self.cosigner_key(name, "holdfast-witness", &[]).await?,
                self.layout().url(name)?,
            ));
        }
        let mirror = (
            self.cosigner_key("mirror", "holdfast-anchor", &["mirror"]).await?,
            self.layout().url("mirror")?,
        );
        let made = self.init_log(&witnesses, &mirror).await?;
        let text = |name: &str| {
            made[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("{name} in {made}"))
        };
        let config = path(&self.layout().config("log"));
        run("holdfast-anchor", &["portal", "init", "--config", &config], &[])
            .await?
            .success()?;
        std::fs::copy(text("trust_pack")?, self.layout().trust_pack())?;
        let ledger = Ledger {
            vkey: text("vkey")?,
            witnesses,
            mirror,
            policy_file: text("policy_file")?.into(),
            admin_token,
        };
        for name in WITNESSES {
            let mut settings = Settings::of(name, self.layout())?;
            settings
                .set("key_file", path(&self.key_file(name)))
                .set("logs", vec![ledger.vkey.clone()]);
            settings.write(name, self.layout())?;
        }
        let mut settings = Settings::of("mirror", self.layout())?;
        settings
            .set("key_file", path(&self.key_file("mirror")))
            .set("trust_pack", path(&self.layout().trust_pack()))
            .set("ledger_url", self.layout().url("log")?)
            .set("poll_ms", 200);
        settings.write("mirror", self.layout())?;
        Ok(ledger)
    }

    /// Runs a command of the registrar and gives what it printed.
    ///
    /// # Errors
    /// It cannot be started, or has no receipt in time; how it ended otherwise
    /// is in the result.
    pub async fn registrar(&self, arguments: &[&str]) -> Result<Finished> {
        let config = path(&self.layout().config("log"));
        let mut all = vec!["registrar"];
        all.extend_from_slice(arguments);
        all.extend(["--config", &config]);
        let done = tokio::time::timeout(RECEIPT_TIME, run("holdfast-anchor", &all, &[])).await;
        done.with_context(|| format!("{}: no receipt after {} s", arguments.join(" "), RECEIPT_TIME.as_secs()))?
    }

    /// Replays a log from an address, as an auditor does.
    ///
    /// # Errors
    /// It cannot be started; how it ended is in the result.
    pub async fn audit(&self, url: &str) -> Result<Finished> {
        let pack = path(&self.layout().trust_pack());
        run("holdfast-anchor", &["verify", url, "--trust-pack", &pack], &[]).await
    }

    /// The published checkpoint.
    ///
    /// # Errors
    /// The log does not answer.
    pub async fn checkpoint(&self) -> Result<String> {
        let answer = self
            .http()
            .get(&format!("{}/checkpoint", self.layout().url("log")?))
            .await?
            .success()?;
        Ok(String::from_utf8(answer.into_body())?)
    }

    async fn cosigner_key(&self, name: &str, binary: &str, before: &[&str]) -> Result<String> {
        let file = self.key_file(name);
        std::fs::create_dir_all(self.layout().of(name))?;
        let (file, cosigner) = (path(&file), format!("{name}.localhost/{name}"));
        let arguments = [before, &["keygen", "--name", &cosigner, "--out", &file]].concat();
        let made = run(binary, &arguments, &[]).await?.success()?;
        Ok(made.stdout.trim().to_owned())
    }

    async fn init_log(&self, witnesses: &[(String, String)], mirror: &(String, String)) -> Result<Value> {
        let config = path(&self.layout().config("log"));
        let cosigner = |(vkey, url): &(String, String)| format!("{vkey} {url}");
        let mut arguments: Vec<String> = ["init", "--config", &config, "--name", "Holdfast demo"]
            .map(str::to_owned)
            .to_vec();
        for witness in witnesses {
            arguments.extend(["--witness".to_owned(), cosigner(witness)]);
        }
        arguments.extend([
            "--mirror".to_owned(),
            cosigner(mirror),
            "--threshold".to_owned(),
            "2".to_owned(),
            // What the demo revokes in a minute is more than an agency does in an hour.
            "--snapshots-per-hour".to_owned(),
            "600".to_owned(),
        ]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let made = run("holdfast-anchor", &arguments, &[]).await?.success()?;
        serde_json::from_str(&made.stdout).with_context(|| format!("not JSON: {}", made.stdout))
    }

    pub(super) fn ledger_programs(&self) -> Result<Vec<Program>> {
        let witnesses = WITNESSES.map(|name| (name, "holdfast-witness", &["serve"][..]));
        let others = [
            ("mirror", "holdfast-anchor", &["mirror", "serve"][..]),
            ("log", "holdfast-anchor", &["serve"][..]),
        ];
        let program = |(name, binary, before): (&str, &'static str, &[&str])| {
            let config = path(&self.layout().config(name));
            let arguments = before
                .iter()
                .map(|&one| one.to_owned())
                .chain(["--config".to_owned(), config])
                .collect();
            Ok(Program {
                name: name.to_owned(),
                binary,
                arguments,
                ops_port: Some(self.port(&format!("{name}-ops"))?),
            })
        };
        witnesses.into_iter().chain(others).map(program).collect()
    }

    fn key_file(&self, name: &str) -> PathBuf {
        self.layout().of(name).join("cosigner.key")
    }
}

/// How many cosignatures a checkpoint has besides the log's own signature.
#[must_use]
pub fn cosignatures(checkpoint: &str) -> usize {
    checkpoint
        .lines()
        .filter(|line| line.starts_with("— "))
        .count()
        .saturating_sub(1)
}

/// The size that a checkpoint is of.
///
/// # Errors
/// The text is no checkpoint.
pub fn size(checkpoint: &str) -> Result<u64> {
    checkpoint
        .lines()
        .nth(1)
        .context("no second line")?
        .parse()
        .context("the size of the checkpoint")
}
