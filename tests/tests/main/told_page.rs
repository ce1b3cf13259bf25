//! docs/start-your-own.md as it stands: every file and every command of sections 1 to 6, in their order, by real
//! programs. Ports are others, since the page's may be taken; where the page has a person press a button or say yes,
//! the offer and the question come from the interface, and the answer from the command line.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use e2e::http::{Http, eventually};
use e2e::ports::Ports;
use e2e::process::binaries;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::pages_say::{page, words};

const PAGE: &str = "docs/start-your-own.md";
/// Those of the page, and of the operations listeners of what its commands make.
const PORTS: [&str; 15] = [
    "7100", "7101", "7110", "7111", "7120", "7121", "7130", "7131", "7140", "7141", "7200", "7201", "7210", "7300",
    "7301",
];
/// What the page has in the place of a token.
const TOKEN_OF_THE_PAGE: &str = "a long random text of your own";
const TOKEN: &str = "kelp-holds-on-to-rock-0815";
/// How long programs may take to be ready.
const READY: Duration = Duration::from_secs(90);

enum Step {
    File(String, String),
    Command(String),
}

/// What the page says to write and to type, but for real use.
fn steps(text: &str) -> Vec<Step> {
    let (mut rest, _) = text.split_once("\n## For real").expect("the last section");
    let mut steps = Vec::new();
    while let Some((before, after)) = rest.split_once("```") {
        let (kind, after) = after.split_once('\n').expect("a block");
        let (block, after) = after.split_once("```").expect("its end");
        if kind == "toml" {
            let name = before.trim_end().rsplit('`').nth(1).expect("the name of a file");
            steps.push(Step::File(name.to_owned(), block.to_owned()));
        } else if kind == "sh" {
            let block = block.replace("\\\n", " ");
            steps.extend(block.lines().map(|line| Step::Command(line.to_owned())));
        }
        rest = after;
    }
    steps
}

/// The same with the ports of this run.
fn with_ports(text: &str, ports: &Ports) -> String {
    let (mut told, mut digits) = (String::new(), String::new());
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        match ports.port(&digits) {
            Ok(port) => told.push_str(&port.to_string()),
            Err(_) => told.push_str(&digits),
        }
        digits.clear();
        told.push(c);
    }
    told.pop();
    told
}

/// Whoever follows the page.
struct Telling {
    town: PathBuf,
    ports: Ports,
    http: Http,
    running: Vec<Child>,
    /// Operations listeners of what was started, and may not be ready.
    starting: Vec<u16>,
    tx_code: String,
    session: Option<String>,
    verdicts: Vec<Value>,
}

impl Telling {
    fn begin(town: &Path) -> Self {
        let ports = Ports::of(town, &PORTS).expect("ports");
        for (file, secret) in [
            ("passphrase", "grey heron by the weir"),
            ("clerk-password", "stamps and ink on oak"),
            ("staff-password", "a till by the water"),
        ] {
            let file = town.join(file);
            std::fs::write(&file, secret).expect("written");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("private");
        }
        Self {
            town: town.to_owned(),
            http: Http::new(&ports).expect("a client"),
            ports,
            running: Vec::new(),
            starting: Vec::new(),
            tx_code: String::new(),
            session: None,
            verdicts: Vec::new(),
        }
    }

    async fn follow(&mut self, step: Step) {
        match step {
            Step::File(name, text) => {
                let text = text.replace(TOKEN_OF_THE_PAGE, TOKEN);
                std::fs::write(self.town.join(name), with_ports(&text, &self.ports)).expect("written");
            }
            Step::Command(line) => {
                let words = words(&with_ports(&line, &self.ports));
                self.command(&words).await;
            }
        }
    }

    async fn command(&mut self, words: &[String]) {
        let has = |word: &str| words.iter().any(|one| one == word);
        match words.first().map(String::as_str) {
            // The folder is there; what a terminal is asked has tests of its own.
            None | Some("mkdir") if words.is_empty() || has("&&") => {}
            Some("mkdir") => std::fs::create_dir(self.town.join(&words[1])).expect("a folder"),
            _ if has("--ask") => {}
            _ if has("serve") => self.serve(words),
            _ if has("REQUEST") => self.present(words).await,
            _ => {
                self.are_ready().await;
                self.types(words).await;
            }
        }
    }

    fn serve(&mut self, words: &[String]) {
        let at = words.iter().position(|word| word == "--config").expect("settings");
        let settings = std::fs::read_to_string(self.town.join(&words[at + 1])).expect("settings");
        let settings: toml::Table = settings.parse().expect("TOML");
        let listener = settings["ops_listen"].as_str().expect("a listener");
        let port = listener.rsplit(':').next().expect("a port").parse();
        self.starting.push(port.expect("a port"));
        let child = self.program(words).stdout(Stdio::null()).spawn();
        self.running.push(child.expect("started"));
    }

    async fn are_ready(&mut self) {
        for port in std::mem::take(&mut self.starting) {
            let (http, url) = (&self.http, &format!("http://localhost:{port}/readyz"));
            let ask = || async move {
                let status = http.get(url).await?.status();
                anyhow::ensure!(status.is_success(), "{url}: {status}");
                Ok(())
            };
            eventually(READY, ask).await.expect("ready");
        }
    }

    fn program(&self, words: &[String]) -> Command {
        let mut command = Command::new(binaries().expect("programs").join(&words[0]));
        command
            .args(&words[1..])
            .current_dir(&self.town)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Types a command, and waits for its end.
    async fn types(&mut self, words: &[String]) -> Output {
        let mut typed = Vec::new();
        for word in words {
            typed.push(match word.as_str() {
                "OFFER" => self.offer().await,
                "CODE" => self.tx_code.clone(),
                "REQUEST" => self.request().await,
                "ask" => "yes".to_owned(),
                word => word.to_owned(),
            });
        }
        if words.iter().any(|word| word == "--ecosystem") {
            typed.extend(["--confirm", "yes"].map(str::to_owned));
        }
        let output = self.program(&typed).output().await.expect("started");
        assert!(output.status.success(), "{}: {output:?}", typed.join(" "));
        output
    }

    fn url(&self, host: &str, port: &str, path: &str) -> String {
        format!(
            "http://{host}.localhost:{}{path}",
            self.ports.port(port).expect("a port")
        )
    }

    /// What the clerk copies from the page of the office.
    async fn offer(&mut self) -> String {
        let wanted = json!({ "credential_type": "person-identification", "subject": "SYN-000003", "tx_code": true });
        let url = self.url("office", "7200", "/api/v1/offers");
        let offer = self.http.post_json(&url, TOKEN, &wanted).await.expect("an offer");
        self.tx_code = offer["tx_code"].as_str().expect("a code").to_owned();
        offer["offer_uri"].as_str().expect("a link").to_owned()
    }

    fn shops_token(&self) -> String {
        let file = self.town.join("shop/identity/api-token");
        std::fs::read_to_string(file).expect("a token").trim().to_owned()
    }

    /// What staff copy from the desk.
    async fn request(&mut self) -> String {
        let url = self.url("shop", "7300", "/api/v1/checks/age-18/sessions");
        let opened = self.http.post_json(&url, &self.shops_token(), &json!({})).await;
        let opened = opened.expect("a session");
        self.session = opened["id"].as_str().map(str::to_owned);
        opened["request_uri"].as_str().expect("a link").to_owned()
    }

    /// Shows the card. A verifier that has just begun may not have every status list: then once more.
    async fn present(&mut self, words: &[String]) {
        self.are_ready().await;
        for _ in 0..4 {
            self.types(words).await;
            let session = self.session.take().expect("a session");
            let url = self.url("shop", "7300", &format!("/api/v1/sessions/{session}"));
            let outcome = self.http.get_json(&url, &self.shops_token()).await;
            let verdict = outcome.expect("an outcome")["verdict"].clone();
            self.verdicts.push(verdict.clone());
            if verdict != "could_not_check" {
                return;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}

#[tokio::test]
async fn the_page_works_as_it_stands() {
    let town = tempfile::tempdir().expect("a folder");
    let mut telling = Telling::begin(town.path());
    let steps = steps(&page(PAGE));
    assert!(steps.len() > 25, "only {} steps were found", steps.len());
    for step in steps {
        telling.follow(step).await;
    }
    assert_eq!(telling.verdicts.last(), Some(&json!("yes")), "{:?}", telling.verdicts);
}
