//! The businesses that this service asks for: the one of its configuration, those that were added
//! to it, and one that is registered nowhere and asks what anybody may ask. None of them learns
//! what another asks, not even that there is another.

mod anonymous;
mod error;
mod home;
mod provision;
mod registration;
mod scope;
mod set;
pub(crate) mod staff;
mod standing;
pub(crate) mod token;

pub(crate) use error::ProvisionError;
pub use home::Home;
pub(crate) use provision::{Certificates, NewBusiness, add, added, set_certificates, set_checks};
pub use set::Businesses;
pub(crate) use standing::Standing;

use std::collections::BTreeMap;

use ledger::Localized;
use service::Secret;

use crate::check::Check;
use crate::error::ApiError;
use crate::identity::{Identity, Known};
use crate::trust::TrustView;
use registration::Registration;

/// The id of the business of the configuration.
pub(crate) const MAIN: &str = "main";
/// The id of the one that is registered nowhere.
pub(crate) const ANONYMOUS: &str = "try";

/// A business: who asks, and what it asks.
#[derive(Debug)]
pub struct Business {
    id: String,
    kind: Kind,
    known: Known,
    /// `None` while it waits for its certificate, or for another.
    identity: Option<Identity>,
    checks: BTreeMap<String, Check>,
    /// What a registrar says that it may ask, where that goes into its requests.
    registration: Option<Registration>,
    /// The bearer token of the interface that stands in a file, for the business of the configuration.
    token: Option<Secret>,
}

/// How a business came to this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// By the configuration.
    Main,
    /// It was added.
    Added,
    /// It is nobody in particular.
    Anonymous,
}

impl Business {
    /// The business of the configuration.
    pub fn main(identity: Identity, checks: BTreeMap<String, Check>, token: Secret) -> Self {
        Self {
            id: MAIN.to_owned(),
            kind: Kind::Main,
            known: Known::of(&identity),
            identity: Some(identity),
            checks,
            registration: None,
            token: Some(token),
        }
    }

    /// Names it at this service.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its DID.
    pub fn did(&self) -> &str {
        &self.known.did
    }

    /// Its name, as far as it is known.
    pub fn name(&self) -> Option<&Localized> {
        self.known.name.as_ref()
    }

    /// Its DID log, as it is served.
    pub fn log(&self) -> &str {
        &self.known.log
    }

    /// Who it is to wallets, once it has its certificate.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
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

    /// The realm of its operators. See [`service::signin`].
    pub(crate) fn realm(&self) -> &str {
        match self.kind {
            Kind::Main => "",
            Kind::Added | Kind::Anonymous => &self.id,
        }
    }

    /// Whether it was added, and can be changed.
    pub(crate) fn is_added(&self) -> bool {
        self.kind == Kind::Added
    }

    /// Its newest record on the ledger, as it goes into requests. One that is registered nowhere
    /// has none.
    pub(crate) fn bundle<'v>(&self, view: &'v TrustView) -> Option<&'v [u8]> {
        match self.kind {
            Kind::Main => view.own_bundle(),
            Kind::Added => Some(view.business(self.did())?.bytes()),
            Kind::Anonymous => None,
        }
    }

    /// Its last proof bundle from before it might ask more; nothing of one that asks without its record.
    pub(crate) fn earlier_bundle<'v>(&self, view: &'v TrustView) -> Option<&'v [u8]> {
        self.bundle(view)?;
        view.earlier(self.did())
    }

    /// Whether requests say for which registered purpose they are.
    pub(crate) fn names_purposes(&self) -> bool {
        self.kind != Kind::Anonymous
    }
}
