//! Offers: what the agency's systems and wallets see.

use oid4vci::{OfferLink, Transport};
use serde_json::{Value, json};
use test_case::test_case;

use crate::wallet::Wallet;
use crate::world::World;

#[test_case(json!({ "credential_type": "library-card", "subject": "SYN-000001" }) => (422, "unknown_credential_type".to_owned()); "unknown type")]
#[test_case(json!({ "credential_type": "residence", "subject": "nobody" }) => (422, "unknown_subject".to_owned()); "unknown person")]
#[test_case(json!({ "credential_type": "residence" }) => (400, "invalid_request".to_owned()); "no person")]
#[test_case(json!({ "credential_type": "residence", "subject": "SYN-000001", "txcode": true }) => (400, "invalid_request".to_owned()); "misspelt")]
#[tokio::test]
async fn refused(wanted: Value) -> (u16, String) {
    let world = World::x5c().await;
    let answer = world.api("POST", "/api/v1/offers", wanted).await;
    assert_eq!(world.count("offers").await, 0);
    answer.refusal()
}

#[tokio::test]
async fn a_card_that_the_register_cannot_fill_is_not_offered() {
    let world = World::x5c().await;
    let mut write = world.app.store().begin().await.unwrap();
    let mut person = issuer::store::people::find(&mut *write, "SYN-000001")
        .await
        .unwrap()
        .unwrap();
    person.business = None;
    issuer::store::people::put(&mut write, &person).await.unwrap();
    write.commit().await.unwrap();
    let wanted = json!({ "credential_type": "business-representative", "subject": "SYN-000001" });
    let answer = world.api("POST", "/api/v1/offers", wanted).await;
    assert_eq!(answer.refusal(), (422, "not_in_register".to_owned()));
}

#[tokio::test]
async fn a_reference_is_good_while_the_code_is() {
    let mut world = World::x5c().await;
    let wanted = json!({ "credential_type": "residence", "subject": "SYN-000001" });
    let made = world.api("POST", "/api/v1/offers", wanted).await.json();
    assert!(made.get("tx_code").is_none());
    let link = OfferLink::parse(made["offer_uri"].as_str().unwrap(), Transport::LoopbackHttp).unwrap();
    let OfferLink::ByReference(url) = link else {
        panic!("by reference")
    };
    world.restart().await;
    let answer = world.get(url.path()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, Some("no-store"))
    );
    let code = answer.json()["grants"][oid4vci::PRE_AUTHORIZED_CODE]["pre-authorized_code"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        world.offer_state(made["id"].as_str().unwrap()).await,
        json!({ "state": "open" })
    );
    let wallet = Wallet::new();
    assert_eq!(wallet.token(&world, &code, None).await.status, 200);
    assert_eq!(world.get(url.path()).await.status, 404);
    assert_eq!(world.get("/offers/unknown").await.status, 404);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM offers WHERE code IS NOT NULL")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    assert_eq!(left, 0, "a used code is erased");
}

#[tokio::test]
async fn an_unknown_offer_has_no_state() {
    let world = World::x5c().await;
    let answer = world.api("GET", "/api/v1/offers/unknown", Value::Null).await;
    assert_eq!(answer.refusal(), (404, "not_found".to_owned()));
}
