//! A Secret Service of the harness's own, so that the demo touches nobody's keyring.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// A session bus with an unlocked keyring, both in a private folder. Ends with
/// this value.
#[derive(Debug)]
pub struct Keyring {
    _bus: Child,
    _daemon: Child,
    environment: Vec<(String, String)>,
}

impl Keyring {
    /// Starts bus and keyring below `folder`.
    ///
    /// # Errors
    /// `dbus-daemon` or `gnome-keyring-daemon` is missing or does not come up.
    pub async fn start(folder: &Path) -> Result<Self> {
        let (home, run) = (folder.join("home"), folder.join("run"));
        for path in [&home, &run] {
            std::fs::create_dir_all(path)?;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
        let socket = run.join("bus");
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
        )?;
        wait_for(&socket).await?;
        environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        let mut daemon = spawn(
            Command::new("gnome-keyring-daemon").args(["--foreground", "--unlock", "--components=secrets"]),
            &environment,
        )?;
        let mut input = daemon.stdin.take().context("the keyring's standard input")?;
        // An empty password does not unlock.
        input.write_all(b"holdfast").await?;
        drop(input);
        wait_for(&run.join("keyring/control")).await?;
        Ok(Self {
            _bus: bus,
            _daemon: daemon,
            environment,
        })
    }

    /// The environment in which a program finds this keyring.
    #[must_use]
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }
}

/// Whether the session bus of this desktop has a Secret Service that runs.
pub async fn service_runs() -> bool {
    let asked = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--reply-timeout=2000"])
        .args(["--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"])
        .arg("string:org.freedesktop.secrets")
        .stdin(Stdio::null())
        .output()
        .await;
    asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("boolean true"))
}

fn spawn(command: &mut Command, environment: &[(String, String)]) -> Result<Child> {
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("a private Secret Service needs dbus-daemon and gnome-keyring-daemon")
}

async fn wait_for(path: &Path) -> Result<()> {
    for _ in 0..200 {
        if path.exists() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    bail!("{} does not appear", path.display())
}
