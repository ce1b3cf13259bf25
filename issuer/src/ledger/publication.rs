//! What an agency publishes beside its own record: card types, rules, services. docs/ledger.md §4.7 to §4.9

use jose::{base64url, strict_json};
use ledger::{Family, Hash, Kind, LeafBuilder, ObjectDetail, ObjectSubject, PayloadError, RuleEntry, Schema, Service};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::client::LedgerError;
use super::writer::{Writer, WriterError};

/// Why something was not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublicationError {
    /// Not JSON of a card type, rule or service.
    #[error("the file is not JSON of its kind, docs/services.md")]
    Form,
    /// What would be published breaks a rule.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Its subject is not under this agency's DID.
    #[error("{0} is not this agency's to publish")]
    NotOwn(String),
    /// The service names a rule that is not on the ledger.
    #[error("the rule {0} is not on the ledger: publish it first")]
    NoSuchRule(String),
    /// The ledger.
    #[error(transparent)]
    Writer(#[from] WriterError),
}

impl From<LedgerError> for PublicationError {
    fn from(error: LedgerError) -> Self {
        Self::Writer(error.into())
    }
}

impl Writer<'_> {
    /// Publishes a card type, rule or service, or supersedes what there is of its subject; the subject.
    pub async fn publish(&self, family: Family, file: &[u8]) -> Result<String, PublicationError> {
        let (first, later) = kinds(family).ok_or(PublicationError::Form)?;
        let mut content =
            strict_json::parse(file, &strict_json::Limits::METADATA).map_err(|_| PublicationError::Form)?;
        let members = content.as_object_mut().ok_or(PublicationError::Form)?;
        put_before(members.get_mut("subject"), &self.signing.did);
        if family == Family::Service {
            self.complete_service(members).await?;
        }
        let (subject, payload) = encode(family, content)?;
        let own = ObjectSubject::parse_owned(family, &subject);
        if own.as_ref().and_then(ObjectSubject::owner).map(did::Did::as_str) != Some(self.signing.did.as_str()) {
            return Err(PublicationError::NotOwn(subject));
        }
        let bundle = self.client.object(family, &subject).await?;
        let head = bundle.record().map(|record| record.head);
        let kind = if head.is_some() { later } else { first };
        let leaf = LeafBuilder::new(kind, &subject, head.as_ref(), payload);
        self.sign_and_post(leaf).await?;
        Ok(subject)
    }

    /// Fills in what need not be written: this agency decides, and the rule is the one that is recorded now.
    async fn complete_service(&self, members: &mut Map<String, Value>) -> Result<(), PublicationError> {
        let own = &self.signing.did;
        members.entry("competent").or_insert_with(|| Value::String(own.clone()));
        let Some(rule) = members.get_mut("rule").and_then(Value::as_object_mut) else {
            return Ok(());
        };
        put_before(rule.get_mut("subject"), own);
        if rule.contains_key("hash") {
            return Ok(());
        }
        let subject = rule
            .get("subject")
            .and_then(Value::as_str)
            .ok_or(PublicationError::Form)?;
        let hash = self.recorded_rule(subject).await?;
        rule.insert("hash".to_owned(), Value::String(base64url::encode(hash)));
        Ok(())
    }

    async fn recorded_rule(&self, subject: &str) -> Result<Hash, PublicationError> {
        let bundle = self.client.object(Family::Rule, subject).await?;
        match bundle.record().map(|record| record.detail) {
            Some(ObjectDetail::Rule(hash)) => Ok(hash),
            _ => Err(PublicationError::NoSuchRule(subject.to_owned())),
        }
    }
}

/// The kind of what is new, and of what supersedes; `None` for what is published in another way.
fn kinds(family: Family) -> Option<(Kind, Kind)> {
    match family {
        Family::Schema => Some((Kind::SchemaPublish, Kind::SchemaSupersede)),
        Family::Rule => Some((Kind::RulePublish, Kind::RuleSupersede)),
        Family::Service => Some((Kind::ServicePublish, Kind::ServiceSupersede)),
        _ => None,
    }
}

/// A name that begins with `/` is one of this agency's.
fn put_before(subject: Option<&mut Value>, did: &str) {
    if let Some(Value::String(name)) = subject
        && name.starts_with('/')
    {
        name.insert_str(0, did);
    }
}

/// Subject and bytes of a payload, which follows its schema.
fn encode(family: Family, content: Value) -> Result<(String, Vec<u8>), PublicationError> {
    match family {
        Family::Schema => {
            let said: Schema = of_form(content)?;
            Ok((said.subject.clone(), said.encode()?))
        }
        Family::Rule => {
            let said: RuleEntry = of_form(content)?;
            Ok((said.subject.clone(), said.encode()?))
        }
        Family::Service => {
            let said: Service = of_form(content)?;
            Ok((said.subject.clone(), said.encode()?))
        }
        _ => Err(PublicationError::Form),
    }
}

fn of_form<T: DeserializeOwned>(content: Value) -> Result<T, PublicationError> {
    serde_json::from_value(content).map_err(|_| PublicationError::Form)
}
