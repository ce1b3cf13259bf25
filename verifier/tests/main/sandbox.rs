//! The sandbox: outcomes that a program of a business tries, without anybody who is asked.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use test_case::test_case;

use crate::added::{provisioning, with_token};
use crate::wallet::assert_outcome;
use crate::world::{SANDBOX, TOKEN, World};

const ADULT: &str = "/api/v1/checks/adult/sandbox";
/// Sessions in ten minutes.
const MOST: usize = 100;

async fn rehearse(world: &World, token: &str, reason: &Value) -> (StatusCode, Value) {
    world
        .call(with_token(token, Method::POST, ADULT, &json!({ "reason": reason })))
        .await
}

#[test_case("ok", "yes"; "yes")]
#[test_case("revoked", "no"; "no")]
#[test_case("ledger_stale", "could_not_check"; "could not check")]
#[tokio::test]
async fn a_program_gets_the_outcome_that_it_wants_to_try(reason: &str, verdict: &str) {
    let world = World::new().await;
    let (status, tried) = rehearse(&world, SANDBOX, &json!(reason)).await;
    assert_eq!(status, StatusCode::OK, "{tried}");
    assert_outcome(&tried, verdict, reason);
    assert_eq!(tried["sandbox"], true);
    // What is read later says so too, and has the rule of the check.
    let (_, read) = world.outcome_for(TOKEN, &tried["id"]).await;
    assert_eq!(read, tried);
    let real = world
        .present("adult", "person", &world.person(3), &["age_over_18"])
        .await;
    assert_eq!(real["rule"], tried["rule"]);
    assert_eq!(real.get("sandbox"), None, "nobody takes a real one for one of these");
}

#[tokio::test]
async fn what_is_no_reason_is_none_and_nothing_is_opened() {
    let world = World::new().await;
    for reason in [json!("yes"), json!(""), json!(7), Value::Null] {
        let (status, problem) = rehearse(&world, SANDBOX, &reason).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (400, &json!("malformed")),
            "{reason}"
        );
    }
    let elsewhere = with_token(
        SANDBOX,
        Method::POST,
        "/api/v1/checks/none/sandbox",
        &json!({"reason": "ok"}),
    );
    assert_eq!(world.call(elsewhere).await.0, StatusCode::NOT_FOUND);
}

/// Whoever holds the token of a till cannot make it take somebody for asked.
#[tokio::test]
async fn g9_verifier_no_token_of_a_live_program_makes_up_an_outcome() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    for live in [TOKEN, added.token.as_str()] {
        let (status, problem) = rehearse(&world, live, &json!("ok")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("scope_missing")));
    }
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM session")
        .fetch_one(world.app.store.sqlite().reader())
        .await
        .unwrap();
    assert_eq!(rows, 0, "no session is written");
    // And that of the sandbox opens none that asks somebody.
    let sandbox = world.make_token(&added.id, &["sandbox:write"], None).await;
    for token in [SANDBOX, sandbox["token"].as_str().unwrap()] {
        let (_, tried) = rehearse(&world, token, &json!("ok")).await;
        assert_outcome(&tried, "yes", "ok");
        for (status, problem) in [
            world.try_open_of(token).await,
            world.outcome_for(token, &tried["id"]).await,
        ] {
            assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("scope_missing")));
        }
    }
}

#[tokio::test]
async fn it_is_for_those_who_may_ask_and_of_one_business() {
    let mut world = World::with(provisioning()).await;
    let added = world.add("corner-shop").await;
    let sandbox = world.make_token(&added.id, &["sandbox:write"], None).await;
    let sandbox = sandbox["token"].as_str().unwrap();
    let (_, tried) = rehearse(&world, sandbox, &json!("ok")).await;
    assert_eq!(world.outcome_for(&added.token, &tried["id"]).await.1, tried);
    assert_eq!(world.outcome_for(TOKEN, &tried["id"]).await.0, StatusCode::NOT_FOUND);
    world.clock.advance(60);
    world.ledger.revoke_registration(&added.organisation);
    world.refresh().await;
    let (status, problem) = rehearse(&world, sandbox, &json!("ok")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("not_registered")));
}

#[tokio::test]
async fn a_key_gives_the_same_one_and_they_are_bounded() {
    let world = World::new().await;
    let with_key = || {
        let mut request = with_token(SANDBOX, Method::POST, ADULT, &json!({"reason": "ok"}));
        request
            .headers_mut()
            .insert("idempotency-key", "0123456789abcdef".parse().unwrap());
        request
    };
    let first = world.call(with_key()).await;
    assert_eq!(world.call(with_key()).await, first);
    for _ in 1..MOST {
        assert_eq!(rehearse(&world, SANDBOX, &json!("ok")).await.0, StatusCode::OK);
    }
    let (status, problem) = rehearse(&world, SANDBOX, &json!("ok")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (429, &json!("too_many_attempts")));
    // Others go on, and so does it after a while.
    world.open("adult").await;
    world.clock.advance(600);
    assert_eq!(rehearse(&world, SANDBOX, &json!("ok")).await.0, StatusCode::OK);
}

/// Those that come at once are as many as those that come one by one.
#[tokio::test]
async fn the_bound_holds_for_those_that_come_at_once() {
    let world = World::new().await;
    let reason = json!("ok");
    for _ in 10..MOST {
        assert_eq!(rehearse(&world, SANDBOX, &reason).await.0, StatusCode::OK);
    }
    let at_once = (0..30).map(|_| rehearse(&world, SANDBOX, &reason));
    let statuses = futures_util::future::join_all(at_once).await;
    let opened = statuses.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    assert_eq!(opened, 10, "{statuses:?}");
}

/// Nothing was shown: it is counted among nothing that somebody showed.
#[tokio::test]
async fn what_nobody_showed_is_counted_nowhere() {
    let world = World::new().await;
    for reason in ["holder_binding_mismatch", "internal"] {
        let (status, tried) = rehearse(&world, SANDBOX, &json!(reason)).await;
        assert_eq!((status, &tried["reason"]), (StatusCode::OK, &json!(reason)));
        assert_eq!(tried.get("receipt"), None);
    }
    for counter in ["holder_binding_mismatch", "engine_failures", "over_disclosure"] {
        assert_eq!(world.counted(counter), 0, "{counter}");
    }
}
