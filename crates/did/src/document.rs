//! DID documents: verification methods and who may do what with them. DID Core 1.0 §5.

use jose::{Budget, OverBudget, PublicJwk, Work};
use serde_json::{Map, Value};

use crate::syntax::{Did, DidUrl};
use crate::{budget, multikey};

/// A DID document as JSON, its `id` and verification methods read.
///
/// Reading a document proves nothing: it is as true as the log or reply it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct DidDocument {
    did: Did,
    methods: Vec<VerificationMethod>,
    assertion: Vec<String>,
    invocation: Vec<String>,
    also_known_as: Vec<String>,
    json: Value,
}

impl DidDocument {
    /// Reads a document.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`DocumentError`].
    pub fn parse(json: &Value) -> Result<Self, DocumentError> {
        Self::parse_within(json, &mut budget::DOCUMENT.clone())
    }

    /// Reads a document within a budget, of which the list of verification methods is spent.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`DocumentError`].
    pub fn parse_within(json: &Value, budget: &mut Budget) -> Result<Self, DocumentError> {
        let object = json.as_object().ok_or(DocumentError::NotAnObject)?;
        let id = object.get("id").and_then(Value::as_str).ok_or(DocumentError::Id)?;
        let did: Did = id.parse().map_err(|_| DocumentError::Id)?;
        let mut methods = Vec::new();
        for method in list(object, "verificationMethod")? {
            budget.reach(Work::Listed, methods.len() + 1)?;
            methods.push(VerificationMethod::parse(&did, method)?);
        }
        let assertion = relationship(&did, object, "assertionMethod", &mut methods, budget)?;
        let invocation = relationship(&did, object, "capabilityInvocation", &mut methods, budget)?;
        for (at, method) in methods.iter().enumerate() {
            if methods[..at].iter().any(|other| other.id == method.id) {
                return Err(DocumentError::DuplicateMethod);
            }
        }
        let also_known_as = list(object, "alsoKnownAs")?
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or(DocumentError::AlsoKnownAs))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            did,
            methods,
            assertion,
            invocation,
            also_known_as,
            json: json.clone(),
        })
    }

    /// The DID the document is about.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The document as it was read.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Other names of the subject. DID Core 1.0 §5.1.3.
    #[must_use]
    pub fn also_known_as(&self) -> &[String] {
        &self.also_known_as
    }

    /// Verification methods under a relationship, in the order the document lists them.
    /// Names that lead to no method of this document are left out.
    pub fn methods(&self, relationship: Relationship) -> impl Iterator<Item = &VerificationMethod> {
        let names = match relationship {
            Relationship::AssertionMethod => &self.assertion,
            Relationship::CapabilityInvocation => &self.invocation,
        };
        names
            .iter()
            .filter_map(|name| self.methods.iter().find(|method| method.id == *name))
    }

    /// The key of the method `name` (absolute, `did:…#…`) if it stands under `relationship`.
    ///
    /// # Errors
    /// [`KeyError::NotListed`] where the relationship does not name it,
    /// [`KeyError::Unusable`] where the key is of a kind not in use.
    pub fn key(&self, relationship: Relationship, name: &DidUrl) -> Result<PublicJwk, KeyError> {
        let name = name.to_string();
        let mut listed = self.methods(relationship);
        let method = listed.find(|method| method.id == name).ok_or(KeyError::NotListed)?;
        method.key.clone().ok_or(KeyError::Unusable)
    }
}

/// What a key may be used for. DID Core 1.0 §5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// Making statements: credentials, status tokens, requests. §5.3.2.
    AssertionMethod,
    /// Acting for the subject: writing to the ledger. §5.3.4.
    CapabilityInvocation,
}

/// A named public key. DID Core 1.0 §5.2.
#[derive(Clone, Debug, PartialEq)]
pub struct VerificationMethod {
    id: String,
    key: Option<PublicJwk>,
}

impl VerificationMethod {
    /// Absolute name: `did:…#…`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key, where it is ES256 or Ed25519 as `JsonWebKey` or `Multikey`.
    #[must_use]
    pub fn key(&self) -> Option<&PublicJwk> {
        self.key.as_ref()
    }

    fn parse(did: &Did, json: &Value) -> Result<Self, DocumentError> {
        let object = json.as_object().ok_or(DocumentError::Method)?;
        let id = object.get("id").and_then(Value::as_str).ok_or(DocumentError::Method)?;
        let id = absolute(did, id)?;
        let kind = object
            .get("type")
            .and_then(Value::as_str)
            .ok_or(DocumentError::Method)?;
        let key = match kind {
            "JsonWebKey" | "JsonWebKey2020" => {
                let jwk = object.get("publicKeyJwk").ok_or(DocumentError::Method)?;
                // A private member in a public document is an accident that must not pass.
                if jwk.get("d").is_some() {
                    return Err(DocumentError::PrivateKey);
                }
                PublicJwk::parse(jwk).ok()
            }
            "Multikey" => object
                .get("publicKeyMultibase")
                .and_then(Value::as_str)
                .map(|text| multikey::decode(text).ok())
                .ok_or(DocumentError::Method)?,
            _ => None,
        };
        Ok(Self { id, key })
    }
}

/// Why a DID document is refused. DID Core 1.0 §5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// Not a JSON object. DID Core 1.0 §6.
    #[error("the DID document is not an object")]
    NotAnObject,
    /// `id` is missing or not a bare DID. DID Core 1.0 §5.1.1.
    #[error("the DID document's id is not a DID")]
    Id,
    /// A member that must be an array is not. DID Core 1.0 §5.2, §5.3.
    #[error("a list of the DID document is not an array")]
    NotAList,
    /// A verification method lacks id, type or key, or its id is no DID URL. DID Core 1.0 §5.2.
    #[error("a verification method is malformed")]
    Method,
    /// A verification method shows a private key. DID Core 1.0 §5.2.1.
    #[error("a verification method holds a private key")]
    PrivateKey,
    /// Two verification methods share a name. DID Core 1.0 §5.2.
    #[error("two verification methods have one name")]
    DuplicateMethod,
    /// More verification methods than the budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// `alsoKnownAs` holds something other than text. DID Core 1.0 §5.1.3.
    #[error("alsoKnownAs is malformed")]
    AlsoKnownAs,
}

/// Why a key of a document cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The relationship does not list the verification method. DID Core 1.0 §5.3.
    #[error("the key is not listed for this use")]
    NotListed,
    /// Listed, but neither P-256 nor Ed25519 as JWK or Multikey.
    #[error("the key is of a kind not in use")]
    Unusable,
}

fn list<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], DocumentError> {
    match object.get(name) {
        None => Ok(&[]),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(DocumentError::NotAList),
    }
}

/// Names under a relationship; embedded methods are added to `methods`.
fn relationship(
    did: &Did,
    object: &Map<String, Value>,
    name: &str,
    methods: &mut Vec<VerificationMethod>,
    budget: &mut Budget,
) -> Result<Vec<String>, DocumentError> {
    let mut names = Vec::new();
    for value in list(object, name)? {
        match value {
            Value::String(id) => names.push(absolute(did, id)?),
            embedded => {
                budget.reach(Work::Listed, methods.len() + 1)?;
                let method = VerificationMethod::parse(did, embedded)?;
                names.push(method.id.clone());
                methods.push(method);
            }
        }
    }
    Ok(names)
}

/// DID Core 1.0 §3.2.2: `#key-1` is relative to the document's DID.
fn absolute(did: &Did, id: &str) -> Result<String, DocumentError> {
    let full = if id.starts_with('#') {
        format!("{did}{id}")
    } else {
        id.to_owned()
    };
    full.parse::<DidUrl>().map_err(|_| DocumentError::Method)?;
    Ok(full)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    const KEY: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    fn document() -> Value {
        json!({
            "id": "did:example:1",
            "verificationMethod": [
                {"id": "#a", "type": "Multikey", "controller": "did:example:1", "publicKeyMultibase": KEY},
                {"id": "did:example:1#old", "type": "RsaKey", "publicKeyPem": "…"},
            ],
            "assertionMethod": ["#a", "did:example:1#old", "did:example:2#x"],
            "capabilityInvocation": [
                {"id": "#b", "type": "Multikey", "publicKeyMultibase": KEY},
            ],
        })
    }

    fn key(relationship: Relationship, name: &str) -> Result<(), KeyError> {
        let document = DidDocument::parse(&document()).unwrap();
        document.key(relationship, &name.parse().unwrap()).map(|_| ())
    }

    #[test_case(Relationship::AssertionMethod, "did:example:1#a" => Ok(()); "reference")]
    #[test_case(Relationship::CapabilityInvocation, "did:example:1#b" => Ok(()); "embedded")]
    #[test_case(Relationship::CapabilityInvocation, "did:example:1#a" => Err(KeyError::NotListed); "other use")]
    #[test_case(Relationship::AssertionMethod, "did:example:2#x" => Err(KeyError::NotListed); "of another document")]
    #[test_case(Relationship::AssertionMethod, "did:example:1#old" => Err(KeyError::Unusable); "unknown kind")]
    fn keys(relationship: Relationship, name: &str) -> Result<(), KeyError> {
        key(relationship, name)
    }

    #[test_case(json!([]) => DocumentError::NotAnObject; "array")]
    #[test_case(json!({}) => DocumentError::Id; "no id")]
    #[test_case(json!({"id": "did:example:1#a"}) => DocumentError::Id; "id is a did url")]
    #[test_case(json!({"id": "did:example:1", "assertionMethod": "#a"}) => DocumentError::NotAList; "not a list")]
    #[test_case(json!({"id": "did:example:1", "verificationMethod": [{"id": "a"}]}) => DocumentError::Method; "method")]
    #[test_case(json!({"id": "did:example:1", "verificationMethod": [{"id": "#a", "type": "JsonWebKey", "publicKeyJwk": {"d": "AA"}}]}) => DocumentError::PrivateKey; "private key")]
    #[test_case(json!({"id": "did:example:1", "alsoKnownAs": [1]}) => DocumentError::AlsoKnownAs; "also known as")]
    #[test_case(json!({"id": "did:example:1", "verificationMethod": [{"id": "#a", "type": "x"}, {"id": "did:example:1#a", "type": "x"}]}) => DocumentError::DuplicateMethod; "duplicate")]
    fn refused(json: Value) -> DocumentError {
        DidDocument::parse(&json).unwrap_err()
    }

    #[test]
    fn e12_core_methods_over_the_budget_are_refused_wherever_they_stand() {
        let most = budget::DOCUMENT.allowed(Work::Listed);
        let method = |n: usize| json!({"id": format!("#{n}"), "type": "x"});
        let with = |embedded: &[Value]| {
            let methods: Vec<Value> = (1..most).map(method).collect();
            let json = json!({"id": "did:example:1", "verificationMethod": methods, "assertionMethod": embedded});
            DidDocument::parse(&json).map(drop)
        };
        assert_eq!(with(&[method(most)]), Ok(()));
        let refused = Err(DocumentError::OverBudget(OverBudget(Work::Listed)));
        assert_eq!(with(&[method(most), method(most + 1)]), refused);
        let methods: Vec<Value> = (0..=most).map(method).collect();
        let json = json!({"id": "did:example:1", "verificationMethod": methods});
        assert_eq!(DidDocument::parse(&json).map(drop), refused);
    }
}
