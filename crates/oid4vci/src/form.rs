//! `application/x-www-form-urlencoded` bodies of OAuth 2.0. RFC 6749 §3.2

use std::collections::BTreeMap;

use jose::{OverBudget, Work};

use crate::budget;

/// The parameters of a form, by name.
pub(crate) struct Parameters(BTreeMap<String, String>);

/// Why a body is not a form of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// More bytes or parameters than [`budget::FORM`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// A parameter stands twice. RFC 6749 §3.2
    #[error("a parameter stands twice")]
    ParameterTwice,
}

impl Parameters {
    /// Reads a body. Repeated parameters are refused, empty ones count as left out. RFC 6749 §3.2
    pub(crate) fn parse(form: &[u8]) -> Result<Self, FormError> {
        let mut budget = budget::FORM.clone();
        budget.spend(Work::Bytes, form.len())?;
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(form) {
            budget.spend(Work::Parameters, 1)?;
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(FormError::ParameterTwice);
            }
        }
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    /// Takes one parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }
}
