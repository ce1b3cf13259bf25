//! What an entry changed, against the one before it in the same part of the record.

use std::collections::BTreeMap;

use did::{DidDocument, Relationship};
use jose::{PublicJwk, base64url};
use ledger::{Accreditation, Localized, Payload, Purpose, Scope, ScopeChange, SetChange};
use maud::{Markup, html};
use serde_json::Value;

use super::Pages;
use super::answer::PageError;
use super::event::Event;
use super::host::Host;
use super::plain::plain;
use super::reader::Reader;
use super::scope::said_once;

/// Changes that are named one by one, at most.
const LONGEST: usize = 40;

/// A key of a DID document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) thumbprint: String,
    pub(super) algorithm: &'static str,
    /// It signs cards, lists and requests.
    pub(super) asserts: bool,
    /// It writes to the ledger.
    pub(super) writes: bool,
}

impl<H: Host> Pages<H> {
    /// What an entry changed; nothing where it begins something, or changed nothing.
    pub(super) async fn changes(&self, reader: &Reader<'_>, event: &Event) -> Result<Vec<Markup>, PageError> {
        let Some((leaf, before)) = event.taken().and_then(|leaf| Some((leaf, leaf.prev?))) else {
            return Ok(Vec::new());
        };
        let Some(before) = self.inner.host.entry(before.index).await? else {
            return Ok(Vec::new());
        };
        let Some(kind) = ledger::Leaf::parse(&before.leaf).ok().map(|leaf| leaf.kind) else {
            return Ok(Vec::new());
        };
        let before = Payload::parse(kind, &before.payload);
        let mut changes = match (before, &event.content) {
            (Ok(Payload::Scope(before)), Some(Payload::Scope(after))) => reader.scope_changes(&before, after),
            (Ok(Payload::Accreditation(before)), Some(Payload::Accreditation(after))) => {
                reader.accreditation_changes(&before, after)
            }
            (Ok(Payload::DidLine(before)), Some(Payload::DidLine(after))) => {
                reader.key_changes(&keys_of(&before, &leaf.subject), &keys_of(after, &leaf.subject))
            }
            _ => Vec::new(),
        };
        changes.truncate(LONGEST);
        Ok(changes)
    }
}

impl Reader<'_> {
    fn name_change(&self, before: &Localized, after: &Localized) -> Option<Markup> {
        let (before, after) = (self.localized(before), self.localized(after));
        (before != after).then(|| {
            let parts = [
                ("before", html! { bdi { (before) } }),
                ("after", html! { bdi { (after) } }),
            ];
            self.fill("change.name", &parts)
        })
    }

    fn accreditation_changes(&self, before: &Accreditation, after: &Accreditation) -> Vec<Markup> {
        let mut changes: Vec<Markup> = self.name_change(&before.name, &after.name).into_iter().collect();
        for new in &after.types {
            let card = || ("card", self.card_type(&new.vct));
            match before.types.iter().find(|old| old.vct == new.vct) {
                None => changes.push(self.fill("change.type_added", &[card(), ("until", self.day(new.until))])),
                Some(old) if old.until != new.until => {
                    let parts = [card(), ("before", self.day(old.until)), ("after", self.day(new.until))];
                    changes.push(self.fill("change.type_until", &parts));
                }
                Some(_) => {}
            }
        }
        let gone = before
            .types
            .iter()
            .filter(|old| after.types.iter().all(|new| new.vct != old.vct));
        changes.extend(gone.map(|old| self.fill("change.type_removed", &[("card", self.card_type(&old.vct))])));
        changes
    }

    fn scope_changes(&self, before: &Scope, after: &Scope) -> Vec<Markup> {
        let mut changes = self.extent(&ScopeChange::between(before, after));
        changes.extend(self.name_change(&before.name, &after.name));
        for new in &after.purposes {
            match before.purpose(&new.id) {
                None => changes.push(self.purpose_change("change.purpose_added", new)),
                Some(old) => changes.extend(self.purpose_changes(old, new)),
            }
        }
        let gone = before.purposes.iter().filter(|old| after.purpose(&old.id).is_none());
        changes.extend(gone.map(|old| self.purpose_change("change.purpose_removed", old)));
        if before.valid_until != after.valid_until {
            let parts = [
                ("before", self.day(before.valid_until)),
                ("after", self.day(after.valid_until)),
            ];
            changes.push(self.fill("change.valid_until", &parts));
        }
        if before.access_certificates != after.access_certificates {
            changes.push(html! { (self.t("change.certificates")) });
        }
        changes
    }

    /// Whether a business may ask more or less than before, and for what it could not ask at all.
    fn extent(&self, change: &ScopeChange) -> Vec<Markup> {
        let words = match (change.widens(), change.narrows()) {
            (true, false) => Some("change.widened"),
            (false, true) => Some("change.narrowed"),
            (true, true) => Some("change.shifted"),
            (false, false) => None,
        };
        let mut changes: Vec<Markup> = words
            .map(|key| html! { strong { (self.t(key)) } })
            .into_iter()
            .collect();
        let mut named: Vec<&ledger::ClaimPath> = Vec::new();
        let mut claims = Vec::new();
        for claim in &change.beyond {
            if !named.contains(&&claim.path) {
                named.push(&claim.path);
                claims.push(self.claim(std::slice::from_ref(&claim.vct), &claim.path));
            }
        }
        if !claims.is_empty() {
            changes.push(self.fill("change.beyond", &[("claims", self.list(claims))]));
        }
        changes
    }

    fn purpose_change(&self, key: &str, purpose: &Purpose) -> Markup {
        self.fill(key, &[("purpose", html! { bdi { (self.purpose_name(purpose)) } })])
    }

    fn purpose_changes(&self, before: &Purpose, after: &Purpose) -> Vec<Markup> {
        let name = html! { bdi { (self.purpose_name(after)) } };
        let change = |key, parts: &[(&str, Markup)]| self.fill(key, &[&[("purpose", name.clone())], parts].concat());
        let mut changes = Vec::new();
        let (old, new) = (claims_of(before), claims_of(after));
        for (claim, is_needed) in &new {
            let label = ("claim", self.claim(&claim.0, &claim.1));
            match (old.iter().find(|(other, _)| other == claim), is_needed) {
                (None, true) => changes.push(change("change.claim_needed", &[label])),
                (None, false) => changes.push(change("change.claim_optional", &[label])),
                (Some((_, was)), true) if !was => changes.push(change("change.claim_now_needed", &[label])),
                (Some((_, was)), false) if *was => changes.push(change("change.claim_now_optional", &[label])),
                _ => {}
            }
        }
        for (claim, _) in old
            .iter()
            .filter(|(claim, _)| new.iter().all(|(other, _)| other != claim))
        {
            changes.push(change(
                "change.claim_removed",
                &[("claim", self.claim(&claim.0, &claim.1))],
            ));
        }
        changes.extend(self.choice_change(before, after));
        changes.extend(self.no_longer_enough(before, after));
        if before.retention_days != after.retention_days {
            let parts = [
                ("before", html! { (self.kept(before)) }),
                ("after", html! { (self.kept(after)) }),
            ];
            changes.push(change("change.kept", &parts));
        }
        if before.channel != after.channel {
            changes.push(change(
                "change.channel",
                &[("after", html! { (self.channel(after.channel)) })],
            ));
        }
        if before.text != after.text {
            changes.push(change(
                "change.text",
                &[("before", html! { bdi { (self.purpose_name(before)) } })],
            ));
        }
        if before.privacy_policy != after.privacy_policy {
            changes.push(change("change.policy_link", &[]));
        }
        if before.rule != after.rule {
            changes.push(change("change.rule", &[]));
        }
        changes
    }

    /// What there is to choose from now, where that is other than before.
    fn choice_change(&self, before: &Purpose, after: &Purpose) -> Option<Markup> {
        let all = self.all_choices(after);
        let purpose = ("purpose", html! { bdi { (self.purpose_name(after)) } });
        let change = if all.is_empty() {
            self.fill("change.no_choice", &[purpose])
        } else {
            self.fill("change.choice", &[purpose, ("choices", self.list(all))])
        };
        (sets_of(before) != sets_of(after)).then_some(change)
    }

    /// What was enough and is not any more: whoever showed it is asked for something else.
    fn no_longer_enough(&self, before: &Purpose, after: &Purpose) -> Vec<Markup> {
        let change = SetChange::between(before, after);
        // Where nothing was needed, there is no name for what was enough; the choice that is new says it.
        let named = change.no_longer_enough.iter().filter(|set| !set.is_empty());
        let told = named.map(|set| {
            let claims = set.iter();
            let claims = claims.map(|claim| self.claim(std::slice::from_ref(&claim.vct), &claim.path));
            let purpose = html! { bdi { (self.purpose_name(after)) } };
            let parts = [("purpose", purpose), ("claims", self.list(claims.collect()))];
            self.fill("change.no_longer_enough", &parts)
        });
        said_once(told)
    }

    fn key_changes(&self, before: &BTreeMap<String, Key>, after: &BTreeMap<String, Key>) -> Vec<Markup> {
        let named = |key, name: &str| self.fill(key, &[("key", html! { code { "#" (plain(name)) } })]);
        let added = after.keys().filter(|name| !before.contains_key(*name));
        let removed = before.keys().filter(|name| !after.contains_key(*name));
        let changed = after
            .iter()
            .filter(|(name, key)| before.get(*name).is_some_and(|old| old != *key));
        added
            .map(|name| named("change.key_added", name))
            .chain(removed.map(|name| named("change.key_removed", name)))
            .chain(changed.map(|(name, _)| named("change.key_changed", name)))
            .collect()
    }
}

type Claim = (Vec<String>, ledger::ClaimPath);

/// Every claim of a purpose with the card types it is asked of, and whether it is needed.
fn claims_of(purpose: &Purpose) -> Vec<(Claim, bool)> {
    let mut claims = Vec::new();
    for credential in &purpose.credentials {
        let claim = |path: &ledger::ClaimPath| (credential.vct_values.clone(), path.clone());
        claims.extend(credential.needed.iter().map(|path| (claim(path), true)));
        claims.extend(credential.optional.iter().map(|path| (claim(path), false)));
    }
    claims
}

/// The sets of claims of which one is enough, for each kind of card where there are any.
fn sets_of(purpose: &Purpose) -> Vec<(&[String], &[Vec<ledger::ClaimPath>])> {
    let with_sets = purpose.credentials.iter().filter(|card| !card.claim_sets.is_empty());
    with_sets
        .map(|card| (card.vct_values.as_slice(), card.claim_sets.as_slice()))
        .collect()
}

/// The keys in the document of a DID log line, by fragment; none where it cannot be read.
pub(super) fn keys_of(line: &[u8], did: &str) -> BTreeMap<String, Key> {
    let line: Option<Value> = serde_json::from_slice(line).ok();
    let document = line.and_then(|line| DidDocument::parse(line.get("state")?).ok());
    let Some(document) = document else {
        return BTreeMap::new();
    };
    let mut keys = BTreeMap::new();
    for relationship in [Relationship::AssertionMethod, Relationship::CapabilityInvocation] {
        for method in document.methods(relationship) {
            let (Some(name), Some(key)) = (fragment(method.id(), did), method.key()) else {
                continue;
            };
            let key = keys.entry(name.to_owned()).or_insert_with(|| of(key));
            match relationship {
                Relationship::AssertionMethod => key.asserts = true,
                Relationship::CapabilityInvocation => key.writes = true,
            }
        }
    }
    keys
}

fn fragment<'a>(id: &'a str, did: &str) -> Option<&'a str> {
    id.strip_prefix(did)?.strip_prefix('#')
}

fn of(key: &PublicJwk) -> Key {
    Key {
        thumbprint: base64url::encode(key.thumbprint()),
        algorithm: key.algorithm().as_str(),
        asserts: false,
        writes: false,
    }
}
