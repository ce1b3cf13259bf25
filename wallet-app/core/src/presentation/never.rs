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
    /// Whether a claim is this one, lies in it, or has it inside; in whatever format the card is.
    fn meets(&self, vct: &str, claim: &str) -> bool {
        let asked = in_every_format(vct, claim);
        let own = in_every_format(&self.vct, &self.claim);
        let is_asked = |(vct, claim): &(String, String)| asked.iter().any(|(of, one)| of == vct && touch(claim, one));
        own.iter().any(is_asked)
    }
}

/// A claim by each of its names: as it stands in the card, and as it is called where the card is in another format.
fn in_every_format(vct: &str, claim: &str) -> Vec<(String, String)> {
    let mut names = card_types::claim_in_every_format(vct, claim);
    if let Some(said) = claim.strip_prefix(OF_THE_SUBJECT) {
        names.push((vct.to_owned(), said.to_owned()));
    }
    names
}

/// What the claims of a W3C credential stand in. VCDM 2.0 §4.8
const OF_THE_SUBJECT: &str = "credentialSubject.";

/// Whether one is the other, lies in it, or has it inside.
fn touch(one: &str, other: &str) -> bool {
    let same = |(one, other): (&str, &str)| one == other || (is_element(one) && is_element(other));
    one.split('.').zip(other.split('.')).all(same)
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
        self.vault.write(|transaction| {
            for (vct, claim) in in_every_format(vct, claim) {
                transaction.execute(
                    "DELETE FROM never_shown WHERE vct = ?1 AND claim = ?2",
                    params![vct, claim],
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
    pub(super) fn never_shown(&self) -> Result<Vec<NeverShown>, VaultError> {
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

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";
    const PID: &str = "eu.europa.ec.eudi.pid.1";
    const STUDENT: &str = "urn:holdfast:vct:student-card:1";

    #[test_case(PERSON, "personal_number", PID, "eu.europa.ec.eudi.pid.1.personal_administrative_number" => true ; "in an mdoc")]
    #[test_case(PERSON, "personal_number", PID, "eu.europa.ec.eudi.pid.1" => true ; "in all of an mdoc")]
    #[test_case(PERSON, "place_of_birth", PID, "eu.europa.ec.eudi.pid.1.place_of_birth.locality" => true ; "inside of it in an mdoc")]
    #[test_case(PID, "eu.europa.ec.eudi.pid.1.birth_date", PERSON, "birth_date" => true ; "in an mdoc first")]
    #[test_case(PERSON, "personal_number", PID, "eu.europa.ec.eudi.pid.1.portrait" => false ; "beside it in an mdoc")]
    #[test_case(PERSON, "personal_number", "org.iso.18013.5.1.mDL", "org.iso.18013.5.1.document_number" => false ; "in another document")]
    #[test_case(STUDENT, "student_number", STUDENT, "credentialSubject.student_number" => true ; "in a W3C credential")]
    #[test_case(STUDENT, "credentialSubject.student_number", STUDENT, "student_number" => true ; "in a W3C credential first")]
    #[test_case("v", "size", "v", "credentialSubject.size" => true ; "of a type that is not built in")]
    #[test_case(STUDENT, "student_number", STUDENT, "credentialSubject.given_name" => false ; "beside it in a W3C credential")]
    fn meets_in_another_format(vct: &str, claim: &str, asked_type: &str, asked: &str) -> bool {
        let never = NeverShown {
            vct: vct.to_owned(),
            claim: claim.to_owned(),
        };
        never.meets(asked_type, asked)
    }
}
