//! All services in the foreground, for others to build on.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use service::CancellationToken;
use tokio::signal::unix::{SignalKind, signal};

use super::parties::{Agency, Business};
use super::settings::Settings;
use super::{Ledger, Operator, Stack, WITNESSES, clear, generate_people};

/// How many people the register of a new stack gets.
const PEOPLE: usize = 10_000;
/// Everything this agency of a new stack issues.
const TYPES: &[&str] = &[
    "person-identification",
    "residence",
    "driving-licence",
    "business-representative",
    "student-card",
    "business-registration",
];
/// Whose cards count at the shop of a new stack.
const ISSUERS: &[&str] = &["accredited", "x5c"];

/// What runs besides the ledger.
const SERVICES: [&str; 7] = [
    "population",
    "population-status",
    "attester",
    "sign-in",
    "transport",
    "transport-status",
    "shop",
];
/// How many people the register of the second agency gets.
const FEW: usize = 100;

/// The organisation that has a letter of the registrar.
const NEWCOMER: &str = "Harbour Café";

/// What is kept of the ledger once a stack has been founded.
const LEDGER: &str = "ledger.json";

/// How `up` tells that all answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// One line of JSON.
    Json,
    /// A few lines for people.
    Text,
}

/// A stack whose services all answer.
#[derive(Debug)]
pub struct Founded {
    /// What is known of its ledger.
    pub ledger: Ledger,
    /// Who works at its pages.
    pub operators: Vec<Operator>,
    /// The name of a grown-up who has every card.
    pub somebody: String,
    /// A code that lets a new organisation into the registrar's portal, once.
    pub letter: String,
}

/// Starts everything on a data folder, made on first use, does something with
/// it, and stops everything; on SIGTERM or SIGINT also before, and when the
/// terminal is closed. The services may
/// reach `foreign` ports too, those of others who try things out on this machine.
///
/// # Errors
/// A service does not start or stop, or what was to be done fails.
pub async fn run(
    folder: &Path,
    foreign: &[u16],
    work: impl AsyncFnOnce(&Stack, &Founded, &CancellationToken) -> Result<()>,
) -> Result<()> {
    let stop = service::stop_on_signal()?;
    stop_with_the_terminal(&stop)?;
    if !folder.join(LEDGER).exists() {
        clear(folder)?;
    }
    let mut stack = Stack::on(folder)?;
    let started = tokio::select! {
        started = start(&mut stack, foreign) => started.map(Some),
        () = stop.cancelled() => Ok(None),
    };
    let ran = match started {
        Ok(Some(founded)) => work(&stack, &founded, &stop).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    ran.and(stack.stop_all().await)
}

/// Stops when the terminal is closed (SIGHUP), unless whoever started us has
/// asked that it be ignored, as `nohup` does.
fn stop_with_the_terminal(stop: &CancellationToken) -> Result<()> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if ignores_hangup(&status) {
        return Ok(());
    }
    let mut hangup = signal(SignalKind::hangup())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        hangup.recv().await;
        stop.cancel();
    });
    Ok(())
}

/// Reads the mask of ignored signals: the lowest bit is signal 1, SIGHUP.
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

/// Starts everything, tells when all answer, and keeps it running until a signal.
///
/// # Errors
/// As [`run`].
pub async fn up(folder: &Path, foreign: &[u16], announce: Announce) -> Result<()> {
    run(folder, foreign, async |stack, founded, stop| {
        tell(stack, founded, foreign, announce)?;
        stop.cancelled().await;
        Ok(())
    })
    .await
}

async fn start(stack: &mut Stack, foreign: &[u16]) -> Result<Founded> {
    let ledger = start_services(stack, foreign).await?;
    let operators = stack.operators().await?;
    let somebody = stack.somebody(PEOPLE)?;
    let letter = stack.letter(NEWCOMER).await?;
    Ok(Founded {
        ledger,
        operators,
        somebody,
        letter,
    })
}

async fn start_services(stack: &mut Stack, foreign: &[u16]) -> Result<Ledger> {
    let services = SERVICES;
    let ledger_services = [&WITNESSES[..], &["mirror", "log"]].concat();
    let known = stack.layout().of(LEDGER);
    if known.exists() {
        for service in [&ledger_services[..], &services[..]].concat() {
            allow_ports(stack, service, foreign)?;
        }
        stack.start_all(&[&ledger_services[..], &services[..]].concat()).await?;
        return Ok(serde_json::from_slice(&std::fs::read(&known)?)?);
    }
    let ledger = stack.found_ledger().await?;
    stack.start_all(&ledger_services).await?;
    stack.accredited_agency(Agency::Population, TYPES).await?;
    stack
        .accredited_agency(Agency::Transport, Agency::Transport.types())
        .await?;
    for agency in [Agency::Population, Agency::Transport] {
        stack.publish_services(agency).await?;
    }
    stack.registered_shop(ISSUERS).await?;
    let people = generate_people(stack.layout(), PEOPLE).await?;
    stack.import_people(Agency::Population, &people).await?;
    let people = generate_people(stack.layout(), FEW).await?;
    stack.import_people(Agency::Transport, &people).await?;
    for service in services {
        allow_ports(stack, service, foreign)?;
    }
    // Wallets are told of both folders, and expect to find them.
    std::fs::create_dir_all(stack.layout().issuer_anchors())?;
    std::fs::create_dir_all(stack.layout().business_anchors())?;
    stack.start_all(&services).await?;
    // Written last: where it is missing, `up` was cut off and begins anew.
    std::fs::write(&known, serde_json::to_vec_pretty(&ledger)?)?;
    Ok(ledger)
}

fn allow_ports(stack: &Stack, service: &str, foreign: &[u16]) -> Result<()> {
    Settings::read(service, stack.layout())?
        .allow_ports(stack.layout(), foreign)
        .write(service, stack.layout())
}

fn tell(stack: &Stack, founded: &Founded, foreign: &[u16], announce: Announce) -> Result<()> {
    if announce == Announce::Json {
        println!("{}", announcement(stack, founded, foreign)?);
        return Ok(());
    }
    for name in [
        "log",
        "mirror",
        "population",
        "transport",
        "sign-in",
        "attester",
        "shop",
    ] {
        println!("{name:<12} {}", stack.layout().url(name)?);
    }
    println!("data         {}\nStop with Ctrl-C.", stack.layout().folder().display());
    Ok(())
}

/// The line that programs read: version 1 of an interface that is kept.
fn announcement(stack: &Stack, founded: &Founded, foreign: &[u16]) -> Result<Value> {
    let ledger = &founded.ledger;
    let operators = |service: &str| {
        let all = founded.operators.iter();
        all.filter(|one| one.service == service).collect::<Vec<_>>()
    };
    let layout = stack.layout();
    let ops =
        |service: &str| Ok::<_, anyhow::Error>(format!("http://localhost:{}", stack.port(&format!("{service}-ops"))?));
    let (issuer, verifier) = (stack.agency(Agency::Population)?, stack.business(Business::Shop)?);
    let transport = stack.agency(Agency::Transport)?;
    let ports = [layout.ports().all(), foreign.to_vec()].concat();
    let cosigner = |name: &str, (vkey, url): &(String, String)| {
        Ok::<_, anyhow::Error>(json!({"url": url, "vkey": vkey, "ops_url": ops(name)?}))
    };
    let witnesses = WITNESSES.iter().zip(&ledger.witnesses);
    let witnesses = witnesses.map(|(name, known)| cosigner(name, known));
    Ok(json!({
        "version": 1,
        "data_dir": layout.folder(),
        "trust_pack": layout.trust_pack(),
        "ledger": {
            "url": layout.url("log")?, "vkey": ledger.vkey, "policy_file": ledger.policy_file,
            "admin_token": ledger.admin_token, "ops_url": ops("log")?,
        },
        "witnesses": witnesses.collect::<Result<Vec<_>>>()?,
        "issuer": {
            "url": issuer.url, "token": issuer.token, "ca_file": stack.authority(Agency::Population),
            "ops_url": ops("population")?, "operators": operators("population"),
        },
        "lists": { "url": layout.url("population-status")?, "ops_url": ops("population-status")? },
        "transport": { "url": transport.url, "token": transport.token, "ops_url": ops("transport")? },
        "sign_in": {
            "url": layout.url("sign-in")?, "ops_url": ops("sign-in")?, "config": layout.config("sign-in"),
        },
        "attester": { "url": layout.url("attester")?, "ops_url": ops("attester")? },
        "verifier": {
            "url": verifier.url, "token": verifier.token, "ca_file": stack.business_authority(Business::Shop),
            "ops_url": ops("shop")?, "checks": stack.check_ids(Business::Shop)?,
            "trusted_issuers_dir": layout.issuer_anchors(), "operators": operators("shop"),
            "shop_url": format!("{}/shop", verifier.url), "provisioning_token": stack.provisioning_token()?,
        },
        "portal": {
            "url": format!("{}/portal", layout.url("log")?), "operators": operators("log"), "letter": founded.letter,
        },
        "mirror": cosigner("mirror", &ledger.mirror)?,
        "wallet": {
            "trust_pack": layout.trust_pack(), "ports": ports, "attester_url": layout.url("attester")?,
            "issuer_anchors": layout.issuer_anchors(), "verifier_anchors": layout.business_anchors(),
        },
        "pids": stack.pids(),
    }))
}

#[cfg(test)]
mod tests {
    use super::ignores_hangup;

    #[test]
    fn a_hangup_that_is_ignored_stays_ignored() {
        assert!(ignores_hangup("Name:\tx\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hangup("SigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangup(""));
    }
}
