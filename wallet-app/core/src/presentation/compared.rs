//! The comparison of a finished answer with the consent, for one card of a synthetic person in each format.

use super::compare::{Bound, ConsentedResponse};
use super::{NotConsented, SessionKey};
use crate::cards::CardId;
use crate::consent::{Consent, ShownCard};
use card_formats::{ClaimPath, Format, Handover, HeldCopy, Holder, NewCopy};
use jose::{PrivateJwk, UnixTime};
use oid4vp::{ClaimsPath, DcqlQuery, VpToken};
use serde_json::{Value, json};
use testkit::certificates::{Authority, Name};
use testkit::credential::{key, random, signer, status};

/// 2026-11-20T12:00:00Z.
const NOW: UnixTime = 1_795_176_000;
const DAY: UnixTime = 24 * 3600;
const DID: &str = "did:webvh:QmSample:agency.example";
const KID: &str = "did:webvh:QmSample:agency.example#key-1";
const CARD: &str = "urn:example:card:1";
const NONCE: &str = "n-0S6_WzA2Mj";
const NAMES: [&str; 2] = ["age_over_18", "family_name"];

/// Somebody's question, in plain.
struct Question {
    query: DcqlQuery,
    nonce: &'static str,
    answer_key: PrivateJwk,
}

impl Bound for Question {
    fn audience(&self) -> String {
        "x509_hash:verifier".to_owned()
    }

    fn nonce(&self) -> &str {
        self.nonce
    }

    fn query(&self) -> &DcqlQuery {
        &self.query
    }

    fn handover(&self) -> Option<Handover<'_>> {
        Some(Handover {
            response_uri: "https://verifier.example/response",
            encryption_key: Some(self.answer_key.public()),
        })
    }
}

/// A card in a format.
struct Case {
    format: Format,
    /// What its claims stand in.
    around: Option<&'static str>,
    /// What a query says of its type.
    meta: Value,
}

fn cases() -> [Case; 3] {
    let case = |format, around, meta| Case { format, around, meta };
    [
        case(Format::SD_JWT_VC, None, json!({"vct_values": [CARD]})),
        case(Format::MDOC, Some("org.example.card"), json!({"doctype_value": CARD})),
        case(Format::W3C, Some("credentialSubject"), json!({"type_values": [[CARD]]})),
    ]
}

impl Case {
    fn names<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        self.around.into_iter().chain([name]).collect()
    }

    fn held(&self) -> Box<dyn HeldCopy> {
        let said = json!({"age_over_18": true, "family_name": "Sample", "given_name": "Synthia"});
        let claims = match self.around {
            Some(name_space) if self.format == Format::MDOC => json!({ name_space: said }),
            _ => said,
        };
        let (issuer, holder) = (signer(&key(1)), key(2));
        let chain = Authority::new("authority").certify(key(1).public(), &[Name::Uri(DID)]);
        let x5c = chain.x5c();
        let copy = NewCopy {
            card_type: CARD,
            issuer: DID,
            kid: KID,
            x5c: Some(&x5c),
            issued_at: NOW - DAY,
            expires: NOW + DAY,
            holder_key: holder.public(),
            status: status("https://agency.example/status/1", 7),
            claims: claims.as_object().expect("an object"),
            digests: 16,
            signer: &issuer,
        };
        let issued = self.format.issue(&copy, &mut random(7)).expect("issued");
        self.format.held(&issued).expect("held")
    }

    fn question(&self, nonce: &'static str) -> Question {
        let query = json!({"credentials": [{"id": "card", "format": self.format.name(), "meta": self.meta,
            "claims": [{"path": self.names(NAMES[0])}]}]});
        Question {
            query: DcqlQuery::parse(&query).expect("a query"),
            nonce,
            answer_key: key(4),
        }
    }

    /// The answer to a question that shows these claims.
    fn answer(&self, question: &Question, names: &[&str]) -> VpToken {
        let paths: Vec<ClaimPath> = names.iter().map(|name| self.names(name).as_slice().into()).collect();
        let holder_key = signer(&key(2));
        let holder = Holder {
            key: &holder_key,
            now: NOW,
        };
        let audience = question.audience();
        let presented = self.held().present(&paths, question.binding(&audience), holder);
        let mut token = VpToken::new();
        token.insert(
            question.query.credentials()[0].id().clone(),
            presented.expect("presented"),
        );
        token
    }

    /// That these claims are shown, and what goes along with every answer.
    fn agreed(&self, names: &[&str]) -> Consent {
        let claims = names.iter().map(|name| ClaimsPath::parse(&json!(self.names(name))));
        let shown = ShownCard {
            card: CardId::generate(),
            vct: CARD.to_owned(),
            claims: claims.collect::<Result<_, _>>().expect("paths"),
            always: self.held().always_visible(),
            shown_before: false,
        };
        Consent {
            session: SessionKey::default(),
            shown: vec![(self.question(NONCE).query.credentials()[0].id().clone(), shown)],
        }
    }
}

fn check(question: Question, token: VpToken, consent: &Consent) -> Result<(), NotConsented> {
    ConsentedResponse::check(question, token, consent).map(drop)
}

#[test]
fn every_format_is_there() {
    assert_eq!(cases().map(|case| case.format), Format::ALL);
}

#[test]
fn what_was_agreed_is_sent() {
    for case in cases() {
        let question = case.question(NONCE);
        let token = case.answer(&question, &NAMES);
        assert_eq!(
            check(question, token, &case.agreed(&NAMES)),
            Ok(()),
            "{:?}",
            case.format
        );
    }
}

#[test]
fn a_claim_more_or_less_than_agreed_is_not_sent() {
    for case in cases() {
        let question = case.question(NONCE);
        let token = case.answer(&question, &NAMES[..1]);
        // A card that is shown whole has all of it.
        let lacking: &[&str] = &["age_over_18", "nothing"];
        let less = check(question, token, &case.agreed(lacking));
        assert_eq!(less, Err(NotConsented::TooLittle), "{:?}", case.format);
        let question = case.question(NONCE);
        let token = case.answer(&question, &NAMES);
        let mut agreed = case.agreed(&NAMES[..1]);
        let more = if case.held().disclosable().is_empty() {
            let family_name: ClaimPath = case.names(NAMES[1]).as_slice().into();
            agreed.shown[0].1.always.retain(|path| *path != family_name);
            NotConsented::OtherMembers
        } else {
            NotConsented::TooMuch
        };
        assert_eq!(check(question, token, &agreed), Err(more), "{:?}", case.format);
    }
}

#[test]
fn an_answer_to_another_request_or_for_another_card_is_not_sent() {
    for case in cases() {
        let token = case.answer(&case.question("n-other"), &NAMES);
        let other_request = check(case.question(NONCE), token, &case.agreed(&NAMES));
        let is_named = matches!(other_request, Err(NotConsented::OtherNonce | NotConsented::Decode(_)));
        assert!(is_named, "{:?}: {other_request:?}", case.format);
        let question = case.question(NONCE);
        let token = case.answer(&question, &NAMES);
        let mut nothing = case.agreed(&NAMES);
        nothing.shown.clear();
        let other_card = check(question, token, &nothing);
        assert_eq!(other_card, Err(NotConsented::OtherQueries), "{:?}", case.format);
        let unanswered = check(case.question(NONCE), VpToken::new(), &case.agreed(&NAMES));
        assert_eq!(unanswered, Err(NotConsented::OtherQueries), "{:?}", case.format);
    }
}
