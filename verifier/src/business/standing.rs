//! Whether a business may ask at this moment.

use jose::UnixTime;
use ledger::{Part, Scope};
use serde::Serialize;

use super::scope::outside;
use super::{Business, Kind};
use crate::check::Check;
use crate::error::ApiError;
use crate::identity::Identity;
use crate::trust::TrustView;

/// How a business stands with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// It has no certificate yet, or the ledger does not list it.
    Waiting,
    /// It may ask.
    Active,
    /// It was registered, and is not any more.
    Suspended,
}

impl Business {
    /// How it stands, by what is held of the ledger. The business of the configuration is its own
    /// operator's, whose wallets find out by themselves.
    pub(crate) fn standing(&self, view: &TrustView, device: UnixTime) -> Standing {
        if self.kind != Kind::Added {
            return Standing::Active;
        }
        let (Some(identity), Some(held)) = (&self.identity, view.business(self.did())) else {
            return Standing::Waiting;
        };
        let Some(record) = held.bundle().record() else {
            return Standing::Waiting;
        };
        let Some(entry) = record.relying_party() else {
            let was_registered = record.head(Part::RelyingParty).is_some();
            return if was_registered {
                Standing::Suspended
            } else {
                Standing::Waiting
            };
        };
        if record.is_deactivated() || entry.valid_until <= view.clock(device).now() {
            Standing::Suspended
        } else if entry.certificates.contains(identity.certificate_hash()) {
            Standing::Active
        } else {
            Standing::Waiting
        }
    }

    /// Quorum time of the newest record of it that is held.
    pub(crate) fn recorded_at(&self, view: &TrustView) -> Option<UnixTime> {
        match self.kind {
            Kind::Main => view.own_at(),
            Kind::Added => Some(view.business(self.did())?.bundle().time()),
            Kind::Anonymous => None,
        }
    }

    /// Who asks. Nothing is signed for a business that is not registered, or not any more.
    pub(crate) fn asking(&self, view: &TrustView, device: UnixTime) -> Result<&Identity, ApiError> {
        match (self.standing(view, device), &self.identity) {
            (Standing::Active, Some(identity)) => Ok(identity),
            _ => Err(ApiError::NotRegistered),
        }
    }

    /// What it may ask, once the ledger says so.
    fn scope(&self, view: &TrustView) -> Option<Scope> {
        view.business(self.did())?.bundle().scope()
    }

    /// Refuses a check that asks for what the business may not: when it is set, when a session is
    /// opened, and when a request is signed. What the business of the configuration may ask, wallets
    /// find out by themselves.
    pub(crate) fn check_scope(&self, check: &Check, view: &TrustView) -> Result<(), ApiError> {
        if self.kind != Kind::Added {
            return Ok(());
        }
        let outside = self.scope(view).and_then(|scope| outside(check, &scope));
        outside.map_or(Ok(()), |what| {
            Err(ApiError::OutsideScope {
                check: check.id().to_owned(),
                what,
            })
        })
    }
}
