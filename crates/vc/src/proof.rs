//! Data Integrity proofs with the cryptosuites `ecdsa-rdfc-2019` (P-256) and `eddsa-rdfc-2022`.
//! Data Integrity 1.0 §2.1; ECDSA Cryptosuites 1.0 §3.2; EdDSA Cryptosuites 1.0 §3.2.
//!
//! Signed is `SHA-256(RDFC-1.0(options of the proof)) || SHA-256(RDFC-1.0(document without its proof))`.

use jose::{Algorithm, Budget, OverBudget, SignError, Signer, UnixTime, VerifyingKey, Work};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::document::{DocumentError, Tally};
use crate::{Contexts, date_time, json_ld, rdfc};

/// A cryptosuite that is read and made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cryptosuite {
    /// `ecdsa-rdfc-2019` with P-256 and SHA-256.
    EcdsaRdfc2019,
    /// `eddsa-rdfc-2022`
    EddsaRdfc2022,
}

impl Cryptosuite {
    /// Every suite.
    pub const ALL: [Self; 2] = [Self::EcdsaRdfc2019, Self::EddsaRdfc2022];

    /// The value of `cryptosuite`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
        }
    }

    /// The suite that a key signs with.
    #[must_use]
    pub fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 => Some(Self::EcdsaRdfc2019),
            Algorithm::EdDsa => Some(Self::EddsaRdfc2022),
            _ => None,
        }
    }
}

/// What a proof is for. Data Integrity 1.0 §2.1; Controlled Identifiers 1.0 §2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An issuer's claim.
    Assertion,
    /// A holder's proof of possession.
    Authentication,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Assertion => "assertionMethod",
            Self::Authentication => "authentication",
        }
    }
}

/// Why a proof was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// There is none.
    #[error("there is no proof")]
    Missing,
    /// There is an array of proofs; exactly one is taken. Data Integrity 1.0 §2.1.1, §2.1.2.
    #[error("there is a set of proofs")]
    Several,
    /// `type` is not `DataIntegrityProof`.
    #[error("the proof is of another type")]
    Type,
    /// `cryptosuite` is not one of the two.
    #[error("the cryptosuite is not supported")]
    Cryptosuite,
    /// The proof is for something else: an assertion where a holder is to authenticate, or the other way.
    #[error("the proof has another purpose")]
    Purpose,
    /// A member that is required is missing, or one is malformed.
    #[error("{0} of the proof is missing or malformed")]
    Member(&'static str),
    /// A member that would change what the proof means, or that is not known.
    #[error("the proof has a member that is not supported")]
    Unsupported,
    /// `expires` has passed.
    #[error("the proof has expired")]
    Expired,
    /// `created` lies more than 60 seconds ahead.
    #[error("the proof was made in the future")]
    InTheFuture,
    /// A holder's proof was made more than 300 seconds ago.
    #[error("the proof is too old")]
    TooOld,
    /// `challenge` is not the nonce. OpenID4VP 1.0 §B.1.3.2.
    #[error("the challenge is another one")]
    Challenge,
    /// `domain` is not the client id. OpenID4VP 1.0 §B.1.3.2.
    #[error("the domain is another one")]
    Domain,
    /// The verification method is not among the keys that policy gives.
    #[error("the key of the proof is not one that is trusted")]
    UnknownKey,
    /// The key is of another algorithm than the cryptosuite.
    #[error("the cryptosuite is not that of the key")]
    OtherAlgorithm,
    /// The signature does not hold.
    #[error("the signature of the proof does not verify")]
    Signature,
    /// The document, or the options of the proof, cannot be signed.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl From<OverBudget> for ProofError {
    fn from(over: OverBudget) -> Self {
        Self::Document(over.into())
    }
}

/// A proof whose form has been checked, its signature not yet.
#[derive(Clone, Debug)]
pub(crate) struct UnverifiedProof {
    suite: Cryptosuite,
    method: String,
    purpose: String,
    created: Option<UnixTime>,
    expires: Option<UnixTime>,
    challenge: Option<String>,
    domain: Option<String>,
    signature: Vec<u8>,
    /// Everything but the signature.
    options: Map<String, Value>,
}

impl UnverifiedProof {
    /// Reads the one proof of a document.
    pub(crate) fn parse(proof: Option<Value>) -> Result<Self, ProofError> {
        let mut options = match proof {
            None => return Err(ProofError::Missing),
            Some(Value::Array(_)) => return Err(ProofError::Several),
            Some(Value::Object(options)) => options,
            Some(_) => return Err(ProofError::Type),
        };
        if options.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(ProofError::Unsupported);
        }
        if options.get("type").and_then(Value::as_str) != Some(TYPE) {
            return Err(ProofError::Type);
        }
        let suite = options.get("cryptosuite").and_then(Value::as_str);
        let suite = Cryptosuite::ALL.into_iter().find(|known| Some(known.as_str()) == suite);
        let value = text(&options, "proofValue")?;
        let signature = value.as_deref().and_then(decode_signature);
        let proof = Self {
            suite: suite.ok_or(ProofError::Cryptosuite)?,
            method: text(&options, "verificationMethod")?.ok_or(ProofError::Member("verificationMethod"))?,
            purpose: text(&options, "proofPurpose")?.ok_or(ProofError::Member("proofPurpose"))?,
            created: date(&options, "created")?,
            expires: date(&options, "expires")?,
            challenge: text(&options, "challenge")?,
            domain: text(&options, "domain")?,
            signature: signature.ok_or(ProofError::Member("proofValue"))?,
            options: Map::new(),
        };
        options.remove("proofValue");
        Ok(Self { options, ..proof })
    }

    /// The verification method that claims to have signed.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// Checks that this is an issuer's claim, and its times.
    pub(crate) fn check_assertion(&self, now: UnixTime) -> Result<(), ProofError> {
        if self.challenge.is_some() || self.domain.is_some() {
            return Err(ProofError::Unsupported);
        }
        self.check(Purpose::Assertion, now)
    }

    /// Checks that this is a holder's answer to a challenge of a domain, and its times. It says when it was made, as every
    /// key binding does, although `created` is optional (Data Integrity 1.0 §2.1): else its age would not be known.
    pub(crate) fn check_authentication(&self, challenge: &str, domain: &str, now: UnixTime) -> Result<(), ProofError> {
        self.check(Purpose::Authentication, now)?;
        if self.challenge.as_deref() != Some(challenge) {
            return Err(ProofError::Challenge);
        }
        if self.domain.as_deref() != Some(domain) {
            return Err(ProofError::Domain);
        }
        match self.created {
            None => Err(ProofError::Member("created")),
            Some(created) if created.saturating_add(MAX_AGE) < now => Err(ProofError::TooOld),
            Some(_) => Ok(()),
        }
    }

    fn check(&self, purpose: Purpose, now: UnixTime) -> Result<(), ProofError> {
        if self.purpose != purpose.as_str() {
            return Err(ProofError::Purpose);
        }
        if self.expires.is_some_and(|expires| expires <= now) {
            return Err(ProofError::Expired);
        }
        match self
            .created
            .is_some_and(|created| created > now.saturating_add(MAX_AHEAD))
        {
            true => Err(ProofError::InTheFuture),
            false => Ok(()),
        }
    }

    /// Checks the signature over `document`, which is the secured document without this proof.
    pub(crate) fn verify(
        &self,
        document: &Map<String, Value>,
        tally: Tally,
        contexts: &Contexts,
        key: &VerifyingKey,
        budget: &mut Budget,
    ) -> Result<(), ProofError> {
        if Cryptosuite::of(key.algorithm()) != Some(self.suite) {
            return Err(ProofError::OtherAlgorithm);
        }
        let message = signed_message(&self.options, document, tally, contexts, budget)?;
        budget.spend(Work::Signatures, 1)?;
        key.verify(&message, &self.signature).map_err(|_| ProofError::Signature)
    }
}

/// What a proof says beside its signature.
pub(crate) struct Options<'a> {
    pub(crate) purpose: Purpose,
    /// The verification method: the DID URL of the signer's key.
    pub(crate) method: &'a str,
    pub(crate) created: UnixTime,
    /// Challenge and domain of an authentication.
    pub(crate) challenge: Option<(&'a str, &'a str)>,
}

/// Why a proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MakeProofError {
    /// The document cannot be signed as it is.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The moment of signing cannot be written, or the key is of no suite.
    #[error("the options of the proof cannot be written")]
    Options,
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Makes a proof over `document`, which must not have one.
pub(crate) fn make(
    document: &Map<String, Value>,
    tally: Tally,
    options: &Options<'_>,
    contexts: &Contexts,
    signer: &dyn Signer,
    budget: &mut Budget,
) -> Result<Value, MakeProofError> {
    let suite = Cryptosuite::of(signer.algorithm()).ok_or(MakeProofError::Options)?;
    let created = date_time::write(options.created).ok_or(MakeProofError::Options)?;
    let mut proof = Map::new();
    for (name, value) in [
        ("type", TYPE),
        ("cryptosuite", suite.as_str()),
        ("created", &created),
        ("verificationMethod", options.method),
        ("proofPurpose", options.purpose.as_str()),
    ] {
        proof.insert(name.to_owned(), json!(value));
    }
    if let Some((challenge, domain)) = options.challenge {
        proof.insert("challenge".to_owned(), json!(challenge));
        proof.insert("domain".to_owned(), json!(domain));
    }
    let message = signed_message(&proof, document, tally, contexts, budget)?;
    let signature = signer.sign(&message)?;
    let value = format!("z{}", bs58::encode(signature).into_string());
    proof.insert("proofValue".to_owned(), Value::String(value));
    Ok(Value::Object(proof))
}

/// The 64 bytes that are signed. The options have the contexts of the document.
fn signed_message(
    options: &Map<String, Value>,
    document: &Map<String, Value>,
    tally: Tally,
    contexts: &Contexts,
    budget: &mut Budget,
) -> Result<Vec<u8>, DocumentError> {
    let options_tally = Tally::of_node(options)?;
    let mut options = options.clone();
    if let Some(context) = document.get("@context") {
        options.insert("@context".to_owned(), context.clone());
    }
    let mut hash = |document: &Map<String, Value>, tally| {
        budget.spend(Work::Hashes, 1)?;
        let statements = json_ld::statements(document, tally, contexts, budget)?;
        Ok::<_, DocumentError>(Sha256::digest(rdfc::canonicalize(statements, budget)?.as_bytes()))
    };
    let document = hash(document, tally)?;
    Ok([hash(&options, options_tally)?, document].concat())
}

fn text(options: &Map<String, Value>, name: &'static str) -> Result<Option<String>, ProofError> {
    match options.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ProofError::Member(name)),
    }
}

fn date(options: &Map<String, Value>, name: &'static str) -> Result<Option<UnixTime>, ProofError> {
    let read = |text: String| date_time::read(&text).ok_or(ProofError::Member(name));
    text(options, name)?.map(read).transpose()
}

/// 64 bytes in base58btc with its multibase prefix.
fn decode_signature(value: &str) -> Option<Vec<u8>> {
    let body = value.strip_prefix('z').filter(|body| body.len() <= 128)?;
    bs58::decode(body)
        .into_vec()
        .ok()
        .filter(|signature| signature.len() == 64)
}

const TYPE: &str = "DataIntegrityProof";
/// The members that a proof may have.
const MEMBERS: [&str; 9] = [
    "type",
    "cryptosuite",
    "created",
    "expires",
    "verificationMethod",
    "proofPurpose",
    "challenge",
    "domain",
    "proofValue",
];
/// How old a holder's proof may be, in seconds: as a key binding of an SD-JWT.
const MAX_AGE: UnixTime = 300;
/// How far `created` may lie ahead, in seconds.
const MAX_AHEAD: UnixTime = 60;
