//! The citizen's wallet, driven through its command line.

mod session;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::alone::Alone;
use crate::keyring::{Keyring, Watch};
use crate::process;
use crate::stack::Stack;
use session::Session;

/// Digits do, where half of the key lies in a keyring.
const PIN: &str = "271828\n";
/// Nothing else protects the vault.
const PASSPHRASE: &str = "grey heron by the weir\n";
/// What the wallet says where it finds no keyring.
const NO_KEYRING: &str = "keyring_unavailable";

/// Exit codes of `holdfast-wallet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The command was not understood.
    Usage,
    /// The person refused.
    PersonRefused,
    /// The wallet refused.
    WalletRefused,
    /// It could not be checked.
    CouldNotCheck,
    /// The other side failed.
    OtherSide,
    /// The wallet is locked.
    Locked,
    /// None of these.
    Unknown(i32),
}

impl From<i32> for Exit {
    fn from(code: i32) -> Self {
        match code {
            0 => Self::Done,
            2 => Self::Usage,
            3 => Self::PersonRefused,
            4 => Self::WalletRefused,
            5 => Self::CouldNotCheck,
            6 => Self::OtherSide,
            7 => Self::Locked,
            other => Self::Unknown(other),
        }
    }
}

/// What a command answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How it ended.
    pub exit: Exit,
    /// The object it printed.
    pub json: Value,
}

impl Answer {
    /// The stable code of the answer.
    #[must_use]
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The same answer, if it ended so.
    ///
    /// # Errors
    /// It ended otherwise.
    pub fn expect(self, exit: Exit) -> Result<Self> {
        ensure!(
            self.exit == exit,
            "the wallet ended with {:?} instead of {exit:?}: {}",
            self.exit,
            self.json
        );
        Ok(self)
    }
}

/// One wallet: a profile folder, its PIN, and the keyring that holds its secret; or a passphrase alone.
#[derive(Debug, Clone)]
pub struct Wallet {
    profile: PathBuf,
    pin_file: PathBuf,
    environment: Vec<(String, String)>,
    /// None where a passphrase alone protects it.
    keyring: Option<Watch>,
    /// Where the wallet stays open between two commands.
    open: Option<Arc<Mutex<Option<Session>>>>,
}

impl Wallet {
    /// A wallet in a folder; its PIN is written beside the profile.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn new(folder: &Path, keyring: &Keyring) -> Result<Self> {
        Ok(Self {
            environment: keyring.environment().to_vec(),
            keyring: Some(keyring.watch()),
            ..Self::opened_by(PIN, folder)?
        })
    }

    /// A wallet in a folder that a passphrase alone protects, where nothing is shown of keyrings.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn by_passphrase(folder: &Path) -> Result<Self> {
        Self::opened_by(PASSPHRASE, folder)
    }

    fn opened_by(secret: &str, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let pin_file = folder.join("pin");
        std::fs::write(&pin_file, secret)?;
        Ok(Self {
            profile: folder.join("profile"),
            pin_file,
            environment: Vec::new(),
            keyring: None,
            open: None,
        })
    }

    /// The same wallet, which stays open from its first command to [`Wallet::close`].
    #[must_use]
    pub fn staying_open(self) -> Self {
        Self {
            open: Some(Arc::default()),
            ..self
        }
    }

    /// Closes a wallet that stays open; the next command opens it again.
    ///
    /// # Errors
    /// It does not end.
    pub async fn close(&self) -> Result<()> {
        let Some(open) = &self.open else { return Ok(()) };
        match open.lock().await.take() {
            Some(session) => session.close().await,
            None => Ok(()),
        }
    }

    /// The profile folder.
    #[must_use]
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// `init`, for the ecosystem of a stack.
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn init(&self, stack: &Stack) -> Result<Answer> {
        let mut settings = stack.wallet_settings()?;
        if self.keyring.is_none() {
            settings.push("--password-only".to_owned());
        }
        let arguments: Vec<&str> = settings.iter().map(String::as_str).collect();
        self.run(&arguments).await
    }

    /// Runs one command: as a process of its own, or where the wallet stays open.
    ///
    /// # Errors
    /// The program cannot be started, or does not print one JSON object.
    pub async fn run(&self, arguments: &[&str]) -> Result<Answer> {
        let answer = self.run_once(arguments).await?;
        if self.lost_its_keyring(&answer).await? {
            return self.run_once(arguments).await;
        }
        Ok(answer)
    }

    /// Whether a command found no keyring only because that had ended by itself. It runs again then, and the command
    /// has done nothing yet: the keyring is asked before anything else.
    async fn lost_its_keyring(&self, answer: &Answer) -> Result<bool> {
        match &self.keyring {
            Some(keyring) if answer.code() == NO_KEYRING => keyring.revive().await,
            _ => Ok(false),
        }
    }

    async fn run_once(&self, arguments: &[&str]) -> Result<Answer> {
        if let Some(open) = &self.open {
            let mut open = open.lock().await;
            let session = match open.take() {
                Some(session) => session,
                None => Session::start(&self.with_profile(&["session"]), &self.environment)?,
            };
            return open.insert(session).run(arguments).await;
        }
        let all = self.with_profile(arguments);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let finished = process::run("holdfast-wallet", &all, &self.environment).await?;
        answer(&finished, arguments)
    }

    /// Runs one command as a process of its own, in a namespace without a network. A wallet that stays open is closed
    /// before.
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn run_alone(&self, alone: &Alone, arguments: &[&str]) -> Result<Answer> {
        self.close().await?;
        let answer = self.run_alone_once(alone, arguments).await?;
        if self.lost_its_keyring(&answer).await? {
            return self.run_alone_once(alone, arguments).await;
        }
        Ok(answer)
    }

    async fn run_alone_once(&self, alone: &Alone, arguments: &[&str]) -> Result<Answer> {
        let mut command = alone.command(&process::binaries()?.join("holdfast-wallet"));
        command.args(self.with_profile(arguments));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let name = format!("holdfast-wallet {}", arguments.join(" "));
        answer(&process::finished(command, name).await?, arguments)
    }

    /// `answer CHALLENGE --out FOLDER --consent yes`, without a network.
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn answer(&self, alone: &Alone, challenge: &Path, out: &Path) -> Result<Answer> {
        let (challenge, out) = (challenge.display().to_string(), out.display().to_string());
        let arguments = ["answer", &challenge, "--out", &out, "--consent", "yes"];
        self.run_alone(alone, &arguments).await
    }

    /// Runs one command and kills it with SIGKILL when it has run that long; `None`
    /// if it was killed.
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn run_until(&self, arguments: &[&str], end: Duration) -> Result<Option<Answer>> {
        let ran = self.run_until_once(arguments, end).await?;
        if let Some(answer) = &ran
            && self.lost_its_keyring(answer).await?
        {
            return self.run_until_once(arguments, end).await;
        }
        Ok(ran)
    }

    async fn run_until_once(&self, arguments: &[&str], end: Duration) -> Result<Option<Answer>> {
        let all = self.with_profile(arguments);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let finished = process::run_until("holdfast-wallet", &all, &self.environment, end).await?;
        finished.map(|finished| answer(&finished, arguments)).transpose()
    }

    fn with_profile(&self, arguments: &[&str]) -> Vec<String> {
        let (profile, pin_file) = (self.profile.display().to_string(), self.pin_file.display().to_string());
        let mut all = vec!["--json".to_owned(), "--profile".to_owned(), profile];
        all.extend(["--pin-file".to_owned(), pin_file]);
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        all
    }

    /// `accept OFFER [--tx-code N]`
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn accept(&self, offer: &str, tx_code: Option<&str>) -> Result<Answer> {
        let mut arguments = vec!["accept", offer];
        if let Some(code) = tx_code {
            arguments.extend(["--tx-code", code]);
        }
        self.run(&arguments).await
    }

    /// `refresh CARD` for the only card there is; how many copies it has then.
    ///
    /// # Errors
    /// As [`Wallet::run`], or the wallet does not get them.
    pub async fn refresh_only_card(&self) -> Result<i64> {
        let listed = self.run(&["list"]).await?.expect(Exit::Done)?;
        let cards = listed.json["cards"].as_array().context("cards")?;
        ensure!(cards.len() == 1, "not one card: {}", listed.json);
        let card = cards[0]["id"].as_str().context("id")?;
        let answer = self.run(&["refresh", card]).await?.expect(Exit::Done)?;
        let copies = answer.json["refreshed"]["copies"].as_i64();
        copies.with_context(|| format!("copies in {}", answer.json))
    }

    /// `present REQUEST --consent yes|no|ask [--with CLAIM]…`
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn present(&self, request: &str, consent: &str, with: &[&str]) -> Result<Answer> {
        let mut arguments = vec!["present", request, "--consent", consent];
        for claim in with {
            arguments.extend(["--with", claim]);
        }
        self.run(&arguments).await
    }
}

fn answer(finished: &process::Finished, arguments: &[&str]) -> Result<Answer> {
    let json = serde_json::from_str(finished.stdout.trim()).with_context(|| {
        format!(
            "holdfast-wallet {}: not one JSON object: {:?} {}",
            arguments.join(" "),
            finished.stdout,
            finished.stderr
        )
    })?;
    Ok(Answer {
        exit: finished.code().into(),
        json,
    })
}
