//! `application/x-www-form-urlencoded` bodies of OAuth 2.0. RFC 6749 §3.2

use std::collections::BTreeMap;

/// Longest form taken.
pub(crate) const FORM_LIMIT: usize = 64 * 1024;

/// The parameters of a form, by name.
pub(crate) struct Parameters(BTreeMap<String, String>);

/// Why a body is not a form of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// Longer than any request.
    #[error("the form is too long")]
    TooLong,
    /// A parameter stands twice. RFC 6749 §3.2
    #[error("a parameter stands twice")]
    ParameterTwice,
}

impl Parameters {
    /// Reads a body. Repeated parameters are refused, empty ones count as left out. RFC 6749 §3.2
    pub(crate) fn parse(form: &[u8]) -> Result<Self, FormError> {
        if form.len() > FORM_LIMIT {
            return Err(FormError::TooLong);
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(form) {
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
