//! A Secret Service of the harness's own, so that the demo touches nobody's keyring.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::process::append;

/// How long the bus may take, and then the keyring: much, where other tests run beside this one.
const READY: Duration = Duration::from_secs(30);
const BETWEEN: Duration = Duration::from_millis(25);
/// Whom the bus starts where the keyring has ended: nobody. One that it started would be locked, and would wait for a
/// person to type its password.
const NOBODY: &str = "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/false\n";
/// The collection that is open for those who know the password.
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// A session bus with an unlocked keyring, both in a private folder. Ends with
/// this value.
#[derive(Debug)]
pub struct Keyring {
    _bus: Child,
    daemon: Arc<Mutex<Daemon>>,
    environment: Vec<(String, String)>,
}

impl Keyring {
    /// Starts bus and keyring below `folder`, and waits until the keyring lets us in.
    ///
    /// # Errors
    /// `dbus-daemon` or `gnome-keyring-daemon` is missing or does not come up.
    pub async fn start(folder: &Path) -> Result<Self> {
        let (home, run) = (folder.join("home"), folder.join("run"));
        for path in [&home, &run] {
            std::fs::create_dir_all(path)?;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
        // Where a bus looks first for who it may start.
        let services = run.join("dbus-1/services");
        std::fs::create_dir_all(&services)?;
        std::fs::write(services.join("org.freedesktop.secrets.service"), NOBODY)?;
        let (socket, log) = (run.join("bus"), folder.join("keyring.log"));
        let _ = std::fs::remove_file(&socket);
        let mut environment = vec![
            ("HOME".to_owned(), home.display().to_string()),
            ("XDG_RUNTIME_DIR".to_owned(), run.display().to_string()),
            ("XDG_DATA_HOME".to_owned(), home.join("share").display().to_string()),
        ];
        let address = format!("unix:path={}", socket.display());
        let bus = spawn(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile"])
                .arg(format!("--address={address}")),
            &environment,
            &log,
        )?;
        appears(&socket).await?;
        environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        let daemon = Daemon::start(environment.clone(), log).await?;
        Ok(Self {
            _bus: bus,
            daemon: Arc::new(Mutex::new(daemon)),
            environment,
        })
    }

    /// The environment in which a program finds this keyring.
    #[must_use]
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Kills the program that holds the secrets, which now and then ends by itself.
    ///
    /// # Errors
    /// The operating system refuses.
    pub async fn kill(&self) -> Result<()> {
        Ok(self.daemon.lock().await.child.kill().await?)
    }

    /// What those have who use it.
    pub(crate) fn watch(&self) -> Watch {
        Watch(Arc::downgrade(&self.daemon))
    }
}

/// Looks after a keyring for as long as it is there.
#[derive(Debug, Clone)]
pub(crate) struct Watch(Weak<Mutex<Daemon>>);

impl Watch {
    /// Starts the keyring again where it ended by itself; whether it had.
    pub(crate) async fn revive(&self) -> Result<bool> {
        match self.0.upgrade() {
            Some(daemon) => daemon.lock().await.revive().await,
            None => Ok(false),
        }
    }
}

/// The program that holds the secrets, and what it is started with.
#[derive(Debug)]
struct Daemon {
    child: Child,
    environment: Vec<(String, String)>,
    log: PathBuf,
}

impl Daemon {
    async fn start(environment: Vec<(String, String)>, log: PathBuf) -> Result<Self> {
        let mut child = spawn(
            Command::new("gnome-keyring-daemon").args(["--foreground", "--unlock", "--components=secrets"]),
            &environment,
            &log,
        )?;
        let mut input = child.stdin.take().context("the keyring's standard input")?;
        // An empty password does not unlock.
        input.write_all(b"holdfast").await?;
        drop(input);
        let mut daemon = Self {
            child,
            environment,
            log,
        };
        daemon.answers().await?;
        Ok(daemon)
    }

    /// Waits until others find it on the bus, and its collection is open. Its socket is there long before, and who
    /// asks then finds nobody.
    async fn answers(&mut self) -> Result<()> {
        let end = Instant::now() + READY;
        while !is_open(&self.environment).await {
            if let Some(status) = self.child.try_wait()? {
                bail!("the keyring ended with {status}: {}", self.log.display());
            }
            ensure!(
                Instant::now() < end,
                "the keyring does not answer: {}",
                self.log.display()
            );
            tokio::time::sleep(BETWEEN).await;
        }
        Ok(())
    }

    /// The daemon of Debian 12 ends now and then while programs come and go on a busy machine: it reads its table of
    /// aliases in one thread and replaces entries of it in another. What it was given lies in its file.
    async fn revive(&mut self) -> Result<bool> {
        let Some(status) = self.child.try_wait()? else {
            return Ok(false);
        };
        eprintln!("the keyring ended with {status} and is started again");
        *self = Self::start(self.environment.clone(), self.log.clone()).await?;
        Ok(true)
    }
}

/// Whether the keyring on this bus lets those in who ask.
async fn is_open(environment: &[(String, String)]) -> bool {
    let locked = [
        "--dest=org.freedesktop.secrets",
        COLLECTION,
        "org.freedesktop.DBus.Properties.Get",
        "string:org.freedesktop.Secret.Collection",
        "string:Locked",
    ];
    told(&locked, environment).await.contains("boolean false")
}

/// Whether the session bus of this desktop has a Secret Service that runs.
pub async fn service_runs() -> bool {
    let has_owner = [
        "--dest=org.freedesktop.DBus",
        "/",
        "org.freedesktop.DBus.NameHasOwner",
        "string:org.freedesktop.secrets",
    ];
    told(&has_owner, &[]).await.contains("boolean true")
}

/// What somebody on the session bus answers; nothing where nobody does.
async fn told(question: &[&str], environment: &[(String, String)]) -> String {
    let asked = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--reply-timeout=2000"])
        .args(question)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .output()
        .await;
    match asked {
        Ok(answer) => String::from_utf8_lossy(&answer.stdout).into_owned(),
        Err(_) => String::new(),
    }
}

fn spawn(command: &mut Command, environment: &[(String, String)], log: &Path) -> Result<Child> {
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(append(log)?)
        .kill_on_drop(true)
        .spawn()
        .context("a private Secret Service needs dbus-daemon and gnome-keyring-daemon")
}

async fn appears(path: &Path) -> Result<()> {
    let end = Instant::now() + READY;
    while !path.exists() {
        ensure!(Instant::now() < end, "{} does not appear", path.display());
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(())
}
