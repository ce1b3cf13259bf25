//! What holds of a card whatever its format is: one card of the agency in each, and one test for all of them.

use card_formats::Format;
use http::StatusCode;
use jose::PrivateJwk;
use mdoc::{MDL, MdocDraft};
use oid4vp::PresentationRequest;
use serde_json::{Value, json};
use status_list::{Status, StatusPurpose};
use test_case::test_case;
use testkit::credential::{key, person_identification, vct};
use w3c_vc::HolderKey;

use crate::d_status::NOT_HELD;
use crate::licences::{self, Licences, over};
use crate::site::Reply;
use crate::w3c;
use crate::wallet::assert_outcome;
use crate::world::{CHECKS, FirstFetch, LIST, Options, World};

/// A type for which the agency is accredited, and that no check asks for.
const OTHER: &str = "urn:example:other:1";

/// A check for a card in each format.
const ALL_THREE: &str = r#"
[[check]]
id = "all-three"
purpose = { en = "Car hire", de = "Autovermietung", fr = "Location de voitures" }
channel = "online"
privacy_policy = "https://shop.example/privacy"
dcql = '''{"credentials":[
  {"id":"person","format":"dc+sd-jwt","meta":{"vct_values":["urn:holdfast:vct:person-identification:1"]},
   "claims":[{"path":["age_over_18"]}]},
  {"id":"licence","format":"mso_mdoc","meta":{"doctype_value":"org.iso.18013.5.1.mDL"},
   "claims":[{"path":["org.iso.18013.5.1","age_over_18"]}]},
  {"id":"home","format":"ldp_vc","meta":{"type_values":[["urn:holdfast:vct:residence:1"]]},
   "claims":[{"path":["credentialSubject","country"]}]}]}'''
types = { "person.age_over_18" = "bool", "licence.age_over_18" = "bool", "home.country" = "string" }
rule = 'person.age_over_18 && licence.age_over_18 && home.country == "DE"'
[check.issuers]
"urn:holdfast:vct:person-identification:1" = ["accredited"]
"org.iso.18013.5.1.mDL" = ["accredited"]
"urn:holdfast:vct:residence:1" = ["accredited"]
"#;

/// A card in a format, and a verifier that asks for it.
struct Shown {
    licences: Licences,
    format: Format,
}

impl Shown {
    async fn of(format: Format) -> Self {
        Self::with(format, FirstFetch::Forbidden).await
    }

    async fn with(format: Format, first_fetch: FirstFetch) -> Self {
        let options = Options {
            checks: |_| format!("{CHECKS}\n{}\n{}{ALL_THREE}", licences::CHECK, w3c::CHECK),
            first_fetch,
            ..Options::default()
        };
        let mut licences = Licences::with(options).await;
        let world = &mut licences.world;
        let types = [vct("person-identification"), vct("residence")];
        let types = [types[0].as_str(), types[1].as_str(), MDL, OTHER];
        world.ledger.accredit(&world.agency, "Agency", &types);
        world.refresh().await;
        Self { licences, format }
    }

    fn world(&self) -> &World {
        &self.licences.world
    }

    /// The lists in which the status of the card is told to the format.
    fn lists(&self) -> Vec<String> {
        match self.format.name() {
            "ldp_vc" => StatusPurpose::ALL.map(|purpose| purpose.list_beside(LIST)).to_vec(),
            _ => vec![LIST.to_owned()],
        }
    }

    /// How often one of them was asked for.
    fn asked(&self) -> usize {
        let (lists, asked) = (self.lists(), self.world().site.asked());
        asked.iter().filter(|address| lists.contains(address)).count()
    }

    /// A minute later, when all that is published was read.
    async fn a_minute_later(&mut self, change: impl FnOnce(&mut World)) {
        let world = &mut self.licences.world;
        world.clock.advance(60);
        change(world);
        world.refresh().await;
    }

    /// A good card with this place in this list, shown for a request.
    fn shown(&self, request: &PresentationRequest, list: &str, index: u64) -> String {
        let world = self.world();
        match self.format.name() {
            "dc+sd-jwt" => {
                let card = world.card_on(list, "person-identification", person_identification(), index);
                world.show(&card, &["age_over_18"], request)
            }
            "mso_mdoc" => self.licences.shown(request, list, index),
            "ldp_vc" => {
                let card = world.w3c_card_on(list, &vct("residence"), index);
                world.w3c_shown(&card, &request.client_id().to_string(), request.nonce().as_str())
            }
            other => panic!("there is no card of {other}"),
        }
    }

    /// What the business is told of a good card.
    async fn outcome(&self) -> Value {
        self.outcome_in(LIST).await
    }

    /// The same of one whose status is told in this list.
    async fn outcome_in(&self, list: &str) -> Value {
        let (world, (check, query)) = (self.world(), asked_by(self.format));
        let opened = world.open(check).await;
        let request = world.request(&opened).await;
        let shown = self.shown(&request, list, 3);
        world.answer(&opened, request, query, shown).await
    }

    /// The same of one that is otherwise of another type.
    async fn outcome_of_type(&self, card_type: &str) -> Value {
        let (world, licences) = (self.world(), &self.licences);
        match self.format.name() {
            "dc+sd-jwt" => world.judge(|forged| forged.payload["vct"] = json!(card_type)).await,
            "mso_mdoc" => {
                let draft = MdocDraft {
                    doc_type: card_type.to_owned(),
                    ..licences.agency_draft()
                };
                licences.answer(licences.agency(), draft, over, |_| ()).await
            }
            "ldp_vc" => world.w3c_as_it_is(&world.w3c_card_on(LIST, card_type, 3)).await,
            other => panic!("there is no card of {other}"),
        }
    }

    /// The same of one that is signed by somebody with this key, which it names so.
    async fn outcome_signed_by(&self, signer: PrivateJwk, name: &str) -> Value {
        let (world, licences) = (self.world(), &self.licences);
        match self.format.name() {
            "dc+sd-jwt" => {
                let forged = world.judge(|forged| {
                    forged.issuer = signer;
                    forged.header["kid"] = json!(name);
                });
                forged.await
            }
            "mso_mdoc" => {
                let (by, draft) = (licences.agency(), licences.agency_draft());
                let forged = licences.answer(by, draft, over, |forge| {
                    forge.issuer = signer;
                    forge.unprotected.key_id = name.as_bytes().to_vec();
                });
                forged.await
            }
            "ldp_vc" => {
                let forged = world.judge_w3c(|forge| {
                    forge.issuer = signer;
                    forge.proof["verificationMethod"] = json!(name);
                });
                forged.await
            }
            other => panic!("there is no card of {other}"),
        }
    }
}

/// The check that asks for a card in a format, and its query.
fn asked_by(format: Format) -> (&'static str, &'static str) {
    match format.name() {
        "dc+sd-jwt" => ("adult", "person"),
        "mso_mdoc" => ("licence", "licence"),
        "ldp_vc" => ("home-w3c", "home"),
        other => panic!("there is no check for {other}"),
    }
}

#[test_case(Format::SD_JWT_VC ; "SD-JWT VC")]
#[test_case(Format::MDOC ; "mdoc")]
#[test_case(Format::W3C ; "W3C credential")]
#[tokio::test]
async fn a0_the_card_is_good_in_every_format(format: Format) {
    assert_outcome(&Shown::of(format).await.outcome().await, "yes", "ok");
}

/// The name of the key is the key: whoever believed it would believe anybody.
async fn named_by_itself(format: Format) {
    let attacker = key(66);
    let did = did::key::from_public_key(attacker.public()).unwrap();
    let name = HolderKey::from_id(did.as_str()).unwrap().method().to_owned();
    let shown = Shown::of(format).await;
    let outcome = shown.outcome_signed_by(attacker, &name).await;
    assert_outcome(&outcome, "no", "key_not_anchored");
}

#[tokio::test]
async fn a3_verifier_a_key_that_names_itself() {
    named_by_itself(Format::SD_JWT_VC).await;
}

#[tokio::test]
async fn a3_verifier_mdoc_of_a_key_that_names_itself() {
    named_by_itself(Format::MDOC).await;
}

#[tokio::test]
async fn a3_verifier_w3c_of_a_key_that_names_itself() {
    named_by_itself(Format::W3C).await;
}

/// Everything else is as it was asked for, and the agency may issue it.
async fn of_another_type(format: Format) {
    let outcome = Shown::of(format).await.outcome_of_type(OTHER).await;
    assert_outcome(&outcome, "no", "rule_not_met");
}

#[tokio::test]
async fn b15_verifier_a_good_card_of_another_type() {
    of_another_type(Format::SD_JWT_VC).await;
}

#[tokio::test]
async fn b15_verifier_mdoc_of_a_type_that_was_not_asked_for() {
    of_another_type(Format::MDOC).await;
}

#[tokio::test]
async fn b15_verifier_w3c_type_that_was_not_asked_for() {
    of_another_type(Format::W3C).await;
}

/// Whatever comes instead of a list, it is asked for once more only where nothing came, and the list that is held still
/// counts within its limits.
async fn unreachable(format: Format) {
    for (reply, tries) in [
        (Reply::Status(404), 2),
        (Reply::Status(500), 2),
        (Reply::Silence, 2),
        (Reply::Body(b"<html></html>".to_vec()), 1),
    ] {
        let mut shown = Shown::of(format).await;
        let (lists, before) = (shown.lists(), shown.asked());
        let instead = |world: &mut World| lists.iter().for_each(|list| world.site.set(list, reply.clone()));
        shown.a_minute_later(instead).await;
        assert_eq!(shown.asked() - before, tries * lists.len(), "{}", format.name());
        let outcome = shown.outcome().await;
        assert_outcome(&outcome, "yes", "ok");
        assert_eq!(outcome["ages"]["status_s"], 60);
        assert!(shown.world().counted("refresh_failures") > 0);
    }
}

#[tokio::test]
async fn d5_verifier_list_unreachable() {
    unreachable(Format::SD_JWT_VC).await;
}

#[tokio::test]
async fn d5_verifier_mdoc_list_that_cannot_be_fetched() {
    unreachable(Format::MDOC).await;
}

#[tokio::test]
async fn d5_verifier_w3c_bits_that_cannot_be_fetched() {
    unreachable(Format::W3C).await;
}

/// The list of an agency, although this service may fetch those of strangers.
async fn not_held(format: Format) {
    let shown = Shown::with(format, FirstFetch::Allowed).await;
    // It also asserts that nothing is fetched.
    let outcome = shown.outcome_in(NOT_HELD).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

#[tokio::test]
async fn d7_verifier_a_card_on_a_list_that_is_not_held() {
    not_held(Format::SD_JWT_VC).await;
}

#[tokio::test]
async fn d7_verifier_mdoc_on_a_list_that_is_not_held() {
    not_held(Format::MDOC).await;
}

#[tokio::test]
async fn d7_verifier_w3c_on_a_list_that_is_not_held() {
    not_held(Format::W3C).await;
}

/// A list that says this of the card.
async fn says(format: Format, value: Status, reason: &str) {
    let mut shown = Shown::of(format).await;
    shown.a_minute_later(|world| world.set_status(3, value)).await;
    let outcome = shown.outcome().await;
    assert_outcome(&outcome, "no", reason);
    assert_eq!(outcome["ages"], json!({ "status_s": 0, "ledger_s": 0 }));
    shown.a_minute_later(|world| world.set_status(3, Status::Valid)).await;
    assert_outcome(&shown.outcome().await, "yes", "ok");
}

#[test_case(Status::Invalid, "revoked" ; "revoked")]
#[test_case(Status::Suspended, "suspended" ; "suspended")]
#[test_case(Status::Other(3), "status_not_valid" ; "application specific")]
#[tokio::test]
async fn d8_verifier_status_value(value: Status, reason: &str) {
    says(Format::SD_JWT_VC, value, reason).await;
}

#[test_case(Status::Invalid, "revoked" ; "revoked")]
#[test_case(Status::Suspended, "suspended" ; "suspended")]
#[test_case(Status::Other(3), "status_not_valid" ; "application specific")]
#[tokio::test]
async fn d8_verifier_mdoc_status_value(value: Status, reason: &str) {
    says(Format::MDOC, value, reason).await;
}

/// A value that no list of bits has stands in the list beside it.
#[test_case(Status::Invalid, "revoked" ; "revoked")]
#[test_case(Status::Suspended, "suspended" ; "suspended")]
#[test_case(Status::Other(3), "status_not_valid" ; "application specific")]
#[tokio::test]
async fn d8_verifier_w3c_status_value(value: Status, reason: &str) {
    says(Format::W3C, value, reason).await;
}

/// A text where an object is due, and the other way round: the session waits for an answer as before.
async fn of_another_shape(format: Format) {
    let shown = Shown::of(format).await;
    let wrong = if format == Format::W3C {
        "eyJ~"
    } else {
        r#"{"proof":{}}"#
    };
    let (world, (check, query)) = (shown.world(), asked_by(format));
    let opened = world.open(check).await;
    let request = world.request(&opened).await;
    let (status, reply) = world.respond(request, &[(query, wrong.to_owned())]).await;
    let refusal = (status.as_u16(), reply["error"].as_str());
    assert_eq!(refusal, (400, Some("invalid_request")));
    let open = json!({ "id": opened["id"], "state": "scanned" });
    assert_eq!(world.outcome(&opened).await, open);
}

#[tokio::test]
async fn g5_verifier_an_object_where_a_text_is_due() {
    of_another_shape(Format::SD_JWT_VC).await;
}

#[tokio::test]
async fn g5_verifier_mdoc_an_object_where_a_text_is_due() {
    of_another_shape(Format::MDOC).await;
}

#[tokio::test]
async fn g5_verifier_w3c_a_text_where_an_object_is_due() {
    of_another_shape(Format::W3C).await;
}

/// Of three cards in three formats one is revoked, whichever it is: there is nothing that the others make up for.
#[tokio::test]
async fn g6_verifier_one_of_three_formats_is_revoked() {
    let mut shown = Shown::of(Format::SD_JWT_VC).await;
    shown.a_minute_later(|world| world.set_status(4, Status::Invalid)).await;
    for revoked in [None, Some(Format::SD_JWT_VC), Some(Format::MDOC), Some(Format::W3C)] {
        let opened = shown.world().open("all-three").await;
        let request = shown.world().request(&opened).await;
        let mut answers = Vec::new();
        for format in Format::ALL {
            shown.format = format;
            let index = if revoked == Some(format) { 4 } else { 3 };
            answers.push((asked_by(format).1, shown.shown(&request, LIST, index)));
        }
        let (status, reply) = shown.world().respond(request, &answers).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        let (verdict, reason) = if revoked.is_some() {
            ("no", "revoked")
        } else {
            ("yes", "ok")
        };
        assert_outcome(&shown.world().outcome(&opened).await, verdict, reason);
    }
}
