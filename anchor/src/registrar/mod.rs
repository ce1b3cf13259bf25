//! `holdfast-anchor registrar`: decisions of the registrar, written to the ledger.
//!
//! Every decision reads the newest bundle of the organisation first, and counts as made
//! only with a receipt that verifies against the trust pack, quorum and all.

mod application;
mod client;
mod publish;
mod succession;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use did::identity::{IdentityError, KeysError, Organisation, OrganisationKeys};
use jose::{SignError, SigningKey, UnixTime};
use ledger::{
    Family, Kind, LeafBuilder, OrganisationRecord, Part, PayloadError, PrivateBlob, ProposalError, Revocation,
    RevocationReason, RuleEntry, Submission,
};
use serde_json::{Value, json};
use service::config::Common;
use service::files::{PrivateFileError, read_private};
use service::{Clock, Secret, SystemClock};

pub use application::{Application, ApplicationError};
pub use client::{ClientError, LedgerClient, Receipt};
pub use publish::{OnFile, OnRelease, Publish, Published};
pub use succession::Succession;

use crate::config::{self, Files};
use crate::governance::KeyError;
use crate::pack::{PackError, load_pack};

/// A decision of the registrar.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// Anchors an agency's DID, where it is new, and accredits it for its card types.
    Accredit(OnApplications),
    /// Takes an agency's accreditation away.
    Revoke(OnSubject),
    /// Anchors a business's DID, where it is new, and registers what it may ask.
    RegisterBusiness(OnApplications),
    /// Replaces what a business may ask.
    UpdateBusiness(OnApplications),
    /// Takes a business's registration away.
    RevokeBusiness(OnSubject),
}

/// A decision on applications.
#[derive(Clone, Debug, Args)]
pub struct OnApplications {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The application file; with several, each is decided on, and their entries are handed in together.
    #[arg(long, required = true, num_args = 1..)]
    application: Vec<PathBuf>,
}

/// A decision on an organisation that is on the ledger.
#[derive(Clone, Debug, Args)]
pub struct OnSubject {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The application file the organisation came with.
    #[arg(long, required_unless_present = "did", conflicts_with = "did")]
    application: Option<PathBuf>,
    /// The organisation's DID.
    #[arg(long)]
    did: Option<String>,
    /// Why.
    #[arg(long, value_enum, default_value = "ended")]
    reason: Reason,
}

/// Why something is revoked. docs/ledger.md §4.3
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Reason {
    /// The task came to its end.
    Ended,
    /// Another organisation took over.
    Superseded,
    /// Keys are in wrong hands.
    KeyCompromise,
    /// Rules were broken.
    Misuse,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Ended => Self::Ended,
            Reason::Superseded => Self::Superseded,
            Reason::KeyCompromise => Self::KeyCompromise,
            Reason::Misuse => Self::Misuse,
        }
    }
}

/// What became of a decision on one organisation.
#[derive(Debug)]
pub struct Outcome {
    /// The organisation.
    pub did: String,
    /// What it came to, or why it was not written.
    pub done: Result<Done, RegistrarError>,
}

/// What a decision came to.
#[derive(Clone, Debug)]
pub struct Done {
    /// The organisation.
    pub did: String,
    /// The receipts, in the order of the entries.
    pub receipts: Vec<Receipt>,
}

impl Done {
    /// What the answers to the entries of a decision come to; the first that is no receipt says why it does not count.
    fn of(did: &str, answers: Vec<Result<Receipt, ClientError>>) -> Result<Self, RegistrarError> {
        Ok(Self {
            did: did.to_owned(),
            receipts: answers.into_iter().collect::<Result<_, _>>()?,
        })
    }

    /// One JSON object for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let indices: Vec<u64> = self.receipts.iter().map(|receipt| receipt.index).collect();
        let last = self.receipts.last();
        json!({
            "ok": true,
            "did": self.did,
            "indices": indices,
            "index": last.map(|receipt| receipt.index),
            "time": last.map(|receipt| receipt.time),
        })
    }
}

/// Why a decision was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrarError {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] service::config::ConfigError),
    /// The trust pack cannot be used.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The registrar's keys cannot be read.
    #[error(transparent)]
    KeyFile(#[from] PrivateFileError),
    /// The registrar's keys are malformed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Keys and DID log of the registrar do not fit together.
    #[error("the registrar's identity: {0}")]
    Identity(#[from] IdentityError),
    /// The application is wrong.
    #[error(transparent)]
    Application(#[from] ApplicationError),
    /// What would be written breaks a rule.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The registrar's key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The ledger did not answer as it must.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The DID is not on the ledger.
    #[error("the organisation is not on the ledger")]
    UnknownOrganisation,
    /// The proposal of another registrar is not one to be signed.
    #[error(transparent)]
    Proposal(#[from] ProposalError),
    /// The proposal is about other agencies than the registrar was told.
    #[error("the proposal is about other agencies than those named")]
    OtherSuccession,
    /// The file is not JSON of what is to be published.
    #[error("the file is not JSON of its kind, docs/ledger.md §4")]
    Form,
    /// The release key cannot be used.
    #[error(transparent)]
    ReleaseKey(#[from] KeyError),
}

impl RegistrarError {
    /// The refusal under the log's signature, base64url, where there is one. docs/ledger.md §13
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Client(error) => error.refusal(),
            _ => None,
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Pack(_) | Self::KeyFile(_) | Self::Keys(_) | Self::File { .. } => "configuration",
            Self::Identity(_) | Self::Sign(_) => "registrar_key",
            Self::Application(_) | Self::Payload(_) => "application",
            Self::Proposal(_) | Self::OtherSuccession => "proposal",
            Self::Form => "form",
            Self::ReleaseKey(_) => "release_key",
            Self::UnknownOrganisation => "unknown_organisation",
            Self::Client(error) => error.code(),
        }
    }
}

impl Action {
    /// Decides, and writes it: what became of the decision on each organisation, in their order.
    ///
    /// # Errors
    /// [`RegistrarError`] where nothing was handed in.
    pub async fn run(&self) -> Result<Vec<Outcome>, RegistrarError> {
        let config = match self {
            Self::Accredit(on) | Self::RegisterBusiness(on) | Self::UpdateBusiness(on) => &on.config,
            Self::Revoke(on) | Self::RevokeBusiness(on) => &on.config,
        };
        let now = SystemClock.now();
        let registrar = Registrar::open(config, now)?;
        match self {
            Self::Accredit(on) => registrar.decide(on, Kind::AccreditationGrant, now).await,
            Self::RegisterBusiness(on) => registrar.decide(on, Kind::RelyingPartyRegister, now).await,
            Self::UpdateBusiness(on) => registrar.decide(on, Kind::RelyingPartyUpdate, now).await,
            Self::Revoke(on) => registrar.revoke_one(on, Kind::AccreditationRevoke, now).await,
            Self::RevokeBusiness(on) => registrar.revoke_one(on, Kind::RelyingPartyRevoke, now).await,
        }
    }
}

impl OnSubject {
    fn subject(&self) -> Result<String, RegistrarError> {
        match (&self.did, &self.application) {
            (Some(did), _) => Ok(did.clone()),
            (None, Some(path)) => Ok(read_application(path)?.did().to_string()),
            (None, None) => Err(RegistrarError::UnknownOrganisation),
        }
    }
}

/// The registrar at work: its identity, and the ledger it writes to.
pub struct Registrar {
    identity: Organisation,
    client: LedgerClient,
}

/// What is to be written about an organisation.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What is decided.
    pub kind: Kind,
    /// The words of the decision, public.
    pub payload: Vec<u8>,
    /// What may name a person; the ledger has its fingerprint alone. docs/ledger.md §2
    pub private: Option<PrivateBlob>,
}

impl Decision {
    /// A decision without anything private.
    #[must_use]
    pub fn new(kind: Kind, payload: Vec<u8>) -> Self {
        Self {
            kind,
            payload,
            private: None,
        }
    }
}

impl Registrar {
    fn open(config: &Path, now: UnixTime) -> Result<Self, RegistrarError> {
        Self::open_as(config, None, now)
    }

    /// Writes as the organisation whose keys lie in this folder; as the registrar where nothing is said.
    fn open_as(config: &Path, identity: Option<&Path>, now: UnixTime) -> Result<Self, RegistrarError> {
        let settings = config::load(config)?;
        let files = Files::new(&settings.common.data_dir);
        let (keys, log) = match identity {
            Some(folder) => (folder.join("keys.json"), folder.join("did.jsonl")),
            None => (files.registrar_keys(), files.registrar_log()),
        };
        Self::of(&keys, &log, &settings.common, settings.own.admin_token, now)
    }

    /// The registrar whose keys lie below the data folder of a log, with the log's admin token.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub fn below(common: &Common, admin_token: Option<Secret>, now: UnixTime) -> Result<Self, RegistrarError> {
        let files = Files::new(&common.data_dir);
        Self::of(
            &files.registrar_keys(),
            &files.registrar_log(),
            common,
            admin_token,
            now,
        )
    }

    fn of(
        keys: &Path,
        log: &Path,
        common: &Common,
        admin_token: Option<Secret>,
        now: UnixTime,
    ) -> Result<Self, RegistrarError> {
        Ok(Self {
            identity: open_identity(keys, log)?,
            client: open_client(common, admin_token, now)?,
        })
    }

    /// Who the registrar is.
    #[must_use]
    pub fn identity(&self) -> &Organisation {
        &self.identity
    }

    /// The newest record of an organisation, proved.
    ///
    /// # Errors
    /// [`RegistrarError::Client`]
    pub async fn record(&self, did: &str, now: UnixTime) -> Result<Option<OrganisationRecord>, RegistrarError> {
        Ok(self.client.record(did, now).await?)
    }

    /// Decides on applications. Nothing is handed in unless the entries of all are made.
    async fn decide(&self, on: &OnApplications, kind: Kind, now: UnixTime) -> Result<Vec<Outcome>, RegistrarError> {
        let mut entries = Vec::new();
        let mut counts = Vec::with_capacity(on.application.len());
        for path in &on.application {
            let application = read_application(path)?;
            let payload = match kind {
                Kind::AccreditationGrant => application.accreditation(now)?.encode()?,
                _ => application.scope()?.encode()?,
            };
            let (did, line) = (application.did().to_string(), application.did_log_line());
            let decided = self.entries(&did, line, Decision::new(kind, payload), now).await?;
            counts.push((did, decided.len()));
            entries.extend(decided);
        }
        let mut answers = self.client.submit_all(&entries).await.into_iter();
        let outcome = |(did, count): (String, usize)| Outcome {
            done: Done::of(&did, answers.by_ref().take(count).collect()),
            did,
        };
        Ok(counts.into_iter().map(outcome).collect())
    }

    async fn revoke_one(&self, on: &OnSubject, kind: Kind, now: UnixTime) -> Result<Vec<Outcome>, RegistrarError> {
        let did = on.subject()?;
        let done = self.revoke(&did, kind, on.reason.into(), now).await;
        Ok(vec![Outcome { did, done }])
    }

    /// Takes a decision on an organisation of the ledger back.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub async fn revoke(
        &self,
        did: &str,
        kind: Kind,
        reason: RevocationReason,
        now: UnixTime,
    ) -> Result<Done, RegistrarError> {
        let record = self.client.record(did, now).await?;
        let record = record.ok_or(RegistrarError::UnknownOrganisation)?;
        let revocation = Revocation {
            reason,
            subject: did.parse().map_err(|_| RegistrarError::UnknownOrganisation)?,
        };
        let decision = Decision::new(kind, revocation.encode()?);
        let entry = self.entry(did, Some(&record), decision)?;
        let receipt = self.client.submit(&entry).await?;
        Ok(Done {
            did: did.to_owned(),
            receipts: vec![receipt],
        })
    }

    /// Publishes a rule in the registrar's name, unless the ledger proves that there is one of its subject.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub async fn publish_rule(&self, rule: &RuleEntry, now: UnixTime) -> Result<(), RegistrarError> {
        if self.client.object(Family::Rule, &rule.subject, now).await?.is_some() {
            return Ok(());
        }
        let leaf = LeafBuilder::new(Kind::RulePublish, &rule.subject, None, rule.encode()?);
        self.client.submit(&self.signed(leaf)?).await?;
        Ok(())
    }

    /// Anchors the DID where the ledger proves that it has none, and writes the decision.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub async fn anchor_and_write(
        &self,
        did: &str,
        did_log_line: &str,
        decision: Decision,
        now: UnixTime,
    ) -> Result<Done, RegistrarError> {
        let entries = self.entries(did, did_log_line, decision, now).await?;
        Done::of(did, self.client.submit_all(&entries).await)
    }

    /// The entries of a decision, signed: before it the DID, where the ledger proves that it has none.
    async fn entries(
        &self,
        did: &str,
        did_log_line: &str,
        decision: Decision,
        now: UnixTime,
    ) -> Result<Vec<Submission>, RegistrarError> {
        let record = self.client.record(did, now).await?;
        let mut entries = Vec::new();
        if record.is_none() {
            entries.push(self.creation(did, did_log_line)?);
        }
        entries.push(self.entry(did, record.as_ref(), decision)?);
        Ok(entries)
    }

    /// Anchors the DID where the ledger proves that it has none: the record that there was, and the receipts.
    async fn anchored(
        &self,
        did: &str,
        did_log_line: &str,
        now: UnixTime,
    ) -> Result<(Option<OrganisationRecord>, Vec<Receipt>), RegistrarError> {
        let record = self.client.record(did, now).await?;
        let mut receipts = Vec::new();
        if record.is_none() {
            receipts.push(self.client.submit(&self.creation(did, did_log_line)?).await?);
        }
        Ok((record, receipts))
    }

    /// The first entry about an organisation: the first line of its DID log.
    fn creation(&self, did: &str, did_log_line: &str) -> Result<Submission, RegistrarError> {
        let line = Decision::new(Kind::DidCreate, did_log_line.as_bytes().to_vec());
        self.entry(did, None, line)
    }

    /// Signs one entry, after the head of its part.
    fn entry(
        &self,
        did: &str,
        record: Option<&OrganisationRecord>,
        decision: Decision,
    ) -> Result<Submission, RegistrarError> {
        let part: Part = decision.kind.part();
        let head = record.and_then(|record| record.head(part));
        let mut leaf = LeafBuilder::new(decision.kind, did, head, decision.payload);
        if let Some(private) = decision.private {
            leaf = leaf.with_private(private);
        }
        self.signed(leaf)
    }

    fn signed(&self, leaf: LeafBuilder) -> Result<Submission, RegistrarError> {
        let (name, key) = self.ledger_key()?;
        Ok(leaf.signed_by(self.client.origin(), &[(name.as_str(), &key)])?)
    }

    /// Name and key with which the registrar writes.
    fn ledger_key(&self) -> Result<(String, SigningKey), RegistrarError> {
        let (name, key) = self.identity.ledger_key()?;
        let key = SigningKey::new(key).map_err(|_| SignError::KeyUnavailable)?;
        Ok((name.to_string(), key))
    }
}

fn open_identity(keys: &Path, log: &Path) -> Result<Organisation, RegistrarError> {
    let keys = OrganisationKeys::from_json(&read_private(keys)?)?;
    let log = String::from_utf8_lossy(&read(log)?).into_owned();
    Ok(Organisation::open(keys, &log)?)
}

/// The ledger of a configuration.
fn open_client(common: &Common, admin_token: Option<Secret>, now: UnixTime) -> Result<LedgerClient, RegistrarError> {
    let files = Files::new(&common.data_dir);
    Ok(LedgerClient::new(
        common.public_url.clone(),
        load_pack(&files.trust_pack(), now)?,
        config::outbound_policy(common),
        admin_token,
    )?)
}

fn read_application(path: &Path) -> Result<Application, RegistrarError> {
    Ok(Application::parse(&read(path)?)?)
}

fn read(path: &Path) -> Result<Vec<u8>, RegistrarError> {
    std::fs::read(path).map_err(|source| RegistrarError::File {
        path: path.display().to_string(),
        source,
    })
}
