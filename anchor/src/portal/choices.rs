//! Alternatives: sets of claims of one card, any of which is enough. docs/registration.md §2

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use super::content::{ClaimDraft, PurposeDraft};

impl PurposeDraft {
    /// The sets of claims of a card of which any is enough, from the smallest to the largest; none where there is
    /// nothing to choose. What is needed is in each. docs/ledger.md §4.4
    pub(crate) fn claim_sets(&self, vct: &str) -> Vec<Vec<&ClaimDraft>> {
        let of_card = || self.claims.iter().filter(move |claim| claim.vct == vct);
        let set = |choice: u8| {
            let is_in = |claim: &&ClaimDraft| claim.is_needed || claim.choices.contains(&choice);
            of_card().filter(is_in).collect::<Vec<_>>()
        };
        let mut sets: Vec<Vec<&ClaimDraft>> = self.choices(vct).into_iter().map(set).collect();
        sets.sort_by_key(Vec::len);
        sets
    }

    /// The alternatives of a card, by their numbers.
    fn choices(&self, vct: &str) -> BTreeSet<u8> {
        let of_card = self.claims.iter().filter(|claim| claim.vct == vct);
        of_card.flat_map(|claim| claim.choices.iter().copied()).collect()
    }

    /// What is in every alternative of its card is needed: whichever is chosen, it is shown. docs/ledger.md §4.4
    pub(super) fn settle_choices(&mut self) {
        let in_all = |claim: &ClaimDraft| claim.choices.len() > 1 && claim.choices == self.choices(&claim.vct);
        let needed: Vec<bool> = self.claims.iter().map(in_all).collect();
        for (claim, _) in self.claims.iter_mut().zip(needed).filter(|(_, is_needed)| *is_needed) {
            claim.is_needed = true;
            claim.choices.clear();
        }
    }

    /// Every set of claims of a card that a wallet may answer with.
    pub(super) fn answers(&self, vct: &str) -> Vec<Vec<&ClaimDraft>> {
        let of_card = || self.claims.iter().filter(move |claim| claim.vct == vct);
        let mut sets = self.claim_sets(vct);
        if sets.is_empty() {
            sets.push(of_card().filter(|claim| claim.is_needed).collect());
        }
        let beside: Vec<&ClaimDraft> = of_card().filter(|claim| claim.is_optional()).collect();
        with_and_without(sets, &beside)
    }

    /// Whether of some card there is one alternative alone, beside which there is nothing to choose.
    pub(super) fn has_lone_choice(&self) -> bool {
        self.claims.iter().any(|claim| self.claim_sets(&claim.vct).len() == 1)
    }

    /// Whether of some card one alternative has all of another: nobody would have to choose it. docs/ledger.md §4.4
    pub(super) fn has_choice_within_another(&self) -> bool {
        let is_part = |set: &[&ClaimDraft], other: &[&ClaimDraft]| set.iter().all(|claim| other.contains(claim));
        let of_card = |vct: &str| {
            let sets = self.claim_sets(vct);
            let mut places = sets.iter().enumerate();
            places.any(|(place, set)| {
                let mut others = sets.iter().enumerate().filter(|(other, _)| *other != place);
                others.any(|(_, other)| is_part(set, other))
            })
        };
        self.claims.iter().any(|claim| of_card(&claim.vct))
    }

    /// Whether people may choose between the same sets of claims of a card as for the other draft.
    pub(super) fn has_choices_of(&self, other: &Self, vct: &str) -> bool {
        fn named<'a>(draft: &'a PurposeDraft, vct: &str) -> BTreeSet<BTreeSet<&'a str>> {
            let sets = draft.claim_sets(vct).into_iter();
            sets.map(|set| set.into_iter().map(|claim| claim.claim.as_str()).collect())
                .collect()
        }
        named(self, vct) == named(other, vct)
    }
}

impl ClaimDraft {
    /// Whether it may be left out, whichever alternative is chosen.
    pub(super) fn is_optional(&self) -> bool {
        !self.is_needed && self.choices.is_empty()
    }
}

/// The alternatives of a claim as they are written, or the one number that was written while a claim could be in one
/// alone.
pub(super) fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<u8>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(u8),
        Several(BTreeSet<u8>),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::One(choice) => BTreeSet::from([choice]),
        Written::Several(choices) => choices,
    })
}

/// Each set as it is, and with what may be left out beside it, from the smallest to the largest. OpenID4VP 1.0 §6.4.1
pub(super) fn with_and_without<T: Clone>(sets: Vec<Vec<T>>, beside: &[T]) -> Vec<Vec<T>> {
    if beside.is_empty() {
        return sets;
    }
    let with: Vec<Vec<T>> = sets.iter().map(|set| [set.as_slice(), beside].concat()).collect();
    let mut all = [sets, with].concat();
    all.sort_by_key(Vec::len);
    all
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::portal::content::drafted;

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";

    /// `!` is needed, `?` is optional, each digit is an alternative.
    fn purpose(claims: &[&str]) -> PurposeDraft {
        let claim = |text: &&str| {
            let (how, name) = text.split_at(text.len() - 1);
            ClaimDraft {
                vct: PERSON.to_owned(),
                claim: name.to_owned(),
                is_needed: how == "!",
                choices: how
                    .bytes()
                    .filter(u8::is_ascii_digit)
                    .map(|digit| digit - b'0')
                    .collect(),
            }
        };
        drafted(claims.iter().map(claim).collect())
    }

    fn names(sets: Vec<Vec<&ClaimDraft>>) -> Vec<String> {
        let name = |set: Vec<&ClaimDraft>| {
            set.iter()
                .map(|claim| claim.claim.as_str())
                .collect::<Vec<_>>()
                .join("+")
        };
        sets.into_iter().map(name).collect()
    }

    #[test_case(&["!a", "?b"], &[], &["a", "a+b"]; "nothing to choose")]
    #[test_case(&["1a", "2b"], &["a", "b"], &["a", "b"]; "one of two")]
    #[test_case(&["1a", "1b", "2c"], &["c", "a+b"], &["c", "a+b"]; "the smallest first")]
    #[test_case(&["!a", "1b", "2c", "?d"], &["a+b", "a+c"], &["a+b", "a+c", "a+b+d", "a+c+d"]; "what is needed in each, and what is optional beside each")]
    #[test_case(&["12a", "1b", "23c", "3d"], &["a+b", "a+c", "c+d"], &["a+b", "a+c", "c+d"]; "a claim in two of three")]
    fn sets(claims: &[&str], choice: &[&str], answers: &[&str]) {
        let purpose = purpose(claims);
        assert_eq!(names(purpose.claim_sets(PERSON)), choice);
        assert_eq!(names(purpose.answers(PERSON)), answers);
        assert_eq!(purpose.claim_sets("urn:other"), Vec::<Vec<&ClaimDraft>>::new());
    }

    #[test]
    fn one_alternative_is_no_choice() {
        assert!(purpose(&["1a", "!b"]).has_lone_choice());
        assert!(!purpose(&["1a", "2b"]).has_lone_choice());
        assert!(!purpose(&["!a", "?b"]).has_lone_choice());
    }

    #[test_case(&["12a", "1b", "2c"], &["!a", "1b", "2c"]; "in both")]
    #[test_case(&["123a", "1b", "2c", "3d"], &["!a", "1b", "2c", "3d"]; "in all three")]
    #[test_case(&["12a", "1b", "2c", "3d"], &["12a", "1b", "2c", "3d"]; "in two of three")]
    #[test_case(&["1a", "!b"], &["1a", "!b"]; "in the only one, which is none")]
    #[test_case(&["12a"], &["!a"]; "in two with nothing else")]
    fn what_is_in_every_alternative_is_needed(said: &[&str], settled: &[&str]) {
        let mut purpose = purpose(said);
        purpose.settle_choices();
        assert_eq!(purpose.claims, self::purpose(settled).claims);
    }

    #[test_case(&["12a", "2b", "3c"] => true; "a part of another")]
    #[test_case(&["12a", "12b", "3c"] => true; "the same")]
    #[test_case(&["12a", "1b", "2c"] => false; "each with something of its own")]
    #[test_case(&["1a"] => false; "one alone")]
    #[test_case(&["!a", "?b"] => false; "nothing to choose")]
    fn nobody_needs_an_alternative_that_has_all_of_another(claims: &[&str]) -> bool {
        purpose(claims).has_choice_within_another()
    }

    #[test_case("" => Vec::<u8>::new(); "none")]
    #[test_case(r#","choice":2"# => vec![2]; "one, as it was written before")]
    #[test_case(r#","choices":[1,3]"# => vec![1, 3]; "two")]
    fn an_application_is_read_as_it_was_written(choices: &str) -> Vec<u8> {
        let text = format!(r#"{{"vct":"{PERSON}","claim":"a","is_needed":false{choices}}}"#);
        let claim: ClaimDraft = serde_json::from_str(&text).unwrap();
        let again = serde_json::to_string(&claim).unwrap();
        assert_eq!(serde_json::from_str::<ClaimDraft>(&again).unwrap(), claim);
        claim.choices.into_iter().collect()
    }

    #[test]
    fn the_same_choice_by_other_numbers_is_the_same() {
        let one = purpose(&["1a", "2b"]);
        assert!(one.has_choices_of(&purpose(&["2b", "3a"]), PERSON));
        assert!(!one.has_choices_of(&purpose(&["1a", "2b", "3c"]), PERSON));
        assert!(!one.has_choices_of(&purpose(&["!a", "!b"]), PERSON));
    }
}
