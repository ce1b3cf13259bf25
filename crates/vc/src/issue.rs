use std::fmt;

use did::key::KeyDidError;
use jose::{PublicJwk, Signer, UnixTime};
use serde_json::{Map, Value, json};

use crate::document::{DocumentError, Tally};
use crate::form::{CredentialForm, FormError};
use crate::proof::{self, MakeProofError, Options, Purpose};
use crate::{Contexts, StatusEntry, budget, date_time};

/// Why a credential could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The document breaks a rule that holds for all of it.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The document is no credential of VCDM 2.0.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The document has a proof already.
    #[error("the document has a proof already")]
    Proved,
    /// A subject's claim would replace the `id` that binds it to its holder.
    #[error("the subject's claims contain {0}")]
    IssuerClaim(&'static str),
    /// A date lies beyond the year 9999.
    #[error("a date cannot be written")]
    Date,
    /// The holder's key has no `did:key`.
    #[error("holder key: {0}")]
    HolderKey(#[from] KeyDidError),
    /// The proof could not be made.
    #[error(transparent)]
    Proof(MakeProofError),
}

impl From<MakeProofError> for IssueError {
    fn from(error: MakeProofError) -> Self {
        match error {
            MakeProofError::Document(error) => Self::Document(error),
            error => Self::Proof(error),
        }
    }
}

/// With which key a credential is signed, and when.
pub struct Signing<'a> {
    /// The verification method: the DID URL under which verifiers find the key.
    pub method: &'a str,
    /// `created` of the proof, rounded by the caller so that copies cannot be linked by it.
    pub created: UnixTime,
    /// The key.
    pub signer: &'a dyn Signer,
}

impl fmt::Debug for Signing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Signing")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Signs any document that is a credential of VCDM 2.0, under the rules by which it will be read. The cryptosuite
/// is that of the key. Data Integrity 1.0 §4.2.
///
/// # Errors
/// [`IssueError`]
pub fn issue(
    mut document: Map<String, Value>,
    contexts: &Contexts,
    signing: &Signing<'_>,
) -> Result<String, IssueError> {
    if document.contains_key("proof") {
        return Err(IssueError::Proved);
    }
    let tally = Tally::of_node(&document)?;
    CredentialForm::read(&document)?;
    let options = Options {
        purpose: Purpose::Assertion,
        method: signing.method,
        created: signing.created,
        challenge: None,
    };
    let mut budget = budget::CREDENTIAL;
    let proof = proof::make(&document, tally, &options, contexts, signing.signer, &mut budget)?;
    document.insert("proof".to_owned(), proof);
    Ok(Value::Object(document).to_string())
}

/// A credential for one holder before it is signed. VCDM 2.0 §4. `Debug` shows no claims.
#[derive(Clone)]
pub struct CredentialDraft {
    /// URLs of the contexts, that of VCDM 2.0 first.
    pub contexts: Vec<String>,
    /// The types beside `VerifiableCredential`.
    pub types: Vec<String>,
    /// Who issues it; the DID of an anchored agency.
    pub issuer: String,
    /// `validFrom`, rounded by the caller so that copies cannot be linked by it.
    pub valid_from: UnixTime,
    /// `validUntil`, rounded likewise.
    pub valid_until: UnixTime,
    /// The wallet's key for this copy; its `did:key` is the `id` of the subject.
    pub holder_key: PublicJwk,
    /// Where the status of this copy is found.
    pub status: Vec<StatusEntry>,
    /// What is said about the subject.
    pub claims: Map<String, Value>,
}

impl CredentialDraft {
    /// The credential as a document, to be signed.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn into_document(self) -> Result<Map<String, Value>, IssueError> {
        let mut subject = self.claims;
        if subject.contains_key("id") {
            return Err(IssueError::IssuerClaim("id"));
        }
        let holder = did::key::from_public_key(&self.holder_key)?;
        subject.insert("id".to_owned(), json!(holder.as_str()));
        let types: Vec<String> = [BASE_TYPE.to_owned()].into_iter().chain(self.types).collect();
        let mut document = Map::new();
        for (name, value) in [
            ("@context", json!(self.contexts)),
            ("type", json!(types)),
            ("issuer", json!(self.issuer)),
            (
                "validFrom",
                json!(date_time::write(self.valid_from).ok_or(IssueError::Date)?),
            ),
            (
                "validUntil",
                json!(date_time::write(self.valid_until).ok_or(IssueError::Date)?),
            ),
            ("credentialSubject", Value::Object(subject)),
        ] {
            document.insert(name.to_owned(), value);
        }
        if !self.status.is_empty() {
            let status: Vec<Value> = self.status.iter().map(StatusEntry::to_value).collect();
            document.insert("credentialStatus".to_owned(), json!(status));
        }
        Ok(document)
    }

    /// Signs the credential.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn issue(self, contexts: &Contexts, signing: &Signing<'_>) -> Result<String, IssueError> {
        issue(self.into_document()?, contexts, signing)
    }
}

impl fmt::Debug for CredentialDraft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CredentialDraft")
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

/// The type that every credential has. §4.5.
const BASE_TYPE: &str = "VerifiableCredential";
