use jose::claims::is_uri;
use jose::strict_json::{self, StrictJsonError};
use jose::{OverBudget, Work};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::budget;

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
    /// More bytes, values or lists than [`budget::AGGREGATION`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

impl Aggregation {
    /// Reads the `application/json` document.
    ///
    /// # Errors
    /// [`AggregationError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, AggregationError> {
        let mut budget = budget::AGGREGATION.clone();
        budget.spend(Work::Bytes, bytes.len())?;
        let json = strict_json::parse_within(bytes, &mut budget).map_err(|error| match error {
            StrictJsonError::OverBudget(over) => AggregationError::OverBudget(over),
            _ => AggregationError::Form,
        })?;
        let aggregation: Self = serde_json::from_value(json).map_err(|_| AggregationError::Form)?;
        budget.spend(Work::Documents, aggregation.status_lists.len())?;
        if !aggregation.status_lists.iter().all(|uri| is_uri(uri)) {
            return Err(AggregationError::Uri);
        }
        Ok(aggregation)
    }
}
