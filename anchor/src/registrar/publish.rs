//! `holdfast-anchor publish`: what organisations anchor beside their own record, and releases. docs/ledger.md §4.7 to
//! §4.12

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jose::{Signer, UnixTime, base64url, strict_json};
use ledger::{
    AuditSnapshot, Document, Family, Kind, LeafBuilder, ObjectDetail, ObjectRecord, Part, Release, RuleEntry, Schema,
    Service,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::{Clock, SystemClock};

use super::{Receipt, Registrar, RegistrarError, read};
use crate::config;
use crate::governance::read_key;

/// What is published.
#[derive(Clone, Debug, Subcommand)]
pub enum Publish {
    /// A card type.
    Schema(OnFile),
    /// An eligibility rule.
    Rule(OnFile),
    /// A service.
    Service(OnFile),
    /// A version of a document.
    Document(OnFile),
    /// The root of the log of officials' actions.
    AuditSnapshot(OnFile),
    /// A version of a program, signed by a release key.
    Release(OnRelease),
}

/// A payload as JSON, and whose it is.
#[derive(Clone, Debug, Args)]
pub struct OnFile {
    /// The payload, JSON as in docs/ledger.md §4.
    file: PathBuf,
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The folder with the owner's `keys.json` and `did.jsonl`; the registrar's where nothing is said.
    #[arg(long)]
    identity: Option<PathBuf>,
}

/// A payload as JSON, and the release key.
#[derive(Clone, Debug, Args)]
pub struct OnRelease {
    /// The payload, JSON as in docs/ledger.md §4.12.
    file: PathBuf,
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// A release key that the policy names, a private JWK.
    #[arg(long)]
    key: PathBuf,
}

/// What came of publishing.
#[derive(Clone, Debug)]
pub struct Published {
    /// The subject of the entry.
    pub subject: String,
    /// The receipt.
    pub receipt: Receipt,
}

impl Published {
    /// One JSON object for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "ok": true,
            "subject": self.subject,
            "index": self.receipt.index,
            "time": self.receipt.time,
        })
    }
}

impl Publish {
    /// Publishes, or supersedes what there is.
    ///
    /// # Errors
    /// [`RegistrarError`]
    pub async fn run(&self) -> Result<Published, RegistrarError> {
        let now = SystemClock.now();
        match self {
            Self::Schema(on) => on.object(Kind::SchemaPublish, Kind::SchemaSupersede, now).await,
            Self::Rule(on) => on.object(Kind::RulePublish, Kind::RuleSupersede, now).await,
            Self::Service(on) => on.object(Kind::ServicePublish, Kind::ServiceSupersede, now).await,
            Self::Document(on) => on.object(Kind::Document, Kind::Document, now).await,
            Self::AuditSnapshot(on) => on.audit_snapshot(now).await,
            Self::Release(on) => on.run(now).await,
        }
    }
}

impl OnFile {
    fn open(&self, now: UnixTime) -> Result<Registrar, RegistrarError> {
        Registrar::open_as(&self.config, self.identity.as_deref(), now)
    }

    /// `first` where there is nothing of this subject, else `later`.
    async fn object(&self, first: Kind, later: Kind, now: UnixTime) -> Result<Published, RegistrarError> {
        let owner = self.open(now)?;
        let mut file = File::read(&self.file)?;
        let family = first.family().ok_or(RegistrarError::Form)?;
        let record = owner.client.object(family, &file.subject, now).await?;
        file.follow(record.as_ref());
        let kind = if record.is_some() { later } else { first };
        let head = record.map(|record| record.head);
        let payload = encode(kind, file.content)?;
        let leaf = LeafBuilder::new(kind, &file.subject, head.as_ref(), payload);
        let receipt = owner.client.submit(&owner.signed(leaf)?).await?;
        Ok(Published {
            subject: file.subject,
            receipt,
        })
    }

    async fn audit_snapshot(&self, now: UnixTime) -> Result<Published, RegistrarError> {
        let agency = self.open(now)?;
        let file = File::read(&self.file)?;
        let record = agency.client.record(&file.subject, now).await?;
        let record = record.ok_or(RegistrarError::UnknownOrganisation)?;
        let payload = encode(Kind::AuditSnapshot, file.content)?;
        let head = record.head(Part::AuditSnapshot);
        let leaf = LeafBuilder::new(Kind::AuditSnapshot, &file.subject, head, payload);
        let receipt = agency.client.submit(&agency.signed(leaf)?).await?;
        Ok(Published {
            subject: file.subject,
            receipt,
        })
    }
}

impl OnRelease {
    async fn run(&self, now: UnixTime) -> Result<Published, RegistrarError> {
        let settings = config::load(&self.config)?;
        let client = super::open_client(&settings.common, settings.own.admin_token, now)?;
        let key = read_key(&self.key)?;
        let file = File::read(&self.file)?;
        let record = client.object(Family::Release, &file.subject, now).await?;
        let head = record.map(|record| record.head);
        let leaf = LeafBuilder::new(
            Kind::Release,
            &file.subject,
            head.as_ref(),
            encode(Kind::Release, file.content)?,
        );
        let name = base64url::encode(key.public_jwk().thumbprint());
        let submission = leaf.signed_by(client.origin(), &[(name.as_str(), &key)])?;
        Ok(Published {
            subject: file.subject,
            receipt: client.submit(&submission).await?,
        })
    }
}

/// A payload that nobody has checked yet.
struct File {
    content: Value,
    subject: String,
}

impl File {
    fn read(path: &Path) -> Result<Self, RegistrarError> {
        let content = strict_json::parse(&read(path)?, &strict_json::Limits::METADATA);
        let content = content.map_err(|_| RegistrarError::Form)?;
        let subject = content.get("subject").and_then(Value::as_str);
        let subject = subject.ok_or(RegistrarError::Form)?.to_owned();
        Ok(Self { content, subject })
    }

    /// A document that does not say what it supersedes supersedes the newest version.
    fn follow(&mut self, record: Option<&ObjectRecord>) {
        let newest = match record.map(|record| record.detail) {
            Some(ObjectDetail::Document(hash)) => base64url::encode(hash),
            _ => return,
        };
        if let Some(members) = self.content.as_object_mut() {
            members.entry("supersedes").or_insert(Value::String(newest));
        }
    }
}

/// The payload's bytes, which follow the schema of the kind.
fn encode(kind: Kind, content: Value) -> Result<Vec<u8>, RegistrarError> {
    Ok(match kind {
        Kind::SchemaPublish | Kind::SchemaSupersede => of_schema::<Schema>(content)?.encode(),
        Kind::RulePublish | Kind::RuleSupersede => of_schema::<RuleEntry>(content)?.encode(),
        Kind::ServicePublish | Kind::ServiceSupersede => of_schema::<Service>(content)?.encode(),
        Kind::Document => of_schema::<Document>(content)?.encode(),
        Kind::AuditSnapshot => of_schema::<AuditSnapshot>(content)?.encode(),
        Kind::Release => of_schema::<Release>(content)?.encode(),
        _ => return Err(RegistrarError::Form),
    }?)
}

fn of_schema<T: DeserializeOwned>(content: Value) -> Result<T, RegistrarError> {
    serde_json::from_value(content).map_err(|_| RegistrarError::Form)
}
