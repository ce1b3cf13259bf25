//! Claims that the person shows to nobody: an alternative with one is none where there is another, and a request that
//! needs one is refused.

use super::matching::Matched;
use crate::consent::AskedCard;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use oid4vp::ClaimsPath;
use rusqlite::params;
use serde::Serialize;

/// A claim of a type of card that is shown to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeverShown {
    /// The type of card.
    #[serde(rename = "type")]
    pub vct: String,
    /// The claim, by its path with dots.
    pub claim: String,
}

impl NeverShown {
    /// The same claim of the same card, by what it is called in each format: whoever shows it to nobody does so
    /// whichever format is asked for.
    fn in_every_format(&self) -> Vec<Self> {
        let named = card_types::claim_in_every_format(&self.vct, &self.claim).into_iter();
        named.map(|(vct, claim)| Self { vct, claim }).collect()
    }

    /// Whether a claim is this one, lies in it, or has it inside.
    fn meets(&self, vct: &str, claim: &str) -> bool {
        let same = |(never, asked): (&str, &str)| never == asked || (is_element(never) && is_element(asked));
        self.vct == vct && self.claim.split('.').zip(claim.split('.')).all(same)
    }
}

/// A place in a list, or all of them.
fn is_element(step: &str) -> bool {
    step == "*" || (!step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A claim without which there is no answer, of those that are never shown.
fn needed<'a>(never: &[NeverShown], cards: &'a [AskedCard]) -> Option<(&'a str, String)> {
    cards.iter().find_map(|card| {
        let claims = card.needed.iter().map(ToString::to_string);
        let always = card.company().map(|path| path.to_string());
        let mut all = claims.chain(always);
        let found = all.find(|claim| never.iter().any(|never| never.meets(&card.vct, claim)));
        found.map(|claim| (card.vct.as_str(), claim))
    })
}

/// Whether one of these claims of a card is never shown.
pub(super) fn meet(never: &[NeverShown], vct: &str, claims: &[ClaimsPath]) -> bool {
    let is_never = |claim: &str| never.iter().any(|never| never.meets(vct, claim));
    claims.iter().any(|path| is_never(&path.to_string()))
}

/// Applies it to what was found, where no alternative is left without such a claim. Gives the claim because of which
/// there is no answer.
pub(super) fn apply(never: &[NeverShown], matched: &mut Matched) -> Option<(String, String)> {
    if let Some((vct, claim)) = needed(never, &matched.asked) {
        return Some((vct.to_owned(), claim));
    }
    matched
        .additions
        .retain(|addition| needed(never, &addition.cards).is_none());
    None
}

impl Wallet {
    /// This claim of cards of this type is shown to nobody from now on.
    pub fn never_show(&self, vct: &str, claim: &str) -> Result<(), VaultError> {
        self.vault.write(|transaction| {
            transaction.execute(
                "INSERT INTO never_shown (vct, claim) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![vct, claim],
            )?;
            Ok(())
        })
    }

    /// It may be shown again, each time on the person's word.
    pub fn may_show(&self, vct: &str, claim: &str) -> Result<(), VaultError> {
        let claim = NeverShown {
            vct: vct.to_owned(),
            claim: claim.to_owned(),
        };
        self.vault.write(|transaction| {
            for never in claim.in_every_format() {
                transaction.execute(
                    "DELETE FROM never_shown WHERE vct = ?1 AND claim = ?2",
                    params![never.vct, never.claim],
                )?;
            }
            Ok(())
        })
    }

    /// What is shown to nobody.
    pub fn never_shown(&self) -> Result<Vec<NeverShown>, VaultError> {
        self.vault.never_shown()
    }
}

impl Vault {
    /// What is shown to nobody, by what it is called in each format.
    pub(super) fn never_shown_in_any_format(&self) -> Result<Vec<NeverShown>, VaultError> {
        let noted = self.never_shown()?;
        Ok(noted.iter().flat_map(NeverShown::in_every_format).collect())
    }

    fn never_shown(&self) -> Result<Vec<NeverShown>, VaultError> {
        self.read(|connection| {
            let mut statement = connection.prepare("SELECT vct, claim FROM never_shown ORDER BY vct, claim")?;
            let rows = statement.query_map([], |row| {
                Ok(NeverShown {
                    vct: row.get(0)?,
                    claim: row.get(1)?,
                })
            })?;
            rows.collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("address", "address" => true ; "the claim")]
    #[test_case("address", "address.city" => true ; "a part of it")]
    #[test_case("address.city", "address" => true ; "what it is a part of")]
    #[test_case("address.city", "address.street" => false ; "beside it")]
    #[test_case("nationalities.*", "nationalities.0" => true ; "one of several")]
    #[test_case("name", "names" => false ; "another name")]
    fn meets(never: &str, asked: &str) -> bool {
        let never = NeverShown {
            vct: "v".to_owned(),
            claim: never.to_owned(),
        };
        assert!(!never.meets("w", asked), "of another type");
        never.meets("v", asked)
    }

    #[test_case("urn:holdfast:vct:student-card:1", "student_number" ; "noted of an sd jwt vc")]
    #[test_case("urn:holdfast:vct:student-card:1", "credentialSubject.student_number" ; "noted of a w3c credential")]
    fn a_claim_is_the_same_in_every_format(vct: &str, claim: &str) {
        let never = NeverShown {
            vct: vct.to_owned(),
            claim: claim.to_owned(),
        };
        let all = never.in_every_format();
        let meets = |asked: &str| all.iter().any(|never| never.meets(vct, asked));
        assert!(meets("student_number") && meets("credentialSubject.student_number"));
        assert!(meets("credentialSubject"), "what it stands in");
        assert!(!meets("credentialSubject.family_name") && !meets("family_name"));
    }
}
