//! The businesses that this service asks for: the one of its configuration, and further ones. None
//! of them learns what another asks, not even that there is another.

mod set;

pub use set::Businesses;

use std::collections::BTreeMap;

use service::Secret;

use crate::check::Check;
use crate::error::ApiError;
use crate::identity::Identity;

/// The id of the business of the configuration.
pub(crate) const MAIN: &str = "main";

/// A business: who asks, and what it asks.
#[derive(Debug)]
pub struct Business {
    id: String,
    identity: Identity,
    checks: BTreeMap<String, Check>,
    /// The bearer token of the interface that stands in a file, for the business of the configuration.
    token: Option<Secret>,
}

impl Business {
    /// The business of the configuration.
    pub fn main(identity: Identity, checks: BTreeMap<String, Check>, token: Secret) -> Self {
        Self {
            id: MAIN.to_owned(),
            identity,
            checks,
            token: Some(token),
        }
    }

    /// Names it at this service.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it asks, by id.
    pub fn checks(&self) -> &BTreeMap<String, Check> {
        &self.checks
    }

    /// One of its checks.
    pub(crate) fn check(&self, id: &str) -> Result<&Check, ApiError> {
        self.checks.get(id).ok_or(ApiError::NotFound)
    }

    /// The token of the file, where there is one.
    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }
}
