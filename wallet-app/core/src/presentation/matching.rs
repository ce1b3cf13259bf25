//! Which cards answer a query, with the fewest claims.

use super::compare::{contains, leads_to};
use super::foretell::RecordedRule;
use super::never::Never;
use super::smallest::{self, Alternatives};
use super::{RequestRefused, Unanswerable};
use crate::cards::{Card, CardId, ChosenCopy, CopyKind};
use crate::consent::{Addition, AskedCard, Proof};
use crate::trust::Registration;
use crate::vault::Vault;
use card_formats::{ClaimPath, HeldCopy, PathElement};
use jose::UnixTime;
use oid4vp::{
    Authority, Candidate, ClaimsPath, CredentialMatch, CredentialQuery, CredentialType, DcqlQuery, Evaluation,
    HolderBinding, Multiplicity, PathView, QueryId, Requirement, SetChoice,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A card with the copy that would be shown of it.
pub(super) struct Held {
    pub(super) card: Card,
    pub(super) copy: ChosenCopy,
    pub(super) content: Box<dyn HeldCopy>,
    authorities: Vec<Authority>,
}

/// The cards that answer a request, each with the copy to be used.
#[derive(Default)]
pub(super) struct Matched {
    pub(super) asked: Vec<AskedCard>,
    pub(super) additions: Vec<Addition>,
    /// What the answer will follow from, where that is publicly recorded.
    pub(super) rule: Option<RecordedRule>,
    held: Vec<Held>,
}

impl Matched {
    /// The card with its copy.
    pub(super) fn held(&self, card: &CardId) -> Option<&Held> {
        self.held.iter().find(|held| held.card.id == *card)
    }
}

/// Why nothing here answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMatch {
    /// No card does.
    Card,
    /// One might, and has no copy that may be shown.
    Copy,
}

impl NoMatch {
    /// Stable name of the reason.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Card => "no_matching_card",
            Self::Copy => "no_copy_left",
        }
    }

    pub(super) fn refusal(self, kept: Box<Unanswerable>) -> RequestRefused {
        match self {
            Self::Card => RequestRefused::NoMatchingCard(kept),
            Self::Copy => RequestRefused::NoCopyLeft(kept),
        }
    }
}

/// Which copies may be shown to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copies {
    /// Those that nobody has seen.
    Unused,
    /// Where nothing else answers, one that was shown before, on the person's word.
    AlsoUsed,
}

impl Copies {
    /// Somebody recorded nowhere may ask only what identifies nobody; a copy that was seen before does.
    pub(super) fn for_asker(registration: &Registration) -> Self {
        match registration {
            Registration::Unregistered => Self::Unused,
            Registration::Registered { .. } | Registration::Foreign { .. } => Self::AlsoUsed,
        }
    }
}

/// By what cards are chosen, beside the query.
pub(super) struct Wanted<'a> {
    /// Of which kind the copies are.
    pub(super) kind: CopyKind,
    /// Which of them may be shown.
    pub(super) copies: Copies,
    /// What the person shows to nobody.
    pub(super) never: &'a Never,
    /// The rule that is publicly recorded.
    pub(super) rule: Option<RecordedRule>,
}

/// Finds the cards that have a copy of the wanted kind. Of several sets the one with the fewest cards is taken, of those
/// the one with the least that cannot be withheld; of several alternatives without a claim that is shown to nobody the
/// one with the fewest claims, or with the fewest that give a yes by the recorded rule, and of those with as many the one
/// that says least; what is not required may be added, and is left out.
pub(super) fn find(
    vault: &Vault,
    query: &DcqlQuery,
    now: UnixTime,
    wanted: Wanted<'_>,
) -> Result<Result<Matched, NoMatch>, RequestRefused> {
    let Wanted {
        kind,
        copies,
        never,
        rule,
    } = wanted;
    let by_authority = query
        .credentials()
        .iter()
        .any(|asked| !asked.trusted_authorities().is_empty());
    let mut loaded = load(vault, now, by_authority, (kind, copies))?;
    let nothing = if loaded.exhausted { NoMatch::Copy } else { NoMatch::Card };
    let (mut asked, mut additions) = choose(query, &loaded.held, never, rule.as_ref());
    if asked.is_empty() && !loaded.used.is_empty() {
        // Those with an unused copy stand first, and are taken first.
        loaded.held.append(&mut loaded.used);
        (asked, additions) = choose(query, &loaded.held, never, rule.as_ref());
    }
    if asked.is_empty() {
        return Ok(Err(nothing));
    }
    Ok(Ok(Matched {
        asked,
        additions,
        rule,
        held: loaded.held,
    }))
}

/// What is asked of these cards, and what may go along; nothing where they do not answer.
fn choose(
    query: &DcqlQuery,
    held: &[Held],
    never: &Never,
    rule: Option<&RecordedRule>,
) -> (Vec<AskedCard>, Vec<Addition>) {
    let candidates: Vec<Candidate<'_>> = held.iter().map(Held::candidate).collect();
    let evaluation = query.evaluate(&candidates);
    if !evaluation.is_satisfiable() {
        return (Vec::new(), Vec::new());
    }
    let mut choice = Choice {
        evaluation: &evaluation,
        held,
        never,
        taken: Vec::new(),
    };
    let mut asked = choice.asked();
    if asked.is_empty() {
        return (asked, Vec::new());
    }
    let additions = choice.additions(query, &asked);
    if let Some(rule) = rule {
        smallest::offer(&mut asked, &choice.alternatives(), rule);
    }
    (asked, additions)
}

/// Which card answers which query.
struct Choice<'a> {
    evaluation: &'a Evaluation,
    held: &'a [Held],
    never: &'a Never,
    taken: Vec<(QueryId, usize)>,
}

impl<'a> Choice<'a> {
    /// What is required; where nothing is, the first that would do.
    fn asked(&mut self) -> Vec<AskedCard> {
        let evaluation: &'a Evaluation = self.evaluation;
        let sets = evaluation.sets().iter();
        let mut required = sets
            .clone()
            .filter(|set| set.requirement() == Requirement::Required)
            .peekable();
        let options: Vec<&[QueryId]> = match required.peek() {
            Some(_) => required.filter_map(|set| self.smallest(set)).collect(),
            None => sets.clone().find_map(|set| self.smallest(set)).into_iter().collect(),
        };
        self.take(options.into_iter().flatten())
    }

    /// The card taken for each query, and what could be shown of it, the fewest claims first.
    fn alternatives(&self) -> Vec<Alternatives<'a>> {
        let (evaluation, all): (&'a Evaluation, &'a [Held]) = (self.evaluation, self.held);
        let mut alternatives = Vec::new();
        for (query, taken) in &self.taken {
            let mut matches = evaluation.matches(query).iter();
            let found = matches.find(|found| found.candidate() == *taken);
            if let (Some(held), Some(found)) = (all.get(*taken), found) {
                alternatives.push(Alternatives {
                    query: query.clone(),
                    held,
                    options: self.options(held, found),
                });
            }
        }
        alternatives
    }

    /// What may go along: one more card where a query takes several, and what answers sets that are
    /// not required.
    fn additions(&mut self, query: &DcqlQuery, asked: &[AskedCard]) -> Vec<Addition> {
        let evaluation: &'a Evaluation = self.evaluation;
        let mut additions = Vec::new();
        for set in evaluation.sets() {
            let cards = self.take(self.smallest(set).into_iter().flatten());
            if !cards.is_empty() {
                additions.push(Addition { cards });
            }
        }
        for card in asked {
            let several = query.credential(card.query.as_str()).map(CredentialQuery::multiple);
            if several == Some(Multiplicity::Several) {
                additions.extend(self.further(&card.query));
            }
        }
        additions
    }

    /// A card for each query that has none yet, another one than for the others where there is one:
    /// of one card one copy answers all of its queries. OpenID4VP 1.0 §6.1
    fn take<'q>(&mut self, queries: impl Iterator<Item = &'q QueryId>) -> Vec<AskedCard> {
        let evaluation: &'a Evaluation = self.evaluation;
        let mut cards = Vec::new();
        for id in queries {
            if self.taken.iter().any(|(known, _)| known == id) {
                continue;
            }
            let matches = evaluation.matches(id);
            let free = |found: &&CredentialMatch| self.taken.iter().all(|(_, taken)| *taken != found.candidate());
            let found = matches.iter().find(free).or_else(|| matches.first());
            if let Some((found, held)) = found.and_then(|found| Some((found, self.held.get(found.candidate())?))) {
                cards.push(describe(id, held, self.options(held, found)));
                self.taken.push((id.clone(), found.candidate()));
            }
        }
        cards
    }

    /// Every other card for this query, each by itself.
    fn further(&self, id: &QueryId) -> impl Iterator<Item = Addition> {
        let taken = self
            .taken
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, taken)| *taken);
        let others = self.evaluation.matches(id).iter();
        others
            .filter(move |found| Some(found.candidate()) != taken)
            .filter_map(move |found| {
                let held = self.held.get(found.candidate())?;
                let cards = vec![describe(id, held, self.options(held, found))];
                Some(Addition { cards })
            })
    }

    /// What could be shown of a card, the fewest claims first; of those with as many, whatever is asked first, the one
    /// with the fewest that say more than yes or no. An alternative with a claim that is shown to nobody is none where
    /// there is another.
    fn options(&self, held: &Held, found: &CredentialMatch) -> Vec<Vec<ClaimsPath>> {
        let mut options: Vec<Vec<ClaimsPath>> = found.options().iter().map(|option| option.paths().to_vec()).collect();
        options.sort_by_key(|option| (option.len(), held.says_more_than_yes_or_no(option)));
        let may_be_shown = |option: &Vec<ClaimsPath>| !self.never.meets_any(&held.card, option);
        if options.iter().any(may_be_shown) {
            options.retain(may_be_shown);
        }
        options
    }

    /// The alternative with the fewest cards that can be answered; of those with as many the one with the least that
    /// cannot be withheld.
    fn smallest<'s>(&self, set: &'s SetChoice) -> Option<&'s [QueryId]> {
        let least = |option: &&Vec<QueryId>| {
            let company = option.iter().map(|id| self.company(id));
            (option.len(), company.sum::<usize>())
        };
        set.options().iter().min_by_key(least).map(Vec::as_slice)
    }

    /// How many claims go along with the first card that answers a query, whatever is chosen of it.
    fn company(&self, id: &QueryId) -> usize {
        let first = self.evaluation.matches(id).first();
        let held = first.and_then(|found| self.held.get(found.candidate()));
        held.map_or(0, |held| describe(id, held, Vec::new()).company().count())
    }
}

/// Every card that has not run out.
#[derive(Default)]
struct Loaded {
    /// Each with an unused copy.
    held: Vec<Held>,
    /// Each with a copy that was shown before, because all were.
    used: Vec<Held>,
    /// Whether one was left out that has no copy which may be shown.
    exhausted: bool,
}

fn load(
    vault: &Vault,
    now: UnixTime,
    by_authority: bool,
    (kind, copies): (CopyKind, Copies),
) -> Result<Loaded, RequestRefused> {
    let mut loaded = Loaded::default();
    for card in vault.cards()? {
        // In a format that is not shown as codes there never were copies for that: none was used up.
        let is_never_shown_so = kind == CopyKind::Offline && !card.format.shown_as_codes();
        if is_never_shown_so || card.valid_until.is_some_and(|until| until <= now) {
            continue;
        }
        let mut copy = vault.unused_copy(&card.id, kind)?;
        if copy.is_none() && copies == Copies::AlsoUsed {
            copy = vault.used_copy(&card.id, kind)?;
        }
        match copy {
            Some(copy) if copy.shown_before => loaded.used.push(Held::of(card, copy, by_authority)?),
            Some(copy) => loaded.held.push(Held::of(card, copy, by_authority)?),
            None => loaded.exhausted = true,
        }
    }
    Ok(loaded)
}

impl Held {
    fn of(card: Card, copy: ChosenCopy, by_authority: bool) -> Result<Self, RequestRefused> {
        let content = card.format.held(&copy.credential)?;
        // To show the card to those alone who ask for its authorities is all that they decide; whether to believe it is
        // the verifier's business. What other types of authority would need to be fetched is not fetched.
        // OpenID4VP 1.0 §6.1.1, §15.10
        let authorities = if by_authority {
            content.authorities()
        } else {
            Vec::new()
        };
        Ok(Self {
            card,
            copy,
            content,
            authorities,
        })
    }

    /// Everything that the card says.
    pub(super) fn claims(&self) -> &Value {
        self.content.claims()
    }

    /// How many of these claims are more than yes or no.
    fn says_more_than_yes_or_no(&self, claims: &[ClaimsPath]) -> usize {
        let is_yes_or_no = |path: &ClaimsPath| {
            let values = path.select(self.claims(), PathView::Credential);
            values.is_ok_and(|values| values.iter().all(|value| value.is_boolean()))
        };
        claims.iter().filter(|path| !is_yes_or_no(path)).count()
    }

    /// The type of the card, in the words of its format.
    pub(super) fn kind(&self) -> CredentialType<'_> {
        self.content.kind()
    }

    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            format: self.card.format.name(),
            kind: self.kind(),
            claims: self.claims(),
            holder_binding: HolderBinding::Cryptographic,
            authorities: &self.authorities,
        }
    }
}

/// A card of which the first of these is needed; what else the others have may be added.
pub(super) fn describe(query: &QueryId, held: &Held, mut options: Vec<Vec<ClaimsPath>>) -> AskedCard {
    let needed = options.first().cloned().unwrap_or_default();
    options.retain(|option| needed.iter().all(|path| option.contains(path)));
    let mut optional: Vec<ClaimsPath> = Vec::new();
    for path in options.iter().flatten() {
        if !needed.contains(path) && !optional.contains(path) {
            optional.push(path.clone());
        }
    }
    let asked: Vec<&ClaimsPath> = needed.iter().chain(&optional).collect();
    AskedCard {
        query: query.clone(),
        card: held.card.id.clone(),
        format: held.card.format,
        vct: held.card.vct.clone(),
        withheld: withheld(held.content.as_ref(), &asked),
        always: held.content.always_visible(),
        shown_before: held.copy.shown_before,
        proof: Proof::NotNeeded,
        needed,
        optional,
        alternatives: options,
    }
}

/// What could be shown of the card and is not asked for, the outermost of each: claims at the top by
/// their name, parts of a claim of which other parts are asked for by their path.
fn withheld(held: &dyn HeldCopy, asked: &[&ClaimsPath]) -> Vec<String> {
    let touched = |path: &ClaimPath| asked.iter().any(|claim| contains(claim, path) || leads_to(path, claim));
    let left: Vec<ClaimPath> = held.disclosable().into_iter().filter(|path| !touched(path)).collect();
    let inside_another = |path: &ClaimPath| left.iter().any(|other| other != path && other.contains(path));
    let withheld: BTreeSet<String> = left.iter().filter(|path| !inside_another(path)).map(named).collect();
    withheld.into_iter().collect()
}

/// A path as claims are named on the screen.
fn named(path: &ClaimPath) -> String {
    let elements = path.elements().iter().map(|element| match element {
        PathElement::Name(name) => name.clone(),
        PathElement::Index(index) => index.to_string(),
    });
    elements.collect::<Vec<_>>().join(".")
}
