//! What a business may ask now, and could not when the person shared with it last.
//!
//! The wallet knows only the newest record of whoever asks. What that said at the last sharing stays in the vault, so
//! the comparison needs no network and tells nobody anything.

use crate::cards::{Names, seconds, unsigned};
use crate::text::Localized;
use crate::trust::Registration;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use card_types::claim_in_every_format;
use jose::UnixTime;
use ledger::{Asked, ClaimPath, Scope, ScopeChange, ScopeClaim};
use oid4vp::ClaimsPath;
use rusqlite::{OptionalExtension as _, Transaction, params};
use std::collections::BTreeSet;

/// What those who ask may do beyond what they could when the person shared with them last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widened {
    /// When the person shared with them last, seconds since 1970.
    pub since: UnixTime,
    /// What they could not ask then for any purpose, as the person calls it.
    pub claims: Vec<Localized>,
    /// What the person could leave out then for this purpose, or show something else instead of, and cannot now.
    pub needed: Vec<Localized>,
    /// What was enough then for this purpose and is not now, nor is a part of it: each is all of an alternative.
    pub not_enough: Vec<Vec<Localized>>,
    /// Sets of which one is needed now, where nothing was needed then for this purpose: each is all of an alternative.
    pub choose: Vec<Vec<Localized>>,
    /// How many days they kept then what they ask now, and keep it; only where it is longer now.
    pub kept_days: Option<(u32, u32)>,
}

impl Wallet {
    /// What is new since the last sharing; `None` where nothing was shared with them yet, or nothing is.
    pub(super) fn widened(
        &self,
        registration: &Registration,
        purpose: Option<&str>,
    ) -> Result<Option<Widened>, VaultError> {
        let Registration::Registered { did, scope, .. } = registration else {
            return Ok(None);
        };
        let Some((before, since)) = self.vault.shared_scope(did)? else {
            return Ok(None);
        };
        let change = ScopeChange::between(&before, scope);
        let asked = change
            .purposes
            .iter()
            .find(|changed| Some(changed.id.as_str()) == purpose);
        let kept_days = asked
            .and_then(|changed| changed.retention_days)
            .filter(|(before, after)| before < after);
        let claims = asked.into_iter().flat_map(|changed| &changed.claims);
        let needed: Vec<&ScopeClaim> = claims
            .filter(|claim| claim.asked == Asked::NowNeeded)
            .map(|claim| &claim.claim)
            .collect();
        let gone = asked.into_iter().flat_map(|changed| &changed.sets.no_longer_enough);
        // Where nothing was needed there is no name for what was enough; the choice that is new says it.
        let gone: Vec<&Vec<ScopeClaim>> = gone.filter(|set| !set.is_empty()).collect();
        let chosen: Vec<&Vec<ScopeClaim>> = asked
            .into_iter()
            .flat_map(|changed| &changed.sets.instead_of_nothing)
            .collect();
        let beyond = beyond(&change, &before);
        let has_sets = !gone.is_empty() || !chosen.is_empty();
        if beyond.is_empty() && needed.is_empty() && !has_sets && kept_days.is_none() {
            return Ok(None);
        }
        let names = Names::of(&self.vault.cards()?);
        Ok(Some(Widened {
            since,
            claims: labels(beyond, &names),
            needed: labels(needed, &names),
            not_enough: sets(gone, &names),
            choose: sets(chosen, &names),
            kept_days,
        }))
    }
}

/// Notes what they may ask at this sharing, together with the sharing itself.
pub(super) fn remember_scope(
    transaction: &Transaction<'_>,
    registration: &Registration,
    now: UnixTime,
) -> Result<(), VaultError> {
    let Registration::Registered { did, scope, .. } = registration else {
        return Ok(());
    };
    let bytes = scope.encode().map_err(|_| VaultError::MalformedRecord)?;
    transaction.execute(
        "INSERT INTO shared_scope (did, scope, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (did) DO UPDATE SET scope = excluded.scope, at = excluded.at",
        params![did, bytes, seconds(now)],
    )?;
    Ok(())
}

/// What may be asked beyond what could be before. A card in several formats is one card: what could be asked of it in one
/// is nothing new in another.
pub(super) fn beyond<'c>(change: &'c ScopeChange, before: &Scope) -> Vec<&'c ScopeClaim> {
    let mut known = BTreeSet::new();
    for credential in before.purposes.iter().flat_map(|purpose| &purpose.credentials) {
        let paths = credential.needed.iter().chain(&credential.optional);
        let names: Vec<String> = paths.filter_map(name).collect();
        for vct in &credential.vct_values {
            known.extend(names.iter().map(|name| (vct.clone(), name.clone())));
        }
    }
    let is_known = |claim: &&ScopeClaim| {
        let names = name(&claim.path).map(|name| claim_in_every_format(&claim.vct, &name));
        names.is_some_and(|names| names.iter().any(|name| known.contains(name)))
    };
    change.beyond.iter().filter(|claim| !is_known(claim)).collect()
}

/// The labels of each set, each once: a card that comes in several formats is one card.
fn sets(sets: Vec<&Vec<ScopeClaim>>, names: &Names) -> Vec<Vec<Localized>> {
    let mut named: Vec<Vec<Localized>> = Vec::new();
    for set in sets {
        let labels = labels(set, names);
        if !named.contains(&labels) {
            named.push(labels);
        }
    }
    named
}

/// Each claim once, whatever cards it is asked of, and in whatever formats.
pub(super) fn labels<'a>(claims: impl IntoIterator<Item = &'a ScopeClaim>, names: &Names) -> Vec<Localized> {
    let mut seen = BTreeSet::new();
    let mut labels = Vec::new();
    for claim in claims {
        let Some(name) = name(&claim.path) else {
            continue;
        };
        let label = names.claim(&claim.vct, &name);
        if seen.insert(name) && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

/// A path of the record with dots. One that is none of the query language would be nothing that can be asked.
fn name(path: &ClaimPath) -> Option<String> {
    let path = serde_json::to_value(path).ok()?;
    ClaimsPath::parse(&path).ok().map(|path| path.to_string())
}

impl Vault {
    /// What a business could ask at the last sharing, and when that was.
    pub(super) fn shared_scope(&self, did: &str) -> Result<Option<(Scope, UnixTime)>, VaultError> {
        let row: Option<(Vec<u8>, i64)> = self.read(|connection| {
            connection
                .query_row("SELECT scope, at FROM shared_scope WHERE did = ?1", [did], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        })?;
        let Some((scope, at)) = row else {
            return Ok(None);
        };
        let scope = Scope::parse(&scope).map_err(|_| VaultError::MalformedRecord)?;
        Ok(Some((scope, unsigned(at)?)))
    }
}
