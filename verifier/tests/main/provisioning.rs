//! Businesses that are added: from nothing to a verdict, their tokens, and the end of it.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::certificates::{Authority, Name, Validity};
use testkit::credential::key;

use crate::added::{adding, by_registrar, check, pem, provisioning, registration};
use crate::wallet::{assert_outcome, request_path};
use crate::world::{NOW, TOKEN, World};

#[track_caller]
fn assert_problem((status, problem): &(StatusCode, Value), expected: u16, code: &str) {
    assert_eq!(
        (status.as_u16(), problem["code"].as_str()),
        (expected, Some(code)),
        "{problem}"
    );
}

#[tokio::test]
async fn a_business_is_added_and_asks_under_its_own_name_also_after_a_restart() {
    let mut world = World::with(provisioning()).await;
    let organisation = world.add_waiting("corner-shop").await;
    assert_eq!(world.standing("corner-shop").await["state"], "waiting");
    let fresh = world.make_token("corner-shop", &["sessions:write"], None).await;
    world.set_checks("corner-shop", &[check("adult")]).await;
    let refused = world.try_open_of(fresh["token"].as_str().unwrap()).await;
    assert_problem(&refused, 403, "not_registered");
    world.register_added("corner-shop", &organisation).await;
    let state = world.standing("corner-shop").await;
    assert_eq!(
        state,
        json!({ "id": "corner-shop", "did": organisation.did().as_str(), "state": "active",
                "checks": ["adult"], "tokens": 1 })
    );

    let added = world.add("kiosk").await;
    for _ in 0..2 {
        let opened = world.open_of(&added.token).await;
        assert_outcome(&world.show_to(&added, &opened).await, "yes", "ok");
        world.restart().await;
        assert_eq!(world.standing("kiosk").await["state"], "active");
    }
    let log = world
        .send(by_registrar(Method::GET, "/b/kiosk/did.jsonl", &json!({})))
        .await;
    let log = axum::body::to_bytes(log.into_body(), 1 << 16).await.unwrap();
    assert_eq!(log, added.organisation.log_file().as_bytes());
}

#[tokio::test]
async fn an_id_is_given_once_and_a_lost_reply_gives_the_same_business() {
    let world = World::with(provisioning()).await;
    let (_, once) = world.call(adding("one", "0123456789abcdef-1")).await;
    let (status, again) = world.call(adding("one", "0123456789abcdef-1")).await;
    assert_eq!((status, &again["did"]), (StatusCode::CREATED, &once["did"]));
    for id in ["one", "main", "try"] {
        let refused = world.call(adding(id, &service::random::id())).await;
        assert_problem(&refused, 409, "business_exists");
    }
    for id in ["", "UPPER", "a/b", "..", &"a".repeat(65)] {
        let refused = world.call(adding(id, &service::random::id())).await;
        assert_problem(&refused, 400, "malformed");
    }
}

#[tokio::test]
async fn without_a_token_in_the_configuration_nobody_adds_a_business() {
    let world = World::new().await;
    let (status, _) = world.call(adding("one", "0123456789abcdef-1")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let world = World::with(provisioning()).await;
    let mut request = adding("one", "0123456789abcdef-1");
    let other = format!("Bearer {TOKEN}");
    request.headers_mut().insert("authorization", other.parse().unwrap());
    assert_problem(&world.call(request).await, 401, "unauthorised");
}

#[tokio::test]
async fn a_check_outside_the_registered_scope_is_refused_and_changes_nothing() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let refused = world.set_checks(&added.id, &[check("adult"), check("contact")]).await;
    assert_problem(&refused, 422, "outside_scope");
    assert_eq!(refused.1["check"], "contact");
    assert_eq!(world.standing(&added.id).await["checks"], json!(["adult"]));
    let mut wider = check("adult");
    wider["dcql"] = serde_json::from_str(
        &wider["dcql"]
            .as_str()
            .unwrap()
            .replace(r#"["age_over_18"]}"#, r#"["age_over_18"]},{"path":["birth_date"]}"#),
    )
    .unwrap();
    let refused = world.set_checks(&added.id, &[wider]).await;
    assert_problem(&refused, 422, "outside_scope");
    assert_eq!(refused.1["outside"], r#"["birth_date"]"#);
    let mut broken = check("adult");
    broken["rule"] = json!("person.age_over_18 &&");
    assert_problem(&world.set_checks(&added.id, &[broken]).await, 422, "check_refused");
    assert_outcome(
        &world.show_to(&added, &world.open_of(&added.token).await).await,
        "yes",
        "ok",
    );
}

/// The portal sets checks at once when the ledger has their scope, and does not come again so soon.
#[tokio::test]
async fn checks_of_what_the_ledger_says_since_a_moment_are_taken_at_once() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    world.clock.advance(60);
    world.write_scope(&added.organisation, &["adult", "contact"]);
    let body = json!({ "checks": [check("adult"), check("contact")] });
    let path = "/api/v1/businesses/corner-shop/checks";
    let taken = world.call_before_reading(by_registrar(Method::PUT, path, &body)).await;
    assert_eq!(taken.0, StatusCode::NO_CONTENT, "{}", taken.1);
    assert_eq!(world.standing(&added.id).await["checks"], json!(["adult", "contact"]));
}

#[tokio::test]
async fn what_was_set_before_the_registration_is_held_against_it_too() {
    let mut world = World::with(provisioning()).await;
    let organisation = world.add_waiting("corner-shop").await;
    let checks = [check("adult"), check("contact")];
    assert_eq!(world.set_checks("corner-shop", &checks).await.0, StatusCode::NO_CONTENT);
    world.register_added("corner-shop", &organisation).await;
    let fresh = world.make_token("corner-shop", &["sessions:write"], None).await;
    let token = fresh["token"].as_str().unwrap();
    let path = "/api/v1/checks/contact/sessions";
    let refused = world
        .call(crate::added::with_token(token, Method::POST, path, &json!({})))
        .await;
    assert_problem(&refused, 422, "outside_scope");
    world.open_of(token).await;
}

#[tokio::test]
async fn a_certificate_must_be_of_the_key_that_was_made_here() {
    let mut world = World::with(provisioning()).await;
    let shop = world.add_waiting("corner-shop").await;
    let registration = || registration(shop.did().as_str(), NOW + 86_400);
    let other = Authority::new("registrar").certify(key(9).public(), &[Name::Dns("shop.example")]);
    let path = "/api/v1/businesses/corner-shop/certificates";
    for (chain, registration, code) in [
        (vec![pem(other.leaf())], registration(), "certificate_of_another_key"),
        (vec!["hello".to_owned()], registration(), "certificate_refused"),
        (Vec::new(), registration(), "certificate_refused"),
        (
            vec![pem(other.leaf())],
            "e30.e30.e30".to_owned(),
            "registration_refused",
        ),
    ] {
        let body = json!({ "access_certificate_chain": chain, "registration_certificate": registration });
        let refused = world.call(by_registrar(Method::PUT, path, &body)).await;
        assert_problem(&refused, 422, code);
    }
    assert_eq!(world.standing("corner-shop").await["state"], "waiting");
}

/// Of an altered one each byte counts: that of another business, or one that has run out, is none either.
#[tokio::test]
async fn f20_verifier_a_registration_that_is_forged_or_over_or_of_another_business_is_refused() {
    let mut world = World::with(provisioning()).await;
    let shop = world.add_waiting("corner-shop").await;
    let did = shop.did().as_str();
    let (_, key) = shop.assertion_key().unwrap();
    let chain = Authority::new("registrar").certify(key.public(), &[Name::Dns("shop.example"), Name::Uri(did)]);
    let good = registration(did, NOW + 86_400);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let wider = registration("did:webvh:QmX:wide.example", NOW + 86_400);
    let path = "/api/v1/businesses/corner-shop/certificates";
    for refused in [
        format!("{header}.{}.{signature}", wider.split('.').nth(1).unwrap()),
        format!("{header}.{payload}.{}", wider.rsplit('.').next().unwrap()),
        format!("e30.{payload}.{signature}"),
        wider,
        registration(did, NOW),
    ] {
        let body = json!({ "access_certificate_chain": [pem(chain.leaf())], "registration_certificate": refused });
        let answer = world.call(by_registrar(Method::PUT, path, &body)).await;
        assert_problem(&answer, 422, "registration_refused");
        assert_eq!(world.standing("corner-shop").await["state"], "waiting");
    }
    let body = json!({ "access_certificate_chain": [pem(chain.leaf())], "registration_certificate": good });
    let taken = world.call(by_registrar(Method::PUT, path, &body)).await;
    assert_eq!(taken.0, StatusCode::NO_CONTENT, "{}", taken.1);
}

/// The registrar sets another, and it asks again.
#[tokio::test]
async fn a_business_whose_certificate_has_run_out_waits_for_another() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let (_, key) = added.organisation.assertion_key().unwrap();
    let names = [Name::Dns("shop.example")];
    let over = Authority::new("registrar").certify_with(key.public(), &names, Validity::Expired, &[]);
    let file = world.folder.path().join("businesses/corner-shop/access.pem");
    std::fs::write(file, pem(over.leaf())).unwrap();
    let set = world.set_checks(&added.id, &[check("adult")]).await;
    assert_eq!(set.0, StatusCode::NO_CONTENT, "{}", set.1);
    for _ in 0..2 {
        let state = world.standing(&added.id).await;
        assert_eq!(
            (&state["state"], &state["checks"]),
            (&json!("waiting"), &json!(["adult"]))
        );
        assert_problem(&world.try_open_of(&added.token).await, 403, "not_registered");
        world.restart().await;
    }
    world.clock.advance(60);
    world.register_added(&added.id, &added.organisation).await;
    assert_eq!(world.standing(&added.id).await["state"], "active");
    assert_outcome(
        &world.show_to(&added, &world.open_of(&added.token).await).await,
        "yes",
        "ok",
    );
}

#[tokio::test]
async fn nothing_is_signed_for_a_business_whose_registration_was_taken_back() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let before = world.open_of(&added.token).await;
    world.clock.advance(60);
    world.ledger.revoke_registration(&added.organisation);
    world.refresh().await;
    assert_eq!(world.standing(&added.id).await["state"], "suspended");
    assert_problem(&world.try_open_of(&added.token).await, 403, "not_registered");
    let request = http::Request::get(request_path(&before)).body(axum::body::Body::empty());
    assert_problem(&world.call(request.unwrap()).await, 403, "not_registered");
    // Others go on.
    world.open("adult").await;
}

#[tokio::test]
async fn no_request_is_signed_that_asks_for_more_than_the_business_may_by_now() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let before = world.open_of(&added.token).await;
    world.clock.advance(60);
    world.narrow(&added.organisation).await;
    assert_eq!(world.standing(&added.id).await["state"], "active");
    let request = http::Request::get(request_path(&before)).body(axum::body::Body::empty());
    let refused = world.call(request.unwrap()).await;
    assert_problem(&refused, 422, "outside_scope");
    assert_eq!(refused.1["check"], "adult");
    // Nobody has seen it.
    let (_, outcome) = world.outcome_for(&added.token, &before["id"]).await;
    assert_eq!(outcome["state"], "open");
}

#[tokio::test]
async fn a_token_is_good_for_its_scopes_and_its_time() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let reader = world.make_token(&added.id, &["sessions:read"], Some(NOW + 100)).await;
    let reader = reader["token"].as_str().unwrap();
    assert_problem(&world.try_open_of(reader).await, 403, "scope_missing");
    let opened = world.open_of(&added.token).await;
    assert_eq!(world.outcome_for(reader, &opened["id"]).await.0, StatusCode::OK);
    world.clock.advance(100);
    assert_problem(&world.outcome_for(reader, &opened["id"]).await, 401, "unauthorised");
}

#[tokio::test]
async fn a_token_is_replaced_with_an_hour_of_grace_and_taken_back_at_once() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let path = "/api/v1/businesses/corner-shop/tokens";
    let listed = world.call(by_registrar(Method::GET, path, &json!({}))).await.1;
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let rotate = by_registrar(Method::POST, &format!("{path}/{id}/rotate"), &json!({}));
    let (status, fresh) = world.call(rotate).await;
    assert_eq!((status, fresh["id"].as_str()), (StatusCode::CREATED, Some(id.as_str())));
    let fresh = fresh["token"].as_str().unwrap();
    world.open_of(&added.token).await;
    world.open_of(fresh).await;
    world.clock.advance(3_600);
    assert_problem(&world.try_open_of(&added.token).await, 401, "unauthorised");
    world.open_of(fresh).await;
    let gone = by_registrar(Method::DELETE, &format!("{path}/{id}"), &json!({}));
    assert_eq!(world.call(gone).await.0, StatusCode::NO_CONTENT);
    assert_problem(&world.try_open_of(fresh).await, 401, "unauthorised");
}

#[tokio::test]
async fn a_token_is_kept_as_a_hash_and_listed_by_its_beginning_and_last_day() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let path = "/api/v1/businesses/corner-shop/tokens";
    let list = async || world.call(by_registrar(Method::GET, path, &json!({}))).await.1;
    let listed = list().await;
    assert_eq!(listed[0]["prefix"], added.token[..11]);
    assert_eq!(listed[0]["last_used_day"], Value::Null);
    world.open_of(&added.token).await;
    assert_eq!(list().await[0]["last_used_day"], "2026-11-20");
    let secret = &added.token.as_bytes()[11..];
    for file in ["verifier.sqlite", "verifier.sqlite-wal"] {
        let bytes = std::fs::read(world.folder.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{file}");
    }
}
