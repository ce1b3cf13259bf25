//! Why a business was not added or changed.

use http::StatusCode;
use service::Problem;

use super::registration::RegistrationError;
use crate::check::CheckError;
use crate::identity::AccessCertificateError;

/// Every way in which adding or changing a business fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProvisionError {
    /// There is a business of this id, or it is one that nobody may have.
    #[error("there is a business of this id")]
    Exists,
    /// There are as many tokens, addresses or checks as there may be.
    #[error("there are too many")]
    TooMany,
    /// Somebody on the staff has this name.
    #[error("there is an operator of this name")]
    OperatorExists,
    /// Nobody would be left on the staff, or no owner.
    #[error("the operator is the last")]
    LastOperator,
    /// The checks break a rule.
    #[error(transparent)]
    Checks(#[from] CheckError),
    /// A check names an issuer, or a type, whose metadata would have to be fetched.
    #[error("a check names an address to fetch from")]
    Fetches,
    /// The certificate is of another key than the one that was made here.
    #[error("the certificate is of another key")]
    OtherKey,
    /// The certificate, or one above it, is of no use.
    #[error("the certificate: {0}")]
    Certificate(AccessCertificateError),
    /// The registration certificate is none of this business. ETSI TS 119 475
    #[error("the registration certificate: {0}")]
    Registration(#[from] RegistrationError),
    /// An address for messages that nothing is sent to.
    #[error("the address is not an https address")]
    Address,
}

impl From<AccessCertificateError> for ProvisionError {
    fn from(error: AccessCertificateError) -> Self {
        match error {
            AccessCertificateError::OtherKey => Self::OtherKey,
            error => Self::Certificate(error),
        }
    }
}

impl ProvisionError {
    /// What the caller is told. The checks are the caller's own, so that what is wrong with them may
    /// be told too.
    pub(crate) fn problem(&self) -> Problem {
        let unprocessable = |code, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title);
        let conflict = |code, title| Problem::new(StatusCode::CONFLICT, code, title);
        match self {
            Self::Exists => conflict("business_exists", "There is a business of this id."),
            Self::TooMany => conflict("too_many", "There are as many of these as there may be."),
            Self::OperatorExists => conflict("operator_exists", "Somebody on the staff has this name."),
            Self::LastOperator => conflict("last_operator", "Nobody would be left on the staff, or no owner."),
            Self::Checks(error) => {
                unprocessable("check_refused", "A check breaks a rule.").with("detail", error.to_string())
            }
            Self::Fetches => unprocessable(
                "check_refused",
                "A check of an added business names no issuer by its address.",
            ),
            Self::OtherKey => unprocessable(
                "certificate_of_another_key",
                "The certificate is not of the access key of this business.",
            ),
            Self::Certificate(_) => unprocessable("certificate_refused", "The certificate is of no use."),
            Self::Registration(error) => {
                let title = "The registration certificate is none of this business.";
                unprocessable("registration_refused", title).with("detail", error.to_string())
            }
            Self::Address => unprocessable("url_refused", "Messages are sent to https addresses alone."),
        }
    }
}
