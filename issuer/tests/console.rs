//! The agency's page through its routes: who may do what, and that it happens once.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use oid4vci::{OfferLink, Transport};
use serde_json::{Value, json};
use test_case::test_case;
use tower::ServiceExt;

use crate::operator::Operator;
use crate::wallet::Wallet;
use crate::world::{API_TOKEN, World};

/// Issues the card of an offer made at the counter; the card's id.
async fn claim(world: &World, operator: &Operator<'_>, made: &Value) -> String {
    let code = read(world, made).await;
    let wallet = Wallet::new();
    let token = wallet.token(world, &code, made["tx_code"].as_str()).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    wallet.copies(world, &token, "residence", 2).await;
    let state = operator
        .get(&format!("/offers/{}", made["id"].as_str().unwrap()))
        .await
        .json();
    assert_eq!(state["state"], "claimed");
    state["card"].as_str().unwrap().to_owned()
}

/// Reads an offer as a wallet does; its code.
async fn read(world: &World, made: &Value) -> String {
    let link = OfferLink::parse(made["link"].as_str().unwrap(), Transport::LoopbackHttp);
    let Ok(OfferLink::ByReference(url)) = link else {
        panic!("{made}")
    };
    world.get(url.path()).await.json()["grants"][oid4vci::PRE_AUTHORIZED_CODE]["pre-authorized_code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_clerk_offers_and_sees_and_an_officer_revokes() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let made = clerk.offer().await;
    assert!(made["qr_svg"].as_str().unwrap().contains("<svg"));
    assert_eq!(made["tx_code"].as_str().unwrap().len(), 6);
    let path = format!("/offers/{}", made["id"].as_str().unwrap());
    assert_eq!(clerk.get(&path).await.json()["state"], "offered");
    read(&world, &made).await;
    assert_eq!(clerk.get(&path).await.json()["state"], "opened");
    let card = claim(&world, &clerk, &made).await;

    let person = clerk.get("/people/SYN-000001").await.json();
    assert_eq!(person["cards"].as_array().unwrap().len(), 1);
    assert_eq!(person["cards"][0]["state"], "valid");
    assert_eq!(person["cards"][0]["card_type"], "residence");

    let officer = Operator::new(&world, "officer").await;
    for (change, state) in [("suspend", "suspended"), ("reactivate", "valid"), ("revoke", "revoked")] {
        let path = format!("/cards/{card}/{change}");
        let answer = officer.act(&path, json!({ "confirm": "other" })).await;
        assert_eq!(answer.status, 422, "unknown confirmation");
        let answer = officer.act(&path, json!({ "confirm": change })).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["state"].clone()),
            (200, json!(state))
        );
    }
    let again = officer
        .act(&format!("/cards/{card}/reactivate"), json!({ "confirm": "reactivate" }))
        .await;
    assert_eq!(again.refusal(), (409, "revoked".to_owned()));
    let other = officer
        .act(&format!("/cards/{card}/revoke"), json!({ "confirm": "suspend" }))
        .await;
    assert_eq!(other.refusal(), (422, "not_confirmed".to_owned()));
}

const CHANGES: [&str; 3] = ["suspend", "reactivate", "revoke"];

/// The card is worth what it was.
async fn still_valid(operator: &Operator<'_>) {
    let person = operator.get("/people/SYN-000001").await.json();
    assert_eq!(person["cards"][0]["state"], "valid");
}

#[tokio::test]
async fn h17_issuer_a_clerk_changes_no_card() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let card = claim(&world, &clerk, &clerk.offer().await).await;
    for change in CHANGES {
        let path = format!("/cards/{card}/{change}");
        let answer = clerk.act(&path, json!({ "confirm": change })).await;
        assert_eq!(answer.refusal(), (403, "not_allowed".to_owned()), "{change}");
    }
    still_valid(&clerk).await;
}

#[tokio::test]
async fn h17_issuer_another_site_changes_no_card() {
    let world = World::x5c().await;
    let officer = Operator::new(&world, "officer").await;
    let card = claim(&world, &officer, &officer.offer().await).await;
    for change in CHANGES {
        let (path, wanted) = (format!("/cards/{card}/{change}"), json!({ "confirm": change }));
        let mut request = officer.request(&path, Some(&service::random::id()), &wanted);
        let from = "cross-site".parse().unwrap();
        request.headers_mut().insert("sec-fetch-site", from);
        let answer = world.send(request).await;
        assert_eq!(answer.refusal(), (403, "cross_site".to_owned()), "{change}");
    }
    still_valid(&officer).await;
}

#[tokio::test]
async fn m6_issuer_a_double_click_makes_one_offer_and_one_revocation() {
    let world = World::x5c().await;
    let officer = Operator::new(&world, "officer").await;
    let wanted = json!({ "card_type": "residence", "subject": "SYN-000001" });
    let key = service::random::id();
    let (one, two) = tokio::join!(
        officer.post("/offers", Some(&key), wanted.clone()),
        officer.post("/offers", Some(&key), wanted.clone()),
    );
    assert_eq!(one.json(), two.json());
    assert_eq!(world.count("offers").await, 1);
    let other = json!({ "card_type": "residence", "subject": "SYN-000002" });
    let reused = officer.post("/offers", Some(&key), other).await;
    assert_eq!(reused.refusal(), (422, "idempotency_key_reused".to_owned()));
    let bare = officer.post("/offers", None, wanted).await;
    assert_eq!(bare.refusal(), (400, "idempotency_key_missing".to_owned()));
    assert_eq!(world.count("offers").await, 1);

    let card = claim(&world, &officer, &one.json()).await;
    let path = format!("/cards/{card}/revoke");
    let (one, two) = tokio::join!(
        officer.post(&path, Some(&key), json!({ "confirm": "revoke" })),
        officer.post(&path, Some(&key), json!({ "confirm": "revoke" })),
    );
    assert_eq!((one.status.as_u16(), one.json()), (200, two.json()));
}

#[tokio::test]
async fn an_offer_taken_back_is_good_for_nothing() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let made = clerk.offer().await;
    let path = format!("/offers/{}/withdraw", made["id"].as_str().unwrap());
    let code = read(&world, &made).await;
    assert_eq!(clerk.act(&path, json!({})).await.json()["state"], "withdrawn");
    assert_eq!(clerk.act(&path, json!({})).await.json()["state"], "withdrawn");
    let wallet = Wallet::new();
    let answer = wallet.token(&world, &code, made["tx_code"].as_str()).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));

    let taken = clerk.offer().await;
    claim(&world, &clerk, &taken).await;
    let path = format!("/offers/{}/withdraw", taken["id"].as_str().unwrap());
    assert_eq!(
        clerk.act(&path, json!({})).await.refusal(),
        (409, "offer_taken".to_owned())
    );
}

#[test_case("syn-000003", 1; "by id")]
#[test_case("nobody at all", 0; "nobody")]
#[test_case("SYN", 20; "by the beginning of an id")]
#[tokio::test]
async fn people_are_found(query: &str, total: u32) {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let found = clerk
        .post("/people/search", None, json!({ "query": query }))
        .await
        .json();
    assert_eq!(
        (found["total"].clone(), found["more"].clone()),
        (json!(total), json!(false))
    );
    assert_eq!(found["people"].as_array().unwrap().len(), total as usize);
}

#[tokio::test]
async fn people_are_found_by_name_without_accents_and_by_date_of_birth() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let mut write = world.app.store().begin().await.unwrap();
    let mut person = issuer::store::people::find(&mut *write, "SYN-000004")
        .await
        .unwrap()
        .unwrap();
    person.family_name = "Müller-Loś".to_owned();
    person.given_name = "Zoë".to_owned();
    person.birth_date = "1985-03-12".parse().unwrap();
    issuer::store::people::put(&mut write, &person).await.unwrap();
    write.commit().await.unwrap();
    for query in ["muller", "zoe mull", "MÜLLER 12.3.1985", "1985-03-12", "los zoë"] {
        let found = clerk
            .post("/people/search", None, json!({ "query": query }))
            .await
            .json();
        let ids: Vec<&str> = found["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|person| person["id"].as_str().unwrap())
            .collect();
        assert!(ids.contains(&"SYN-000004"), "{query}: {ids:?}");
    }
    let short = clerk.post("/people/search", None, json!({ "query": "m" })).await;
    assert_eq!(short.refusal(), (422, "query_too_short".to_owned()));
    let page = clerk
        .post("/people/search", None, json!({ "query": "syn", "offset": 15 }))
        .await;
    assert_eq!(page.json()["people"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_portrait_is_a_picture_that_nothing_keeps() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let answer = clerk.get("/people/SYN-000001/portrait").await;
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.body.starts_with(b"\x89PNG"));
    assert!(
        !clerk
            .get("/people/SYN-000001")
            .await
            .json()
            .to_string()
            .contains("iVBOR")
    );
    assert_eq!(clerk.get("/people/nobody/portrait").await.status, 404);
}

#[test_case("/card-types")]
#[test_case("/people/SYN-000001")]
#[test_case("/people/SYN-000001/portrait")]
#[test_case("/offers/x")]
#[test_case("/offers/x/events")]
#[tokio::test]
async fn nothing_opens_without_signing_in(path: &str) {
    let world = World::x5c().await;
    let path = format!("/console/api/v1{path}");
    assert_eq!(world.get(&path).await.refusal(), (401, "signed_out".to_owned()));
    let bearer = world.api("GET", &path, Value::Null).await;
    assert_eq!(
        bearer.refusal(),
        (401, "signed_out".to_owned()),
        "not by the systems' token either"
    );
}

#[tokio::test]
async fn a_session_ends_and_the_page_is_told() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    assert_eq!(clerk.get("/me").await.json()["role"], "clerk");
    world.clock.advance(15 * 60);
    assert_eq!(clerk.get("/card-types").await.refusal(), (401, "signed_out".to_owned()));
}

#[tokio::test]
async fn guessing_passwords_takes_longer_and_longer() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let wrong = json!({ "name": "a-clerk", "password": "not the password" });
    for _ in 0..5 {
        let answer = clerk.post("/sign-in", None, wrong.clone()).await;
        assert_eq!(answer.refusal(), (401, "sign_in_failed".to_owned()));
    }
    let answer = clerk.post("/sign-in", None, wrong.clone()).await;
    assert_eq!(answer.refusal(), (429, "too_many_attempts".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("30"));
    world.clock.advance(31);
    clerk.post("/sign-in", None, wrong.clone()).await;
    let answer = clerk.post("/sign-in", None, wrong).await;
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(clerk.get("/card-types").await.status, 200, "who is signed in stays so");
}

#[tokio::test]
async fn l12_issuer_no_other_site_gets_in() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let wanted = json!({ "card_type": "residence", "subject": "SYN-000001" });
    let mut request = clerk.request("/offers", Some(&service::random::id()), &wanted);
    request
        .headers_mut()
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    request
        .headers_mut()
        .insert("origin", "http://evil.example".parse().unwrap());
    let answer = world.send(request).await;
    assert_eq!(answer.refusal(), (403, "cross_site".to_owned()));
    assert_eq!(world.count("offers").await, 0);
    for path in ["/", "/console/api/v1/agency", "/console/api/v1/me"] {
        let request = Request::get(path).header("origin", "http://evil.example");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

/// The page has its policy whether it is built or not.
#[tokio::test]
async fn l12_issuer_the_page_has_a_strict_policy() {
    let world = World::x5c().await;
    let answer = world.get("/").await;
    let policy = answer.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_is_followed_until_it_is_claimed() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let made = clerk.offer().await;
    let path = format!("/offers/{}/events", made["id"].as_str().unwrap());
    let mut request = clerk.request(&path, None, &Value::Null);
    *request.method_mut() = http::Method::GET;
    let response = world.router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let told = tokio::spawn(async move { response.into_body().collect().await.unwrap().to_bytes() });
    claim(&world, &clerk, &made).await;
    let told = tokio::time::timeout(std::time::Duration::from_secs(10), told).await;
    let told = String::from_utf8(told.unwrap().unwrap().to_vec()).unwrap();
    assert!(told.starts_with("event: offer\ndata: {\"state\":\"offered\""), "{told}");
    assert!(told.trim_end().contains("\"state\":\"claimed\""), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn following_ends_when_the_service_stops() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let made = clerk.offer().await;
    let path = format!("/offers/{}/events", made["id"].as_str().unwrap());
    let mut request = clerk.request(&path, None, &Value::Null);
    *request.method_mut() = http::Method::GET;
    let response = world.router().oneshot(request).await.unwrap();
    world.app.end_streams();
    let told = tokio::time::timeout(std::time::Duration::from_secs(5), response.into_body().collect()).await;
    assert!(told.unwrap().unwrap().to_bytes().starts_with(b"event: offer"));
}

#[tokio::test]
async fn the_systems_do_not_sign_in_and_operators_are_no_systems() {
    let world = World::x5c().await;
    let clerk = Operator::new(&world, "clerk").await;
    let wanted = json!({ "credential_type": "residence", "subject": "SYN-000001" });
    let mut request = clerk.request("/offers", None, &wanted);
    *request.uri_mut() = "/api/v1/offers".parse().unwrap();
    assert_eq!(world.send(request).await.refusal(), (401, "unauthorised".to_owned()));
    let mut request = clerk.request("/people/search", None, &json!({ "query": "syn" }));
    request.headers_mut().remove("cookie");
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {API_TOKEN}").parse().unwrap());
    assert_eq!(world.send(request).await.refusal(), (401, "signed_out".to_owned()));
}
