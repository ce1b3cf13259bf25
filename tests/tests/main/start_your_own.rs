//! docs/start-your-own.md, as far as it is about the ledger: made by one command, run with the settings that it wrote,
//! checked by anybody, and taken into a wallet by its printed code.

use std::path::Path;
use std::time::Duration;

use e2e::ports::Ports;
use e2e::process::{Program, Service, run};
use serde_json::Value;

/// Each operations listener has the port after that of its service.
const LISTENERS: [&str; 6] = ["log", "log-ops", "witness", "witness-ops", "mirror", "mirror-ops"];

fn service(name: &str, binary: &'static str, before: &[&str], config: &str, folder: &Path) -> Service {
    let arguments = [before, &["serve", "--config", config]].concat();
    let program = Program {
        name: name.to_owned(),
        binary,
        arguments: arguments.into_iter().map(str::to_owned).collect(),
        ops_port: None,
    };
    let mut service = Service::new(program, folder);
    service.start().expect("started");
    service
}

async fn told(binary: &str, arguments: &[&str]) -> Value {
    let finished = run(binary, arguments, &[]).await.expect("run");
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|_| panic!("{finished:?}"))
}

/// Until a quorum has signed what is published.
async fn holds(url: &str, pack: &str) -> bool {
    for _ in 0..120 {
        let checked = run("holdfast-anchor", &["verify", url, "--trust-pack", pack], &[]).await;
        if checked.expect("run").status.success() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    false
}

#[tokio::test]
async fn a_ledger_that_one_command_made_runs_and_begins_a_wallet() {
    let folder = tempfile::tempdir().expect("a folder");
    let ports = Ports::of(folder.path(), &LISTENERS).expect("ports");
    let host = |name: &str| format!("{name}.localhost:{}", ports.port(name).expect("a port"));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (ledger, config) = (path("ledger"), path("ledger/anchor.toml"));
    let (log, witness, mirror) = (host("log"), host("witness"), host("mirror"));
    let arguments: [[&str; 2]; 6] = [
        ["init", "--test"],
        ["--name", "Town of Weir"],
        ["--folder", &ledger],
        ["--host", &log],
        ["--new-witness", &witness],
        ["--new-mirror", &mirror],
    ];
    let made = told("holdfast-anchor", arguments.as_flattened()).await;
    let pack = made["trust_pack"].as_str().expect("a pack").to_owned();
    let settings = |at: usize| made["cosigners"][at].as_str().expect("settings");
    let mut services = [
        service("witness", "holdfast-witness", &[], settings(0), folder.path()),
        service("mirror", "holdfast-anchor", &["mirror"], settings(1), folder.path()),
        service("log", "holdfast-anchor", &[], &config, folder.path()),
    ];
    assert!(
        holds(&format!("http://{log}"), &pack).await,
        "{}",
        services[2].log_tail()
    );

    let picture = path("link.png");
    let link = told(
        "holdfast-anchor",
        &["pack", "link", "--config", &config, "--picture", &picture],
    )
    .await;
    std::fs::write(path("passphrase"), "grey heron by the weir\n").expect("written");
    let port = ports.port("log").expect("a port").to_string();
    let (profile, pin) = (path("wallet"), path("passphrase"));
    let wallet = ["--json", "--profile", &profile, "--pin-file", &pin];
    let init = ["init", "--password-only", "--development", "--ports", &port];
    let begin = [&wallet[..], &init, &["--ecosystem", &picture, "--confirm", "yes"]].concat();
    assert_eq!(told("holdfast-wallet", &begin).await["code"], "created");
    let listed = told("holdfast-wallet", &[&wallet[..], &["ecosystem", "list"]].concat()).await;
    assert_eq!(listed["ecosystems"][0]["fingerprint"], link["fingerprint"]);
    assert_eq!(listed["ecosystems"][0]["mode"], "test");
    for service in &mut services {
        service.stop().await.expect("stopped");
    }
}
