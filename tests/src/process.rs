//! Real binaries as processes: started, watched, stopped, killed.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// How long a process may take to stop after SIGTERM.
const STOP_TIME: Duration = Duration::from_secs(15);

/// What is needed to start a service again and again.
#[derive(Debug, Clone)]
pub struct Program {
    /// The name in messages and of the log file.
    pub name: String,
    /// The binary's file name.
    pub binary: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The port of its operations listener, where it has one.
    pub ops_port: Option<u16>,
}

/// A program, running or not.
#[derive(Debug)]
pub struct Service {
    program: Program,
    log: PathBuf,
    child: Option<Child>,
}

/// The folder of the built binaries: where this one is, or its parent for test binaries.
///
/// # Errors
/// The path of this process is not known.
pub fn binaries() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let folder = exe.parent().context("the path of this process")?;
    let inner = folder.file_name().is_some_and(|name| name == "deps");
    Ok(if inner {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    }
    .to_owned())
}

impl Service {
    /// A service that is not running yet; output goes to `logs/<name>.log`.
    #[must_use]
    pub fn new(program: Program, logs: &Path) -> Self {
        let log = logs.join(format!("{}.log", program.name));
        Self {
            program,
            log,
            child: None,
        }
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The process id while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts the process. It dies with this one, even if this one is killed.
    ///
    /// # Errors
    /// It runs already, or the binary is missing.
    pub fn start(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "{} runs already", self.program.name);
        let path = binaries()?.join(self.program.binary);
        let log = append(&self.log)?;
        let child = dying_with_us(&path)
            .args(&self.program.arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", path.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Fails if the process has ended.
    ///
    /// # Errors
    /// The end of the log, if it has.
    pub fn ensure_running(&mut self) -> Result<()> {
        let child = self
            .child
            .as_mut()
            .with_context(|| format!("{} was not started", self.program.name))?;
        match child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}: {}", self.program.name, self.log_tail()),
        }
    }

    /// Stops the process with SIGTERM and waits for its end; nothing if it does not run.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        signal(&child, Signal::TERM)?;
        let ended = tokio::time::timeout(STOP_TIME, child.wait()).await;
        let status = ended.with_context(|| format!("{} does not stop", self.program.name))??;
        ensure!(
            stopped_well(status),
            "{} ended with {status}: {}",
            self.program.name,
            self.log_tail()
        );
        Ok(())
    }

    /// Kills the process with SIGKILL; nothing if it does not run.
    ///
    /// # Errors
    /// The operating system refuses.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// The last lines of the log, for messages.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(3).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}

/// A program that dies with this one, even if this one is killed.
pub(crate) fn dying_with_us(program: &Path) -> Command {
    // Setting this in the child takes unsafe code; util-linux does it for us, and
    // becomes the program: the process id stays.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Runs a binary to its end.
///
/// # Errors
/// It cannot be started. How it ended is in the result.
pub async fn run(binary: &str, arguments: &[&str], environment: &[(String, String)]) -> Result<Finished> {
    let mut command = Command::new(binaries()?.join(binary));
    command.args(arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    finished(command, format!("{binary} {}", arguments.join(" "))).await
}

/// Runs a command to its end; `name` is what it is called in messages.
pub(crate) async fn finished(mut command: Command, name: String) -> Result<Finished> {
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot start {name}"))?;
    Ok(Finished {
        command: name,
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a binary and kills it with SIGKILL when it has run that long; `None` if it
/// was killed. What it prints must fit into a pipe.
///
/// # Errors
/// It cannot be started or killed.
pub async fn run_until(
    binary: &str,
    arguments: &[&str],
    environment: &[(String, String)],
    end: Duration,
) -> Result<Option<Finished>> {
    let path = binaries()?.join(binary);
    let mut child = Command::new(&path)
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", path.display()))?;
    if tokio::time::timeout(end, child.wait()).await.is_err() {
        child.kill().await?;
        return Ok(None);
    }
    let output = child.wait_with_output().await?;
    Ok(Some(Finished {
        command: format!("{binary} {}", arguments.join(" ")),
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }))
}

/// What a command left behind.
#[derive(Debug, Clone)]
pub struct Finished {
    command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// The same, if the exit code is 0.
    ///
    /// # Errors
    /// The command, its code and what it printed.
    pub fn success(self) -> Result<Self> {
        ensure!(
            self.status.success(),
            "`{}` ended with {}: {} {}",
            self.command,
            self.status,
            self.stdout.trim(),
            self.stderr.trim()
        );
        Ok(self)
    }

    /// The exit code; -1 after a signal.
    #[must_use]
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }
}

/// Sends a signal to a process that still runs.
pub(crate) fn signal(child: &Child, signal: Signal) -> Result<()> {
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        kill_process(pid, signal)?;
    }
    Ok(())
}

fn stopped_well(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.success() || status.signal() == Some(Signal::TERM.as_raw())
}

/// Opens a log for more lines; its folder is made.
pub(crate) fn append(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(OpenOptions::new().create(true).append(true).open(path)?)
}
