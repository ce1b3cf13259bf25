//! `holdfast-anchor portal`: the certificate authority, the operators, and letters.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use service::config::{Common, ConfigError};
use service::signin::{OperatorError, OperatorName, Operators, Password, PasswordError};
use service::store::StoreError;
use service::{Clock, SystemClock};

use super::authority::{Authority, AuthorityError, AuthorityFiles};
use super::store::Store;
use super::{APPROVER, REVIEWER, Role};
use crate::config::{self, Files};
use crate::pack::{PackError, load_pack};

/// What is done with the portal.
#[derive(Clone, Debug, Subcommand)]
pub enum PortalCommand {
    /// Makes the registrar's certificate authority, and the first operator where one is named.
    Init(New),
    /// Lets an operator of the registrar sign in.
    AddOperator(Added),
    /// Gives an operator another password, and ends all sessions.
    SetPassword(Renewed),
    /// Takes an operator away, and ends all sessions.
    RemoveOperator(Removed),
    /// Makes a code for a letter that lets an organisation in once.
    Letter(Addressed),
}

/// A new portal.
#[derive(Clone, Debug, Args)]
pub struct New {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The name of the first operator, who is an approver.
    #[arg(long, requires = "password_file")]
    operator: Option<OperatorName>,
    /// File with the operator's password in its first line, mode 0600.
    #[arg(long)]
    password_file: Option<PathBuf>,
}

/// An operator to be added.
#[derive(Clone, Debug, Args)]
pub struct Added {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The name, as it is typed to sign in.
    name: OperatorName,
    /// What the operator may do.
    #[arg(long, value_enum)]
    role: RoleName,
    /// File with the password in its first line, mode 0600.
    #[arg(long)]
    password_file: PathBuf,
}

/// An operator who gets another password.
#[derive(Clone, Debug, Args)]
pub struct Renewed {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The name.
    name: OperatorName,
    /// File with the new password in its first line, mode 0600.
    #[arg(long)]
    password_file: PathBuf,
}

/// An operator to be taken away.
#[derive(Clone, Debug, Args)]
pub struct Removed {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The name.
    name: OperatorName,
}

/// Whom a letter is for.
#[derive(Clone, Debug, Args)]
pub struct Addressed {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// What the organisation is called.
    #[arg(long)]
    organisation: String,
}

/// The roles of the registrar's operators.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleName {
    /// Asks, suspends, and is the first to decide.
    Reviewer,
    /// All that, and is the second to decide.
    Approver,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Reviewer => Self::Reviewer,
            RoleName::Approver => Self::Approver,
        }
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The trust pack cannot be used.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The certificate authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store refused.
    #[error("the portal's store cannot be written")]
    Write(#[from] sqlx::Error),
    /// The operator.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A name of an organisation that cannot be shown.
    #[error("the name of an organisation has 1 to 200 characters")]
    Name,
}

impl PortalCommand {
    /// Carries it out; one JSON object for programs.
    ///
    /// # Errors
    /// [`CommandError`]
    pub async fn run(&self) -> Result<Value, CommandError> {
        let now = SystemClock.now();
        match self {
            Self::Init(new) => {
                let common = common(&new.config)?;
                init(&common, now)?;
                if let (Some(name), Some(file)) = (&new.operator, &new.password_file) {
                    let password = Password::from_file(file)?;
                    add_operator(&common, name, Role::Approver, &password, now).await?;
                }
                let certificate = AuthorityFiles::below(&common.data_dir).certificate();
                Ok(json!({"ok": true, "access_authority": certificate}))
            }
            Self::AddOperator(added) => {
                let password = Password::from_file(&added.password_file)?;
                let role = added.role.into();
                add_operator(&common(&added.config)?, &added.name, role, &password, now).await?;
                Ok(json!({"ok": true}))
            }
            Self::SetPassword(renewed) => {
                let password = Password::from_file(&renewed.password_file)?;
                let store = Store::open(&common(&renewed.config)?.data_dir).await?;
                let done = Operators::new(store.sqlite())
                    .set_password(&renewed.name, &password)
                    .await;
                store.close().await;
                done?;
                Ok(json!({"ok": true}))
            }
            Self::RemoveOperator(removed) => {
                let store = Store::open(&common(&removed.config)?.data_dir).await?;
                let done = Operators::new(store.sqlite()).remove(&removed.name).await;
                store.close().await;
                done?;
                Ok(json!({"ok": true}))
            }
            Self::Letter(letter) => {
                let code = issue_letter(&common(&letter.config)?, &letter.organisation, now).await?;
                Ok(json!({"ok": true, "organisation": letter.organisation, "code": code}))
            }
        }
    }
}

fn common(config: &Path) -> Result<Common, ConfigError> {
    Ok(config::load(config)?.common)
}

/// Makes the registrar's certificate authority below the data folder of a log.
///
/// # Errors
/// [`CommandError::Authority`] where there is one.
pub fn init(common: &Common, now: u64) -> Result<(), CommandError> {
    let pack = load_pack(&Files::new(&common.data_dir).trust_pack(), now)?;
    Authority::init(&AuthorityFiles::below(&common.data_dir), pack.name(), now)?;
    Ok(())
}

/// Lets an operator of the registrar sign in.
///
/// # Errors
/// [`CommandError`]
pub async fn add_operator(
    common: &Common,
    name: &OperatorName,
    role: Role,
    password: &Password,
    now: u64,
) -> Result<(), CommandError> {
    let role = match role {
        Role::Reviewer => REVIEWER,
        Role::Approver => APPROVER,
    };
    let store = Store::open(&common.data_dir).await?;
    let added = Operators::new(store.sqlite()).add(name, role, password, now).await;
    store.close().await;
    Ok(added?)
}

/// Makes a code for a letter: shown here and never again.
///
/// # Errors
/// [`CommandError`]
pub async fn issue_letter(common: &Common, organisation: &str, now: u64) -> Result<String, CommandError> {
    if !(1..=200).contains(&organisation.chars().count()) || organisation.chars().any(char::is_control) {
        return Err(CommandError::Name);
    }
    let code = service::letter_code::of(service::random::bytes());
    let store = Store::open(&common.data_dir).await?;
    let issued = store.issue_letter(&code, organisation, None, None, now).await;
    store.close().await;
    issued?;
    Ok(code)
}
