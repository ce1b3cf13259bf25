//! One card in several formats. An issuer gives each format by itself; to the person it is one card, and which format
//! is shown is the wallet's business.

use super::{Card, CardId, NewCard, NewCopy, UnusedCopies, alike};
use card_formats::Format;
use card_types::{InFormat, own_type};
use jose::UnixTime;
use serde_json::{Map, Value};

/// What the person holds as one card.
#[derive(Clone, Debug)]
pub struct WholeCard {
    /// In the format that came first: its name and its face are those of the whole.
    pub card: Card,
    /// The same card in other formats, each once.
    pub also: Vec<Card>,
}

impl WholeCard {
    /// Puts together what is one card: copies of one type in several formats that came together from one issuer, which
    /// the wallet takes only where they do not contradict each other. The order is that of the first of each.
    #[must_use]
    pub fn of_all(cards: Vec<Card>) -> Vec<Self> {
        let mut whole: Vec<Self> = Vec::with_capacity(cards.len());
        for card in cards {
            match whole.iter_mut().find(|known| known.is_of(&card)) {
                Some(known) => known.also.push(card),
                None => whole.push(Self { card, also: Vec::new() }),
            }
        }
        whole
    }

    fn is_of(&self, card: &Card) -> bool {
        let mut forms = self.forms();
        self.card.is_one_with(card) && forms.all(|form| form.format != card.format)
    }

    /// The card in each of its formats, the first one first.
    pub fn forms(&self) -> impl Iterator<Item = &Card> {
        std::iter::once(&self.card).chain(&self.also)
    }

    /// The one of these of which a form is called so in this wallet.
    pub(crate) fn called(cards: Vec<Card>, id: &str) -> Option<Self> {
        let mut whole = Self::of_all(cards).into_iter();
        whole.find(|known| known.forms().any(|form| form.id.as_str() == id))
    }

    /// The names of all its forms.
    pub(crate) fn ids(&self) -> Vec<CardId> {
        self.forms().map(|form| form.id.clone()).collect()
    }

    /// How often it can be shown, whichever format is asked for. Which of them is, is the wallet's choice or that of
    /// whoever asks: one that takes a single format has fewer.
    #[must_use]
    pub fn unused(&self) -> UnusedCopies {
        self.forms().fold(UnusedCopies::default(), |all, form| UnusedCopies {
            online: all.online + form.unused.online,
            offline: all.offline + form.unused.offline,
        })
    }

    /// What its other formats are called, where they are not that of most cards, which has no name for people.
    #[must_use]
    pub fn also_in(&self) -> Option<String> {
        let names: Vec<&str> = self.also.iter().filter_map(Card::format_name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// Whether these are one card type in two formats.
pub(crate) fn in_two_formats((format, vct): (Format, &str), (other_format, other_vct): (Format, &str)) -> bool {
    format != other_format && own_type(vct) == own_type(other_vct)
}

/// What a card says in one of its formats.
#[derive(Clone, Copy)]
pub(crate) struct Form<'a> {
    format: Format,
    vct: &'a str,
    claims: &'a Map<String, Value>,
    /// From when on, and until when, its copies count.
    times: [Option<UnixTime>; 2],
    /// Whether there is a place where its status is told; `None` where that is not looked at.
    has_status: Option<bool>,
}

/// Formats write the last second, or the first one after it, and issuers round to the day.
const A_DAY: u64 = 24 * 3_600;

impl<'a> Form<'a> {
    /// These claims of a card of this type, whose copies count from when on and until when.
    pub(crate) fn new(
        format: Format,
        vct: &'a str,
        claims: &'a Map<String, Value>,
        times: [Option<UnixTime>; 2],
    ) -> Self {
        Self {
            format,
            vct,
            claims,
            times,
            has_status: None,
        }
    }

    /// The same with whether there is a place where the status of these copies is told.
    pub(crate) fn of_copies(self, copies: &[NewCopy]) -> Self {
        Self {
            has_status: Some(copies.iter().any(|copy| !copy.statuses.is_empty())),
            ..self
        }
    }

    /// The type that is built in, in this format; `None` where that is SD-JWT VC, or the type is not built in.
    pub(crate) fn known(self) -> Option<&'static InFormat> {
        let mut known = card_types::IN_FORMATS.iter();
        known.find(|form| form.type_name == self.vct && form.format == self.format.name())
    }

    /// What it says, by what the card type calls it; not where it is written in another way.
    pub(crate) fn own_claim(self, claim: &str) -> Option<&'a Value> {
        let Some(form) = self.known() else {
            return self.claims.get(claim);
        };
        let [inside, name] = form.same_claim(claim)?;
        self.claims.get(inside)?.get(name)
    }

    /// Whether both are one card type in two formats.
    pub(crate) fn is_form_of(self, other: Self) -> bool {
        in_two_formats((self.format, self.vct), (other.format, other.vct))
    }

    /// Whether both are one card type in one format.
    pub(crate) fn is_as(self, other: Self) -> bool {
        (self.format, self.vct) == (other.format, other.vct)
    }

    /// Whether both are one card type in two formats and do not say the same where both say it in the same way.
    pub(crate) fn contradicts(self, other: Self) -> bool {
        if !self.is_form_of(other) {
            return false;
        }
        let forms: Vec<&InFormat> = [self.known(), other.known()].into_iter().flatten().collect();
        if forms.is_empty() {
            return self.differs(other);
        }
        let mut claims = forms
            .iter()
            .flat_map(|form| form.claims)
            .filter(|place| place.same_value);
        let differs = |claim: &str| {
            let said = (self.own_claim(claim), other.own_claim(claim));
            matches!(said, (Some(one), Some(another)) if one != another)
        };
        claims.any(|place| differs(place.claim))
    }

    /// The same of a type that is not built in in these formats. A claim is the same there where it has one name, but
    /// for what it stands in; the times and whether there is a status are of the card, too.
    fn differs(self, other: Self) -> bool {
        let others = other.format.named_claims(other.claims);
        let said = self.format.named_claims(self.claims);
        let mut both = said.iter().filter_map(|(name, value)| Some((value, others.get(name)?)));
        let mut times = self.times.into_iter().zip(other.times);
        let status = (self.has_status, other.has_status);
        both.any(|(value, other)| alike::differ(value, other))
            || times.any(|times| matches!(times, (Some(one), Some(other)) if one.abs_diff(other) > A_DAY))
            || matches!(status, (Some(one), Some(other)) if one != other)
    }
}

impl NewCard {
    /// What it says in its format.
    pub(crate) fn form(&self) -> Form<'_> {
        let times = [self.valid_from, self.valid_until];
        Form::new(self.format, &self.vct, &self.claims, times).of_copies(&self.copies)
    }
}

impl Card {
    /// What it says in its format.
    pub(crate) fn form(&self) -> Form<'_> {
        Form::new(
            self.format,
            &self.vct,
            &self.claims,
            [self.valid_from, self.valid_until],
        )
    }

    fn is_one_with(&self, other: &Self) -> bool {
        self.came_with.is_some()
            && self.came_with == other.came_with
            && self.issuer.is_same(&other.issuer)
            && self.form().is_form_of(other.form())
    }
}

/// A card of an office that says this.
#[cfg(test)]
pub(crate) fn sample(format: Format, vct: &str, claims: &Value) -> Card {
    Card {
        id: CardId::generate(),
        format,
        vct: vct.into(),
        issuer: super::CardIssuer::Certificate {
            name: "Office".into(),
            names: Vec::new(),
            authority: None,
        },
        issuer_host: "office.example".into(),
        display: serde_json::from_value(serde_json::json!({})).expect("metadata"),
        claims: claims.as_object().expect("object").clone(),
        received_at: 7,
        valid_from: None,
        valid_until: None,
        unused: UnusedCopies::default(),
        arrival: None,
        came_with: Some(super::ArrivalId::parse("one")),
    }
}

#[cfg(test)]
mod tests {
    use super::{A_DAY, Form, WholeCard, sample as card};
    use crate::cards::{ArrivalId, Card, CardId, CardIssuer};
    use card_formats::Format;
    use serde_json::{Value, json};
    use test_case::test_case;

    const NOW: u64 = 1_795_176_000;

    fn licence(number: &str) -> Card {
        let claims = json!({"licence_number": number, "category_b": true});
        card(Format::SD_JWT_VC, "urn:holdfast:vct:driving-licence:1", &claims)
    }

    fn iso(number: &str) -> Card {
        let claims = json!({"org.iso.18013.5.1": {"document_number": number, "issuing_country": "DE"}});
        card(Format::MDOC, "org.iso.18013.5.1.mDL", &claims)
    }

    fn counted(cards: Vec<Card>) -> Vec<usize> {
        let whole = WholeCard::of_all(cards);
        whole.iter().map(|whole| whole.forms().count()).collect()
    }

    #[test]
    fn a_licence_in_two_formats_is_one_card() {
        let cards = vec![licence("A1"), iso("A1")];
        let whole = WholeCard::of_all(cards.clone());
        assert_eq!(whole.len(), 1);
        let named = (whole[0].card.format_name(), whole[0].also_in());
        assert_eq!(named, (None, Some("ISO mdoc".to_owned())));
        let ids = whole[0].ids();
        let called = |id: &CardId| WholeCard::called(cards.clone(), id.as_str());
        assert!(ids.iter().all(|id| called(id).is_some_and(|found| found.ids() == ids)));
    }

    #[test]
    fn what_came_otherwise_or_is_in_the_same_format_is_another_card() {
        assert_eq!(counted(vec![licence("A1"), licence("A1"), iso("A1")]), [2, 1]);
        for came_with in [None, Some(ArrivalId::parse("another"))] {
            let by_another_offer = |card: Card| Card {
                came_with: came_with.clone(),
                ..card
            };
            assert_eq!(counted(vec![licence("A1"), by_another_offer(iso("A1"))]), [1, 1]);
        }
        let unknown = |card: Card| Card {
            came_with: None,
            ..card
        };
        assert_eq!(counted(vec![unknown(licence("A1")), unknown(iso("A1"))]), [1, 1]);
        let issuer = CardIssuer::Certificate {
            name: "Another office".into(),
            names: Vec::new(),
            authority: None,
        };
        assert_eq!(counted(vec![licence("A1"), Card { issuer, ..iso("A1") }]), [1, 1]);
        let below = |authority: &str| CardIssuer::Certificate {
            name: "Office".into(),
            names: Vec::new(),
            authority: Some(authority.into()),
        };
        let by = |card: Card, authority: &str| Card {
            issuer: below(authority),
            ..card
        };
        let two = vec![by(licence("A1"), "one"), by(iso("A1"), "another")];
        assert_eq!(counted(two), [1, 1], "one subject text below two authorities");
        assert_eq!(counted(vec![by(licence("A1"), "one"), by(iso("A1"), "one")]), [2]);
        let residence = card(Format::SD_JWT_VC, "urn:holdfast:vct:residence:1", &json!({}));
        assert_eq!(counted(vec![residence, iso("A1")]), [1, 1]);
    }

    #[test]
    fn forms_of_a_card_say_the_same() {
        let contradicts = |one: &Card, other: &Card| one.form().contradicts(other.form());
        assert!(!contradicts(&licence("A1"), &iso("A1")));
        assert!(contradicts(&licence("A1"), &iso("A2")) && contradicts(&iso("A2"), &licence("A1")));
        assert!(!contradicts(&licence("A1"), &licence("A2")), "two cards in one format");
    }

    /// A badge, of which nothing is built in.
    fn badge(format: Format, claims: &Value) -> Card {
        card(format, "urn:example:badge:1", claims)
    }

    #[test_case(json!({"n": {"size": "tall"}}) => false ; "the same")]
    #[test_case(json!({"n": {"size": "small"}}) => true ; "another value")]
    #[test_case(json!({"n": {"colour": "blue"}}) => false ; "something else")]
    #[test_case(json!({"n": {"since": "2026-01-01T00:00:00Z"}}) => false ; "a day as a moment")]
    fn forms_of_a_type_that_is_not_built_in(claims: Value) -> bool {
        let one = badge(Format::SD_JWT_VC, &json!({"size": "tall", "since": "2026-01-01"}));
        let other = badge(Format::MDOC, &claims);
        let contradict = one.form().contradicts(other.form());
        assert_eq!(other.form().contradicts(one.form()), contradict);
        let w3c = badge(Format::W3C, &json!({"credentialSubject": claims["n"]}));
        assert_eq!(one.form().contradicts(w3c.form()), contradict);
        contradict
    }

    #[test_case([Some(NOW), None], Some(true) => false ; "what one does not say")]
    #[test_case([Some(NOW), Some(NOW + 9 * A_DAY + 1)], Some(true) => false ; "to the second")]
    #[test_case([Some(NOW), Some(NOW + 7 * A_DAY)], Some(true) => true ; "until another day")]
    #[test_case([Some(NOW - 2 * A_DAY), None], Some(true) => true ; "since another day")]
    #[test_case([Some(NOW), None], Some(false) => true ; "without a status")]
    fn times_and_status_of_a_type_that_is_not_built_in(times: [Option<u64>; 2], has_status: Option<bool>) -> bool {
        let claims = json!({"size": "tall"});
        let (one, other) = (badge(Format::SD_JWT_VC, &claims), badge(Format::W3C, &json!({})));
        let one = Form {
            times: [Some(NOW), Some(NOW + 9 * A_DAY)],
            has_status: Some(true),
            ..one.form()
        };
        one.contradicts(Form {
            times,
            has_status,
            ..other.form()
        })
    }

    #[test]
    fn a_card_in_one_format_is_in_no_other() {
        for card in [licence("A1"), iso("A1")] {
            assert_eq!(WholeCard::of_all(vec![card])[0].also_in(), None);
        }
        let first = WholeCard::of_all(vec![iso("A1"), licence("A1")]);
        assert_eq!(
            (first.len(), first[0].also_in()),
            (1, None),
            "the usual format has no name"
        );
    }
}
