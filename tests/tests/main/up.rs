//! `up --json`: one line once all answer, and a clean stop.

#[path = "../../../xtask/src/told.rs"]
mod told;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn start(folder: &std::path::Path) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_holdfast-story"))
        .args(["up", "--json", "--allow-port", "61001", "--data-dir"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (_, told) = told::first_line(&mut child).unwrap();
    (child, told)
}

fn stop(mut child: Child) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

fn alive(pid: &Value) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A process that has ended and was not waited for is a zombie: `Z`.
    status
        .rsplit(')')
        .next()
        .is_some_and(|rest| !rest.trim_start().is_empty() && !rest.trim_start().starts_with('Z'))
}

#[test]
fn one_line_tells_everything_and_everything_stops() {
    let folder = tempfile::tempdir().unwrap();
    let (child, told) = start(folder.path());
    assert_eq!(told["version"], 1);
    for pointer in [
        "/data_dir",
        "/trust_pack",
        "/ledger/url",
        "/ledger/vkey",
        "/ledger/policy_file",
        "/ledger/admin_token",
        "/witnesses/0/url",
        "/witnesses/2/vkey",
        "/issuer/url",
        "/issuer/token",
        "/issuer/ca_file",
        "/issuer/ops_url",
        "/verifier/url",
        "/verifier/token",
        "/verifier/ca_file",
        "/verifier/ops_url",
        "/verifier/checks/0",
        "/verifier/provisioning_token",
        "/portal/url",
        "/portal/letter",
        "/portal/operators/1/password",
        "/ledger/ops_url",
        "/witnesses/2/ops_url",
        "/lists/url",
        "/lists/ops_url",
        "/transport/ops_url",
        "/attester/ops_url",
        "/sign_in/ops_url",
        "/mirror/ops_url",
        "/mirror/url",
        "/mirror/vkey",
        "/wallet/trust_pack",
        "/wallet/attester_url",
        "/transport/url",
        "/transport/token",
        "/sign_in/url",
        "/attester/url",
    ] {
        assert!(
            told.pointer(pointer).is_some_and(Value::is_string),
            "{pointer} in {told}"
        );
    }
    for pointer in [
        "/trust_pack",
        "/ledger/policy_file",
        "/issuer/ca_file",
        "/verifier/ca_file",
    ] {
        let path = told.pointer(pointer).and_then(Value::as_str).unwrap();
        assert!(std::path::Path::new(path).is_file(), "{path}");
    }
    let pids: Vec<Value> = told["pids"].as_object().unwrap().values().cloned().collect();
    assert!(pids.len() >= 8 && pids.iter().all(alive), "{told}");
    let ports = told["wallet"]["ports"].as_array().unwrap();
    assert!(ports.contains(&Value::from(61_001)), "{told}");
    let settings = std::fs::read_to_string(folder.path().join("shop/config.toml")).unwrap();
    assert!(settings.contains("61001"), "{settings}");
    stop(child);
    let end = Instant::now() + Duration::from_secs(5);
    while pids.iter().any(alive) {
        assert!(Instant::now() < end, "something still runs");
        std::thread::sleep(Duration::from_millis(50));
    }
    // The same again on what is there: same ports, same ledger.
    let (child, again) = start(folder.path());
    assert_eq!(again["ledger"], told["ledger"]);
    assert_eq!(again["issuer"], told["issuer"]);
    stop(child);
}
