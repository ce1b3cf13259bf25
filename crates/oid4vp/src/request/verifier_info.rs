//! `verifier_info`: what others attest about the verifier. OpenID4VP 1.0 §5.11
//!
//! ```json
//! [ { "format": "holdfast-bundle+cbor", "data": "<base64url>" },
//!   { "format": "holdfast-purpose", "data": { "purpose": "age-18" } },
//!   { "format": "holdfast-rule", "data": { "expression": "…", … } },
//!   { "format": "registration_cert", "data": "<rc-wrp+jwt>" },
//!   { "format": "holdfast-registrar+cbor", "data": "<base64url>" },
//!   { "format": "holdfast-earlier+cbor", "data": "<base64url>" } ]
//! ```

use jose::base64url;
use serde_json::{Value, json};

use super::RequestError;

/// An attestation that a Holdfast wallet understands; others are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifierInfo {
    /// Proof of the newest ledger record of the business: CBOR, not yet verified.
    Bundle(Vec<u8>),
    /// Which of the purposes in that record the request serves.
    Purpose(String),
    /// The rule by which they decide, as it was sent; not looked into here. docs/rules.md §6
    Rule(Value),
    /// What a registrar says that the business may ask: a registration certificate, not yet verified.
    /// ETSI TS 119 472-2 clause 6.3.2.2
    Registration(String),
    /// Proof of the newest policy of the ledger and of the record of the registrar that signed that certificate: a set
    /// of bundles, not yet verified. docs/registration.md §4.1
    Registrar(Vec<u8>),
    /// Proof of an earlier ledger record of the business, from before it might ask more: CBOR, not yet verified.
    EarlierBundle(Vec<u8>),
}

impl VerifierInfo {
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Bundle(bytes) => json!({ "format": BUNDLE, "data": base64url::encode(bytes) }),
            Self::Purpose(purpose) => json!({ "format": PURPOSE, "data": { "purpose": purpose } }),
            Self::Rule(rule) => json!({ "format": RULE, "data": rule }),
            Self::Registration(certificate) => json!({ "format": REGISTRATION, "data": certificate }),
            Self::Registrar(bytes) => json!({ "format": REGISTRAR, "data": base64url::encode(bytes) }),
            Self::EarlierBundle(bytes) => json!({ "format": EARLIER, "data": base64url::encode(bytes) }),
        }
    }

    /// Reads the parameter: a non-empty array of objects with `format` and
    /// `data`. OpenID4VP 1.0 §5.1
    pub(super) fn parse_all(value: &Value) -> Result<Vec<Self>, RequestError> {
        let items = value
            .as_array()
            .filter(|items| !items.is_empty())
            .ok_or(RequestError::VerifierInfo)?;
        let mut known = Vec::new();
        for item in items {
            known.extend(Self::parse(item)?);
        }
        Ok(known)
    }

    fn parse(item: &Value) -> Result<Option<Self>, RequestError> {
        let format = item
            .get("format")
            .and_then(Value::as_str)
            .ok_or(RequestError::VerifierInfo)?;
        let data = item.get("data").ok_or(RequestError::VerifierInfo)?;
        if !(data.is_string() || data.is_object()) || !credential_ids_ok(item.get("credential_ids")) {
            return Err(RequestError::VerifierInfo);
        }
        match format {
            BUNDLE => Ok(Some(Self::Bundle(bytes(data)?))),
            REGISTRAR => Ok(Some(Self::Registrar(bytes(data)?))),
            EARLIER => Ok(Some(Self::EarlierBundle(bytes(data)?))),
            REGISTRATION => Ok(Some(Self::Registration(text(data)?.to_owned()))),
            PURPOSE => {
                let purpose = data
                    .get("purpose")
                    .and_then(Value::as_str)
                    .ok_or(RequestError::VerifierInfo)?;
                Ok(Some(Self::Purpose(purpose.to_owned())))
            }
            RULE => Ok(Some(Self::Rule(data.clone()))),
            _ => Ok(None),
        }
    }
}

fn text(data: &Value) -> Result<&str, RequestError> {
    data.as_str().ok_or(RequestError::VerifierInfo)
}

fn bytes(data: &Value) -> Result<Vec<u8>, RequestError> {
    base64url::decode(text(data)?).map_err(|_| RequestError::VerifierInfo)
}

fn credential_ids_ok(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(value) => value
            .as_array()
            .is_some_and(|ids| !ids.is_empty() && ids.iter().all(Value::is_string)),
    }
}

const BUNDLE: &str = "holdfast-bundle+cbor";
const PURPOSE: &str = "holdfast-purpose";
const RULE: &str = "holdfast-rule";
const REGISTRATION: &str = "registration_cert";
const REGISTRAR: &str = "holdfast-registrar+cbor";
const EARLIER: &str = "holdfast-earlier+cbor";

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn round_trip() {
        let infos = vec![
            VerifierInfo::Bundle(vec![1, 2, 3]),
            VerifierInfo::Purpose("age-18".to_owned()),
            VerifierInfo::Rule(json!({"expression": "true"})),
            VerifierInfo::Registration("e30.e30.AA".to_owned()),
            VerifierInfo::Registrar(vec![4, 5]),
            VerifierInfo::EarlierBundle(vec![6]),
        ];
        let json = Value::Array(infos.iter().map(VerifierInfo::to_value).collect());
        assert_eq!(VerifierInfo::parse_all(&json), Ok(infos));
    }

    #[test]
    fn foreign_formats_are_ignored() {
        let json = json!([{ "format": "jwt", "data": "ey", "credential_ids": ["id_card"] }]);
        assert_eq!(VerifierInfo::parse_all(&json), Ok(vec![]));
    }

    #[test]
    fn what_a_rule_says_is_not_judged_here() {
        let json = json!([{ "format": "holdfast-rule", "data": { "no": "rule" } }]);
        let infos = VerifierInfo::parse_all(&json);
        assert_eq!(infos, Ok(vec![VerifierInfo::Rule(json!({"no": "rule"}))]));
    }

    #[test_case(json!([]) ; "empty")]
    #[test_case(json!({}) ; "no array")]
    #[test_case(json!([{"data": "x"}]) ; "no format")]
    #[test_case(json!([{"format": "jwt"}]) ; "no data")]
    #[test_case(json!([{"format": "jwt", "data": 1}]) ; "data is a number")]
    #[test_case(json!([{"format": "jwt", "data": "x", "credential_ids": []}]) ; "no credential ids")]
    #[test_case(json!([{"format": "holdfast-bundle+cbor", "data": "a="}]) ; "padded bundle")]
    #[test_case(json!([{"format": "holdfast-purpose", "data": {}}]) ; "no purpose")]
    #[test_case(json!([{"format": "registration_cert", "data": {}}]) ; "a registration that is no text")]
    #[test_case(json!([{"format": "holdfast-registrar+cbor", "data": "a="}]) ; "padded proof of a registrar")]
    #[test_case(json!([{"format": "holdfast-earlier+cbor", "data": "a="}]) ; "padded earlier bundle")]
    fn refused(json: Value) {
        assert_eq!(VerifierInfo::parse_all(&json), Err(RequestError::VerifierInfo));
    }
}
