//! A profile folder, a ledger, and the program.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use testkit::Ledger;
use wiremock::MockServer;

pub(crate) const PASSPHRASE: &str = "grey heron by the weir";

pub(crate) struct Profile {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) server: MockServer,
    pub(crate) ledger: Ledger,
}

/// Exit code and the one JSON object.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).expect("text");
        assert_eq!(
            text.lines().count(),
            1,
            "one object: {text} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let json: Value = serde_json::from_str(&text).expect("json");
        let exit = output.status.code().expect("exit code");
        assert_eq!(json["ok"], exit == 0);
        Self { exit, json }
    }

    pub(crate) fn code(&self) -> (i32, &str) {
        (self.exit, self.json["code"].as_str().expect("code"))
    }
}

impl Profile {
    /// Nothing set up yet.
    pub(crate) async fn empty() -> Self {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("after 1970")
            .as_secs();
        let profile = Self {
            folder: tempfile::tempdir().expect("folder"),
            server: MockServer::start().await,
            ledger: Ledger::new(now),
        };
        std::fs::write(profile.path("pack.json"), profile.ledger.trust_pack_file()).expect("written");
        profile.set_pin(PASSPHRASE);
        profile
    }

    /// A wallet protected by a passphrase alone.
    pub(crate) async fn new() -> Self {
        let profile = Self::empty().await;
        assert_eq!(profile.init(&["--password-only"]).code(), (0, "created"));
        profile
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set_pin(&self, text: &str) {
        std::fs::write(self.path("pin"), format!("{text}\n")).expect("written");
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub(crate) fn url(&self, party: &str, path: &str) -> String {
        format!("http://{party}.localhost:{}{path}", self.port())
    }

    /// The program with this profile, without any keyring.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast-wallet"));
        command
            .arg("--json")
            .arg("--profile")
            .arg(self.path("profile"))
            .arg("--pin-file")
            .arg(self.path("pin"));
        command
            .env_remove("HOLDFAST_PIN")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.stdin(std::process::Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(&self.command().args(arguments).output().expect("started"))
    }

    pub(crate) fn init_arguments(&self) -> Vec<String> {
        let pack = self.path("pack.json").display().to_string();
        let (ledger, port) = (self.url("ledger", ""), self.port().to_string());
        [
            "init",
            "--trust-pack",
            &pack,
            "--ledger-url",
            &ledger,
            "--development",
            "--ports",
            &port,
        ]
        .map(str::to_owned)
        .to_vec()
    }

    pub(crate) fn init(&self, more: &[&str]) -> Answer {
        let output = self
            .command()
            .args(self.init_arguments())
            .args(more)
            .output()
            .expect("started");
        Answer::of(&output)
    }
}
