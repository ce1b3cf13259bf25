//! Claims that the person shows to nobody: an alternative with one is none where there is another, and a request that
//! needs one is refused.

use super::matching::Matched;
use crate::cards::Card;
use crate::consent::AskedCard;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use card_formats::{Around, Format};
use card_types::{claim_in_every_format, own_type};
use oid4vp::{ClaimsPath, PathComponent};
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
        let asked = claim_in_every_format(vct, claim);
        let own = claim_in_every_format(&self.vct, &self.claim);
        let is_asked = |(vct, claim): &(String, String)| asked.iter().any(|(of, one)| of == vct && touch(claim, one));
        own.iter().any(is_asked)
    }

    /// The same without what it stands in, and in which format it does: in a member that every card of a format has, or
    /// in one of such a card that is here. Of a type that is not built in nothing else says what a claim is
    /// called in other formats.
    fn plain(&self, cards: &[Card]) -> Vec<(Format, Self)> {
        let nested = |card: &&Card| card.vct == self.vct && card.format.claims_stand_in() != Around::Nothing;
        let around = cards.iter().filter(nested).flat_map(|card| {
            let names = card.claims.keys();
            names.map(move |name| (card.format, name.as_str()))
        });
        let of_every_card = Format::ALL
            .into_iter()
            .filter_map(|format| match format.claims_stand_in() {
                Around::Member(name) => Some((format, name)),
                Around::Nothing | Around::Any => None,
            });
        let around = around.chain(of_every_card);
        // Of a card that is gone nothing says any more where the name of its namespace ends.
        let steps = self.claim.match_indices('.').filter(|_| !self.stands_in_any(cards));
        let of_cards_gone = steps.flat_map(|(end, _)| {
            let in_any = Format::ALL
                .into_iter()
                .filter(|format| format.claims_stand_in() == Around::Any);
            in_any.map(move |format| (format, &self.claim[..end]))
        });
        let around = around.chain(of_cards_gone);
        let plain = around.filter_map(|(format, around)| {
            let claim = without(&self.claim, around)?.to_owned();
            Some((
                format,
                Self {
                    vct: self.vct.clone(),
                    claim,
                },
            ))
        });
        plain.collect()
    }

    /// Whether it is about cards of this type, whatever their format calls that. Of claims that are not built in nothing
    /// says what another format calls them, also where the type is built in.
    fn is_of(&self, vct: &str) -> bool {
        own_type(&self.vct) == own_type(vct)
    }

    /// Whether one of these cards says it, or has something of what it stands in.
    fn stands_in_any(&self, cards: &[Card]) -> bool {
        let mut of_its_type = cards.iter().filter(|card| card.vct == self.vct);
        of_its_type.any(|card| {
            let mut names = card.claims.keys();
            names.any(|name| self.claim == *name || without(&self.claim, name).is_some())
        })
    }

    /// Whether both are one claim, by whatever name; a part of it is another one.
    fn is_same(&self, other: &Self, cards: &[Card]) -> bool {
        let named = |one: &Self, other: &Self| {
            let mut names = claim_in_every_format(&one.vct, &one.claim).into_iter();
            let is_other = |(_, plain): &(Format, Self)| plain.claim == other.claim && plain.is_of(&other.vct);
            names.any(|(vct, claim)| vct == other.vct && claim == other.claim) || one.plain(cards).iter().any(is_other)
        };
        named(self, other) || named(other, self)
    }
}

/// What was noted as shown to nobody, to be found by each of its names.
pub(crate) struct NotedNever {
    noted: Vec<NeverShown>,
    cards: Vec<Card>,
}

impl NotedNever {
    pub(crate) fn load(vault: &Vault) -> Result<Self, VaultError> {
        Ok(Self {
            noted: vault.never_shown()?,
            cards: vault.cards()?,
        })
    }

    /// Whether [`Wallet::may_show`] with this claim would take something back.
    pub(crate) fn has(&self, claim: &NeverShown) -> bool {
        self.noted.iter().any(|never| never.is_same(claim, &self.cards))
    }
}

/// What the person shows to nobody, by the cards that are here.
#[derive(Debug)]
pub(super) struct Never {
    /// As it was noted.
    noted: Vec<NeverShown>,
    /// What was noted of a claim that stands in something, without that, and in which format it stands there.
    plain: Vec<(Format, NeverShown)>,
}

impl Never {
    /// What is shown to nobody now.
    pub(super) fn load(vault: &Vault) -> Result<Self, VaultError> {
        let noted = vault.never_shown()?;
        let cards = if noted.is_empty() { Vec::new() } else { vault.cards()? };
        Ok(Self::new(noted, &cards))
    }

    fn new(noted: Vec<NeverShown>, cards: &[Card]) -> Self {
        let plain = noted.iter().flat_map(|never| never.plain(cards)).collect();
        Self { noted, plain }
    }

    /// Whether one of these claims of a card is never shown.
    pub(super) fn meets_any(&self, card: &Card, claims: &[ClaimsPath]) -> bool {
        let of = (card.format, card.vct.as_str());
        claims.iter().any(|path| self.meets(of, path))
    }

    /// Whether a claim of a card is one of those, lies in one, or has one inside, in whatever format the card is and
    /// whatever format it was noted of.
    fn meets(&self, (format, vct): (Format, &str), path: &ClaimsPath) -> bool {
        let claim = path.to_string();
        if self.noted.iter().any(|never| never.meets(vct, &claim)) {
            return true;
        }
        let Some(asked) = plain_name(format, path) else {
            return false;
        };
        let of_other_formats = self.plain.iter().filter(|(of, _)| *of != format);
        let mut all = self.noted.iter().chain(of_other_formats.map(|(_, never)| never));
        all.any(|never| never.is_of(vct) && (asked.is_empty() || touch(&never.claim, &asked)))
    }

    /// A claim without which there is no answer, of those that are never shown.
    fn needed<'a>(&self, cards: &'a [AskedCard]) -> Option<(&'a str, String)> {
        cards.iter().find_map(|card| {
            let mut all = card.needed.iter().cloned().chain(card.company());
            let found = all.find(|path| self.meets((card.format, card.vct.as_str()), path));
            found.map(|path| (card.vct.as_str(), path.to_string()))
        })
    }

    /// Applies it to what was found, where no alternative is left without such a claim. Gives the claim because of
    /// which there is no answer.
    pub(super) fn apply(&self, matched: &mut Matched) -> Option<(String, String)> {
        if let Some((vct, claim)) = self.needed(&matched.asked) {
            return Some((vct.to_owned(), claim));
        }
        matched
            .additions
            .retain(|addition| self.needed(&addition.cards).is_none());
        None
    }
}

/// What a claim is called without what it stands in: nothing where all of a namespace is asked for, `None` where it
/// stands in nothing. Of what a W3C credential says of its subject each claim goes along, and is looked at by itself.
fn plain_name(format: Format, path: &ClaimsPath) -> Option<String> {
    let claim = path.to_string();
    let stands_in = format.claims_stand_in();
    if stands_in == Around::Nothing {
        return Some(claim);
    }
    let PathComponent::Key(around) = path.components().first()? else {
        return None;
    };
    match without(&claim, around) {
        Some(plain) => Some(plain.to_owned()),
        None => (stands_in == Around::Any).then(String::new),
    }
}

/// A claim without what it stands in.
fn without<'c>(claim: &'c str, around: &str) -> Option<&'c str> {
    claim.strip_prefix(around)?.strip_prefix('.')
}

/// Whether one is the other, lies in it, or has it inside.
fn touch(one: &str, other: &str) -> bool {
    let same = |(one, other): (&str, &str)| one == other || (is_element(one) && is_element(other));
    one.split('.').zip(other.split('.')).all(same)
}

/// A place in a list, or all of them.
fn is_element(step: &str) -> bool {
    step == "*" || (!step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()))
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

    /// It may be shown again, each time on the person's word; by whichever of its names it was noted.
    pub fn may_show(&self, vct: &str, claim: &str) -> Result<(), VaultError> {
        let wanted = NeverShown {
            vct: vct.to_owned(),
            claim: claim.to_owned(),
        };
        let cards = self.vault.cards()?;
        let mut noted = self.vault.never_shown()?;
        noted.retain(|never| never.is_same(&wanted, &cards));
        self.vault.write(|transaction| {
            for NeverShown { vct, claim } in &noted {
                let delete = "DELETE FROM never_shown WHERE vct = ?1 AND claim = ?2";
                transaction.execute(delete, params![vct, claim])?;
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
    use crate::cards::sample;
    use serde_json::{Value, json};
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
    const LICENCE: &str = "urn:holdfast:vct:driving-licence:1";
    const MDL: &str = "org.iso.18013.5.1.mDL";

    #[test_case(PERSON, "personal_number", PID, "eu.europa.ec.eudi.pid.1.personal_administrative_number" => true ; "in an mdoc")]
    #[test_case(PERSON, "personal_number", PID, "eu.europa.ec.eudi.pid.1" => true ; "in all of an mdoc")]
    #[test_case(PERSON, "place_of_birth", PID, "eu.europa.ec.eudi.pid.1.place_of_birth.locality" => true ; "inside of it in an mdoc")]
    #[test_case(PID, "eu.europa.ec.eudi.pid.1.birth_date", PERSON, "birth_date" => true ; "in an mdoc first")]
    #[test_case(PERSON, "personal_number", PID, "eu.europa.ec.eudi.pid.1.portrait" => false ; "beside it in an mdoc")]
    #[test_case(PERSON, "personal_number", "org.iso.18013.5.1.mDL", "org.iso.18013.5.1.document_number" => false ; "in another document")]
    #[test_case(STUDENT, "student_number", STUDENT, "credentialSubject.student_number" => true ; "in a W3C credential")]
    #[test_case(STUDENT, "credentialSubject.student_number", STUDENT, "student_number" => true ; "in a W3C credential first")]
    #[test_case(STUDENT, "student_number", STUDENT, "credentialSubject.given_name" => false ; "beside it in a W3C credential")]
    fn meets_in_another_format(vct: &str, claim: &str, asked_type: &str, asked: &str) -> bool {
        let never = NeverShown {
            vct: vct.to_owned(),
            claim: claim.to_owned(),
        };
        never.meets(asked_type, asked)
    }

    fn never(claim: &str) -> NeverShown {
        NeverShown {
            vct: "v".to_owned(),
            claim: claim.to_owned(),
        }
    }

    /// A card of a type that is not built in, with two namespaces.
    fn mdoc() -> Card {
        let claims = json!({"n.a": {"size": 1, "place": {"town": "Bonn"}}, "n.b": {"size": 2}});
        sample(Format::MDOC, "v", &claims)
    }

    #[test_case("size", Format::MDOC, json!(["n.a", "size"]) => true ; "in an mdoc")]
    #[test_case("n.a.size", Format::SD_JWT_VC, json!(["size"]) => true ; "in an mdoc first")]
    #[test_case("n.a.place.town", Format::SD_JWT_VC, json!(["place"]) => true ; "inside of it in an mdoc first")]
    #[test_case("place.town", Format::MDOC, json!(["n.a", "place"]) => true ; "inside of it")]
    #[test_case("n.a.size", Format::MDOC, json!(["n.a", "size"]) => true ; "where it was noted")]
    #[test_case("n.a.size", Format::MDOC, json!(["n.b", "size"]) => false ; "of the same name in another namespace")]
    #[test_case("n.a.size", Format::W3C, json!(["credentialSubject", "size"]) => true ; "from an mdoc to a W3C credential")]
    #[test_case("size", Format::W3C, json!(["credentialSubject", "size"]) => true ; "in a W3C credential")]
    #[test_case("credentialSubject.size", Format::SD_JWT_VC, json!(["size"]) => true ; "in a W3C credential first")]
    #[test_case("credentialSubject.size", Format::MDOC, json!(["n.a", "size"]) => true ; "from a W3C credential to an mdoc")]
    #[test_case("size", Format::MDOC, json!(["n.a", "sizes"]) => false ; "another name")]
    #[test_case("size", Format::MDOC, json!(["n.a"]) => true ; "in all of a namespace")]
    fn of_a_type_that_is_not_built_in(claim: &str, format: Format, path: Value) -> bool {
        let known = Never::new(vec![never(claim)], &[mdoc()]);
        let path = ClaimsPath::parse(&path).expect("path");
        assert!(!known.meets((format, "w"), &path), "of another type");
        known.meets((format, "v"), &path)
    }

    /// A licence that says more than its type has: its issuer calls that the same in each format.
    #[test_case(MDL, json!(["org.example.1", "blood_type"]) => true ; "the claim")]
    #[test_case(MDL, json!(["org.example.1", "colour"]) => false ; "another claim")]
    #[test_case(PID, json!(["org.example.1", "blood_type"]) => false ; "of another type")]
    fn what_a_type_that_is_built_in_does_not_have(vct: &str, path: Value) -> bool {
        let named = |vct: &str, claim: &str| NeverShown {
            vct: vct.to_owned(),
            claim: claim.to_owned(),
        };
        let path = ClaimsPath::parse(&path).expect("path");
        let (noted, asked) = (named(LICENCE, "blood_type"), named(vct, &path.to_string()));
        let is_same = noted.is_same(&asked, &[]);
        let is_met = Never::new(vec![noted], &[]).meets((Format::MDOC, vct), &path);
        assert_eq!(is_met, is_same, "it can be taken back by either name");
        is_met
    }

    /// What it was noted of is not here any more, or never was.
    #[test_case("n.a.size", Format::SD_JWT_VC, json!(["size"]) => true ; "in an mdoc that is gone")]
    #[test_case("n.a.size", Format::W3C, json!(["credentialSubject", "size"]) => true ; "to a W3C credential")]
    #[test_case("n.a.place.town", Format::SD_JWT_VC, json!(["place"]) => true ; "inside of it")]
    #[test_case("n.a.size", Format::MDOC, json!(["n.b", "size"]) => false ; "in another namespace")]
    #[test_case("n.a.size", Format::SD_JWT_VC, json!(["colour"]) => false ; "another claim")]
    #[test_case("home.town", Format::SD_JWT_VC, json!(["town"]) => false ; "a part of a claim that is here")]
    fn of_a_card_that_is_gone(claim: &str, format: Format, path: Value) -> bool {
        let other = sample(
            Format::SD_JWT_VC,
            "v",
            &json!({"home": {"town": "Bonn"}, "town": "Ulm"}),
        );
        let path = ClaimsPath::parse(&path).expect("path");
        let is_met = Never::new(vec![never(claim)], &[other]).meets((format, "v"), &path);
        let is_same = never("size").is_same(&never(claim), &[]);
        assert_eq!(
            is_same,
            claim == "n.a.size",
            "it can be taken back by the name that it has now"
        );
        is_met
    }

    #[test_case("size", "n.a.size" => true ; "in an mdoc")]
    #[test_case("size", "credentialSubject.size" => true ; "in a W3C credential")]
    #[test_case("n.a.size", "n.b.size" => false ; "of the same name in another namespace")]
    #[test_case("place", "place.town" => false ; "a part of it")]
    fn one_claim_by_two_names(one: &str, other: &str) -> bool {
        let (one, other, cards) = (never(one), never(other), [mdoc()]);
        let same = one.is_same(&other, &cards);
        assert_eq!(other.is_same(&one, &cards), same);
        same
    }
}
