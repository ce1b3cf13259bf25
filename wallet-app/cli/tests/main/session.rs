//! `session`: commands in lines, in a wallet that is opened once.

use crate::profile::Profile;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

/// What a session answers to these lines, one object each, and how it ends.
fn session(profile: &Profile, lines: &[String]) -> (Vec<Value>, i32) {
    let mut process = profile
        .command()
        .arg("session")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut input = process.stdin.take().expect("stdin");
    for line in lines {
        writeln!(input, "{line}").expect("read");
    }
    drop(input);
    let output = process.wait_with_output().expect("ended");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert_eq!(answers.pop().expect("the last answer")["code"], "closed");
    (answers, output.status.code().expect("exit code"))
}

/// How each would have ended as a process, and its code.
fn ends(answers: &[Value]) -> Vec<(u64, &str)> {
    let end = |answer: &'_ Value| answer["exit"].as_u64().expect("exit");
    for answer in answers {
        assert_eq!(answer["ok"], end(answer) == 0, "{answer}");
    }
    answers
        .iter()
        .map(|answer| (end(answer), answer["code"].as_str().expect("code")))
        .collect()
}

#[tokio::test]
async fn each_line_is_answered_as_the_command_alone_would_be() {
    let profile = Profile::empty().await;
    let init = [profile.init_arguments(), vec!["--password-only".to_owned()]].concat();
    let lines = [
        json!(["list"]),
        json!(init),
        json!(init),
        json!(["list"]),
        json!(["show", "no-such-card"]),
        json!(["present", "openid4vp://?client_id=x&nonce=n", "--consent", "yes"]),
        json!(["history"]),
    ]
    .map(|line| line.to_string());
    let (answers, exit) = session(&profile, &lines);
    assert_eq!(
        ends(&answers),
        [
            (2, "not_set_up"),
            (0, "created"),
            (2, "already_set_up"),
            (0, "ok"),
            (2, "no_such_card"),
            (4, "invalid_request"),
            (0, "ok"),
        ]
    );
    assert_eq!((&answers[3]["cards"], exit), (&json!([]), 0));
    let alone = profile.run(&["show", "no-such-card"]);
    assert_eq!(alone.json["message"], answers[4]["message"]);
}

#[tokio::test]
async fn a_line_that_is_no_command_stops_nothing() {
    let profile = Profile::new().await;
    let lines = ["", "list", "{}", "[1]", "[\"session\"]", "[\"--help\"]", "[\"list\"]"].map(str::to_owned);
    let (answers, exit) = session(&profile, &lines);
    let refused = (2, "usage");
    assert_eq!(
        ends(&answers),
        [refused, refused, refused, refused, refused, refused, (0, "ok")]
    );
    assert_eq!(exit, 0);
}

#[tokio::test]
async fn a_wrong_pin_opens_nothing_for_anybody_after_it() {
    let profile = Profile::new().await;
    profile.set_pin("white heron by the weir");
    let lines = [json!(["list"]).to_string(), json!(["history"]).to_string()];
    let (answers, _) = session(&profile, &lines);
    assert!(answers.iter().all(|answer| answer["exit"] == 7), "{answers:?}");
}
