//! With a real keyring on a session bus of its own, where the machine has the programs for it.

use crate::profile::{Answer, Profile};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

/// Runs a script of wallet commands inside a private bus with an unlocked keyring; `W` is the wallet.
fn inside_a_session(profile: &Profile, script: &str) -> Option<Vec<Answer>> {
    let present = |name: &str| {
        Command::new("which")
            .arg(name)
            .output()
            .is_ok_and(|found| found.status.success())
    };
    if !present("dbus-run-session") || !present("gnome-keyring-daemon") {
        println!("SKIPPED: dbus-run-session and gnome-keyring-daemon are not here");
        return None;
    }
    let run = profile.path("run");
    std::fs::create_dir(&run).expect("folder");
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o700)).expect("mode");
    let wallet = format!(
        "{} --json --profile {} --pin-file {}",
        env!("CARGO_BIN_EXE_holdfast-wallet"),
        profile.path("profile").display(),
        profile.path("pin").display()
    );
    let script = format!(
        "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\nW() {{ {wallet} \"$@\"; echo \"exit $?\"; }}\n{script}"
    );
    let output = Command::new("dbus-run-session")
        .args(["--", "bash", "-c", &script])
        .env("HOME", profile.path(""))
        .env("XDG_RUNTIME_DIR", &run)
        .env("XDG_DATA_HOME", profile.path("share"))
        .output()
        .expect("started");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let answers = lines.chunks(2).map(|pair| Answer {
        json: serde_json::from_str(pair[0]).expect("json"),
        exit: pair[1].strip_prefix("exit ").expect("exit").parse().expect("number"),
    });
    Some(answers.collect())
}

#[tokio::test]
async fn half_of_the_key_lies_in_the_keyring() {
    let profile = Profile::empty().await;
    profile.set_pin("402918");
    let init = profile.init_arguments().join(" ");
    let script = format!("W {init}\nW list");
    let Some(answers) = inside_a_session(&profile, &script) else {
        return;
    };
    assert_eq!(answers[0].code(), (0, "created"));
    assert_eq!(answers[0].json["protection"], "keyring");
    assert_eq!(answers[1].code(), (0, "ok"));
    // The same folder without that keyring opens nothing.
    assert_eq!(profile.run(&["list"]).code(), (7, "keyring_unavailable"));
}
