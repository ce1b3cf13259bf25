use std::collections::BTreeSet;

use super::{Purpose, VerifiedCertificate};
use crate::base64url;

/// Who may sign the status lists of an issuer that is known by its certificate, whoever asks: the holder of a card keeps
/// it with the card, those who check one find it when the card is shown.
///
/// An issuer with names is known by them. Certificates of signers of driving licences have none by their profile
/// (ISO/IEC 18013-5 Annex B.1.4), and others need none; who stands behind such a signer only its authority says. So its
/// lists are signed by whomever the same authority certified (Token Status List §11.3), and that of a signer of licences
/// certifies nobody else but for that country or state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSigners {
    names: BTreeSet<String>,
    authority: Option<String>,
}

impl ListSigners {
    /// Those of an issuer with this certificate, which signs cards for this purpose.
    #[must_use]
    pub fn of(issuer: &VerifiedCertificate, purpose: Purpose) -> Self {
        let names: BTreeSet<String> = issuer.issuer_names().collect();
        let by_authority = purpose == Purpose::Mdl || names.is_empty();
        let authority = issuer.authority().filter(|_| by_authority);
        Self {
            authority: authority.map(base64url::encode),
            names,
        }
    }

    /// The same from what was kept of it.
    #[must_use]
    pub fn kept(names: &[String], authority: Option<&str>) -> Self {
        Self {
            names: names.iter().cloned().collect(),
            authority: authority.map(str::to_owned),
        }
    }

    /// The authority by which they are known, where they are: its SHA-256, in base64url.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Whether the holder of this certificate is one of them. That it leads to the anchors of the issuer, and is for
    /// [`Purpose::StatusList`], was checked before.
    #[must_use]
    pub fn include(&self, signer: &VerifiedCertificate) -> bool {
        let of_the_authority = self.authority.is_some() && self.authority == signer.authority().map(base64url::encode);
        of_the_authority || signer.issuer_names().any(|name| self.names.contains(&name))
    }
}
