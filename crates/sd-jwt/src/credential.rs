use jose::claims::{ClaimError, numeric_date, required_string, string};
use jose::{Budget, PublicJwk, UnixTime};
use serde_json::{Map, Value};
use status_list::{StatusReference, StatusReferenceError};

use crate::key_binding::{self, KeyBindingError};
use crate::parts::Processed;
use crate::{ClaimPath, Integrity, IntegrityError, VerifiedKeyBinding, VerifiedPresentation};

/// `typ` of an SD-JWT VC. draft-ietf-oauth-sd-jwt-vc §2.2.1.
pub const TYP: &str = "dc+sd-jwt";
/// Claims that stand in the payload or nowhere, with everything inside them.
/// draft-ietf-oauth-sd-jwt-vc §2.2.2.3.
pub const NEVER_DISCLOSABLE: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

/// Which claims a credential must have, fixed per issuer by the caller's policy. A holder who
/// hides one of them shows no valid credential. RFC 9901 §9.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirements {
    /// An issuer on the ledger: `iss`, `nbf`, `exp`, `cnf` and `status`.
    Anchored,
    /// HAIP 1.0 §6.1: `cnf`, and `exp` or `status`.
    Haip,
}

/// Why an SD-JWT is no valid credential. draft-ietf-oauth-sd-jwt-vc §2.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// A claim is missing that policy requires, or it is of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `vct` is empty. §2.2.2.1.
    #[error("vct is empty")]
    EmptyType,
    /// A claim that must not be disclosable came from a disclosure. §2.2.2.3.
    #[error("{0} must not be selectively disclosable")]
    Disclosed(&'static str),
    /// `cnf` is there without a usable `jwk`. §2.2.2.3, RFC 7800 §3.2.
    #[error("holder key: {0}")]
    HolderKey(KeyBindingError),
    /// `status` is not `{"status_list": {"idx", "uri"}}`. Token Status List §6.2.
    #[error(transparent)]
    Status(#[from] StatusReferenceError),
    /// `aka_vcts` is not a non-empty array of types other than `vct`. §2.2.2.2.
    #[error("aka_vcts is malformed")]
    OtherTypes,
    /// `vct#integrity` is not integrity metadata. §5.3, §6.
    #[error("vct#integrity: {0}")]
    TypeIntegrity(IntegrityError),
}

/// The claims of a credential that every verifier reads, each with its one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialClaims {
    vct: String,
    type_integrity: Option<Integrity>,
    other_types: Vec<String>,
    issuer: Option<String>,
    issued_at: Option<UnixTime>,
    not_before: Option<UnixTime>,
    expires: Option<UnixTime>,
    holder_key: Option<PublicJwk>,
    status: Option<StatusReference>,
}

impl CredentialClaims {
    /// Checks the rules of SD-JWT VC over a processed payload. `proved` is the holder key
    /// where key binding has already read it.
    pub(crate) fn check(
        processed: &Processed,
        requirements: Requirements,
        proved: Option<&PublicJwk>,
    ) -> Result<Self, CredentialError> {
        for (_, path) in &processed.disclosures {
            let root = path.root();
            if let Some(name) = NEVER_DISCLOSABLE.iter().find(|name| root == Some(**name)) {
                return Err(CredentialError::Disclosed(name));
            }
        }
        let claims = &processed.claims;
        let vct = required_string(claims, "vct")?;
        if vct.is_empty() {
            return Err(CredentialError::EmptyType);
        }
        let read = Self {
            vct: vct.to_owned(),
            type_integrity: type_integrity(claims)?,
            other_types: other_types(claims, vct)?,
            issuer: string(claims, "iss")?.map(str::to_owned),
            issued_at: numeric_date(claims, "iat")?,
            not_before: numeric_date(claims, "nbf")?,
            expires: numeric_date(claims, "exp")?,
            holder_key: match (proved, claims.contains_key("cnf")) {
                (Some(key), _) => Some(key.clone()),
                (None, false) => None,
                (None, true) => Some(key_binding::holder_key(claims).map_err(CredentialError::HolderKey)?),
            },
            status: claims.get("status").map(StatusReference::from_claim).transpose()?,
        };
        read.require(requirements)?;
        Ok(read)
    }

    fn require(&self, requirements: Requirements) -> Result<(), CredentialError> {
        let needed = match requirements {
            Requirements::Anchored => [
                ("iss", self.issuer.is_some()),
                ("nbf", self.not_before.is_some()),
                ("exp", self.expires.is_some()),
                ("cnf", self.holder_key.is_some()),
                ("status", self.status.is_some()),
            ]
            .to_vec(),
            Requirements::Haip => [
                ("cnf", self.holder_key.is_some()),
                ("exp", self.expires.is_some() || self.status.is_some()),
            ]
            .to_vec(),
        };
        match needed.iter().find(|(_, present)| !present) {
            Some((name, _)) => Err(ClaimError::Missing(name).into()),
            None => Ok(()),
        }
    }

    /// The type of the credential.
    #[must_use]
    pub fn vct(&self) -> &str {
        &self.vct
    }

    /// What its type metadata must hash to.
    #[must_use]
    pub fn type_integrity(&self) -> Option<&Integrity> {
        self.type_integrity.as_ref()
    }

    /// Further types that the issuer says it is of. They give no right to issue those types:
    /// what an issuer may issue is decided by `vct` and policy. §2.2.2.2, §7 (Credential Type
    /// Extension and Issuer Authorization).
    #[must_use]
    pub fn other_types(&self) -> &[String] {
        &self.other_types
    }

    /// The issuer it names.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `iat`: says nothing about which key was current.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.issued_at
    }

    /// `nbf`
    #[must_use]
    pub fn not_before(&self) -> Option<UnixTime> {
        self.not_before
    }

    /// `exp`
    #[must_use]
    pub fn expires(&self) -> Option<UnixTime> {
        self.expires
    }

    /// The key that the credential is bound to.
    #[must_use]
    pub fn holder_key(&self) -> Option<&PublicJwk> {
        self.holder_key.as_ref()
    }

    /// Where its status is found. Presence alone says nothing about validity.
    #[must_use]
    pub fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }
}

fn type_integrity(claims: &Map<String, Value>) -> Result<Option<Integrity>, CredentialError> {
    let text = string(claims, "vct#integrity")?;
    text.map(Integrity::parse)
        .transpose()
        .map_err(CredentialError::TypeIntegrity)
}

fn other_types(claims: &Map<String, Value>, vct: &str) -> Result<Vec<String>, CredentialError> {
    let Some(types) = claims.get("aka_vcts") else {
        return Ok(Vec::new());
    };
    let types = types.as_array().filter(|types| !types.is_empty());
    types
        .ok_or(CredentialError::OtherTypes)?
        .iter()
        .map(|other| match other {
            Value::String(other) if !other.is_empty() && other != vct => Ok(other.clone()),
            _ => Err(CredentialError::OtherTypes),
        })
        .collect()
}

/// A credential that was presented, with every check of RFC 9901 and SD-JWT VC passed. Its
/// status has not been looked up.
#[derive(Clone, Debug)]
pub struct VerifiedCredential {
    presentation: VerifiedPresentation,
    claims: CredentialClaims,
}

impl VerifiedCredential {
    pub(crate) fn new(presentation: VerifiedPresentation, claims: CredentialClaims) -> Self {
        Self { presentation, claims }
    }

    /// The claims that every verifier reads.
    #[must_use]
    pub fn credential(&self) -> &CredentialClaims {
        &self.claims
    }

    /// The processed payload.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        self.presentation.claims()
    }

    /// The claims that the holder chose to show.
    pub fn disclosed(&self) -> impl Iterator<Item = &ClaimPath> {
        self.presentation.disclosed()
    }

    /// The key binding, where the policy asked for one.
    #[must_use]
    pub fn key_binding(&self) -> Option<&VerifiedKeyBinding> {
        self.presentation.key_binding()
    }

    /// What verifying it cost: bytes, values, hashes, signatures.
    #[must_use]
    pub fn work(&self) -> &Budget {
        self.presentation.work()
    }

    pub(crate) fn processed(&self) -> &Processed {
        self.presentation.processed()
    }
}
