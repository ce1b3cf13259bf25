//! The registration certificate that a registrar hands over with an access certificate. ETSI TS 119 475 clause 5.2

use jose::x5c::{ChainError, UnverifiedChain};
use jose::{JwsError, UnixTime, UnverifiedJws, claims};

/// The type of the token. ETSI TS 119 475 Table 5
const TYP: &str = "rc-wrp+jwt";
/// Bytes of the longest one that is kept.
const LONGEST: usize = 65_536;

/// Why a registration certificate is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistrationError {
    /// It is longer than any is.
    #[error("it is too long")]
    TooLong,
    /// It is no signed token of this type, or not signed by the key of its certificate.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// It brings no certificate of who signed it.
    #[error("it brings no certificate")]
    NoCertificate,
    /// The certificate of who signed it is of no use.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A claim is missing, or not what it must be.
    #[error(transparent)]
    Claim(#[from] claims::ClaimError),
    /// It is about somebody else.
    #[error("it is of another business")]
    OtherBusiness,
    /// It has run out.
    #[error("it has run out")]
    Expired,
}

/// Checks that this is a registration of a business, in force at this time, and signed by the key of the certificate
/// in it. Whose certificate that is, is for whoever is shown the registration.
///
/// # Errors
/// [`RegistrationError`]
pub(super) fn check(text: &str, business: &str, now: UnixTime) -> Result<(), RegistrationError> {
    if text.len() > LONGEST {
        return Err(RegistrationError::TooLong);
    }
    let jws = UnverifiedJws::parse(text)?;
    let chain = UnverifiedChain::parse(jws.header().x5c().ok_or(RegistrationError::NoCertificate)?)?;
    let itself = *chain.dangerous_leaf_sha256();
    let signer = chain.verify_listed(&[itself], now)?;
    let claims = jws.verify(signer.verifying_key(), TYP)?.claims()?;
    if claims::required_string(&claims, "sub")? != business {
        return Err(RegistrationError::OtherBusiness);
    }
    if claims::required_date(&claims, "exp")? <= now {
        return Err(RegistrationError::Expired);
    }
    Ok(())
}
