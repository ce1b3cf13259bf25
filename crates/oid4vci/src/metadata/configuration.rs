//! One entry of `credential_configurations_supported`. OpenID4VCI 1.0 §12.2.4 and Appendix A

use std::collections::BTreeMap;

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::display::{CredentialMetadata, DisplayError};

/// A kind of credential that an issuer can issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialConfiguration {
    /// The format and what belongs to it.
    #[serde(flatten)]
    pub format: FormatProfile,
    /// The OAuth scope that asks for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
    /// Algorithms the issuer signs with: names in JOSE formats, numbers in COSE formats.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential_signing_alg_values_supported: Option<Vec<Value>>,
    /// How the holder's key is written: `jwk`, `cose_key`, `did:…`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cryptographic_binding_methods_supported: Option<Vec<String>>,
    /// The key proofs taken, by proof type.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proof_types_supported: Option<BTreeMap<String, ProofType>>,
    /// Names of the card and its claims.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential_metadata: Option<CredentialMetadata>,
}

/// The credential format and its own parameters. OpenID4VCI 1.0 Appendix A
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawFormat", into = "RawFormat")]
#[non_exhaustive]
pub enum FormatProfile {
    /// `dc+sd-jwt`. OpenID4VCI 1.0 Appendix A.3
    SdJwtVc {
        /// The credential type.
        vct: String,
    },
    /// `mso_mdoc`. OpenID4VCI 1.0 Appendix A.2
    MsoMdoc {
        /// The document type.
        doctype: String,
    },
    /// `ldp_vc`. OpenID4VCI 1.0 Appendix A.1.2
    LdpVc {
        /// `@context` of its credentials.
        context: Vec<Value>,
        /// Their types, as they are written.
        types: Vec<String>,
    },
    /// A format with a name alone, as far as this crate reads it.
    Other {
        /// The format identifier.
        format: String,
    },
}

impl FormatProfile {
    /// The format identifier.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::SdJwtVc { .. } => SD_JWT_VC,
            Self::MsoMdoc { .. } => MSO_MDOC,
            Self::LdpVc { .. } => LDP_VC,
            Self::Other { format } => format,
        }
    }

    /// The type, as the format calls it; `None` where this crate does not read it. Of a W3C credential it is the one
    /// beside the type that all have, as it is written: only the contexts say what it means.
    #[must_use]
    pub fn card_type(&self) -> Option<&str> {
        match self {
            Self::SdJwtVc { vct } => Some(vct),
            Self::MsoMdoc { doctype } => Some(doctype),
            Self::LdpVc { types, .. } => types
                .iter()
                .map(String::as_str)
                .find(|name| *name != OF_EVERY_W3C_CREDENTIAL),
            Self::Other { .. } => None,
        }
    }

    /// Whether its credentials are JSON objects, and no strings. OpenID4VCI 1.0 Appendix A.1.2.4
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Self::LdpVc { .. })
    }
}

/// `type` of every W3C credential. VCDM 2.0 §4.5
const OF_EVERY_W3C_CREDENTIAL: &str = "VerifiableCredential";
const LDP_VC: &str = "ldp_vc";
const SD_JWT_VC: &str = "dc+sd-jwt";
const MSO_MDOC: &str = "mso_mdoc";

#[derive(Clone, Serialize, Deserialize)]
struct RawFormat {
    format: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    vct: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    doctype: Option<String>,
    /// Other formats have one of another shape.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    credential_definition: Option<Value>,
}

/// `credential_definition` of `ldp_vc`. OpenID4VCI 1.0 Appendix A.1.2.2
#[derive(Serialize, Deserialize)]
struct Definition {
    #[serde(rename = "@context")]
    context: Vec<Value>,
    #[serde(rename = "type")]
    types: Vec<String>,
}

impl TryFrom<RawFormat> for FormatProfile {
    type Error = &'static str;

    fn try_from(raw: RawFormat) -> Result<Self, Self::Error> {
        match raw.format.as_str() {
            SD_JWT_VC => Ok(Self::SdJwtVc {
                vct: raw.vct.ok_or("dc+sd-jwt without vct")?,
            }),
            MSO_MDOC => Ok(Self::MsoMdoc {
                doctype: raw.doctype.ok_or("mso_mdoc without doctype")?,
            }),
            LDP_VC => {
                let definition = raw
                    .credential_definition
                    .ok_or("ldp_vc without credential_definition")?;
                let definition: Definition =
                    serde_json::from_value(definition).map_err(|_| "a credential_definition of another shape")?;
                Ok(Self::LdpVc {
                    context: definition.context,
                    types: definition.types,
                })
            }
            _ => Ok(Self::Other { format: raw.format }),
        }
    }
}

impl From<FormatProfile> for RawFormat {
    fn from(profile: FormatProfile) -> Self {
        let bare = Self {
            format: profile.name().to_owned(),
            vct: None,
            doctype: None,
            credential_definition: None,
        };
        match profile {
            FormatProfile::SdJwtVc { vct } => Self { vct: Some(vct), ..bare },
            FormatProfile::MsoMdoc { doctype } => Self {
                doctype: Some(doctype),
                ..bare
            },
            FormatProfile::LdpVc { context, types } => Self {
                // A list of JSON values and one of texts can be written.
                credential_definition: serde_json::to_value(Definition { context, types }).ok(),
                ..bare
            },
            FormatProfile::Other { .. } => bare,
        }
    }
}

/// What the issuer asks of one kind of key proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofType {
    /// Algorithms a proof may be signed with.
    pub proof_signing_alg_values_supported: Vec<Value>,
    /// Present when a key attestation is required.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key_attestations_required: Option<KeyAttestationsRequired>,
}

/// How a wallet shows that it holds its keys. OpenID4VCI 1.0 Appendix F
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofForm {
    /// A proof of possession of each key.
    Jwt,
    /// A proof of possession of one key, with an attestation of all.
    JwtAttested,
    /// An attestation of all keys alone.
    Attestation,
}

/// The requirement for a key attestation. OpenID4VCI 1.0 §12.2.4 and Appendix D
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAttestationsRequired {
    /// Accepted resistance of the key storage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key_storage: Option<Vec<String>>,
    /// Accepted resistance of the user authentication.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_authentication: Option<Vec<String>>,
}

impl CredentialConfiguration {
    /// How a wallet with keys of this algorithm shows that it holds them, in the form that says least; `None` where it
    /// cannot. `attests` is whether it can get key attestations; those say nothing about levels.
    #[must_use]
    pub fn proof_form(&self, algorithm: jose::Algorithm, attests: bool) -> Option<ProofForm> {
        let types = self.proof_types_supported.as_ref()?;
        let name = algorithm.to_string();
        let usable = |kind: &str| {
            let kind = types.get(kind)?;
            let algorithms = &kind.proof_signing_alg_values_supported;
            algorithms.iter().any(|alg| alg.as_str() == Some(&name)).then_some(kind)
        };
        let within_reach = |kind: &ProofType| {
            let required = kind.key_attestations_required.as_ref();
            attests
                && required.is_none_or(|levels| levels.key_storage.is_none() && levels.user_authentication.is_none())
        };
        match (usable("jwt"), usable("attestation")) {
            (Some(jwt), _) if jwt.key_attestations_required.is_none() => Some(ProofForm::Jwt),
            (Some(jwt), _) if within_reach(jwt) => Some(ProofForm::JwtAttested),
            (_, Some(attestation)) if within_reach(attestation) => Some(ProofForm::Attestation),
            _ => None,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigurationError> {
        // The other way round, binding methods without proof types, breaks the same sentence; the specification's own
        // examples do so, and no proof can be made for such a configuration anyway.
        if self.proof_types_supported.is_some() && self.cryptographic_binding_methods_supported.is_none() {
            return Err(ConfigurationError::ProofTypesWithoutBinding);
        }
        if self
            .cryptographic_binding_methods_supported
            .as_ref()
            .is_some_and(Vec::is_empty)
            || self
                .credential_signing_alg_values_supported
                .as_ref()
                .is_some_and(Vec::is_empty)
        {
            return Err(ConfigurationError::EmptyList);
        }
        for proof_type in self.proof_types_supported.iter().flat_map(BTreeMap::values) {
            let attestations = proof_type.key_attestations_required.iter();
            let mut levels = attestations.flat_map(|required| [&required.key_storage, &required.user_authentication]);
            if proof_type.proof_signing_alg_values_supported.is_empty()
                || levels.any(|list| list.as_ref().is_some_and(Vec::is_empty))
            {
                return Err(ConfigurationError::EmptyList);
            }
        }
        match &self.credential_metadata {
            Some(metadata) => Ok(metadata.check()?),
            None => Ok(()),
        }
    }
}

/// Why a credential configuration is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// Not JSON of this shape, or a parameter of the format is missing.
    #[error("not a credential configuration: {0}")]
    Json(#[from] StrictJsonError),
    /// `proof_types_supported` MUST be omitted where there are no binding methods. OpenID4VCI 1.0 §12.2.4
    #[error("proof types without binding methods")]
    ProofTypesWithoutBinding,
    /// A list that must not be empty is empty.
    #[error("a list that must have entries is empty")]
    EmptyList,
    /// The display data breaks a rule.
    #[error(transparent)]
    Display(#[from] DisplayError),
}

/// Parses a whole `credential_configurations_supported` object, the part of the metadata that catalogues publish alone.
pub fn parse_configurations(bytes: &[u8]) -> Result<BTreeMap<String, CredentialConfiguration>, ConfigurationError> {
    #[derive(Deserialize)]
    struct Wrapper {
        credential_configurations_supported: BTreeMap<String, CredentialConfiguration>,
    }
    let wrapper: Wrapper = strict_json::from_slice(bytes, &Limits::METADATA)?;
    for configuration in wrapper.credential_configurations_supported.values() {
        configuration.check()?;
    }
    Ok(wrapper.credential_configurations_supported)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn parse(configuration: Value) -> Result<CredentialConfiguration, ConfigurationError> {
        let whole = json!({ "credential_configurations_supported": { "card": configuration } });
        let mut all = parse_configurations(&serde_json::to_vec(&whole).unwrap())?;
        Ok(all.remove("card").unwrap())
    }

    #[test]
    fn a_configuration_comes_back_as_written() {
        let text = json!({
            "format": "dc+sd-jwt", "vct": "urn:card:1", "scope": "card",
            "credential_signing_alg_values_supported": ["ES256"],
            "cryptographic_binding_methods_supported": ["jwk"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        });
        let configuration = parse(text.clone()).unwrap();
        assert_eq!(
            configuration.format,
            FormatProfile::SdJwtVc {
                vct: "urn:card:1".to_owned()
            }
        );
        assert_eq!(
            configuration.proof_form(jose::Algorithm::Es256, false),
            Some(ProofForm::Jwt)
        );
        assert_eq!(configuration.proof_form(jose::Algorithm::EdDsa, true), None);
        assert_eq!(serde_json::to_value(&configuration).unwrap(), text);
    }

    #[test]
    fn a_w3c_type_comes_back_as_written() {
        let text = json!({ "format": "ldp_vc", "credential_definition": {
            "@context": ["https://www.w3.org/ns/credentials/v2", { "a": "urn:a" }],
            "type": ["VerifiableCredential", "StudentCard"],
        } });
        let configuration = parse(text.clone()).unwrap();
        assert_eq!(configuration.format.card_type(), Some("StudentCard"));
        assert!(configuration.format.is_object());
        assert_eq!(serde_json::to_value(&configuration).unwrap(), text);
    }

    #[test_case(json!({"format": "ldp_vc"}) => false ; "no definition")]
    #[test_case(json!({"format": "ldp_vc", "credential_definition": {"type": ["VerifiableCredential"]}}) => false ; "no contexts")]
    #[test_case(json!({"format": "ldp_vc", "credential_definition": {"@context": [], "type": "a"}}) => false ; "a text for types")]
    #[test_case(json!({"format": "jwt_vc_json", "credential_definition": {"type": ["VerifiableCredential"]}}) => true ; "another format has another definition")]
    fn definitions(configuration: Value) -> bool {
        parse(configuration).is_ok()
    }

    #[test_case(json!({"jwt": {"key_attestations_required": {}}}) => (None, Some(ProofForm::JwtAttested)) ; "attested proof")]
    #[test_case(json!({"attestation": {"key_attestations_required": {}}}) => (None, Some(ProofForm::Attestation)) ; "attestation alone")]
    #[test_case(json!({"attestation": {}, "jwt": {}}) => (Some(ProofForm::Jwt), Some(ProofForm::Jwt)) ; "both")]
    #[test_case(json!({"jwt": {"key_attestations_required": {"key_storage": ["iso_18045_high"]}}}) => (None, None) ; "levels that nobody attests")]
    #[test_case(json!({"di_vp": {}}) => (None, None) ; "other type")]
    fn proof_forms(types: Value) -> (Option<ProofForm>, Option<ProofForm>) {
        let mut types = types;
        for kind in types.as_object_mut().unwrap().values_mut() {
            kind["proof_signing_alg_values_supported"] = json!(["ES256"]);
        }
        let text =
            json!({"format": "x", "cryptographic_binding_methods_supported": ["jwk"], "proof_types_supported": types});
        let configuration = parse(text).unwrap();
        let form = |attests| configuration.proof_form(jose::Algorithm::Es256, attests);
        (form(false), form(true))
    }

    #[test]
    fn sd_jwt_vc_without_vct_is_refused() {
        assert!(matches!(
            parse(json!({ "format": "dc+sd-jwt" })),
            Err(ConfigurationError::Json(_))
        ));
    }

    #[test_case(json!({"format": "x", "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}}})
        => ConfigurationError::ProofTypesWithoutBinding ; "proof types without binding")]
    #[test_case(json!({"format": "x", "cryptographic_binding_methods_supported": [], "proof_types_supported": {}})
        => ConfigurationError::EmptyList ; "no binding methods")]
    #[test_case(json!({"format": "x", "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": []}}})
        => ConfigurationError::EmptyList ; "no proof algorithms")]
    #[test_case(json!({"format": "x", "credential_signing_alg_values_supported": []})
        => ConfigurationError::EmptyList ; "no signing algorithms")]
    #[test_case(json!({"format": "x", "credential_metadata": {"claims": [{"path": []}]}})
        => ConfigurationError::Display(DisplayError::EmptyPath) ; "empty path")]
    fn refused(configuration: Value) -> ConfigurationError {
        parse(configuration).unwrap_err()
    }
}
