//! All services in the foreground, for others to build on.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use service::CancellationToken;

use super::parties::{Agency, Business};
use super::settings::{Settings, path};
use super::{Ledger, Operator, Stack, WITNESSES, clear, generate_people};

/// How many people the register of a new stack gets.
const PEOPLE: usize = 10_000;
/// Everything this agency of a new stack issues.
const TYPES: &[&str] = &[
    "person-identification",
    "residence",
    "driving-licence",
    "business-representative",
];
/// Whose cards count at the shop of a new stack.
const ISSUERS: &[&str] = &["accredited", "x5c"];

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
}

/// Starts everything on a data folder, made on first use, does something with
/// it, and stops everything; on SIGTERM or SIGINT also before. The services may
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
    Ok(Founded {
        ledger,
        operators,
        somebody,
    })
}

async fn start_services(stack: &mut Stack, foreign: &[u16]) -> Result<Ledger> {
    let services = ["population", "population-status", "shop"];
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
    stack.found_agency(Agency::Population, TYPES).await?;
    let application = path(&stack.agency_application(Agency::Population));
    stack
        .registrar(&["accredit", "--application", &application])
        .await?
        .success()?;
    stack.found_business(Business::Shop, ISSUERS).await?;
    let application = path(&stack.business_application(Business::Shop));
    stack
        .registrar(&["register-business", "--application", &application])
        .await?
        .success()?;
    let people = generate_people(stack.layout(), PEOPLE).await?;
    stack.import_people(Agency::Population, &people).await?;
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
    for name in ["log", "mirror", "population", "shop"] {
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
    let ports = [layout.ports().all(), foreign.to_vec()].concat();
    let cosigner = |name: &str, (vkey, url): &(String, String)| {
        Ok::<_, anyhow::Error>(json!({"url": url, "vkey": vkey, "ops_url": ops(name)?}))
    };
    let witnesses = WITNESSES.iter().zip(&ledger.witnesses);
    let witnesses: Vec<Value> = witnesses
        .map(|(name, known)| cosigner(name, known))
        .collect::<Result<_>>()?;
    Ok(json!({
        "version": 1,
        "data_dir": layout.folder(),
        "trust_pack": layout.trust_pack(),
        "ledger": {
            "url": layout.url("log")?, "vkey": ledger.vkey, "policy_file": ledger.policy_file,
            "admin_token": ledger.admin_token, "ops_url": ops("log")?,
        },
        "witnesses": witnesses,
        "issuer": {
            "url": issuer.url, "token": issuer.token, "ca_file": stack.authority(Agency::Population),
            "ops_url": ops("population")?, "status_url": layout.url("population-status")?, "operators": operators("population"),
        },
        "verifier": {
            "url": verifier.url, "token": verifier.token, "ca_file": stack.business_authority(Business::Shop),
            "ops_url": ops("shop")?, "checks": stack.check_ids(Business::Shop)?,
            "trusted_issuers_dir": layout.issuer_anchors(), "operators": operators("shop"),
            "shop_url": format!("{}/shop", verifier.url),
        },
        "mirror": cosigner("mirror", &ledger.mirror)?,
        "wallet": {
            "trust_pack": layout.trust_pack(), "ports": ports,
            "issuer_anchors": layout.issuer_anchors(), "verifier_anchors": layout.business_anchors(),
        },
        "pids": stack.pids(),
    }))
}
