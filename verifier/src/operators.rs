//! `operator …`: who may sign in at the desk. Works while the service runs.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use service::signin::{OperatorName, Operators, Password};
use service::{Clock, SystemClock};
use verifier::{Settings, Store, roles};

use crate::settings;

/// What is done with operators.
#[derive(Subcommand)]
pub(crate) enum OperatorCommand {
    /// Lets somebody sign in
    Add {
        #[command(flatten)]
        named: Named,
        /// What the operator may do
        #[arg(long, value_enum)]
        role: RoleName,
        #[command(flatten)]
        password: PasswordFile,
    },
    /// Gives an operator another password, and ends all sessions of the old one
    SetPassword {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        password: PasswordFile,
    },
    /// Takes an operator away, and ends all sessions
    Remove {
        #[command(flatten)]
        named: Named,
    },
    /// Shows all operators and their roles
    List {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
        /// Whose operators, where that is not the business of the configuration
        #[arg(long)]
        business: Option<String>,
    },
}

/// Which operator.
#[derive(Args)]
pub(crate) struct Named {
    /// The configuration
    #[arg(long)]
    config: Option<PathBuf>,
    /// Whose operator, where that is not the business of the configuration
    #[arg(long)]
    business: Option<String>,
    /// The name, as it is typed to sign in
    name: OperatorName,
}

/// The password is never an argument: those of a process are no secret.
#[derive(Args)]
pub(crate) struct PasswordFile {
    /// File with the password in its first line, mode 0600
    #[arg(long)]
    password_file: PathBuf,
}

/// The roles of this service.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Picks a check and asks
    Staff,
    /// Also sees what was asked today
    Owner,
}

impl RoleName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Staff => roles::STAFF,
            Self::Owner => roles::OWNER,
        }
    }
}

/// Carries out a command.
///
/// # Errors
/// The reason in one line.
pub(crate) async fn run(command: OperatorCommand) -> anyhow::Result<()> {
    let (config, business) = match &command {
        OperatorCommand::Add { named, .. }
        | OperatorCommand::SetPassword { named, .. }
        | OperatorCommand::Remove { named } => (&named.config, &named.business),
        OperatorCommand::List { config, business } => (config, business),
    };
    let realm = business.clone().unwrap_or_default();
    let config: service::config::Config<Settings> = settings(config.as_deref())?;
    std::fs::create_dir_all(&config.common.data_dir).context("data_dir")?;
    let store = Store::open(&config.common.data_dir.join("verifier.sqlite")).await?;
    let known = realm.is_empty() || store.has_business(&realm).await?;
    anyhow::ensure!(known, "there is no business {realm}");
    let done = change(&Operators::of_realm(store.sqlite(), &realm), command).await;
    store.close().await;
    done
}

async fn change(operators: &Operators<'_>, command: OperatorCommand) -> anyhow::Result<()> {
    match command {
        OperatorCommand::Add { named, role, password } => {
            let password = Password::from_file(&password.password_file)?;
            operators
                .add(&named.name, role.as_str(), &password, SystemClock.now())
                .await?;
        }
        OperatorCommand::SetPassword { named, password } => {
            let password = Password::from_file(&password.password_file)?;
            operators.set_password(&named.name, &password).await?;
        }
        OperatorCommand::Remove { named } => operators.remove(&named.name).await?,
        OperatorCommand::List { .. } => {
            for operator in operators.list().await? {
                println!("{}\t{}", operator.name, operator.role);
            }
        }
    }
    Ok(())
}
