//! The ledger as a writer sees it: bundles in, submissions out, receipts checked.

use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, StatusCode};
use jose::{UnixTime, base64url, strict_json};
use ledger::{
    BundleError, Clock, Family, FreshnessError, FreshnessLimit, ObjectRecord, OrganisationRecord, PolicyRecord,
    Submission, TrustPack, UnverifiedBundle, UnverifiedRefusal, encode_submissions, in_requests,
};
use outbound::{Client, Limits, OutboundError, Policy, Request};
use serde_json::Value;
use service::Secret;
use tlog::{ProofVerificationError, TransparencyProof, TransparencyProofError};
use url::Url;

/// The answers to the entries of a request, each with a proof.
const ANSWERS: strict_json::Limits = strict_json::Limits::VP_TOKEN;
/// The log answers once there is a quorum; this bounds how long that may take.
const SUBMIT: Limits = Limits::MESSAGE
    .with_total(Duration::from_secs(15))
    .with_body(ANSWERS.bytes);
const BUNDLE: Limits = Limits::MESSAGE.with_body(1024 * 1024);
/// How often a request is sent while the log asks to try again.
const ATTEMPTS: u32 = 10;
/// How long to wait where the log asks to try again.
const PAUSE: Duration = Duration::from_secs(1);

/// A client that believes only what the trust pack lets it believe.
pub struct LedgerClient {
    http: Client,
    base: Url,
    pack: TrustPack,
    token: Option<Secret>,
}

/// A receipt that verified: the entry is in a tree that a quorum has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the entry.
    pub index: u64,
    /// When the quorum had seen it.
    pub time: UnixTime,
}

/// Why the ledger's answer is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The outbound client does not start.
    #[error(transparent)]
    Setup(#[from] outbound::BuildError),
    /// The ledger cannot be reached.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The address of the ledger takes no paths.
    #[error("the ledger's address cannot be used")]
    Address,
    /// The admin token cannot be a header.
    #[error("the admin token cannot be sent")]
    Token,
    /// The bundle proves nothing.
    #[error("the bundle: {0}")]
    Bundle(#[from] BundleError),
    /// The bundle is too old, or this machine's clock is wrong.
    #[error("the bundle: {0}")]
    Freshness(#[from] FreshnessError),
    /// The ledger refused the entry.
    #[error("the ledger refused the entry: {code}{}", reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default())]
    Refused {
        /// The problem's code.
        code: String,
        /// What the ledger says about it.
        reason: Option<String>,
        /// The refusal under the log's signature, base64url; only one that verified. docs/ledger.md §13
        refusal: Option<String>,
    },
    /// Nobody knows what became of the entry: the request that it was in failed, or one before that.
    #[error("there is no answer for the entry, since a request failed")]
    NoAnswer,
    /// The ledger proves no policy.
    #[error("the ledger does not prove its policy")]
    NoPolicy,
    /// The answer is no receipt.
    #[error("the ledger's answer is no receipt")]
    NoReceipt,
    /// The receipt is malformed.
    #[error("the receipt: {0}")]
    ReceiptForm(#[from] TransparencyProofError),
    /// The receipt does not verify: no quorum, or not this entry.
    #[error("the receipt: {0}")]
    Receipt(#[from] ProofVerificationError),
}

impl ClientError {
    /// The refusal under the log's signature, base64url, where the log gave one that verifies.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Refused { refusal, .. } => refusal.as_deref(),
            _ => None,
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } if code == "conflict" => "conflict",
            Self::Refused { code, .. } if code == "not_yet_published" || code == "backlog" => "no_quorum",
            Self::Refused { code, .. } if code == "read_only" => "read_only",
            Self::Refused { .. } => "refused",
            Self::Freshness(FreshnessError::ClockWrong) => "clock_wrong",
            Self::Freshness(_) => "ledger_stale",
            Self::Bundle(_) | Self::NoPolicy | Self::NoReceipt | Self::ReceiptForm(_) | Self::Receipt(_) => {
                "not_proved"
            }
            Self::Setup(_) | Self::Outbound(_) | Self::Address | Self::Token | Self::NoAnswer => "unreachable",
        }
    }
}

impl LedgerClient {
    /// A client of the ledger at `base`.
    ///
    /// # Errors
    /// [`ClientError::Setup`]
    pub fn new(base: Url, pack: TrustPack, policy: Policy, token: Option<Secret>) -> Result<Self, ClientError> {
        Ok(Self {
            http: Client::new(policy)?,
            base,
            pack,
            token,
        })
    }

    /// The log's name, which every signature of a leaf covers.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.pack.origin()
    }

    /// The newest record of an organisation, proved; `None` where the ledger proves that there
    /// is none.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn record(&self, did: &str, now: UnixTime) -> Result<Option<OrganisationRecord>, ClientError> {
        let mut url = self.url(&["bundle"])?;
        url.query_pairs_mut().append_pair("did", did);
        let bundle = self.bundle(&url).await?.verify(&self.pack, did)?;
        check_age(bundle.time(), now)?;
        Ok(bundle.record().cloned())
    }

    /// The newest record of a schema, rule, service, document or release, proved; `None` where the ledger proves that
    /// there is none.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn object(
        &self,
        family: Family,
        subject: &str,
        now: UnixTime,
    ) -> Result<Option<ObjectRecord>, ClientError> {
        let url = self.object_url(family.word().unwrap_or_default(), subject)?;
        let bundle = self.bundle(&url).await?.verify_object(&self.pack, family, subject)?;
        check_age(bundle.time(), now)?;
        Ok(bundle.record().cloned())
    }

    /// The policy in force and its record, proved.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NoPolicy`] where the bundle does not carry it.
    pub async fn policy(&self, now: UnixTime) -> Result<(PolicyRecord, ledger::Policy), ClientError> {
        let url = self.object_url("policy", self.pack.origin())?;
        let bundle = self.bundle(&url).await?.verify_policy(&self.pack)?;
        check_age(bundle.time(), now)?;
        let record = bundle.record().cloned().ok_or(ClientError::NoPolicy)?;
        Ok((record, bundle.policy().ok_or(ClientError::NoPolicy)?))
    }

    fn object_url(&self, family: &str, subject: &str) -> Result<Url, ClientError> {
        let mut url = self.url(&["bundle", "object"])?;
        url.query_pairs_mut()
            .append_pair("family", family)
            .append_pair("subject", subject);
        Ok(url)
    }

    async fn bundle(&self, url: &Url) -> Result<UnverifiedBundle, ClientError> {
        let answer = self.http.get(url, &BUNDLE).await?.success()?;
        Ok(UnverifiedBundle::parse(answer.body())?)
    }

    /// Hands an entry in and checks its receipt.
    ///
    /// # Errors
    /// [`ClientError`]
    pub async fn submit(&self, submission: &Submission) -> Result<Receipt, ClientError> {
        let mut answers = self.submit_all(std::slice::from_ref(submission)).await;
        answers.pop().unwrap_or(Err(ClientError::NoAnswer))
    }

    /// Hands entries in, one request after the other with as many as fit, and checks their receipts: what became of
    /// each, in their order. Where a request fails as a whole, its first entry has the reason, and nothing after it is
    /// handed in.
    pub async fn submit_all(&self, submissions: &[Submission]) -> Vec<Result<Receipt, ClientError>> {
        let mut answers = Vec::with_capacity(submissions.len());
        for request in in_requests(submissions) {
            match self.hand_in(request).await {
                Ok(received) => answers.extend(received),
                Err(error) => {
                    answers.push(Err(error));
                    break;
                }
            }
        }
        answers.resize_with(submissions.len(), || Err(ClientError::NoAnswer));
        answers
    }

    /// One request. Where the log asks for patience the same entries are sent again: none is ever there twice.
    async fn hand_in(&self, submissions: &[Submission]) -> Result<Vec<Result<Receipt, ClientError>>, ClientError> {
        let mut attempt = 1;
        loop {
            let answer = self.http.send(self.request(submissions)?, &SUBMIT).await?;
            match answer.status() {
                StatusCode::OK => {
                    let results = results(answer.body())?;
                    if results.len() != submissions.len() {
                        return Err(ClientError::NoReceipt);
                    }
                    if attempt == ATTEMPTS || !results.iter().any(asks_for_patience) {
                        let answers = submissions.iter().zip(&results);
                        return Ok(answers
                            .map(|(submission, result)| self.check(submission, result))
                            .collect());
                    }
                }
                StatusCode::SERVICE_UNAVAILABLE if attempt < ATTEMPTS => {}
                _ => return Err(refused(&parse(answer.body()), None)),
            }
            tokio::time::sleep(PAUSE).await;
            attempt += 1;
        }
    }

    fn request(&self, submissions: &[Submission]) -> Result<Request, ClientError> {
        let url = self.url(&["api", "v1", "entries", "batch"])?;
        let request = Request::post(url, "application/cbor", encode_submissions(submissions));
        let Some(token) = &self.token else { return Ok(request) };
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", token.dangerous_reveal())).map_err(|_| ClientError::Token)?;
        value.set_sensitive(true);
        Ok(request.header(AUTHORIZATION, value))
    }

    /// The receipt of an entry, or why it has none.
    fn check(&self, submission: &Submission, result: &Value) -> Result<Receipt, ClientError> {
        let leaf = tlog::leaf_hash(&submission.leaf().encode());
        if result.get("code").is_some() {
            return Err(refused(result, self.refusal(&leaf, result)));
        }
        let proof = result.get("proof").and_then(Value::as_str);
        let proof = TransparencyProof::parse(proof.ok_or(ClientError::NoReceipt)?.as_bytes())?;
        let index = proof.index;
        let verified = proof.verify(&leaf, self.pack.policy())?;
        Ok(Receipt {
            index,
            time: verified.checkpoint().time(),
        })
    }

    /// The refusal in a problem, where it is the log's and about this leaf.
    fn refusal(&self, leaf: &tlog::Hash, problem: &Value) -> Option<String> {
        let text = problem.get("refusal").and_then(Value::as_str)?;
        let refusal = UnverifiedRefusal::parse(&base64url::decode(text).ok()?).ok()?;
        let verified = refusal.verify(&self.pack.log_keys(), leaf.as_bytes());
        verified.is_ok().then(|| text.to_owned())
    }

    fn url(&self, path: &[&str]) -> Result<Url, ClientError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| ClientError::Address)?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    }
}

fn check_age(time: UnixTime, now: UnixTime) -> Result<(), ClientError> {
    let clock = Clock {
        device: now,
        newest_seen: 0,
    };
    clock.age(time, FreshnessLimit::ONLINE)?;
    Ok(())
}

/// An answer of the ledger; null where it is no JSON.
fn parse(body: &[u8]) -> Value {
    strict_json::parse(body, &ANSWERS).unwrap_or_default()
}

/// What became of the entries of a request, one by one.
fn results(body: &[u8]) -> Result<Vec<Value>, ClientError> {
    match parse(body).get_mut("results").map(Value::take) {
        Some(Value::Array(results)) => Ok(results),
        _ => Err(ClientError::NoReceipt),
    }
}

/// Whether a result is a problem that ends by itself.
fn asks_for_patience(result: &Value) -> bool {
    let status = result.get("status").and_then(Value::as_u64);
    status == Some(StatusCode::SERVICE_UNAVAILABLE.as_u16().into())
}

fn refused(problem: &Value, refusal: Option<String>) -> ClientError {
    let member = |name| problem.get(name).and_then(Value::as_str).map(str::to_owned);
    ClientError::Refused {
        code: member("code").unwrap_or_else(|| "unknown".to_owned()),
        reason: member("reason"),
        refusal,
    }
}
