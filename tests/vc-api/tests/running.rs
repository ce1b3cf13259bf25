//! A process of the adapter, found by the configuration that it prints for the suites.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use http::StatusCode;
use jose::VerifyingKey;
use outbound::{Client, Limits, Policy, Request};
use serde_json::{Value, json};
use vc_api::ProblemType;
use w3c_vc::{HolderKey, TrustedIssuer};

pub(crate) const ECDSA: &str = "ecdsa-rdfc-2019";
pub(crate) const EDDSA: &str = "eddsa-rdfc-2022";
pub(crate) const STATUS_LIST: &str = "BitstringStatusList";

pub(crate) struct Running {
    process: Child,
    client: Client,
    /// What a suite reads: `implementations[0]` of `localConfig.cjs`.
    pub(crate) implementation: Value,
}

impl Running {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_holdfast-vc-api"))
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut config = String::new();
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            config += &line.unwrap();
            if config.ends_with("};") {
                break;
            }
        }
        let config = config.strip_prefix("module.exports = ").unwrap().trim_end_matches(';');
        let config: Value = serde_json::from_str(config).unwrap();
        let implementation = config["implementations"][0].clone();
        let verifier: url::Url = implementation["verifiers"][0]["endpoint"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let ports = vec![verifier.port().unwrap()];
        Self {
            process,
            client: Client::new(Policy::Development { ports }).unwrap(),
            implementation,
        }
    }

    /// The issuer with this tag.
    fn issuer(&self, tag: &str) -> &Value {
        let mut issuers = self.implementation["issuers"].as_array().unwrap().iter();
        issuers
            .find(|issuer| issuer["tags"].as_array().unwrap().contains(&json!(tag)))
            .unwrap()
    }

    /// Whom this issuer signs as.
    pub(crate) fn issuer_id(&self, tag: &str) -> &str {
        self.issuer(tag)["id"].as_str().unwrap()
    }

    /// The issuer with this tag and its key.
    pub(crate) fn trusted(&self, tag: &str) -> TrustedIssuer {
        let issuer = HolderKey::from_id(self.issuer_id(tag)).unwrap();
        let key = VerifyingKey::new(issuer.key()).unwrap();
        TrustedIssuer::new(issuer.did(), [(issuer.method().to_owned(), key)])
    }

    pub(crate) async fn issue(&self, tag: &str, credential: &Value) -> (StatusCode, Value) {
        let endpoint = &self.issuer(tag)["endpoint"];
        self.post(endpoint, json!({"credential": credential, "options": {}}))
            .await
    }

    /// A credential that has to be issued.
    pub(crate) async fn issued(&self, tag: &str, credential: &Value) -> Value {
        let (status, mut answer) = self.issue(tag, credential).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["verifiableCredential"].take()
    }

    pub(crate) async fn verify(&self, credential: &Value) -> (StatusCode, Value) {
        let endpoint = &self.implementation["verifiers"][0]["endpoint"];
        let request = json!({"verifiableCredential": credential, "options": {"checks": ["proof"]}});
        self.post(endpoint, request).await
    }

    pub(crate) async fn verify_presentation(&self, presentation: &Value, options: Value) -> (StatusCode, Value) {
        let endpoint = &self.implementation["vpVerifiers"][0]["endpoint"];
        let request = json!({"verifiablePresentation": presentation, "options": options});
        self.post(endpoint, request).await
    }

    /// What is published under this URL.
    pub(crate) async fn get(&self, url: &str) -> Value {
        let request = Request::get(url.parse().unwrap());
        let response = self.client.send(request, &Limits::MESSAGE).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        serde_json::from_slice(response.body()).unwrap()
    }

    pub(crate) async fn post(&self, endpoint: &Value, body: Value) -> (StatusCode, Value) {
        self.post_text(endpoint, &body.to_string()).await
    }

    pub(crate) async fn post_text(&self, endpoint: &Value, body: &str) -> (StatusCode, Value) {
        let url = endpoint.as_str().unwrap().parse().unwrap();
        let request = Request::post(url, "application/json", body);
        let response = self.client.send(request, &Limits::MESSAGE).await.unwrap();
        let answer = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status(), answer)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a suite takes for a yes.
pub(crate) fn assert_verified(answer: &(StatusCode, Value)) {
    let (status, answer) = answer;
    assert_eq!(*status, StatusCode::OK, "{answer}");
    assert_eq!(*answer, json!({"verified": true, "problemDetails": []}));
}

/// And for a no, of one type.
pub(crate) fn assert_refused(answer: &(StatusCode, Value), kind: ProblemType) {
    let (status, answer) = answer;
    assert_eq!(*status, StatusCode::BAD_REQUEST, "{answer}");
    assert_eq!(answer["verified"], false);
    let problems = answer["problemDetails"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{answer}");
    assert_problem(&problems[0], kind);
}

pub(crate) fn assert_problem(problem: &Value, kind: ProblemType) {
    assert_eq!(problem["type"], kind.url(), "{problem}");
    let texts = ["title", "detail"].map(|name| problem[name].as_str().unwrap_or_default());
    assert!(texts.iter().all(|text| !text.is_empty()), "{problem}");
}
