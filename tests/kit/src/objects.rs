//! What organisations publish: one of each kind from 12 on, as small as it may be. docs/ledger.md §4.7 to §4.12
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use std::collections::BTreeMap;

use ::ledger::{
    Artifact, AuditSnapshot, ClaimPath, ClaimType, Document, Family, Fee, LegalBasis, Localized, ObjectSubject,
    Release, ReleaseVersion, RuleEntry, RuleQuery, RuleReference, Schema, SchemaClaim, SelectiveDisclosure, Service,
};
use did::Did;
use jose::UnixTime;

use crate::ledger::ORIGIN;

/// The card type of the samples.
pub const VCT: &str = "urn:holdfast:vct:person-identification:1";

/// The subject of what this organisation calls so.
pub fn subject(family: Family, owner: &Did, name: &str) -> String {
    let subject = ObjectSubject::owned(family, owner, name).expect("a subject");
    subject.as_str().to_owned()
}

/// A card type with one claim.
pub fn schema(owner: &Did) -> Schema {
    Schema {
        claims: vec![SchemaClaim {
            name: english("Over 18"),
            path: ClaimPath::names(&["age_over_18"]),
            sd: SelectiveDisclosure::Always,
        }],
        metadata: [5; 32],
        name: english("Identity card"),
        subject: subject(Family::Schema, owner, VCT),
    }
}

/// A rule of one claim.
pub fn rule(owner: &Did) -> RuleEntry {
    RuleEntry {
        claims: BTreeMap::from([("pid.age_over_18".to_owned(), ClaimType::Bool)]),
        expression: "pid.age_over_18".to_owned(),
        name: english("18 or older"),
        queries: vec![RuleQuery {
            id: "pid".to_owned(),
            vct_values: vec![VCT.to_owned()],
        }],
        subject: subject(Family::Rule, owner, "age-18"),
        subset: 1,
    }
}

/// A service for which the rule says who is entitled.
pub fn service(owner: &Did) -> Service {
    let rule = rule(owner);
    Service {
        competent: owner.clone(),
        complaints: "https://agency.example/complaints".to_owned(),
        fee: Some(Fee {
            amount: 1500,
            currency: "EUR".to_owned(),
        }),
        legal_basis: vec![LegalBasis {
            name: english("Housing Act of 18.06.2009"),
            uri: "https://law.example/housing".to_owned(),
        }],
        name: english("Housing benefit"),
        page: None,
        rule: Some(RuleReference {
            hash: rule.rule_hash().expect("a rule"),
            subject: rule.subject,
        }),
        subject: subject(Family::Service, owner, "housing-benefit"),
        text: english("Money for rent."),
        time_limit_days: Some(30),
        until: None,
    }
}

/// A version of a document, named by one byte.
pub fn document(owner: &Did, version: u8, supersedes: Option<u8>) -> Document {
    Document {
        length: 12_345,
        media_type: "application/pdf".to_owned(),
        sha256: [version; 32],
        subject: subject(Family::Document, owner, "fees"),
        supersedes: supersedes.map(|before| [before; 32]),
        title: english("Fees"),
        uri: None,
    }
}

/// So many actions of officials until the end of a period.
pub fn audit_snapshot(agency: &Did, from: UnixTime, until: UnixTime, size: u64) -> AuditSnapshot {
    AuditSnapshot {
        from,
        root: [6; 32],
        size,
        subject: agency.clone(),
        until,
    }
}

/// A version of the wallet.
pub fn release(version: [u32; 3]) -> Release {
    let subject = ObjectSubject::release(ORIGIN, "wallet").expect("a subject");
    Release {
        artifacts: vec![Artifact {
            name: "holdfast-wallet.deb".to_owned(),
            sha256: [8; 32],
            size: 10_000_000,
        }],
        subject: subject.as_str().to_owned(),
        version: ReleaseVersion(version),
    }
}

fn english(text: &str) -> Localized {
    Localized::english(text).expect("a text")
}
