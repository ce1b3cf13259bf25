use std::collections::BTreeMap;
use std::sync::Arc;

use json_syntax::Parse;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cards::CARDS;

/// The first context of every credential. VCDM 2.0 §4.3.
pub const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// A context that gives every term without a definition a meaning of its own. VCDM 2.0 §5.1.1.
pub const UNDEFINED_TERMS_V2: &str = "https://www.w3.org/ns/credentials/undefined-terms/v2";

/// The context of student cards: [`crate::CARDS`]. A URN, so that nothing can be fetched by it.
pub(crate) const STUDENT_CARD_V1: &str = "urn:holdfast:context:student-card:1";
/// The context of business registrations, likewise.
pub(crate) const BUSINESS_REGISTRATION_V1: &str = "urn:holdfast:context:business-registration:1";

/// The documents of the crate with the SHA-256 that each must have. That of the base context is the one in
/// VCDM 2.0 §B.1.
const BUNDLED: [(&str, &str, [u8; 32]); 4] = [
    (
        CREDENTIALS_V2,
        include_str!("../contexts/credentials-v2.jsonld"),
        *b"\x59\x95\x5c\xed\x66\x97\xd6\x1e\x03\xf2\xb2\x55\x6f\xeb\xe5\x30\x8a\xb1\x68\x42\x84\x6f\x5b\x58\x6d\x7f\x1f\x7a\xde\xc9\x27\x34",
    ),
    (
        UNDEFINED_TERMS_V2,
        include_str!("../contexts/undefined-terms-v2.jsonld"),
        *b"\x82\xda\xb5\x14\xba\x44\xeb\x18\xf5\xd1\xb0\xf6\x38\xc5\xe1\x40\xc6\xa5\x56\xfb\xfb\x50\x89\x60\x1b\xdc\x0f\xa5\xeb\x8b\x25\x81",
    ),
    (
        STUDENT_CARD_V1,
        include_str!("../contexts/student-card-v1.jsonld"),
        *b"\x40\x38\xd9\xe9\x0d\xb3\xce\xc1\xa0\xde\xfc\x37\x62\x32\x6c\x1d\x15\xf1\xde\x3c\x47\x5d\xab\x04\x9c\x75\xcf\xcf\x32\x5c\x0d\xff",
    ),
    (
        BUSINESS_REGISTRATION_V1,
        include_str!("../contexts/business-registration-v1.jsonld"),
        *b"\x74\x3f\x99\xf4\x8e\x6d\x39\xd1\x48\xbd\x09\x29\x9a\x2e\x2a\x25\xcf\xbe\xbc\x31\x44\x63\x1b\x31\x5b\x4e\x0b\xc2\x9d\x89\x00\x33",
    ),
];

/// Why a context was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// There is no `@context`, or it is not an array. VCDM 2.0 §4.3.
    #[error("@context is missing or not an array")]
    NotAnArray,
    /// The first context is not that of VCDM 2.0. §4.3.
    #[error("the first context is not that of VCDM 2.0")]
    BaseMissing,
    /// A context names a document that is not held here. It is not fetched.
    #[error("a context is not known here")]
    Unknown,
    /// Documents that are held, but not in a combination that the caller understands; or a context that
    /// stands in the document itself. Data Integrity 1.0 §4.6.
    #[error("the contexts are not among those accepted")]
    NotAccepted,
    /// A document given to be held has another SHA-256 than it was said to have.
    #[error("a context has another hash")]
    Hash,
    /// A document given to be held is not JSON.
    #[error("a context is not JSON")]
    Syntax,
}

/// The JSON-LD contexts that a program has, and those combinations of them that it understands.
///
/// A name in a credential means what the contexts say, and the contexts are not signed: whoever may choose
/// them may give the same statements other names. So an `@context` is accepted where it is, as a whole, one
/// of those that the caller listed, and refused otherwise. Data Integrity 1.0 §2.4.1, §4.6.
#[derive(Clone, Debug)]
pub struct Contexts {
    documents: BTreeMap<String, Arc<json_syntax::Value>>,
    accepted: Vec<Value>,
}

impl Contexts {
    /// The documents of this crate, each checked against its hash; the base context is accepted, alone and
    /// followed by the one for undefined terms or by that of one of the [`crate::CARDS`].
    ///
    /// # Errors
    /// [`ContextError::Hash`] where the crate was built with other documents.
    pub fn bundled() -> Result<Self, ContextError> {
        let mut contexts = Self {
            documents: BTreeMap::new(),
            accepted: Vec::new(),
        };
        for (url, text, sha256) in BUNDLED {
            contexts = contexts.with_document(url, text, &sha256)?;
        }
        let cards = CARDS.iter().map(|card| card.context);
        let accepted = cards.chain([UNDEFINED_TERMS_V2]);
        Ok(
            accepted.fold(contexts.accepting(&[CREDENTIALS_V2]), |contexts, second| {
                contexts.accepting(&[CREDENTIALS_V2, second])
            }),
        )
    }

    /// Holds one document more, which an application has with itself. It is not accepted by being held.
    ///
    /// # Errors
    /// [`ContextError::Hash`], [`ContextError::Syntax`]
    pub fn with_document(mut self, url: &str, text: &str, sha256: &[u8; 32]) -> Result<Self, ContextError> {
        if Sha256::digest(text.as_bytes()).as_slice() != sha256 {
            return Err(ContextError::Hash);
        }
        let (document, _) = json_syntax::Value::parse_str(text).map_err(|_| ContextError::Syntax)?;
        self.documents.insert(url.to_owned(), Arc::new(document));
        Ok(self)
    }

    /// Accepts these documents in this order.
    #[must_use]
    pub fn accepting(self, urls: &[&str]) -> Self {
        self.accepting_value(json!(urls))
    }

    /// Accepts an `@context` as it is, also with definitions inside it.
    #[must_use]
    pub fn accepting_value(mut self, context: Value) -> Self {
        self.accepted.push(context);
        self
    }

    /// Whether a document's `@context` is one that the caller understands.
    pub(crate) fn check(&self, context: Option<&Value>) -> Result<(), ContextError> {
        let named = context.and_then(Value::as_array).ok_or(ContextError::NotAnArray)?;
        if named.first().and_then(Value::as_str) != Some(CREDENTIALS_V2) {
            return Err(ContextError::BaseMissing);
        }
        let known = |url: &str| self.documents.contains_key(url);
        if named.iter().filter_map(Value::as_str).any(|url| !known(url)) {
            return Err(ContextError::Unknown);
        }
        match self.accepted.iter().any(|accepted| Some(accepted) == context) {
            true => Ok(()),
            false => Err(ContextError::NotAccepted),
        }
    }

    pub(crate) fn document(&self, url: &str) -> Option<&json_syntax::Value> {
        self.documents.get(url).map(Arc::as_ref)
    }
}
