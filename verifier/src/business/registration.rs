//! The registration certificate that a registrar hands over with an access certificate, and that goes into requests.
//! ETSI TS 119 475 clause 5.2, docs/registration.md §4.1

use jose::x5c::{ChainError, UnverifiedChain};
use jose::{PublicJwk, UnixTime};
use oid4vp::{UnverifiedRegistration, VerifierInfo};

use super::Business;
use crate::trust::TrustView;

/// A registration certificate of the business that keeps it.
#[derive(Debug, Clone)]
pub(super) struct Registration {
    text: String,
    expires: UnixTime,
    /// Who signed it, by its certificate; `None` where that names no DID.
    registrar: Option<String>,
    key: PublicJwk,
}

/// Why a registration certificate is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistrationError {
    /// It does not hold, or is about somebody else.
    #[error(transparent)]
    Certificate(#[from] oid4vp::RegistrationError),
    /// It brings no certificate of who signed it.
    #[error("it brings no certificate")]
    NoCertificate,
    /// The certificate of who signed it is of no use.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Registration {
    /// Checks that this is a registration of a business, in force at this time, and signed by the key of the certificate
    /// in it. Whose certificate that is, is for whoever is shown the registration.
    ///
    /// # Errors
    /// [`RegistrationError`]
    pub(super) fn check(text: &str, business: &str, now: UnixTime) -> Result<Self, RegistrationError> {
        let unverified = UnverifiedRegistration::parse(text)?;
        let chain = unverified.dangerous_x5c().ok_or(RegistrationError::NoCertificate)?;
        let chain = UnverifiedChain::parse(chain)?;
        let itself = *chain.dangerous_leaf_sha256();
        let signer = chain.verify_listed(&[itself], now)?;
        let verified = unverified.verify(std::slice::from_ref(signer.verifying_key()), business, now)?;
        let mut names = signer.uri_names().iter();
        Ok(Self {
            text: text.to_owned(),
            expires: verified.expires(),
            registrar: names.find(|name| name.starts_with("did:")).cloned(),
            key: signer.public_jwk().clone(),
        })
    }
}

impl Business {
    /// The same with a registration certificate as it was kept. One that is of no use any more goes into no request.
    #[must_use]
    pub fn with_registration(mut self, kept: Option<&str>, now: UnixTime) -> Self {
        self.registration = kept.and_then(|text| {
            let checked = Registration::check(text.trim(), self.did(), now);
            checked
                .inspect_err(|error| {
                    tracing::warn!(business = self.id(), %error, "a registration certificate is left out");
                })
                .ok()
        });
        self
    }

    /// The DID of the registrar that signed its registration certificate, as that says.
    pub(crate) fn registrar(&self) -> Option<&str> {
        self.registration.as_ref()?.registrar.as_deref()
    }

    /// Its registration certificate, as it is kept.
    pub(super) fn registration_text(&self) -> Option<&str> {
        self.registration
            .as_ref()
            .map(|registration| registration.text.as_str())
    }

    /// What the registrar attests in a request: the certificate with the proof that who signed it is a registrar, by the
    /// key that it has now. Without that proof no wallet could check it, and none of both is sent; the record of the
    /// business says the same.
    pub(crate) fn attested(&self, view: &TrustView, now: UnixTime) -> Option<[VerifierInfo; 2]> {
        let registration = self.registration.as_ref().filter(|one| now < one.expires)?;
        let registrar = view.registrars().get(registration.registrar.as_deref()?)?;
        let proof = registrar.proof_of_key(&registration.key)?;
        Some([
            VerifierInfo::Registration(registration.text.clone()),
            VerifierInfo::Registrar(proof.to_vec()),
        ])
    }
}
