use jose::claims::is_uri;
use jose::strict_json::{self, Limits};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The lists of an issuer, so that all of them can be held before any card is
/// shown. draft-ietf-oauth-status-list §9.3
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregation {
    /// The URIs of the issuer's status list tokens.
    pub status_lists: Vec<String>,
}

/// Why an aggregation was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AggregationError {
    /// Not JSON, or without `status_lists`.
    #[error("not a status list aggregation")]
    Form,
    /// A member that is no URI.
    #[error("a member of status_lists is not a URI")]
    Uri,
    /// More than 1,000 lists.
    #[error("more than {MAX_LISTS} lists")]
    TooMany,
}

const MAX_LISTS: usize = 1_000;

impl Aggregation {
    /// Reads the `application/json` document.
    ///
    /// # Errors
    /// [`AggregationError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, AggregationError> {
        let aggregation: Self =
            strict_json::from_slice(bytes, &Limits::METADATA).map_err(|_| AggregationError::Form)?;
        if aggregation.status_lists.len() > MAX_LISTS {
            return Err(AggregationError::TooMany);
        }
        if !aggregation.status_lists.iter().all(|uri| is_uri(uri)) {
            return Err(AggregationError::Uri);
        }
        Ok(aggregation)
    }
}
