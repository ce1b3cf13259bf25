//! Scopes of businesses, in few words.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use ::ledger::{Channel, ClaimPath, Hash, Localized, Purpose, Scope, ScopeCredential};
use did::Did;
use jose::UnixTime;

/// A scope of one or more purposes.
pub fn scope(subject: &Did, name: &str, certificates: &[Hash], purposes: Vec<Purpose>, valid_until: UnixTime) -> Scope {
    let mut access_certificates = certificates.to_vec();
    access_certificates.sort_unstable();
    access_certificates.dedup();
    Scope {
        access_certificates,
        name: english(name),
        purposes,
        subject: subject.clone(),
        valid_until,
    }
}

/// A purpose online that asks claims of one card type, and keeps nothing.
pub fn purpose(id: &str, vct: &str, needed: &[&str], optional: &[&str]) -> Purpose {
    let paths = |names: &[&str]| names.iter().map(|name| ClaimPath::names(&[name])).collect();
    Purpose {
        channel: Channel::Online,
        credentials: vec![ScopeCredential {
            claim_sets: Vec::new(),
            needed: paths(needed),
            optional: paths(optional),
            vct_values: vec![vct.to_owned()],
        }],
        id: id.to_owned(),
        privacy_policy: "https://business.example/privacy".to_owned(),
        retention_days: 0,
        rule: None,
        text: english(id),
    }
}

fn english(text: &str) -> Localized {
    Localized::english(text).expect("a text")
}
