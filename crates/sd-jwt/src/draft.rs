use std::fmt;

use jose::{JwsHeader, PublicJwk, RandomSource, Signer, UnixTime};
use serde_json::{Map, Value, json};

use crate::{ClaimPath, IssueError, NEVER_DISCLOSABLE, Padding, StatusReference, TYP, issue};

/// A credential before it is signed. draft-ietf-oauth-sd-jwt-vc §2.2. `Debug` shows no claims.
#[derive(Clone)]
pub struct CredentialDraft {
    /// The type.
    pub vct: String,
    /// Who issues it; the DID of an anchored agency.
    pub issuer: Option<String>,
    /// `iat`, rounded by the caller so that copies cannot be linked by it.
    pub issued_at: UnixTime,
    /// `nbf`, rounded likewise.
    pub not_before: UnixTime,
    /// `exp`, rounded likewise.
    pub expires: UnixTime,
    /// The wallet's key for this copy.
    pub holder_key: PublicJwk,
    /// Where the status of this copy is found.
    pub status: Option<StatusReference>,
    /// What is said about the subject; also `vct#integrity` and `aka_vcts`, where the type has them.
    pub claims: Map<String, Value>,
    /// Which of `claims` can be withheld.
    pub disclosable: Disclosable,
    /// How `_sd` is filled up.
    pub padding: Padding,
}

/// Which claims about the subject can be withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disclosable {
    /// Each top-level claim by itself, but for those that must stay visible.
    EveryClaim,
    /// Those at these places.
    At(Vec<ClaimPath>),
}

impl CredentialDraft {
    /// Signs the credential. `kid` names the signer's key; `x5c` is a chain made by
    /// [`jose::x5c::to_value`], for verifiers that know the issuer by certificate.
    pub fn issue(
        self,
        kid: Option<&str>,
        x5c: Option<Value>,
        random: &mut dyn RandomSource,
        signer: &dyn Signer,
    ) -> Result<String, IssueError> {
        let mut header = JwsHeader::new(signer.algorithm()).with_typ(TYP);
        if let Some(kid) = kid {
            header = header.with_kid(kid);
        }
        if let Some(x5c) = x5c {
            header = header.with_x5c(x5c);
        }
        let subject = self.claims.keys().map(String::as_str);
        let disclosable: Vec<ClaimPath> = match self.disclosable {
            Disclosable::EveryClaim => subject
                .filter(|name| !NEVER_DISCLOSABLE.contains(name))
                .map(ClaimPath::from)
                .collect(),
            Disclosable::At(paths) => paths,
        };
        check_subject(&self.claims, &disclosable)?;
        // Without a claim to hide there must be no `_sd`. draft-ietf-oauth-sd-jwt-vc §2.2.2.5.
        let padding = match disclosable.as_slice() {
            [] => Padding::None,
            _ => self.padding,
        };
        let mut claims = self.claims;
        if let Some(issuer) = self.issuer {
            claims.insert("iss".to_owned(), json!(issuer));
        }
        claims.insert("iat".to_owned(), json!(self.issued_at));
        claims.insert("nbf".to_owned(), json!(self.not_before));
        claims.insert("exp".to_owned(), json!(self.expires));
        claims.insert("vct".to_owned(), json!(self.vct));
        claims.insert("cnf".to_owned(), json!({ "jwk": self.holder_key.to_value() }));
        if let Some(status) = self.status {
            claims.insert("status".to_owned(), status.to_claim());
        }
        issue(&header, claims, &disclosable, padding, random, signer)
    }
}

impl fmt::Debug for CredentialDraft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CredentialDraft")
            .field("vct", &self.vct)
            .finish_non_exhaustive()
    }
}

fn check_subject(claims: &Map<String, Value>, disclosable: &[ClaimPath]) -> Result<(), IssueError> {
    for name in NEVER_DISCLOSABLE {
        if disclosable.iter().any(|path| path.root() == Some(name)) {
            return Err(IssueError::NeverDisclosable(name));
        }
    }
    for name in ["iss", "iat", "nbf", "exp", "vct", "cnf", "status"] {
        if claims.contains_key(name) {
            return Err(IssueError::IssuerClaim(name));
        }
    }
    Ok(())
}
