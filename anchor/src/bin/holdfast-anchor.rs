//! The ledger's program.

use std::path::PathBuf;
use std::process::ExitCode;

use anchor::failure::in_one_line;
use anchor::governance::{ChangePolicy, LogKeyAction, PackAction};
use anchor::init::Answers;
use anchor::refusal::VerifyRefusal;
use anchor::registrar::{Action, Outcome, Publish, Succession};
use clap::{Parser, Subcommand};
use serde_json::{Value, json};

/// Runs the public ledger and works with it.
#[derive(Debug, Parser)]
#[command(name = "holdfast-anchor", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a new ledger: settings, keys, quorum, first registrar, trust pack. Asks for what is not said.
    Init(Box<Answers>),
    /// Runs the log until stopped.
    Serve {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Checks the configuration, and does nothing else.
    CheckConfig {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Decides on agencies and businesses.
    #[command(subcommand)]
    Registrar(Action),
    /// Anchors what an organisation publishes: card types, rules, services, documents, seals of actions; releases.
    #[command(subcommand)]
    Publish(Publish),
    /// Lets an agency go on for one that lost its keys; two registrars sign.
    #[command(subcommand)]
    Succession(Succession),
    /// Changes the policy of the log.
    Policy(ChangePolicy),
    /// Makes the next trust pack, or the link to the one of today.
    #[command(subcommand)]
    Pack(PackAction),
    /// Changes the key that the log signs with.
    #[command(subcommand)]
    LogKey(LogKeyAction),
    /// Works with the registrar's portal.
    #[command(subcommand)]
    Portal(anchor::portal::PortalCommand),
    /// Runs a verifying mirror.
    #[command(subcommand)]
    Mirror(anchor::mirror::Command),
    /// Fetches a log and checks all of it.
    Verify(anchor::audit::Command),
    /// Checks a proof that was downloaded.
    VerifyBundle(anchor::audit::BundleCommand),
    /// Checks that the log refused an entry.
    VerifyRefusal(VerifyRefusal),
    /// Writes the proof that an entry is in the log.
    Proof(anchor::audit::ProofCommand),
    /// Checks the proof that an entry is in the log.
    VerifyProof(anchor::audit::VerifyProofCommand),
    /// Follows a log and its mirrors, and raises the alarm.
    Monitor(anchor::monitor::Command),
    /// Lists what the webhook of a monitor did not take.
    Undelivered(anchor::monitor::Undelivered),
    /// Checks evidence that a log showed two faces.
    VerifyEvidence(anchor::audit::EvidenceCommand),
    /// Checks a complaint that a business asked for what it may not.
    VerifyComplaint(anchor::audit::ComplaintCommand),
    /// Checks a receipt that names another history than the log signed.
    VerifyContradiction(anchor::audit::ContradictionCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    run(Cli::parse().command).await.unwrap_or_else(|error| {
        eprintln!("holdfast-anchor: {}", in_one_line(error.as_ref()));
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init(answers) => {
            let made = anchor::init::run(&answers).await?;
            println!("{}", made.to_json());
        }
        Command::Serve { config } => {
            service::init_log();
            anchor::serve::run(&config).await?;
        }
        Command::CheckConfig { config } => {
            anchor::config::load(&config)?;
            println!("the configuration is good");
        }
        Command::Registrar(action) => {
            let outcomes = action.run().await;
            let outcomes = outcomes.map_err(|error| failed(error.code(), &error, error.refusal()));
            return Ok(told(outcomes.and_then(decided)));
        }
        Command::Publish(publish) => {
            let done = publish.run().await.map(|done| done.to_json());
            return Ok(told(
                done.map_err(|error| failed(error.code(), &error, error.refusal())),
            ));
        }
        Command::Succession(succession) => {
            let done = succession.run().await;
            return Ok(told(
                done.map_err(|error| failed(error.code(), &error, error.refusal())),
            ));
        }
        Command::Policy(change) => {
            let done = change.run().await.map(|done| done.to_json());
            return Ok(told(
                done.map_err(|error| failed(error.code(), &error, error.refusal())),
            ));
        }
        Command::Pack(action) => {
            let done = action.run().await;
            return Ok(told(
                done.map_err(|error| failed(error.code(), &error, error.refusal())),
            ));
        }
        Command::LogKey(action) => {
            return Ok(told(action.run().map_err(|error| failed(error.code(), &error, None))));
        }
        Command::Portal(command) => println!("{}", command.run().await?),
        Command::Mirror(command) => command.run().await?,
        Command::Verify(command) => return command.run().await,
        Command::Proof(command) => command.run().await?,
        Command::VerifyProof(command) => command.run()?,
        Command::Monitor(command) => return command.run().await,
        Command::Undelivered(command) => return command.run(),
        Command::VerifyBundle(command) => command.run()?,
        Command::VerifyRefusal(verify) => {
            return Ok(told(verify.run().map_err(|error| failed("not_proved", &error, None))));
        }
        Command::VerifyEvidence(command) => command.run()?,
        Command::VerifyComplaint(command) => command.run()?,
        Command::VerifyContradiction(command) => command.run()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What a program says of decisions: of one what became of it, of several the same for each.
fn decided(outcomes: Vec<Outcome>) -> Result<Value, Value> {
    let told = |outcome: Outcome| match outcome.done {
        Ok(done) => Ok(done.to_json()),
        Err(error) => {
            let mut told = failed(error.code(), &error, error.refusal());
            told["did"] = outcome.did.into();
            Err(told)
        }
    };
    let mut told: Vec<Result<Value, Value>> = outcomes.into_iter().map(told).collect();
    if told.len() == 1 {
        return told.remove(0);
    }
    let are_all_written = told.iter().all(Result::is_ok);
    let told: Vec<Value> = told
        .into_iter()
        .map(|one| one.unwrap_or_else(|failed| failed))
        .collect();
    let all = json!({"ok": are_all_written, "organisations": told});
    if are_all_written { Ok(all) } else { Err(all) }
}

/// What a program says of a decision that was not written, with the refusal that the log signed.
fn failed(code: &str, error: &dyn std::error::Error, refusal: Option<&str>) -> Value {
    let mut told = json!({"ok": false, "code": code, "detail": error.to_string()});
    if let (Some(members), Some(refusal)) = (told.as_object_mut(), refusal) {
        members.insert("refusal".to_owned(), refusal.into());
    }
    told
}

/// Prints what came of a decision, a JSON object either way.
fn told(done: Result<Value, Value>) -> ExitCode {
    match done {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(failed) => {
            println!("{failed}");
            ExitCode::FAILURE
        }
    }
}
