//! The list as it lies in the vault, and what it proves.

use super::WhyNotTold;
use crate::cards::{seconds, unsigned};
use crate::vault::{Vault, VaultError};
use jose::UnixTime;
use ledger::{ClaimType, Family, ObjectRecord, Payload, RuleEntry, RuleQuery, RuleReference, Service, TrustPack};
use ledger::{UnverifiedBundle, VerifiedBundle};
use rule::Rule;
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeMap;

/// Two sets of bundles, and when the oldest bundle in them was confirmed.
pub(super) struct HeldList {
    pub(super) services: Vec<u8>,
    pub(super) rules: Vec<u8>,
    pub(super) time: UnixTime,
}

/// What the list proves.
pub(super) struct Published {
    pub(super) services: Vec<Service>,
    rules: BTreeMap<String, RuleEntry>,
}

impl Published {
    /// Reads the list. What does not hold any more, by a newer trust pack, is not in it.
    pub(super) fn read(list: &HeldList, pack: &TrustPack) -> Self {
        let services = payloads(&list.services, Family::Service, pack);
        let services = services.filter_map(|(subject, payload)| match payload {
            Payload::Service(service) if service.subject == subject => Some(*service),
            _ => None,
        });
        let rules = payloads(&list.rules, Family::Rule, pack);
        let rules = rules.filter_map(|(subject, payload)| match payload {
            Payload::Rule(rule) => Some((subject, rule)),
            _ => None,
        });
        Self {
            services: services.collect(),
            rules: rules.collect(),
        }
    }

    /// The rule that a service names. What is recorded there now counts only where it is the same text: the service
    /// names it by its hash. docs/rules.md §5
    pub(super) fn rule(&self, named: &RuleReference) -> Result<(Rule, &[RuleQuery]), WhyNotTold> {
        let entry = self.rules.get(&named.subject).ok_or(WhyNotTold::RuleMissing)?;
        let claims = entry
            .claims
            .iter()
            .map(|(name, kind)| (name.as_str(), claim_type(*kind)));
        let rule = Rule::parse(&entry.expression, claims).map_err(|_| WhyNotTold::RuleMissing)?;
        if rule.hash() != named.hash {
            return Err(WhyNotTold::AnotherRule);
        }
        Ok((rule, &entry.queries))
    }
}

/// The subject that a bundle of this family claims.
pub(super) fn claimed(bundle: &UnverifiedBundle, family: Family) -> Option<String> {
    let (claimed, subject) = bundle.dangerous_claimed_object()?;
    (claimed == family).then_some(subject)
}

/// Subject and payload of every bundle that proves both.
fn payloads(set: &[u8], family: Family, pack: &TrustPack) -> impl Iterator<Item = (String, Payload)> {
    let bundles = UnverifiedBundle::parse_set(set).unwrap_or_default();
    bundles.into_iter().filter_map(move |bundle| {
        let subject = claimed(&bundle, family)?;
        let verified: VerifiedBundle<ObjectRecord> = bundle.verify_object(pack, family, &subject).ok()?;
        Some((subject, verified.payload()?))
    })
}

fn claim_type(kind: ClaimType) -> rule::ClaimType {
    match kind {
        ClaimType::Bool => rule::ClaimType::Bool,
        ClaimType::Int => rule::ClaimType::Int,
        ClaimType::String => rule::ClaimType::String,
        ClaimType::Date => rule::ClaimType::Date,
        ClaimType::Strings => rule::ClaimType::StringList,
        ClaimType::Ints => rule::ClaimType::IntList,
    }
}

impl Vault {
    /// The list that is held.
    pub(super) fn service_list(&self) -> Result<Option<HeldList>, VaultError> {
        let row: Option<(Vec<u8>, Vec<u8>, i64)> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT services, rules, time FROM service_list WHERE id = 1",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()
        })?;
        let Some((services, rules, time)) = row else {
            return Ok(None);
        };
        let time = unsigned(time)?;
        Ok(Some(HeldList { services, rules, time }))
    }

    /// Keeps a list in the place of the one that was held, unless that one is newer.
    pub(super) fn keep_service_list(&self, list: &HeldList) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO service_list (id, services, rules, time) VALUES (1, ?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE
                 SET services = excluded.services, rules = excluded.rules, time = excluded.time
                 WHERE excluded.time >= service_list.time",
                params![list.services, list.rules, seconds(list.time)],
            )?;
            Ok(())
        })
    }
}
