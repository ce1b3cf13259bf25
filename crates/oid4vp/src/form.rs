//! `application/x-www-form-urlencoded` bodies, as both ends read them.

use jose::{OverBudget, Work};

use crate::budget;

/// Why a parameter cannot be taken from a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    /// More bytes or parameters than [`budget::FORM`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// A parameter stands there twice. RFC 6749 §3.1
    #[error("a parameter stands there twice")]
    Repeated,
}

/// The value of a parameter that may stand there once.
pub(crate) fn parameter(body: &[u8], name: &str) -> Result<Option<String>, FormError> {
    let mut budget = budget::FORM.clone();
    budget.spend(Work::Bytes, body.len())?;
    let mut found = None;
    for (key, value) in url::form_urlencoded::parse(body) {
        budget.spend(Work::Parameters, 1)?;
        if key == name && found.replace(value.into_owned()).is_some() {
            return Err(FormError::Repeated);
        }
    }
    Ok(found)
}
