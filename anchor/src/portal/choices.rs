//! Alternatives: sets of claims of one card, any of which is enough. docs/registration.md §2

use std::collections::BTreeSet;

use super::content::{ClaimDraft, PurposeDraft};

/// Alternatives of one card, at most.
pub(crate) const CHOICES: u8 = 3;

impl PurposeDraft {
    /// The sets of claims of a card of which any is enough, from the smallest to the largest; none where there is
    /// nothing to choose. What is needed is in each. docs/ledger.md §4.4
    pub(crate) fn claim_sets(&self, vct: &str) -> Vec<Vec<&ClaimDraft>> {
        let of_card = || self.claims.iter().filter(move |claim| claim.vct == vct);
        let choices: BTreeSet<u8> = of_card().filter_map(|claim| claim.choice).collect();
        let set = |choice: u8| {
            let is_in = |claim: &&ClaimDraft| claim.is_needed || claim.choice == Some(choice);
            of_card().filter(is_in).collect::<Vec<_>>()
        };
        let mut sets: Vec<Vec<&ClaimDraft>> = choices.into_iter().map(set).collect();
        sets.sort_by_key(Vec::len);
        sets
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
        !self.is_needed && self.choice.is_none()
    }
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

    /// `!` is needed, `?` is optional, a digit is an alternative.
    fn purpose(claims: &[&str]) -> PurposeDraft {
        let claim = |text: &&str| {
            let (how, name) = text.split_at(1);
            ClaimDraft {
                vct: PERSON.to_owned(),
                claim: name.to_owned(),
                is_needed: how == "!",
                choice: how.parse().ok(),
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

    #[test]
    fn the_same_choice_by_other_numbers_is_the_same() {
        let one = purpose(&["1a", "2b"]);
        assert!(one.has_choices_of(&purpose(&["2b", "3a"]), PERSON));
        assert!(!one.has_choices_of(&purpose(&["1a", "2b", "3c"]), PERSON));
        assert!(!one.has_choices_of(&purpose(&["!a", "!b"]), PERSON));
    }
}
