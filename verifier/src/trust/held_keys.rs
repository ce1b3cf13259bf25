use std::collections::BTreeSet;

use jose::{JwkSet, PublicJwk, UnixTime};
use ledger::KeyLookup;
use sd_jwt::IssuerKeys;
use serde_json::json;

/// Keys that are remembered after they were taken out; of one beyond them it is
/// said that it was never there, which is *no* as well.
const REMEMBERED: usize = 1000;
/// The longest `kid` that is remembered, in bytes.
const LONGEST_KID: usize = 256;

/// The keys that an issuer publishes, with what is known about their freshness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldKeys {
    keys: JwkSet,
    taken_out: BTreeSet<String>,
    fetched_at: UnixTime,
}

impl HeldKeys {
    /// Keys that were just fetched. One that was held before and is not among
    /// them was taken out.
    pub fn fetched(keys: JwkSet, before: Option<&Self>, now: UnixTime) -> Self {
        let taken_out = before.map(|before| before.taken_out_of(&keys)).unwrap_or_default();
        Self {
            keys,
            taken_out,
            fetched_at: now,
        }
    }

    /// Keys that were held before a restart; `None` where they break a rule now.
    pub(crate) fn restored(keys: &str, taken_out: &str, fetched_at: UnixTime) -> Option<Self> {
        Some(Self {
            keys: IssuerKeys::parse_set(keys.as_bytes()).ok()?,
            taken_out: serde_json::from_str(taken_out).ok()?,
            fetched_at,
        })
    }

    /// The JWK Set, and the `kid` of each key that was taken out, as they are stored.
    pub(crate) fn stored(&self) -> (String, String) {
        (self.keys.to_value().to_string(), json!(self.taken_out).to_string())
    }

    /// What the issuer says about a key for signatures.
    pub fn key(&self, kid: &str) -> KeyLookup {
        match self.keys.signing_key(Some(kid)) {
            Some(key) => KeyLookup::Current(key.clone()),
            None if self.taken_out.contains(kid) => KeyLookup::Retired,
            None => KeyLookup::Never,
        }
    }

    /// When they came.
    pub fn fetched_at(&self) -> UnixTime {
        self.fetched_at
    }

    fn taken_out_of(&self, newer: &JwkSet) -> BTreeSet<String> {
        let held = self.keys.keys().iter().filter_map(PublicJwk::kid);
        let held = held.filter(|kid| kid.len() <= LONGEST_KID);
        let once = self.taken_out.iter().map(String::as_str).chain(held);
        once.filter(|kid| !newer.keys().iter().any(|key| key.kid() == Some(*kid)))
            .map(str::to_owned)
            .take(REMEMBERED)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(kids: &[&str]) -> JwkSet {
        let named = kids.iter().map(|kid| PublicJwk::from_ed25519(&[7; 32]).with_kid(*kid));
        JwkSet::new(named.collect())
    }

    #[test]
    fn a_key_is_there_or_was_taken_out_or_never_was() {
        let first = HeldKeys::fetched(set(&["a", "b"]), None, 10);
        let second = HeldKeys::fetched(set(&["b"]), Some(&first), 20);
        assert!(matches!(second.key("b"), KeyLookup::Current(_)));
        assert_eq!(second.key("a"), KeyLookup::Retired);
        assert_eq!(second.key("c"), KeyLookup::Never);
        let third = HeldKeys::fetched(set(&["a"]), Some(&second), 30);
        assert!(matches!(third.key("a"), KeyLookup::Current(_)), "put in again");
        assert_eq!(third.key("b"), KeyLookup::Retired);
    }

    #[test]
    fn what_is_stored_is_what_was_held() {
        let first = HeldKeys::fetched(set(&["a"]), None, 10);
        let held = HeldKeys::fetched(set(&["b"]), Some(&first), 20);
        let (keys, taken_out) = held.stored();
        assert_eq!(HeldKeys::restored(&keys, &taken_out, 20), Some(held));
        assert_eq!(HeldKeys::restored("{}", &taken_out, 20), None);
    }

    #[test]
    fn an_issuer_that_changes_its_keys_all_the_time_fills_nothing() {
        let long = "k".repeat(LONGEST_KID + 1);
        let mut held = HeldKeys::fetched(set(&[long.as_str()]), None, 0);
        for round in 0..REMEMBERED + 10 {
            let kid = round.to_string();
            held = HeldKeys::fetched(set(&[kid.as_str()]), Some(&held), 0);
        }
        assert_eq!(held.taken_out.len(), REMEMBERED);
        assert_eq!(held.key(&long), KeyLookup::Never);
    }
}
