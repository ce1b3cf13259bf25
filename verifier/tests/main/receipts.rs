//! Receipts: what the citizen gets with the reply, and what the business keeps. docs/receipts.md

use http::StatusCode;
use jose::UnverifiedJws;
use oid4vp::PresentationRequest;
use receipt::{Expected, ReceiptError, RequestHash, SentReceipt, Verdict, VerifiedReceipt, shown};
use serde_json::{Value, json};
use testkit::credential::person_identification;
use verifier::load_checks;

use crate::world::{CHECKS, NOW, Options, World};

/// One answer, as the citizen sees it.
struct Visit {
    opened: Value,
    request: PresentationRequest,
    presentation: String,
    reply: Value,
}

async fn visit(world: &World, check: &str, index: u64, claims: &[&str]) -> Visit {
    let opened = world.open(check).await;
    let request = world.request(&opened).await;
    let presentation = world.show(&world.person(index), claims, &request);
    let (status, reply) = world
        .respond(request.clone(), &[("person", presentation.clone())])
        .await;
    assert_eq!(status, StatusCode::OK, "{reply}");
    Visit {
        opened,
        request,
        presentation,
        reply,
    }
}

impl Visit {
    fn sent(&self) -> SentReceipt {
        SentReceipt::parse(&self.reply["holdfast_receipt"]).unwrap()
    }

    /// Verified as the wallet does, for this visit.
    fn verify(&self, world: &World, sent: SentReceipt) -> Result<VerifiedReceipt, ReceiptError> {
        let query = self.request.query();
        let id = query.credentials()[0].id();
        let cards = shown(query, std::iter::once((id, self.presentation.as_str()))).unwrap();
        let expected = Expected {
            request: &RequestHash::of(&self.request),
            cards: &cards,
            rule: None,
            now: NOW,
        };
        let record = world.ledger.record(world.business.did().as_str());
        sent.into_unverified().verify(record, &expected)
    }
}

fn payload(sent: &SentReceipt) -> Value {
    let jws = UnverifiedJws::parse(&sent.receipt).unwrap();
    serde_json::from_slice(jws.dangerous_unverified_payload()).unwrap()
}

#[tokio::test]
async fn a_citizen_gets_a_receipt_with_the_reply() {
    let world = World::new().await;
    let visit = visit(&world, "adult", 3, &["age_over_18"]).await;
    let verified = visit.verify(&world, visit.sent()).unwrap();
    let receipt = verified.receipt();
    assert_eq!(receipt.verdict, Verdict::Yes);
    assert_eq!(
        receipt.rule,
        world.app.businesses.main().checks()["adult"].rule().hash()
    );
    assert_eq!(receipt.cards[0].claims[0].to_string(), "age_over_18");
    let held = world.app.trust.view();
    let newest = held.landmarks().first().unwrap();
    let named = receipt.landmark.unwrap();
    assert_eq!((named.size, named.root), (newest.size(), newest.root()));
}

#[tokio::test]
async fn a_no_and_a_could_not_check_have_receipts_too() {
    let world = World::new().await;
    for (value, verdict) in [(json!(false), Verdict::No), (json!("yes"), Verdict::CouldNotCheck)] {
        let mut claims = person_identification();
        claims.insert("age_over_18".to_owned(), value);
        let card = world.card("person-identification", claims, 3);
        let opened = world.open("adult").await;
        let request = world.request(&opened).await;
        let shown = world.show(&card, &["age_over_18"], &request);
        let (_, reply) = world.respond(request, &[("person", shown)]).await;
        let sent = SentReceipt::parse(&reply["holdfast_receipt"]).unwrap();
        assert_eq!(payload(&sent)["verdict"], json!(verdict));
    }
}

/// The business keeps what it signed, and cannot tell from it which of two salts it was.
#[tokio::test]
async fn the_business_keeps_the_receipt_without_the_salt() {
    let world = World::new().await;
    let visit = visit(&world, "adult", 3, &["age_over_18"]).await;
    let sent = visit.sent();
    let outcome = world.outcome(&visit.opened).await;
    assert_eq!(outcome["receipt"], json!(sent.receipt));
    let salt = visit.reply["holdfast_receipt"]["salt"].as_str().unwrap().to_owned();
    assert!(!outcome.to_string().contains(&salt));
    // Nor is it anywhere in its files.
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(salt.len()).any(|window| window == salt.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn two_receipts_of_one_citizen_have_nothing_in_common_but_the_business_and_the_check() {
    let world = World::new().await;
    let first = visit(&world, "adult", 3, &["age_over_18"]).await;
    let second = visit(&world, "adult", 4, &["age_over_18"]).await;
    let (one, other) = (payload(&first.sent()), payload(&second.sent()));
    assert_ne!(one["request"], other["request"]);
    assert_ne!(first.sent().salt, second.sent().salt);
    let names: Vec<&String> = one.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["cards", "hour", "iss", "landmark", "request", "rule", "verdict"]
    );
    // All that is the same in both is the same in that of somebody else of this hour.
    let mut claims = person_identification();
    claims.insert("given_name".to_owned(), json!("Somebody"));
    let card = world.card("person-identification", claims, 5);
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let shown = world.show(&card, &["age_over_18"], &request);
    let (_, reply) = world.respond(request, &[("person", shown)]).await;
    let of_another = SentReceipt::parse(&reply["holdfast_receipt"]).unwrap();
    let third = payload(&of_another);
    for name in names.into_iter().filter(|name| *name != "request") {
        assert_eq!((&one[name], &other[name]), (&third[name], &third[name]), "{name}");
    }
    assert_ne!(one["request"], third["request"]);
    let header = |sent: &SentReceipt| sent.receipt.split('.').next().map(str::to_owned);
    assert_eq!(header(&first.sent()), header(&of_another));
    assert_eq!(header(&first.sent()), header(&second.sent()));
    // One is not a receipt of the other visit.
    assert_eq!(first.verify(&world, second.sent()), Err(ReceiptError::OtherRequest));
}

#[tokio::test]
async fn who_refuses_gets_no_receipt() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let (target, body) = world.request(&opened).await.refuse();
    let (status, reply) = world.post(target.path(), body.as_str()).await;
    assert_eq!((status, reply), (StatusCode::OK, json!({})));
    assert_eq!(world.outcome(&opened).await.get("receipt"), None);
}

#[tokio::test]
async fn an_answer_that_came_too_late_gets_no_receipt() {
    let world = World::new().await;
    let visit = visit(&world, "adult", 3, &["age_over_18"]).await;
    let (status, reply) = world
        .respond(visit.request.clone(), &[("person", visit.presentation.clone())])
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(reply.get("holdfast_receipt"), None);
}

/// A check that says so gives none.
#[tokio::test]
async fn a_check_without_receipts_gives_none() {
    let world = World::with(Options {
        checks: |_| CHECKS.replacen("channel = \"online\"", "channel = \"online\"\nreceipts = false", 1),
        ..Options::default()
    })
    .await;
    let visit = visit(&world, "adult", 3, &["age_over_18"]).await;
    assert_eq!(visit.reply, json!({}));
    assert_eq!(world.outcome(&visit.opened).await.get("receipt"), None);
}

/// That somebody stood before somebody is what such a receipt would say.
#[test]
fn a_portrait_in_person_gives_no_receipt_unless_the_check_says_so() {
    let gives = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checks.toml");
        std::fs::write(&path, text).unwrap();
        load_checks(&path).unwrap()["driver"].gives_receipts()
    };
    assert!(gives(CHECKS), "in person without a portrait");
    let categories = r#"{"path":["categories"]}"#;
    let with_portrait = CHECKS.replacen(categories, &format!(r#"{categories},{{"path":["portrait"]}}"#), 1);
    assert_ne!(with_portrait, CHECKS);
    assert!(!gives(&with_portrait));
    let wanted = with_portrait.replacen("id = \"driver\"", "id = \"driver\"\nreceipts = true", 1);
    assert!(gives(&wanted));
}
