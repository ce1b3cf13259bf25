//! Asking without being registered: what a wallet answers anybody, and nothing else.

use url::Url;

use super::{ANONYMOUS, Business, Kind};
use crate::check::{CheckError, parse_checks};
use crate::identity::{Identity, Known};

/// Age thresholds, and whether a card is good. Where their words lead is an address of the service.
const CHECKS: &str = include_str!("anonymous.toml");

impl Business {
    /// One that is registered nowhere. Its requests are signed by the certificate of the service's
    /// operator and come with no record, so that wallets show nobody's name. The identity has to be
    /// one by the hash of its certificate: a DID or a host would need the record.
    ///
    /// # Errors
    /// [`CheckError`] where the built-in checks do not hold.
    pub fn anonymous(identity: Identity, public_url: &Url) -> Result<Self, CheckError> {
        let here = format!("{}/try", public_url.as_str().trim_end_matches('/'));
        let mut known = Known::of(&identity);
        known.name = None;
        Ok(Self {
            id: ANONYMOUS.to_owned(),
            kind: Kind::Anonymous,
            known,
            identity: Some(identity),
            checks: parse_checks(&CHECKS.replace("PRIVACY", &here))?,
            registration: None,
            token: None,
        })
    }
}
