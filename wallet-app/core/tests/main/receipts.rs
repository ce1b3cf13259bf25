//! Receipts, complaints, and what the person lets nobody see.

use crate::world::{NOW, RequestDraft, World, decrypt, query};
use oid4vp::DcqlQuery;
use receipt::complaint::UnverifiedComplaint;
use receipt::{
    ContradictionError, LandmarkName, Receipt, RequestHash, Salt, SentReceipt, UnverifiedContradiction, Verdict, shown,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use test_case::test_case;
use testkit::Cosignatures;
use testkit::credential::{key, random, signer, vct};
use wallet::{KeptUntil, Outcome, RequestRefused};
use wiremock::{Request, ResponseTemplate};

/// How a business spoils the receipt that it sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoiled {
    Not,
    OtherRequest,
    OtherClaims,
    OtherBusiness,
    OtherKey,
    Byte,
    Garbage,
    /// It holds, and names this landmark.
    Names(LandmarkName),
}

/// The reply of the business to an answer, with its receipt.
async fn reply_with_receipt(world: &World, spoiled: Spoiled) -> Arc<Mutex<Option<SentReceipt>>> {
    let (kid, own) = world.business.assertion_key().expect("key");
    let (kid, own) = (kid.to_string(), own.clone());
    let did = world.business.did().to_string();
    let client_id = format!(
        "x509_hash:{}",
        jose::base64url::encode(crate::world::sha256(world.access.leaf()))
    );
    let response_uri = world.url("shop", "/response/1");
    let sent = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&sent);
    let respond = move |request: &Request| {
        let nonce = match spoiled {
            Spoiled::OtherRequest => "n-of-another-visit",
            _ => "n-0123456789012345678901234567",
        };
        let hash = RequestHash::new(&client_id, &response_uri, nonce, "s-0123456789012345678901234567");
        let salt = Salt::generate(&mut random(7));
        let mut cards = cards_of(&decrypt(&request.body));
        if spoiled == Spoiled::OtherClaims {
            cards[0].claims.clear();
        }
        let receipt = Receipt {
            business: match spoiled {
                Spoiled::OtherBusiness => "did:web:other.example".to_owned(),
                _ => did.clone(),
            },
            cards,
            verdict: Verdict::Yes,
            rule: [7; 32],
            hour: Receipt::hour(NOW),
            landmark: match spoiled {
                Spoiled::Names(named) => Some(named),
                _ => None,
            },
            request: salt.commit(&hash),
        };
        let signing = if spoiled == Spoiled::OtherKey {
            key(99)
        } else {
            own.clone()
        };
        let mut receipt = receipt.sign(&kid, &signer(&signing), salt).expect("signed");
        if spoiled == Spoiled::Byte {
            let last = if receipt.receipt.ends_with('A') { "B" } else { "A" };
            receipt.receipt.pop();
            receipt.receipt.push_str(last);
        }
        let member = match spoiled {
            Spoiled::Garbage => json!({"receipt": 1}),
            _ => receipt.to_value(),
        };
        *noted.lock().expect("lock") = Some(receipt);
        ResponseTemplate::new(200).set_body_json(json!({"holdfast_receipt": member}))
    };
    world.answer_by("/response/1", respond).await;
    sent
}

fn cards_of(answer: &Value) -> Vec<receipt::ShownCard> {
    let query = DcqlQuery::parse(&query("person-identification", &["age_over_18"])).expect("query");
    let id = query.credentials()[0].id();
    let text = answer["vp_token"]["card"][0].as_str().expect("a presentation");
    shown(&query, std::iter::once((id, text))).expect("decodes")
}

#[tokio::test]
async fn a_receipt_that_holds_is_kept_with_the_history() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    reply_with_receipt(&world, Spoiled::Not).await;
    world.share(&link).await.expect("shared");
    let newest = &world.wallet.history().expect("history")[0];
    assert!(newest.receipt);
    assert_eq!(newest.record.outcome, Outcome::Shared);
    assert_eq!(newest.kept_until(), Some(KeptUntil::NotKept));
    let world = world.killed();
    assert!(world.wallet.history().expect("history")[0].receipt);
}

#[test_case(Spoiled::OtherRequest ; "for another request")]
#[test_case(Spoiled::OtherClaims ; "with other claims")]
#[test_case(Spoiled::OtherBusiness ; "in the name of another business")]
#[test_case(Spoiled::OtherKey ; "by another key")]
#[test_case(Spoiled::Byte ; "with one byte changed")]
#[test_case(Spoiled::Garbage ; "that is none")]
#[tokio::test]
async fn f17_wallet_a_receipt_that_does_not_hold_is_no_receipt_and_changes_nothing(spoiled: Spoiled) {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let sent = reply_with_receipt(&world, spoiled).await;
    world.share(&link).await.expect("shared");
    assert!(sent.lock().expect("lock").is_some(), "a receipt was sent");
    let newest = &world.wallet.history().expect("history")[0];
    assert_eq!((newest.receipt, newest.record.outcome), (false, Outcome::Shared));
}

/// What of a visit is found where the business names this landmark.
async fn found_after(world: &mut World, named: LandmarkName) -> Vec<Vec<u8>> {
    let link = world.ask("age", &["age_over_18"]).await;
    reply_with_receipt(world, Spoiled::Names(named)).await;
    world.share(&link).await.expect("shared");
    let newest = &world.wallet.history().expect("history")[0];
    assert_eq!((newest.receipt, newest.record.outcome), (true, Outcome::Shared));
    let found = world.wallet.receipt_evidence().expect("evidence");
    found.into_iter().map(|found| found.file).collect()
}

#[tokio::test]
async fn k14_wallet_a_receipt_that_names_another_history_is_kept_as_such() {
    let mut world = World::ready_offline().await;
    let tree = world.ledger.replica();
    let held = LandmarkName {
        size: tree.size(),
        root: tree.root(),
    };
    assert!(
        found_after(&mut world, held).await.is_empty(),
        "in silence where it is the same"
    );
    let smaller = LandmarkName {
        size: held.size - 1,
        root: [7; 32],
    };
    assert!(
        found_after(&mut world, smaller).await.is_empty(),
        "of another size nobody can say"
    );
    let other = LandmarkName { root: [7; 32], ..held };
    let found = found_after(&mut world, other).await;
    assert_eq!(found.len(), 1);
    let shown = world.wallet.history().expect("history");
    let contradicts: Vec<bool> = shown.iter().take(3).map(|entry| entry.contradicts).collect();
    assert_eq!(contradicts, [true, false, false], "the history says which");

    // A business alone can say anything: the log is believed as before.
    assert!(world.wallet.split_evidence().expect("evidence").is_empty());
    assert!(!world.wallet.offline_readiness().expect("readiness").two_histories);

    let world = world.killed();
    let file = &world.wallet.receipt_evidence().expect("evidence")[0].file;
    assert_eq!(file, &found[0]);
    let (pack, business) = (world.ledger.trust_pack(), world.business.did().as_str());
    let record = world.ledger.record(business);
    let proved = UnverifiedContradiction::parse(file)
        .and_then(|file| file.verify(&pack, record))
        .expect("anybody can check it");
    assert_eq!((proved.business.as_str(), proved.size), (business, held.size));
    assert_eq!((proved.named, proved.signed), ([7; 32], held.root));
    let agency = world.ledger.record(world.agency.did().as_str());
    let refused = UnverifiedContradiction::parse(file).and_then(|file| file.verify(&pack, agency));
    assert!(matches!(refused, Err(ContradictionError::Receipt(_))), "{refused:?}");
}

/// Where a rule is recorded, its hash is no place to write something else.
#[test_case([7; 32] => true ; "the recorded one")]
#[test_case([8; 32] => false ; "another one")]
#[tokio::test]
async fn f17_wallet_a_receipt_names_the_recorded_rule(recorded: [u8; 32]) -> bool {
    let mut world = World::with_card().await;
    let mut purpose = testkit::purpose("age", &vct("person-identification"), &["age_over_18"], &[]);
    purpose.rule = Some(recorded);
    world.register_again(purpose);
    let link = world.ask("age", &["age_over_18"]).await;
    reply_with_receipt(&world, Spoiled::Not).await;
    world.share(&link).await.expect("shared");
    let newest = world.wallet.history().expect("history").remove(0);
    assert_eq!(newest.record.outcome, Outcome::Shared);
    newest.receipt
}

#[tokio::test]
async fn a_business_that_sends_no_receipt_is_answered_as_ever() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
    let newest = &world.wallet.history().expect("history")[0];
    assert_eq!((newest.receipt, newest.record.outcome), (false, Outcome::Shared));
}

/// Refused because it asked for too much; gives the number in the history.
async fn over_asked(world: &mut World) -> i64 {
    let link = world.ask("age", &["age_over_18", "portrait"]).await;
    let refused = world.refused(&link).await;
    assert_eq!(refused.code(), "over_asking");
    refused
        .unanswerable()
        .expect("kept")
        .reportable()
        .expect("to be reported")
}

#[tokio::test]
async fn what_asked_for_too_much_can_be_reported() {
    let mut world = World::with_card().await;
    let history_id = over_asked(&mut world).await;
    let newest = world.wallet.history().expect("history").remove(0);
    assert_eq!((newest.id, newest.reportable), (history_id, true));
    let did = world.business.did().to_string();
    world.publish_record(&did).await;
    let file = world.wallet.complaint(history_id).await.expect("a complaint");
    let complaint = UnverifiedComplaint::parse(&file).expect("a file");
    let verified = complaint.verify(&world.ledger.trust_pack()).expect("holds");
    assert_eq!(verified.business, did);
    assert_eq!(verified.outside[0].name(), "portrait");
    assert_eq!(
        world.sent("POST", "/response/1").await.len(),
        0,
        "they hear nothing of it"
    );
}

#[tokio::test]
async fn what_cannot_be_proved_yet_is_no_complaint() {
    let mut world = World::with_card().await;
    let history_id = over_asked(&mut world).await;
    let early = world.business_bundle_with(&Cosignatures::all(NOW - 60));
    world.answer_cbor("/ledger/bundle", early).await;
    let refused = world.wallet.complaint(history_id).await.expect_err("too early");
    assert_eq!(refused.code(), "complaint_too_early");
}

#[tokio::test]
async fn a_scope_that_was_widened_meanwhile_is_no_complaint() {
    let mut world = World::with_card().await;
    let history_id = over_asked(&mut world).await;
    let wide = testkit::purpose("age", &vct("person-identification"), &["age_over_18", "portrait"], &[]);
    world.register_again(wide);
    let did = world.business.did().to_string();
    world.publish_record(&did).await;
    let refused = world.wallet.complaint(history_id).await.expect_err("changed");
    assert_eq!(refused.code(), "complaint_not_proved");
}

#[tokio::test]
async fn a_request_that_was_answered_is_kept_nowhere() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
    let newest = world.wallet.history().expect("history").remove(0);
    assert!(!newest.reportable);
    let refused = world.wallet.complaint(newest.id).await.expect_err("not kept");
    assert_eq!(refused.code(), "no_such_request");
}

/// A server that widens what it may ask without an entry of the ledger: the payload that it brings is
/// not the one that its record names.
#[tokio::test]
async fn f4_wallet_a_scope_widened_without_an_entry() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18", "portrait"]);
    let narrow = world.business_bundle();
    let needle = br#"["age_over_18"]"#;
    let place = narrow.windows(needle.len()).position(|window| window == needle);
    let mut wide = narrow;
    // As many bytes as before, so that nothing but the payload changes.
    wide[place.expect("in the payload")..][..needle.len()].copy_from_slice(br#"["portrait"]   "#);
    draft.set_bundle(&wide);
    let link = draft.publish(&world).await;
    assert_eq!(world.refused(&link).await.code(), "ledger_proof_invalid");
}

#[tokio::test]
async fn f7_wallet_a_business_that_was_blocked_is_refused_whatever_it_asks() {
    let mut world = World::with_card().await;
    let did = world.business.did().to_string();
    world.wallet.stop_asking(&did).expect("blocked");
    for claims in [&["age_over_18"][..], &["age_over_18", "portrait"]] {
        let link = world.ask("age", claims).await;
        assert!(matches!(world.refused(&link).await, RequestRefused::Stopped { .. }));
    }
    assert!(world.wallet.businesses().expect("businesses")[0].blocked);
    world.wallet.let_ask_again(&did).expect("allowed");
    assert!(!world.wallet.businesses().expect("businesses")[0].blocked);
}

#[tokio::test]
async fn f19_wallet_what_is_shown_to_nobody_is_refused_where_it_is_needed() {
    let mut world = World::with_card().await;
    let person = vct("person-identification");
    world.wallet.never_show(&person, "birth_date").expect("noted");
    let link = world
        .ask("contract", &["given_name", "family_name", "birth_date"])
        .await;
    let refused = world.refused(&link).await;
    assert_eq!(refused.code(), "claim_never_shown");
    assert!(matches!(&refused, RequestRefused::NeverShown { claim, .. } if claim == "birth_date"));
    world.wallet.may_show(&person, "birth_date").expect("noted");
    assert!(world.wallet.never_shown().expect("list").is_empty());
    let link = world
        .ask("contract", &["given_name", "family_name", "birth_date"])
        .await;
    world.wallet.open_request(&link).await.expect("opened");
}

#[tokio::test]
async fn f19_wallet_what_is_shown_to_nobody_cannot_be_added_where_it_is_optional() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18", "given_name"]);
    draft.claims["dcql_query"]["credentials"][0]["claim_sets"] =
        json!([["age_over_18"], ["age_over_18", "given_name"]]);
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().cards[0].optional.len(), 1);
    world
        .wallet
        .never_show(&vct("person-identification"), "given_name")
        .expect("noted");
    let open = world.wallet.open_request(&link).await.expect("opened");
    let card = &open.ask().cards[0];
    assert!(card.optional.is_empty());
    assert!(card.withheld.contains(&"given_name".to_owned()));
    assert!(open.ask().agree(&["given_name".to_owned()]).is_err());
}

#[tokio::test]
async fn f19_wallet_of_two_alternatives_the_one_that_may_be_shown_is_offered() {
    let mut world = World::with_card().await;
    let person = vct("person-identification");
    world.register_again(testkit::purpose("age", &person, &["birth_date", "given_name"], &[]));
    let mut draft = RequestDraft::of(&mut world, "age", &["birth_date", "given_name"]);
    draft.claims["dcql_query"]["credentials"][0]["claim_sets"] = json!([["birth_date"], ["given_name"]]);
    let link = draft.publish(&world).await;
    world.wallet.never_show(&person, "birth_date").expect("noted");
    let open = world.wallet.open_request(&link).await.expect("the other one will do");
    let card = &open.ask().cards[0];
    let needed: Vec<String> = card.needed.iter().map(ToString::to_string).collect();
    assert_eq!((needed, card.optional.len()), (vec!["given_name".to_owned()], 0));
    assert!(card.withheld.contains(&"birth_date".to_owned()));
    world.wallet.never_show(&person, "given_name").expect("noted");
    let refused = world.refused(&link).await;
    assert_eq!(refused.code(), "claim_never_shown", "no alternative is left");
}

#[tokio::test]
async fn the_history_is_told_by_those_it_was_with() {
    let mut world = World::with_card().await;
    over_asked(&mut world).await;
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
    let businesses = world.wallet.businesses().expect("businesses");
    assert_eq!(businesses.len(), 1, "the office that issued the card did not ask");
    let shop = &businesses[0];
    assert_eq!((shop.id.as_str(), shop.recorded), (world.business.did().as_str(), true));
    assert_eq!(shop.name, "Corner Shop");
    let outcomes: Vec<Outcome> = shop.entries.iter().map(|entry| entry.record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Shared, Outcome::Blocked]);
    let kept: Vec<Option<KeptUntil>> = shop.entries.iter().map(wallet::HistoryEntry::kept_until).collect();
    assert_eq!(kept, [Some(KeptUntil::NotKept), None]);
}
