//! What changed between two registered scopes of a business. docs/ledger.md §4.4.

use super::{Channel, ClaimPath, Coverage, Purpose, Scope, ScopeCredential, SetChange};

/// What a newer scope has that the older one had not, and the other way round. Purposes are the same where their ids
/// are; what a purpose asks is compared by what it covers, card type by card type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeChange {
    /// Purposes of the newer scope that are new or other than before, then those that are gone, in the scopes' order.
    pub purposes: Vec<PurposeChange>,
    /// Claims that no purpose of the older scope covered, for whatever purpose they are asked now. Each once.
    pub beyond: Vec<ScopeClaim>,
    /// The business goes by another name.
    pub is_renamed: bool,
    /// It is registered for longer or shorter.
    pub has_other_term: bool,
    /// It asks with other access certificates.
    pub has_other_certificates: bool,
}

/// What became of a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeChange {
    /// Names the purpose.
    pub id: String,
    /// Whether there was one of this id before, and is one now.
    pub became: Became,
    /// Claims that are asked otherwise than before; of a purpose that is new or gone, all of them.
    pub claims: Vec<ClaimChange>,
    /// What became of the sets of claims of which any is enough.
    pub sets: SetChange,
    /// How many days claims were kept, and are now.
    pub retention_days: Option<(u32, u32)>,
    /// Where was asked, and is now.
    pub channel: Option<(Channel, Channel)>,
    /// The reason is given in other words.
    pub is_reworded: bool,
    /// The privacy policy is elsewhere.
    pub has_other_policy: bool,
}

/// Whether a purpose is in both scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Only in the newer one.
    Added,
    /// In both.
    Changed,
    /// Only in the older one.
    Removed,
}

/// A claim of a kind of card.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScopeClaim {
    /// Type of the card.
    pub vct: String,
    /// The claim.
    pub path: ClaimPath,
}

/// A claim that is asked otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimChange {
    /// The claim.
    pub claim: ScopeClaim,
    /// How it is asked now.
    pub asked: Asked,
}

/// How a claim is asked that was asked otherwise before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It was not asked, and is needed now.
    AddedNeeded,
    /// It was not asked, and may be left out.
    AddedOptional,
    /// It could be left out, and is needed now.
    NowNeeded,
    /// It was needed, and may be left out now.
    NowOptional,
    /// Only parts of it are asked now.
    Narrowed,
    /// It is not asked any more.
    Removed,
}

impl ScopeChange {
    /// Compares two scopes of one business.
    pub fn between(older: &Scope, newer: &Scope) -> Self {
        let kept = newer
            .purposes
            .iter()
            .filter_map(|after| match older.purpose(&after.id) {
                Some(before) => PurposeChange::between(before, after),
                None => Some(PurposeChange::whole(after, Became::Added)),
            });
        let gone = older
            .purposes
            .iter()
            .filter(|before| newer.purpose(&before.id).is_none());
        let gone = gone.map(|before| PurposeChange::whole(before, Became::Removed));
        Self {
            purposes: kept.chain(gone).collect(),
            beyond: beyond(older, newer),
            is_renamed: older.name != newer.name,
            has_other_term: older.valid_until != newer.valid_until,
            has_other_certificates: older.access_certificates != newer.access_certificates,
        }
    }

    /// Nothing that people are told of is other than before.
    pub fn is_empty(&self) -> bool {
        self.purposes.is_empty() && !self.is_renamed && !self.has_other_term && !self.has_other_certificates
    }

    /// The business may do more than before: ask something else, insist on something, or keep it longer. One that takes
    /// an alternative away insists on the others.
    pub fn widens(&self) -> bool {
        self.purposes.iter().any(PurposeChange::widens)
    }

    /// The business may do less than before in some way.
    pub fn narrows(&self) -> bool {
        self.purposes.iter().any(PurposeChange::narrows)
    }
}

impl PurposeChange {
    fn between(before: &Purpose, after: &Purpose) -> Option<Self> {
        let change = Self {
            id: after.id.clone(),
            became: Became::Changed,
            claims: changed_claims(before, after),
            sets: SetChange::between(before, after),
            retention_days: differing(before.retention_days, after.retention_days),
            channel: differing(before.channel, after.channel),
            is_reworded: before.text != after.text,
            has_other_policy: before.privacy_policy != after.privacy_policy,
        };
        let changed = !change.claims.is_empty()
            || !change.sets.is_empty()
            || change.retention_days.is_some()
            || change.channel.is_some()
            || change.is_reworded
            || change.has_other_policy;
        changed.then_some(change)
    }

    /// A purpose that only one of the scopes has.
    fn whole(purpose: &Purpose, became: Became) -> Self {
        let change = |claim: ScopeClaim| {
            let asked = match (became, purpose.covers(&claim.vct, &claim.path)) {
                (Became::Removed, _) => Asked::Removed,
                (_, Coverage::Needed) => Asked::AddedNeeded,
                _ => Asked::AddedOptional,
            };
            ClaimChange { claim, asked }
        };
        Self {
            id: purpose.id.clone(),
            became,
            claims: claims(purpose).into_iter().map(change).collect(),
            sets: SetChange::default(),
            retention_days: None,
            channel: None,
            is_reworded: false,
            has_other_policy: false,
        }
    }

    /// The business may do more than before for this purpose.
    pub fn widens(&self) -> bool {
        let more = |change: &ClaimChange| {
            matches!(
                change.asked,
                Asked::AddedNeeded | Asked::AddedOptional | Asked::NowNeeded
            )
        };
        self.became == Became::Added
            || self.claims.iter().any(more)
            || self.sets.has_more
            || !self.sets.no_longer_enough.is_empty()
            || self.retention_days.is_some_and(|(before, after)| before < after)
    }

    /// The business may do less than before for this purpose.
    pub fn narrows(&self) -> bool {
        let less = |change: &ClaimChange| matches!(change.asked, Asked::NowOptional | Asked::Narrowed | Asked::Removed);
        self.became == Became::Removed
            || self.claims.iter().any(less)
            || self.sets.has_smaller
            || self.retention_days.is_some_and(|(before, after)| before > after)
    }
}

fn differing<T: PartialEq>(before: T, after: T) -> Option<(T, T)> {
    (before != after).then_some((before, after))
}

/// Every claim of every card type of a purpose, each once, in the order in which the scope names them.
fn claims(purpose: &Purpose) -> Vec<ScopeClaim> {
    let mut claims = Vec::new();
    for credential in &purpose.credentials {
        for vct in &credential.vct_values {
            for path in credential.needed.iter().chain(&credential.optional) {
                add_once(
                    &mut claims,
                    ScopeClaim {
                        vct: vct.clone(),
                        path: path.clone(),
                    },
                );
            }
        }
    }
    claims
}

fn add_once(claims: &mut Vec<ScopeClaim>, claim: ScopeClaim) {
    if !claims.contains(&claim) {
        claims.push(claim);
    }
}

fn changed_claims(before: &Purpose, after: &Purpose) -> Vec<ClaimChange> {
    let mut changes = Vec::new();
    let now = claims(after);
    for claim in &now {
        let was = before.covers(&claim.vct, &claim.path);
        let asked = match (was, after.covers(&claim.vct, &claim.path)) {
            (Coverage::Outside, Coverage::Needed) => Asked::AddedNeeded,
            (Coverage::Outside, _) => Asked::AddedOptional,
            (Coverage::Optional, Coverage::Needed) => Asked::NowNeeded,
            (Coverage::Needed, Coverage::Optional) => Asked::NowOptional,
            _ => continue,
        };
        let claim = claim.clone();
        changes.push(ClaimChange { claim, asked });
    }
    for claim in claims(before) {
        if after.covers(&claim.vct, &claim.path) != Coverage::Outside {
            continue;
        }
        let alone = alone(before, &claim);
        let has_part = |other: &ScopeClaim| alone.covers(&other.vct, &other.path) != Coverage::Outside;
        let asked = if now.iter().any(has_part) {
            Asked::Narrowed
        } else {
            Asked::Removed
        };
        changes.push(ClaimChange { claim, asked });
    }
    changes
}

/// The purpose as if this were all that is asked for it.
fn alone(purpose: &Purpose, claim: &ScopeClaim) -> Purpose {
    let credential = ScopeCredential {
        claim_sets: Vec::new(),
        needed: vec![claim.path.clone()],
        optional: Vec::new(),
        vct_values: vec![claim.vct.clone()],
    };
    Purpose {
        credentials: vec![credential],
        ..purpose.clone()
    }
}

fn beyond(older: &Scope, newer: &Scope) -> Vec<ScopeClaim> {
    let mut beyond = Vec::new();
    for claim in newer.purposes.iter().flat_map(claims) {
        let is_covered = |purpose: &Purpose| purpose.covers(&claim.vct, &claim.path) != Coverage::Outside;
        if !older.purposes.iter().any(is_covered) {
            add_once(&mut beyond, claim);
        }
    }
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Localized;
    use test_case::test_case;

    const CARD: &str = "urn:card";

    fn path(name: &str) -> ClaimPath {
        ClaimPath::names(&name.split('.').collect::<Vec<_>>())
    }

    fn purpose(id: &str, needed: &[&str], optional: &[&str]) -> Purpose {
        Purpose {
            channel: Channel::Online,
            credentials: vec![ScopeCredential {
                claim_sets: Vec::new(),
                needed: needed.iter().map(|name| path(name)).collect(),
                optional: optional.iter().map(|name| path(name)).collect(),
                vct_values: vec![CARD.to_owned()],
            }],
            id: id.to_owned(),
            privacy_policy: "https://shop.example/privacy".to_owned(),
            retention_days: 7,
            rule: None,
            text: Localized::english("Age check").unwrap(),
        }
    }

    fn scope(purposes: Vec<Purpose>) -> Scope {
        Scope {
            access_certificates: vec![[1; 32]],
            name: Localized::english("Shop").unwrap(),
            purposes,
            subject: "did:webvh:QmX:shop.example".parse().unwrap(),
            valid_until: 2_000_000_000,
        }
    }

    fn between(before: Purpose, after: Purpose) -> ScopeChange {
        ScopeChange::between(&scope(vec![before]), &scope(vec![after]))
    }

    fn name(claim: &ScopeClaim) -> String {
        let names = claim.path.0.iter().map(|element| match element {
            crate::payload::PathElement::Name(name) => name.as_str(),
            _ => "*",
        });
        names.collect::<Vec<_>>().join(".")
    }

    fn told(change: &ScopeChange) -> Vec<(String, Asked)> {
        let claims = change.purposes.iter().flat_map(|purpose| &purpose.claims);
        claims.map(|change| (name(&change.claim), change.asked)).collect()
    }

    #[test_case(&["age"], &[], &["age", "address"], &[] => vec![("address".to_owned(), Asked::AddedNeeded)] ; "needed")]
    #[test_case(&["age"], &[], &["age"], &["address"] => vec![("address".to_owned(), Asked::AddedOptional)] ; "optional")]
    #[test_case(&[], &["age"], &["age"], &[] => vec![("age".to_owned(), Asked::NowNeeded)] ; "now_needed")]
    #[test_case(&["age"], &[], &[], &["age"] => vec![("age".to_owned(), Asked::NowOptional)] ; "now_optional")]
    #[test_case(&["age", "address"], &[], &["age"], &[] => vec![("address".to_owned(), Asked::Removed)] ; "removed")]
    #[test_case(&["address"], &[], &["address.locality"], &[] => vec![("address".to_owned(), Asked::Narrowed)] ; "narrowed")]
    #[test_case(&["address.locality"], &[], &["address"], &[] => vec![("address".to_owned(), Asked::AddedNeeded)] ; "from_a_part_to_the_whole")]
    #[test_case(&["age", "address"], &[], &["address", "age"], &[] => Vec::<(String, Asked)>::new() ; "another_order_is_no_change")]
    fn claims_of_a_purpose(
        needed: &[&str],
        optional: &[&str],
        needed_now: &[&str],
        optional_now: &[&str],
    ) -> Vec<(String, Asked)> {
        told(&between(
            purpose("age", needed, optional),
            purpose("age", needed_now, optional_now),
        ))
    }

    #[test]
    fn the_same_scope_is_no_change() {
        let same = between(purpose("age", &["age"], &[]), purpose("age", &["age"], &[]));
        assert!(same.is_empty() && !same.widens() && !same.narrows());
        assert!(same.beyond.is_empty());
    }

    #[test]
    fn another_purpose_is_all_new_but_asks_nothing_beyond_what_was_asked() {
        let older = scope(vec![purpose("age", &["age"], &[])]);
        let newer = scope(vec![
            purpose("age", &["age"], &[]),
            purpose("rent", &["age"], &["address"]),
        ]);
        let change = ScopeChange::between(&older, &newer);
        let [added] = change.purposes.as_slice() else {
            panic!("{change:?}")
        };
        assert_eq!((added.id.as_str(), added.became), ("rent", Became::Added));
        assert_eq!(
            told(&change),
            [
                ("age".to_owned(), Asked::AddedNeeded),
                ("address".to_owned(), Asked::AddedOptional)
            ]
        );
        let address = ScopeClaim {
            vct: CARD.to_owned(),
            path: path("address"),
        };
        assert_eq!(change.beyond, [address]);
        assert!(change.widens() && !change.narrows());

        let back = ScopeChange::between(&newer, &older);
        assert_eq!(
            back.purposes.iter().map(|purpose| purpose.became).collect::<Vec<_>>(),
            [Became::Removed]
        );
        assert!(back.narrows() && !back.widens() && back.beyond.is_empty());
    }

    #[test]
    fn the_same_claim_of_another_card_is_another_claim() {
        let mut after = purpose("age", &["age"], &[]);
        after.credentials[0].vct_values.push("urn:other".to_owned());
        let change = between(purpose("age", &["age"], &[]), after);
        assert_eq!(
            change.beyond.iter().map(|claim| claim.vct.as_str()).collect::<Vec<_>>(),
            ["urn:other"]
        );
    }

    /// A purpose of which any of these sets is enough; one alone is needed.
    fn choice(sets: &[&[&str]]) -> Purpose {
        if let [all] = sets {
            return purpose("age", all, &[]);
        }
        let mut all: Vec<&str> = sets.concat();
        all.sort_unstable();
        all.dedup();
        let mut purpose = purpose("age", &[], &all);
        let paths = |set: &&[&str]| set.iter().map(|name| path(name)).collect();
        purpose.credentials[0].claim_sets = sets.iter().map(paths).collect();
        purpose
    }

    /// Whether it may ask more, and less, and what was enough and is not any more.
    fn sets_told(change: &ScopeChange) -> (bool, bool, Vec<String>) {
        let purposes = change.purposes.iter();
        let gone = purposes.flat_map(|purpose| &purpose.sets.no_longer_enough);
        let names = gone.map(|set| set.iter().map(name).collect::<Vec<_>>().join("+"));
        (change.widens(), change.narrows(), names.collect())
    }

    const AGE_OR_BOTH: &[&[&str]] = &[&["age"], &["birth", "name"]];
    const THREE: &[&[&str]] = &[&["age"], &["birth"], &["name"]];
    const PAIRS: &[&[&str]] = &[&["age", "birth"], &["birth", "name"], &["age", "name"]];

    #[test_case(AGE_OR_BOTH, THREE => (false, true, vec![]) ; "each_part_of_a_set_is_enough")]
    #[test_case(AGE_OR_BOTH, &[&["age"], &["birth"]] => (false, true, vec![]) ; "a_claim_of_a_set_less")]
    #[test_case(AGE_OR_BOTH, &[&["age"], &["name", "birth"]] => (false, false, vec![]) ; "another_order")]
    #[test_case(THREE, &[&["age"], &["birth"], &["name"], &["address"]] => (true, false, vec![]) ; "a_set_more")]
    #[test_case(THREE, &[&["age"], &["birth"]] => (true, true, vec!["name".to_owned()]) ; "a_set_less")]
    #[test_case(THREE, AGE_OR_BOTH => (true, false, vec!["birth".to_owned(), "name".to_owned()]) ; "two_sets_are_one")]
    #[test_case(THREE, &[&["age"]] => (true, true, vec!["birth".to_owned(), "name".to_owned()]) ; "one_set_is_left")]
    #[test_case(PAIRS, &[&["age", "birth"], &["birth", "name"]] => (true, false, vec!["age+name".to_owned()]) ; "a_set_less_whose_claims_are_in_others")]
    #[test_case(PAIRS, &[&["age", "birth", "name"]] => (true, false, vec!["age+birth".to_owned(), "birth+name".to_owned(), "age+name".to_owned()]) ; "everything_now")]
    fn what_may_be_chosen(before: &[&[&str]], after: &[&[&str]]) -> (bool, bool, Vec<String>) {
        sets_told(&between(choice(before), choice(after)))
    }

    #[test]
    fn whoever_had_nothing_to_choose_is_told_what_is_not_enough_any_more() {
        let mut after = choice(&[&["age", "birth"], &["age", "name"]]);
        after.credentials[0].needed = vec![path("age")];
        after.credentials[0].optional = vec![path("birth"), path("name")];
        let before = purpose("age", &["age"], &["birth", "name"]);
        let change = between(before.clone(), after.clone());
        assert_eq!(sets_told(&change), (true, false, vec!["age".to_owned()]));
        let back = between(after, before);
        assert_eq!(sets_told(&back), (false, true, vec![]));
        let either = between(purpose("age", &["age", "birth"], &[]), choice(&[&["age"], &["birth"]]));
        assert_eq!(sets_told(&either), (false, true, vec![]));
    }

    #[test]
    fn whoever_had_to_show_nothing_is_told_what_to_choose_from() {
        let after = choice(&[&["age"], &["birth", "name"]]);
        let chosen = |before: Purpose| {
            let change = between(before, after.clone());
            let sets = change
                .purposes
                .into_iter()
                .flat_map(|purpose| purpose.sets.instead_of_nothing);
            let named = sets.map(|set| set.iter().map(name).collect::<Vec<_>>().join("+"));
            named.collect::<Vec<_>>()
        };
        let nothing = purpose("age", &[], &["age", "birth", "name"]);
        assert!(between(nothing.clone(), after.clone()).widens());
        assert_eq!(chosen(nothing), ["age", "birth+name"]);
        assert_eq!(
            chosen(purpose("age", &["name"], &["age", "birth"])),
            [""; 0],
            "something was needed"
        );
        assert_eq!(chosen(choice(THREE)), [""; 0]);
    }

    /// The same with another entry of the type, of which nothing is needed.
    fn and_nothing(mut asked: Purpose) -> Purpose {
        let other = purpose("age", &[], &["age", "birth", "name"]);
        asked.credentials.extend(other.credentials);
        asked
    }

    #[test]
    fn an_entry_of_a_type_does_not_hide_what_became_of_another() {
        let fewer = choice(&[&["age", "birth"], &["birth", "name"]]);
        let taken_away = between(and_nothing(choice(PAIRS)), and_nothing(fewer));
        assert_eq!(sets_told(&taken_away), (true, false, vec!["age+name".to_owned()]));
        let added = between(choice(THREE), and_nothing(choice(THREE)));
        assert_eq!(sets_told(&added), (true, false, vec![]));
        assert!(between(and_nothing(choice(THREE)), and_nothing(choice(THREE))).is_empty());
    }

    #[test]
    fn a_card_that_is_not_asked_any_more_is_nothing_to_show() {
        let mut after = choice(THREE);
        after.credentials[0].vct_values = vec!["urn:other".to_owned()];
        let change = between(choice(THREE), after);
        assert!(change.purposes[0].sets.is_empty(), "{change:?}");
    }

    #[test_case(7, 30 => (true, false) ; "longer")]
    #[test_case(7, 0 => (false, true) ; "not_any_more")]
    #[test_case(7, 7 => (false, false) ; "as_long")]
    fn how_long_it_is_kept(before: u32, after: u32) -> (bool, bool) {
        let kept = |days| Purpose {
            retention_days: days,
            ..purpose("age", &["age"], &[])
        };
        let change = between(kept(before), kept(after));
        (change.widens(), change.narrows())
    }

    #[test]
    fn what_people_read_is_compared_too() {
        let older = scope(vec![purpose("age", &["age"], &[])]);
        let mut newer = older.clone();
        newer.name = Localized::english("Store").unwrap();
        newer.access_certificates = vec![[2; 32]];
        newer.valid_until += 1;
        newer.purposes[0].text = Localized::english("Is it you?").unwrap();
        newer.purposes[0].privacy_policy = "https://shop.example/other".to_owned();
        newer.purposes[0].channel = Channel::InPerson;
        let change = ScopeChange::between(&older, &newer);
        assert!(change.is_renamed && change.has_other_term && change.has_other_certificates);
        let [purpose] = change.purposes.as_slice() else {
            panic!("{change:?}")
        };
        assert!(purpose.is_reworded && purpose.has_other_policy && purpose.claims.is_empty());
        assert_eq!(purpose.channel, Some((Channel::Online, Channel::InPerson)));
        assert!(!change.is_empty() && !change.widens() && !change.narrows());
    }
}
