//! Proofs of the registrars that signed registration certificates: that the ledger names them, and by which keys they
//! sign. docs/registration.md §4.1

use std::collections::BTreeMap;
use std::sync::Arc;

use jose::PublicJwk;
use ledger::{VerifiedBundle, encode_bundles};

use super::ledger_client::Bundle;

/// The registrars that certificates name, with what is held of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registrars(BTreeMap<String, Option<Arc<HeldRegistrar>>>);

/// A registrar by the newest policy.
#[derive(Debug)]
pub(crate) struct HeldRegistrar {
    proof: Vec<u8>,
    record: VerifiedBundle,
}

impl Registrars {
    /// Looks after a registrar from now on.
    pub(crate) fn watch(&mut self, did: &str) {
        self.0.entry(did.to_owned()).or_default();
    }

    /// The DIDs of those that are looked after.
    pub(crate) fn dids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What is held of one.
    pub(crate) fn get(&self, did: &str) -> Option<&HeldRegistrar> {
        self.0.get(did)?.as_deref()
    }

    /// Takes what was read of one that is looked after; `None` where nothing was.
    pub(crate) fn hold(&mut self, did: &str, read: Option<HeldRegistrar>) {
        if let Some(held) = self.0.get_mut(did) {
            *held = read.map(Arc::new);
        }
    }
}

impl HeldRegistrar {
    /// Of the bundle of a policy that names it, and of its own.
    pub(super) fn new(policy: &[u8], record: Bundle) -> Self {
        Self {
            proof: encode_bundles([policy, record.bytes.as_slice()].into_iter()),
            record: record.verified,
        }
    }

    /// What it proves.
    pub(super) fn record(&self) -> &VerifiedBundle {
        &self.record
    }

    /// The proof, as it goes into requests, where this is a key with which the registrar signs now.
    pub(crate) fn proof_of_key(&self, key: &PublicJwk) -> Option<&[u8]> {
        let record = self.record.record().filter(|record| !record.is_deactivated())?;
        let mut keys = record.assertion_keys();
        keys.any(|(_, current)| current.same_key(key)).then_some(&*self.proof)
    }
}
