//! Authorization codes: whose they are, how often and how long they are good. Catalogue H5 and A14

use futures_util::future::join_all;

use crate::citizens::{Browser, CALLBACK, CLIENT, Push, code, code_form, opened, parameter, refresh_form};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::World;

const SOMEBODY: &str = "SYN-000001";

#[tokio::test]
async fn h5_issuer_a_code_with_a_wrong_verifier_or_address_is_not_redeemed() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let good = push.redeeming(&code);
    for (what, form) in [
        ("wrong verifier", code_form(&code, CALLBACK, &"a".repeat(43))),
        ("no verifier", code_form(&code, CALLBACK, "")),
        (
            "one slash",
            code_form(&code, &format!("{CALLBACK}/"), push.verifier.as_str()),
        ),
        ("no address", code_form(&code, "", push.verifier.as_str())),
        ("another client", good.replace(CLIENT, "other-wallet")),
        ("unknown code", push.redeeming("unknown")),
    ] {
        let answer = wallet.redeem(&world, form).await;
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()), "{what}");
    }
    assert_eq!(world.count("access_tokens").await, 0);
    assert_eq!(wallet.redeem(&world, good).await.status, 200, "the code is not burnt");
}

#[tokio::test]
async fn h5_issuer_a_code_used_twice_takes_its_tokens_with_it() {
    let mut world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let access = token["access_token"].as_str().unwrap();
    wallet.copies(&world, access, "residence", 1).await;
    world.restart().await;
    let thief = Wallet::new();
    let answer = thief.redeem(&world, push.redeeming(&code)).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = wallet.credential(&world, access, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let answer = wallet.redeem(&world, refresh).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h5_issuer_a_code_used_thirty_times_at_once_succeeds_once() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let mut proofs = Vec::new();
    for _ in 0..30 {
        proofs.push(wallet.dpop(&world, "/token", None).await);
    }
    let requests = proofs
        .iter()
        .map(|dpop| wallet.token_with(&world, dpop, push.redeeming(&code)));
    let answers = join_all(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(
        world.count("access_tokens").await,
        0,
        "whoever came second ended it for all"
    );
}

#[tokio::test]
async fn h5_issuer_a_code_is_good_for_a_minute() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    world.clock.advance(60);
    let answer = wallet.redeem(&world, push.redeeming(&code)).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a14_issuer_a_code_belongs_to_the_key_of_the_request() {
    let world = World::citizens().await;
    let (wallet, thief) = (Wallet::new(), Wallet::new());
    for by_header in [true, false] {
        let push = if by_header {
            Push::of("residence")
        } else {
            Push::of("residence").with("dpop_jkt", Some(&wallet.jkt()))
        };
        let proof = wallet.dpop(&world, "/par", None).await;
        let answer = push.send_with(&world, by_header.then_some(proof.as_str())).await;
        let target = opened(answer.json()["request_uri"].as_str().unwrap());
        let url = Browser::default().whole(&world, &target, SOMEBODY).await;
        let code = parameter(&url, "code").unwrap();
        let answer = thief.redeem(&world, push.redeeming(&code)).await;
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
        assert_eq!(wallet.redeem(&world, push.redeeming(&code)).await.status, 200);
    }
}

#[tokio::test]
async fn what_has_run_out_of_a_sign_in_is_dropped() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    wallet.redeem(&world, push.redeeming(&code)).await;
    Push::of("residence").pushed(&world).await;
    world.app.forget().await.unwrap();
    assert_eq!(world.count("authorization_requests").await, 1);
    assert_eq!(
        world.count("authorization_codes").await,
        1,
        "remembered, so that its second use is noticed"
    );
    world.clock.advance(31_536_001);
    world.app.forget().await.unwrap();
    for table in [
        "authorization_requests",
        "authorization_codes",
        "refresh_tokens",
        "access_tokens",
    ] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}
