//! `holdfast-issuer`: the issuer service of an agency.

mod operator;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use did::identity::OldKey;
use indicatif::{ProgressBar, ProgressStyle};
use issuer::identity::IdentityFiles;
use issuer::register::{self, ImportError, Mode};
use issuer::store::Store;
use issuer::{App, Settings};
use ledger::Family;
use operator::OperatorCommand;
use service::{Clock, InstanceLock, Listener, Metrics, Ops, SystemClock};

#[derive(Parser)]
#[command(name = "holdfast-issuer", version, about = "The issuer service of an agency")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes keys, DID, certificates, and the application file for the registrar.
    Init(Configured),
    /// Serves until SIGTERM.
    Serve {
        #[command(flatten)]
        configured: Configured,
        /// What this process serves. The status lists can run in a process of their own.
        #[arg(long, value_enum, default_value = "all")]
        part: Part,
    },
    /// Imports people into the register: all of them, or none if a row is bad.
    Import {
        #[command(flatten)]
        configured: Configured,
        /// The CSV file.
        people: PathBuf,
        /// Checks the file and changes nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Writes people who do not exist, for trying things out.
    GeneratePeople {
        /// How many.
        #[arg(long, default_value_t = 10_000)]
        count: u64,
        /// The same seed gives the same people on the same day.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The CSV file to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Lets a fresh key sign from now on, and anchors the new line of the DID log.
    RotateKey {
        #[command(flatten)]
        configured: Configured,
        /// Takes the old key out: from now on nothing it signed verifies.
        #[arg(long)]
        remove_old: bool,
    },
    /// Anchors the status lists as they are now.
    PublishSnapshot(Configured),
    /// Publishes a card type, a rule or a service of the agency, or the next version of it.
    Publish {
        /// What it is.
        #[arg(value_enum)]
        what: Published,
        /// The payload, JSON as in docs/services.md.
        file: PathBuf,
        #[command(flatten)]
        configured: Configured,
    },
    /// Who may work with the agency's page.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Checks the configuration, and does nothing else.
    CheckConfig(Configured),
}

#[derive(Args)]
struct Configured {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

/// What a process serves.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Everything.
    All,
    /// Everything but the status lists.
    Issuance,
    /// The status lists alone.
    Status,
}

/// What an agency publishes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Published {
    /// A card type.
    Schema,
    /// An eligibility rule.
    Rule,
    /// A service.
    Service,
}

impl Published {
    const fn family(self) -> Family {
        match self {
            Self::Schema => Family::Schema,
            Self::Rule => Family::Rule,
            Self::Service => Family::Service,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line with its causes; a backtrace would hide it.
            eprintln!("holdfast-issuer: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Init(configured) => init(&settings(&configured.config)?),
        Command::Serve { configured, part } => serve(settings(&configured.config)?, part).await,
        Command::Import {
            configured,
            people,
            dry_run,
        } => {
            import(
                &settings(&configured.config)?,
                &people,
                if dry_run { Mode::DryRun } else { Mode::Apply },
            )
            .await
        }
        Command::GeneratePeople { count, seed, out } => generate_people(count, seed, &out),
        Command::RotateKey { configured, remove_old } => {
            rotate_key(
                settings(&configured.config)?,
                if remove_old { OldKey::TakeOut } else { OldKey::Keep },
            )
            .await
        }
        Command::PublishSnapshot(configured) => publish_snapshot(settings(&configured.config)?).await,
        Command::Publish { what, file, configured } => publish(settings(&configured.config)?, what, &file).await,
        Command::Operator(command) => command.run().await,
        Command::CheckConfig(configured) => settings(&configured.config).map(|_| println!("the configuration is good")),
    }
}

fn settings(path: &Path) -> anyhow::Result<Settings> {
    let config = service::config::load(issuer::DEFAULT, Some(path), std::env::vars())?;
    Ok(Settings::new(config)?)
}

fn init(settings: &Settings) -> anyhow::Result<()> {
    let files = IdentityFiles::new(&settings.common.data_dir);
    let organisation = files.create(settings, SystemClock.now())?;
    println!("{}", organisation.did());
    println!("application for the registrar: {}", files.application().display());
    println!("certificate to be trusted: {}", files.authority_certificate().display());
    Ok(())
}

async fn serve(settings: Settings, part: Part) -> anyhow::Result<()> {
    service::init_log();
    let stop = service::stop_on_signal()?;
    let lock_folder = match part {
        Part::All | Part::Issuance => settings.common.data_dir.clone(),
        Part::Status => settings.common.data_dir.join("status"),
    };
    let _lock = InstanceLock::acquire(&lock_folder)?;
    let ops = Ops::new();
    let app = App::open(settings.clone(), Arc::new(SystemClock), ops.metrics()).await?;
    ops.describe(match part {
        Part::All => app.description().and(App::status_description()),
        Part::Issuance => app.description(),
        Part::Status => App::status_description(),
    });
    let mut common = settings.common.clone();
    if part == Part::Status {
        common.listen = settings.own.status_listen;
        let (follower, stopped) = (app.clone(), stop.clone());
        let keys = ops.condition("keys");
        let follower = tokio::spawn(async move { follower.follow_identity(keys, stopped).await });
        let served = service::serve(&common, app.status_router(), &ops, stop.clone()).await;
        stop.cancel();
        follower.await?;
        served?;
        app.store().close().await;
        return Ok(());
    }
    app.open_first_list().await?;
    let (ledger, keys) = (ops.condition("ledger"), ops.condition("keys"));
    let (background, stopped) = (app.clone(), stop.clone());
    let background = tokio::spawn(async move { background.run_background(ledger, keys, stopped).await });
    let (followed, stopped) = (app.clone(), stop.clone());
    tokio::spawn(async move {
        stopped.cancelled().await;
        followed.end_streams();
    });
    let lists = if part == Part::All {
        let listener = Listener::bind(settings.own.status_listen).await?;
        let routes = service::layers::bounded(app.status_router(), &common.limits, ops.metrics());
        let (connections, stopped) = (common.connections.clone(), stop.clone());
        Some(tokio::spawn(async move {
            listener.serve(routes, &connections, stopped).await
        }))
    } else {
        None
    };
    let served = service::serve(&common, app.router(), &ops, stop.clone()).await;
    stop.cancel();
    if let Some(lists) = lists {
        lists.await?;
    }
    background.await?;
    app.store().close().await;
    Ok(served?)
}

async fn import(settings: &Settings, people: &Path, mode: Mode) -> anyhow::Result<()> {
    let file = File::open(people).with_context(|| people.display().to_string())?;
    let store = Store::open(&settings.common.data_dir).await?;
    let today = issuer::date(SystemClock.now())?;
    let progress = progress_bar(None);
    let result = register::import(&store, file, today, mode, |line| progress.set_position(line)).await;
    progress.finish_and_clear();
    store.close().await;
    match result {
        Ok(report) => {
            let done = if mode == Mode::DryRun {
                "would be imported"
            } else {
                "imported"
            };
            println!("{} people {done}, {} of them new", report.people, report.added);
            Ok(())
        }
        Err(error) => {
            if let ImportError::Rows { first, .. } = &error {
                for row in first {
                    eprintln!("{row}");
                }
            }
            Err(error.into())
        }
    }
}

fn generate_people(count: u64, seed: u64, out: &Path) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(out).with_context(|| out.display().to_string())?);
    let progress = progress_bar(Some(count));
    let today = issuer::date(SystemClock.now())?;
    register::generate_people(count, seed, today, &mut file, |number| progress.set_position(number))?;
    file.flush()?;
    progress.finish_and_clear();
    println!("{count} people who do not exist: {}", out.display());
    Ok(())
}

async fn rotate_key(settings: Settings, old: OldKey) -> anyhow::Result<()> {
    IdentityFiles::new(&settings.common.data_dir).rotate(&settings, old, SystemClock.now())?;
    let app = App::open(settings, Arc::new(SystemClock), &Metrics::new()).await?;
    let signing = app.identity();
    println!("{}", signing.kid.as_deref().unwrap_or(&signing.issuer));
    app.anchor_log()
        .await
        .context("the key was rotated here, but its line is not anchored yet")?;
    app.store().close().await;
    Ok(())
}

async fn publish_snapshot(settings: Settings) -> anyhow::Result<()> {
    let app = App::open(settings, Arc::new(SystemClock), &Metrics::new()).await?;
    app.publish_snapshot().await?;
    app.store().close().await;
    Ok(())
}

async fn publish(settings: Settings, what: Published, file: &Path) -> anyhow::Result<()> {
    let payload = std::fs::read(file).with_context(|| file.display().to_string())?;
    let app = App::open(settings, Arc::new(SystemClock), &Metrics::new()).await?;
    let subject = app.publish(what.family(), &payload).await?;
    println!("{subject}");
    app.store().close().await;
    Ok(())
}

fn progress_bar(length: Option<u64>) -> ProgressBar {
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let template = if length.is_some() {
        "{bar:40} {pos}/{len}"
    } else {
        "{spinner} {pos} lines"
    };
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
