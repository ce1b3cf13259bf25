//! Group L: a configuration that is not good keeps the service from starting,
//! with one line that names the key.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use test_case::test_case;

use crate::world::CHECKS;

const GOOD: &str = r#"
public_url = "https://shop.example"
listen = "127.0.0.1:0"
ops_listen = "127.0.0.1:0"
ledger_url = "https://ledger.example"
"#;

/// A folder with this configuration, the checks and nothing else.
fn folder(configuration: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("verifier.toml"), configuration).unwrap();
    std::fs::write(folder.path().join("checks.toml"), CHECKS).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdfast-verifier"))
        .current_dir(folder)
        .args(arguments)
        .args(["--config", "verifier.toml"])
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

#[track_caller]
fn assert_refused(output: &Output, named: &str) {
    let line = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(line.contains(named), "{line}");
}

#[test]
fn l6_verifier_good_configuration() {
    let folder = folder(GOOD);
    assert!(run(folder.path(), &["check-config"], &[]).status.success());
}

#[test_case("https://shop.example", "http://shop.example", "public_url" ; "http address")]
#[test_case("ledger_url =", "ledgr_url =", "ledgr_url" ; "unknown key")]
#[test_case("ledger_url = \"https://ledger.example\"", "ledger_url = ", "TOML" ; "bad toml")]
#[test_case("listen = \"127.0.0.1:0\"", "listen = \"here\"", "listen" ; "no address")]
#[test_case("ledger_url", "client_id = \"redirect_uri\"\nledger_url", "client_id" ; "unknown client id")]
fn l6_verifier_bad_configuration(from: &str, to: &str, named: &str) {
    let folder = folder(&GOOD.replacen(from, to, 1));
    for command in ["check-config", "serve"] {
        assert_refused(&run(folder.path(), &[command], &[]), named);
    }
}

#[test_case("[shop]\ncheck = \"nowhere\"\n", "nowhere" ; "shop without its check")]
#[test_case("[shop]\nchek = \"adult\"\n", "check" ; "shop with another key")]
#[test_case("[lan]\nlisten = \"everywhere\"\n", "listen" ; "no address in the local network")]
fn l6_verifier_bad_tables(table: &str, named: &str) {
    let folder = folder(&format!("{GOOD}{table}"));
    assert_refused(&run(folder.path(), &["check-config"], &[]), named);
}

#[test]
fn a_business_begins_with_ready_made_checks() {
    let folder = folder(GOOD);
    let checks = folder.path().join("checks.toml");
    let init = |id: &str| {
        let arguments = [
            "init",
            "--name",
            "Shop",
            "--privacy-policy",
            "https://shop.example/privacy",
            "--ready-made",
            "age-18",
            id,
        ];
        run(folder.path(), &arguments, &[])
    };
    assert_refused(&init("resident"), "already");
    assert_eq!(std::fs::read_to_string(&checks).unwrap(), CHECKS, "never over a file");
    std::fs::remove_file(&checks).unwrap();
    assert_refused(&init("nobody"), "nobody");
    assert!(!checks.exists(), "nothing half done");
    let made = init("resident");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(run(folder.path(), &["check-config"], &[]).status.success());
    let printed = String::from_utf8_lossy(&made.stdout).into_owned();
    let application = std::fs::read_to_string(folder.path().join(printed.lines().last().unwrap())).unwrap();
    let application: serde_json::Value = serde_json::from_str(&application).unwrap();
    let purposes = application["scope"]["purposes"].as_array().unwrap();
    let ids: Vec<&str> = purposes.iter().map(|purpose| purpose["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["age-18", "resident"]);
    assert!(purposes.iter().all(|purpose| purpose["rule"].is_string()));
}

#[test]
fn l6_verifier_operators() {
    let folder = folder(GOOD);
    let file = folder.path().join("password");
    service::files::write_private(&file, b"correct horse battery staple").unwrap();
    let add = [
        "operator",
        "add",
        "Ada",
        "--role",
        "staff",
        "--password-file",
        "password",
    ];
    assert!(run(folder.path(), &add, &[]).status.success());
    assert_refused(&run(folder.path(), &add, &[]), "already");
    let listed = run(folder.path(), &["operator", "list"], &[]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "ada\tstaff\n");
    assert!(run(folder.path(), &["operator", "remove", "ada"], &[]).status.success());
    assert_refused(&run(folder.path(), &["operator", "remove", "ada"], &[]), "no operator");
    let readable = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&file, readable).unwrap();
    assert_refused(&run(folder.path(), &add, &[]), "0600");
}

#[test]
fn l6_verifier_unknown_key_in_the_environment() {
    let folder = folder(GOOD);
    assert_refused(
        &run(folder.path(), &["check-config"], &[("HOLDFAST__sesion_s", "1")]),
        "sesion_s",
    );
}

#[test]
fn l6_verifier_missing_and_default_secret() {
    let folder = folder(GOOD);
    assert_refused(&run(folder.path(), &["serve"], &[]), "keys.json");
    let made = run(folder.path(), &["init", "--name", "Shop"], &[]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let token = folder.path().join("verifier-data/identity/api-token");
    service::files::write_private(&token, b"changeme-changeme").unwrap();
    std::fs::write(folder.path().join("trust-pack.json"), "{}").unwrap();
    assert_refused(&run(folder.path(), &["serve"], &[]), "placeholder");
    std::fs::remove_file(&token).unwrap();
    assert_refused(&run(folder.path(), &["serve"], &[]), "api-token");
}
