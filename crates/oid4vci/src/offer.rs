//! The credential offer: what the issuer is ready to issue, and how to get it. OpenID4VCI 1.0 §4.1
//!
//! ```json
//! {
//!   "credential_issuer": "https://credential-issuer.example.com",
//!   "credential_configuration_ids": ["UniversityDegreeCredential"],
//!   "grants": {
//!     "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
//!       "pre-authorized_code": "oaKazRN8I0IbtZ0C7JuMn5",
//!       "tx_code": { "length": 4, "input_mode": "numeric" }
//!     }
//!   }
//! }
//! ```

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};

use crate::identifier::{Identifier, Transport, UrlError};

/// A credential offer, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CredentialOffer {
    /// Whom to ask.
    pub credential_issuer: Identifier,
    /// What is offered: ids of the issuer's credential configurations, unique, at least one.
    pub credential_configuration_ids: Vec<String>,
    /// How to get it; none means: as the authorization server's metadata says.
    #[serde(skip_serializing_if = "Grants::is_empty")]
    pub grants: Grants,
}

/// The grants of an offer, each present or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// The authorization code grant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_code: Option<AuthorizationCodeGrant>,
    /// The pre-authorized code grant.
    #[serde(
        rename = "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub pre_authorized_code: Option<PreAuthorizedCodeGrant>,
}

impl Grants {
    /// The authorization server that the offer names for the grant that the wallet uses. OpenID4VCI 1.0 §4.1.1
    #[must_use]
    pub fn named_server(&self) -> Option<&str> {
        match (&self.pre_authorized_code, &self.authorization_code) {
            (Some(grant), _) => grant.authorization_server.as_deref(),
            (None, Some(grant)) => grant.authorization_server.as_deref(),
            (None, None) => None,
        }
    }

    fn is_empty(&self) -> bool {
        self.authorization_code.is_none() && self.pre_authorized_code.is_none()
    }
}

/// Parameters of the authorization code grant. OpenID4VCI 1.0 §4.1.1
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCodeGrant {
    /// Sent back in the authorization request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issuer_state: Option<String>,
    /// Which of several authorization servers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_server: Option<String>,
}

/// Parameters of the pre-authorized code grant. OpenID4VCI 1.0 §4.1.1
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreAuthorizedCodeGrant {
    /// The code, short-lived and used once.
    #[serde(rename = "pre-authorized_code")]
    pub pre_authorized_code: String,
    /// Present, even if empty, when a transaction code must be sent along.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tx_code: Option<TxCode>,
    /// Which of several authorization servers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_server: Option<String>,
}

impl std::fmt::Debug for PreAuthorizedCodeGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreAuthorizedCodeGrant")
            .field("tx_code", &self.tx_code)
            .finish_non_exhaustive()
    }
}

/// What the transaction code looks like. OpenID4VCI 1.0 §4.1.1
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxCode {
    /// The character set; numeric if left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input_mode: Option<InputMode>,
    /// How many characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub length: Option<u32>,
    /// Where the person finds the code, at most 300 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
}

/// Characters of a transaction code. OpenID4VCI 1.0 §4.1.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Digits only.
    Numeric,
    /// Any characters.
    Text,
}

/// Longest `description` of a transaction code. OpenID4VCI 1.0 §4.1.1
const DESCRIPTION_LIMIT: usize = 300;

impl TxCode {
    /// Whether what a person typed can be the code, checked before it leaves the wallet.
    pub fn check_input(&self, typed: &str) -> Result<(), TxCodeInputError> {
        if typed.is_empty() {
            return Err(TxCodeInputError::Empty);
        }
        if self
            .length
            .is_some_and(|length| typed.chars().count() != usize::try_from(length).unwrap_or(usize::MAX))
        {
            return Err(TxCodeInputError::Length);
        }
        if self.input_mode != Some(InputMode::Text) && !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TxCodeInputError::NotNumeric);
        }
        Ok(())
    }
}

/// Why what was typed cannot be the transaction code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TxCodeInputError {
    /// Nothing was typed.
    #[error("the transaction code is empty")]
    Empty,
    /// Not as long as the offer says.
    #[error("the transaction code has another length")]
    Length,
    /// Not only digits.
    #[error("the transaction code has only digits")]
    NotNumeric,
}

#[derive(Deserialize)]
struct Raw {
    credential_issuer: String,
    credential_configuration_ids: Vec<String>,
    #[serde(default)]
    grants: Grants,
}

impl CredentialOffer {
    /// Parses an offer object. Unrecognised parameters are ignored. OpenID4VCI 1.0 §4.1.1
    pub fn parse(bytes: &[u8], transport: Transport) -> Result<Self, OfferError> {
        let raw: Raw = strict_json::from_slice(bytes, &Limits::MESSAGE)?;
        let offer = Self {
            credential_issuer: Identifier::parse(&raw.credential_issuer, transport).map_err(OfferError::Issuer)?,
            credential_configuration_ids: raw.credential_configuration_ids,
            grants: raw.grants,
        };
        offer.check()?;
        Ok(offer)
    }

    fn check(&self) -> Result<(), OfferError> {
        let ids = &self.credential_configuration_ids;
        if ids.is_empty() {
            return Err(OfferError::NothingOffered);
        }
        if ids.iter().enumerate().any(|(index, id)| ids[..index].contains(id)) {
            return Err(OfferError::ConfigurationTwice);
        }
        if let Some(grant) = &self.grants.pre_authorized_code {
            if grant.pre_authorized_code.is_empty() {
                return Err(OfferError::EmptyCode);
            }
            let description = grant.tx_code.as_ref().and_then(|tx_code| tx_code.description.as_ref());
            if description.is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT) {
                return Err(OfferError::DescriptionTooLong);
            }
        }
        Ok(())
    }
}

/// Why a credential offer is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Not strict JSON, or a required parameter is missing.
    #[error("not a credential offer: {0}")]
    Json(#[from] StrictJsonError),
    /// The issuer's identifier is unusable.
    #[error("credential_issuer: {0}")]
    Issuer(UrlError),
    /// `credential_configuration_ids` is empty.
    #[error("nothing is offered")]
    NothingOffered,
    /// A credential configuration id stands twice.
    #[error("a credential configuration is offered twice")]
    ConfigurationTwice,
    /// The pre-authorized code is empty.
    #[error("the pre-authorized code is empty")]
    EmptyCode,
    /// The description of the transaction code exceeds 300 characters.
    #[error("the description of the transaction code is too long")]
    DescriptionTooLong,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;
    use crate::PRE_AUTHORIZED_CODE;

    fn offer() -> Value {
        json!({
            "credential_issuer": "https://issuer.example",
            "credential_configuration_ids": ["card", "card.offline"],
            "grants": { PRE_AUTHORIZED_CODE: { "pre-authorized_code": "abc", "tx_code": {} } },
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut offer = offer();
        offer[name] = value;
        offer
    }

    fn parse(value: &Value) -> Result<CredentialOffer, OfferError> {
        CredentialOffer::parse(&serde_json::to_vec(value).unwrap(), Transport::Https)
    }

    #[test]
    fn an_offer_comes_back_as_written() {
        let parsed = parse(&offer()).unwrap();
        assert_eq!(
            parsed.grants.pre_authorized_code.as_ref().unwrap().tx_code,
            Some(TxCode::default())
        );
        assert_eq!(serde_json::to_value(&parsed).unwrap(), offer());
    }

    #[test]
    fn the_code_is_not_in_debug_output() {
        assert!(!format!("{:?}", parse(&offer()).unwrap()).contains("abc"));
    }

    #[test]
    fn unrecognised_parameters_and_grants_are_ignored() {
        assert!(parse(&with("x", json!(1))).is_ok());
        assert_eq!(
            parse(&with("grants", json!({ "urn:other": {} }))).unwrap().grants,
            Grants::default()
        );
    }

    #[test_case("credential_issuer", json!("http://issuer.example") => OfferError::Issuer(UrlError::Scheme) ; "http issuer")]
    #[test_case("credential_configuration_ids", json!([]) => OfferError::NothingOffered ; "nothing offered")]
    #[test_case("credential_configuration_ids", json!(["a", "b", "a"]) => OfferError::ConfigurationTwice ; "twice")]
    #[test_case("grants", json!({ PRE_AUTHORIZED_CODE: { "pre-authorized_code": "" } }) => OfferError::EmptyCode ; "empty code")]
    #[test_case("grants", json!({ PRE_AUTHORIZED_CODE: { "pre-authorized_code": "a", "tx_code": { "description": "x".repeat(301) } } })
        => OfferError::DescriptionTooLong ; "long description")]
    fn refused(name: &str, value: Value) -> OfferError {
        parse(&with(name, value)).unwrap_err()
    }

    #[test]
    fn a_grant_without_its_code_is_refused() {
        let value = with("grants", json!({ PRE_AUTHORIZED_CODE: {} }));
        assert!(matches!(parse(&value), Err(OfferError::Json(_))));
    }

    #[test_case(TxCode { length: Some(4), ..TxCode::default() }, "12345" => Err(TxCodeInputError::Length) ; "too long")]
    #[test_case(TxCode { length: Some(4), ..TxCode::default() }, "12a4" => Err(TxCodeInputError::NotNumeric) ; "letter")]
    #[test_case(TxCode { input_mode: Some(InputMode::Text), ..TxCode::default() }, "12a4" => Ok(()) ; "text")]
    #[test_case(TxCode::default(), "" => Err(TxCodeInputError::Empty) ; "empty")]
    #[test_case(TxCode { length: Some(6), ..TxCode::default() }, "493536" => Ok(()) ; "digits")]
    fn typed(tx_code: TxCode, input: &str) -> Result<(), TxCodeInputError> {
        tx_code.check_input(input)
    }
}
