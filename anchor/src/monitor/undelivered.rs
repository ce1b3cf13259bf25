//! `holdfast-anchor undelivered`: what the webhook of a monitor did not take. docs/monitor.md, "Messages"

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use service::InstanceLock;

use super::outbox::Outbox;
use crate::audit::exit;

/// Lists the messages of a monitor that nobody took, one JSON object each.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 none was given up; 1 it could not run; 8 at least one was given up.")]
pub struct Undelivered {
    /// The folder of the monitor.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Has those that were given up sent again from the next look on. The monitor must not run.
    #[arg(long)]
    again: bool,
    /// Forgets those that were given up, once they are listed. The monitor must not run.
    #[arg(long, conflicts_with = "again")]
    forget: bool,
}

impl Undelivered {
    /// Lists, and does what is asked.
    ///
    /// # Errors
    /// The folder is in use where something is changed, or what it holds cannot be read.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let _instance = (self.again || self.forget)
            .then(|| InstanceLock::acquire(&self.state))
            .transpose()?;
        let mut outbox = Outbox::below(&self.state)?;
        for message in outbox.described() {
            println!("{message}");
        }
        if self.again {
            outbox.send_again();
        }
        if self.forget {
            outbox.forget();
        }
        if self.again || self.forget {
            outbox.save()?;
        }
        Ok(ExitCode::from(if outbox.given_up() > 0 { exit::UNTOLD } else { 0 }))
    }
}
