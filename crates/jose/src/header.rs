use serde_json::{Map, Value, json};

use crate::jws::JwsError;
use crate::strict_json::{self, Limits};
use crate::{Algorithm, Budget, OverBudget, PublicJwk, Work};

/// The protected header of a JWS. RFC 7515 §4.
///
/// `jku`, `x5u` and other members that point elsewhere are kept in [`JwsHeader::other`] for
/// the record and are never followed.
#[derive(Clone, Debug, PartialEq)]
pub struct JwsHeader {
    alg: Algorithm,
    typ: Option<String>,
    kid: Option<String>,
    jwk: Option<PublicJwk>,
    x5c: Option<Value>,
    other: Map<String, Value>,
}

impl JwsHeader {
    /// A header with nothing but `alg`.
    #[must_use]
    pub fn new(alg: Algorithm) -> Self {
        Self {
            alg,
            typ: None,
            kid: None,
            jwk: None,
            x5c: None,
            other: Map::new(),
        }
    }

    /// Sets `typ`. RFC 7515 §4.1.9.
    #[must_use]
    pub fn with_typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Sets `kid`. RFC 7515 §4.1.4.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Sets `jwk`. RFC 7515 §4.1.3.
    #[must_use]
    pub fn with_jwk(mut self, jwk: PublicJwk) -> Self {
        self.jwk = Some(jwk);
        self
    }

    /// Sets `x5c` to a JSON array as [`crate::x5c::to_value`] makes it. RFC 7515 §4.1.6.
    #[must_use]
    pub fn with_x5c(mut self, chain: Value) -> Self {
        self.x5c = Some(chain);
        self
    }

    /// Sets another member. One of the names above is overwritten when written out.
    #[must_use]
    pub fn with_other(mut self, name: impl Into<String>, value: Value) -> Self {
        self.other.insert(name.into(), value);
        self
    }

    /// Reads a header: strict JSON, algorithm from the closed list before anything else.
    pub(crate) fn parse(json: &[u8], budget: &mut Budget) -> Result<Self, JwsError> {
        if json.len() > Limits::MESSAGE.bytes {
            return Err(JwsError::HeaderJson(OverBudget(Work::Bytes).into()));
        }
        let Value::Object(mut members) = strict_json::parse_within(json, budget).map_err(JwsError::HeaderJson)? else {
            return Err(JwsError::HeaderNotAnObject);
        };
        let alg = match members.remove("alg") {
            None => return Err(JwsError::AlgorithmMissing),
            Some(Value::String(name)) => Algorithm::from_name(&name).ok_or(JwsError::AlgorithmNotAllowed)?,
            Some(_) => return Err(JwsError::AlgorithmNotAllowed),
        };
        if members.contains_key("crit") {
            return Err(JwsError::CriticalHeader);
        }
        if members.contains_key("b64") {
            return Err(JwsError::UnencodedPayload);
        }
        let jwk = match members.remove("jwk") {
            None => None,
            Some(value) => Some(PublicJwk::parse(&value).map_err(JwsError::HeaderJwk)?),
        };
        Ok(Self {
            alg,
            typ: text(&mut members, "typ")?,
            kid: text(&mut members, "kid")?,
            jwk,
            x5c: members.remove("x5c"),
            other: members,
        })
    }

    /// The header as JSON text.
    pub(crate) fn to_json(&self) -> String {
        let mut members = self.other.clone();
        members.insert("alg".to_owned(), json!(self.alg.as_str()));
        if let Some(typ) = &self.typ {
            members.insert("typ".to_owned(), json!(typ));
        }
        if let Some(kid) = &self.kid {
            members.insert("kid".to_owned(), json!(kid));
        }
        if let Some(jwk) = &self.jwk {
            members.insert("jwk".to_owned(), jwk.to_value());
        }
        if let Some(x5c) = &self.x5c {
            members.insert("x5c".to_owned(), x5c.clone());
        }
        Value::Object(members).to_string()
    }

    /// The algorithm named; it must agree with the key's.
    #[must_use]
    pub fn alg(&self) -> Algorithm {
        self.alg
    }

    /// The type of the whole token.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The key id: a hint until policy has found the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The embedded public key. Only a proof of possession may be verified with it.
    #[must_use]
    pub fn jwk(&self) -> Option<&PublicJwk> {
        self.jwk.as_ref()
    }

    /// The certificate chain, to be given to [`crate::x5c::UnverifiedChain::parse`].
    #[must_use]
    pub fn x5c(&self) -> Option<&Value> {
        self.x5c.as_ref()
    }

    /// Members that have no accessor of their own.
    #[must_use]
    pub fn other(&self) -> &Map<String, Value> {
        &self.other
    }
}

fn text(members: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, JwsError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwsError::HeaderMember(name)),
    }
}
