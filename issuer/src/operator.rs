//! `holdfast-issuer operator`: who may work with the agency's page.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use issuer::roles::{CLERK, OFFICER};
use issuer::store::Store;
use service::signin::{OperatorName, Operators, Password};
use service::{Clock, SystemClock};

use crate::{Configured, settings};

#[derive(Subcommand)]
pub(crate) enum OperatorCommand {
    /// Adds an operator.
    Add {
        #[command(flatten)]
        configured: Configured,
        /// The name to sign in with.
        name: OperatorName,
        /// What the operator may do.
        #[arg(long, value_enum)]
        role: RoleName,
        /// A file with the password on its one line, readable by its owner alone.
        #[arg(long)]
        password_file: PathBuf,
    },
    /// Gives an operator another password, and ends the operator's sessions.
    SetPassword {
        #[command(flatten)]
        configured: Configured,
        /// The operator.
        name: OperatorName,
        /// A file with the password on its one line, readable by its owner alone.
        #[arg(long)]
        password_file: PathBuf,
    },
    /// Lists the operators with their roles.
    List(Configured),
    /// Removes an operator, and ends the operator's sessions.
    Remove {
        #[command(flatten)]
        configured: Configured,
        /// The operator.
        name: OperatorName,
    },
}

/// The roles there are.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    /// Finds people, offers cards, and sees what becomes of them.
    Clerk,
    /// All a clerk may, and suspends, reactivates and revokes cards.
    Officer,
}

impl OperatorCommand {
    /// Runs the command; a service that runs at the same time sees the change at once.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let (Self::Add { configured, .. }
        | Self::SetPassword { configured, .. }
        | Self::List(configured)
        | Self::Remove { configured, .. }) = &self;
        let store = Store::open(&settings(&configured.config)?.common.data_dir).await?;
        let done = self.apply(&Operators::new(store.file())).await;
        store.close().await;
        done
    }

    async fn apply(&self, operators: &Operators<'_>) -> anyhow::Result<()> {
        match self {
            Self::Add {
                name,
                role,
                password_file,
                ..
            } => {
                let role = match role {
                    RoleName::Clerk => CLERK,
                    RoleName::Officer => OFFICER,
                };
                let password = Password::from_file(password_file)?;
                operators.add(name, role, &password, SystemClock.now()).await?;
                println!("{} is {role}", name.as_str());
            }
            Self::SetPassword {
                name, password_file, ..
            } => {
                let password = Password::from_file(password_file)?;
                operators.set_password(name, &password).await?;
                println!("{} has another password", name.as_str());
            }
            Self::List(_) => {
                for operator in operators.list().await? {
                    println!("{}\t{}", operator.name, operator.role);
                }
            }
            Self::Remove { name, .. } => {
                operators.remove(name).await?;
                println!("{} is no operator any more", name.as_str());
            }
        }
        Ok(())
    }
}
