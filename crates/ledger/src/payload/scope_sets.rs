//! What became of the sets of claims of a purpose of which any is enough. docs/ledger.md §4.4.

use std::collections::BTreeSet;

use super::{ClaimPath, Purpose, ScopeClaim, ScopeCredential};

/// What may be shown now to answer a purpose, and could not before, and the other way round. Without any choice, now or
/// before, the claims say what changed, and this says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetChange {
    /// A set is enough now that was none to choose from before, nor a part of one.
    pub has_more: bool,
    /// A part of what was enough is enough now: somebody may show less.
    pub has_smaller: bool,
    /// What was enough, and is not any more, nor is a part of it: whoever chose it has to show something else.
    pub no_longer_enough: Vec<Vec<ScopeClaim>>,
    /// Where nothing was needed before: the sets of which one is needed now.
    pub instead_of_nothing: Vec<Vec<ScopeClaim>>,
}

impl SetChange {
    /// Compares two purposes of one business, card type by card type.
    pub fn between(before: &Purpose, after: &Purpose) -> Self {
        let mut change = Self::default();
        let types = before.credentials.iter().flat_map(|card| &card.vct_values);
        for vct in types.collect::<BTreeSet<_>>() {
            let (old, new) = (answers(before, after, vct), answers(after, before, vct));
            let chose = (chooses(before, vct), chooses(after, vct));
            // A card that is not asked any more, or as before, is nothing that anybody has to show.
            if new.is_empty() || chose == (false, false) {
                continue;
            }
            let is_enough = |set: &[ClaimPath]| new.iter().any(|new| is_within(new, set));
            let was_enough = |set: &[ClaimPath]| old.iter().any(|old| is_within(set, old));
            let is_smaller = |set: &[ClaimPath]| old.iter().any(|old| is_within(set, old) && !is_within(old, set));
            change.has_more |= chose == (true, true) && !new.iter().all(|set| was_enough(set));
            change.has_smaller |= new.iter().any(|set| is_smaller(set));
            let gone: Vec<_> = old.iter().filter(|set| !is_enough(set)).collect();
            if gone.iter().any(|set| set.is_empty()) {
                change.instead_of_nothing.extend(new.iter().map(|set| claims(vct, set)));
            }
            change
                .no_longer_enough
                .extend(gone.into_iter().map(|set| claims(vct, set)));
        }
        change
    }

    /// Nothing is other than before.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What answers the purpose, of one kind of card: each of the sets to choose from, or all that is needed. Where there are
/// several entries of the kind, a business may ask by any of them: one that the other purpose has too is left out, so
/// that it does not hide what became of another.
fn answers<'p>(purpose: &'p Purpose, other: &Purpose, vct: &str) -> Vec<&'p [ClaimPath]> {
    let of_card = purpose.credentials.iter().filter(|card| card.has_type(vct));
    let only_here = of_card.filter(|card| !has_sets(other, vct, sets_of(card)));
    only_here.flat_map(sets_of).map(Vec::as_slice).collect()
}

/// Whether an entry of the purpose is answered by these very sets.
fn has_sets(purpose: &Purpose, vct: &str, sets: &[Vec<ClaimPath>]) -> bool {
    let mut cards = purpose.credentials.iter();
    cards.any(|card| card.has_type(vct) && sets_of(card) == sets)
}

fn sets_of(card: &ScopeCredential) -> &[Vec<ClaimPath>] {
    match card.claim_sets.as_slice() {
        [] => std::slice::from_ref(&card.needed),
        sets => sets,
    }
}

fn chooses(purpose: &Purpose, vct: &str) -> bool {
    let mut cards = purpose.credentials.iter();
    cards.any(|card| card.has_type(vct) && !card.claim_sets.is_empty())
}

/// Whether whoever shows all of one set shows all of the other.
fn is_within(part: &[ClaimPath], whole: &[ClaimPath]) -> bool {
    part.iter().all(|path| whole.iter().any(|own| own.covers(path)))
}

fn claims(vct: &str, set: &[ClaimPath]) -> Vec<ScopeClaim> {
    let claim = |path: &ClaimPath| ScopeClaim {
        vct: vct.to_owned(),
        path: path.clone(),
    };
    set.iter().map(claim).collect()
}
