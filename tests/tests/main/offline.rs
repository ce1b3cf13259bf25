//! Both sides in network namespaces without a route, as real processes, with pictures of codes between them.

mod hostile;
mod scene;

use std::time::Duration;

use e2e::alone::Alone;
use e2e::codes;
use e2e::kiosk::Kiosk;
use e2e::stack::{Agency, Business};
use e2e::story::is_verdict;
use e2e::wallet::Exit;
use serde_json::Value;
use service::{Clock, SystemClock};

use hostile::{Forgery, challenge_in, checked, impostors, without_cosignatures};
use scene::{Scene, scene};

const CHECK: &str = "adult";
/// Longer than a business may keep a status list of the stack.
const LIST_TIME: Duration = Duration::from_secs(3);
const TWO_DAYS: u32 = 2 * 24 * 3600;

/// What the desk says of what it saw.
#[track_caller]
fn verdict(outcome: &Value, verdict: &str, reason: &str) {
    is_verdict(&outcome["outcome"], verdict, reason).unwrap();
    assert_eq!(outcome["state"], "complete", "{outcome}");
}

/// Closes a desk, which has asked nobody meanwhile.
async fn closed(kiosk: Kiosk) {
    let tried = kiosk.stop().await.unwrap();
    assert_eq!((tried.failed, tried.datagrams), (0, 0), "the kiosk asked somebody");
}

#[tokio::test]
async fn a_card_is_checked_where_nobody_can_be_asked() {
    let Some(mut scene) = scene().await else { return };
    let mut kiosk = scene.kiosk().await.unwrap();
    let held = kiosk.held().await.unwrap();
    assert_eq!((&held["kiosk"], &held["clock"]["wrong"]), (&true.into(), &false.into()));

    // The shop knows of no agency: record and status come along.
    let film = scene.answered(&mut kiosk, CHECK).await.unwrap();
    let cold = film.needed;
    let outcome = kiosk.see(&film.session, &film.frames).await.unwrap().success().unwrap();
    verdict(&outcome, "yes", "ok");
    let ages = &outcome["outcome"]["ages"];
    assert!(ages["ledger_s"].is_u64() && ages["status_s"].is_u64(), "{outcome}");

    // The same film again: for the same question, and for the next one.
    let again = kiosk.see(&film.session, &film.frames).await.unwrap();
    assert_eq!((again.status, again.code()), (409, "verification_process_closed"));
    let next = scene.answered(&mut kiosk, CHECK).await.unwrap();
    let replayed = kiosk.see(&next.session, &film.frames).await.unwrap();
    assert_eq!((replayed.status, replayed.code()), (409, "answer_of_another_check"));
    assert_eq!(kiosk.session(&next.session).await.unwrap()["state"], "open");

    // A frame that was changed gives no verdict, and others mend it.
    let mut frames = next.frames.clone();
    frames[0][100] ^= 1;
    let altered = kiosk.see(&next.session, &frames[..next.needed]).await.unwrap();
    let altered = altered.success().unwrap();
    assert_eq!((&altered["state"], altered.get("outcome")), (&"altered".into(), None));
    let mended = kiosk.see(&next.session, &frames[next.needed..]).await.unwrap();
    verdict(&mended.success().unwrap(), "yes", "ok");
    closed(kiosk).await;

    // What the shop knows need not come along.
    scene.sync().await.unwrap();
    let mut kiosk = scene.kiosk().await.unwrap();
    let seen = scene.answered(&mut kiosk, CHECK).await.unwrap();
    assert!(seen.needed < cold, "{} codes instead of {cold}", seen.needed);
    let outcome = kiosk.see(&seen.session, &seen.frames).await.unwrap().success().unwrap();
    verdict(&outcome, "yes", "ok");
    filmed(&mut scene, &mut kiosk).await;
    closed(kiosk).await;
}

/// The same by a film that the wallet made.
async fn filmed(scene: &mut Scene, kiosk: &mut Kiosk) {
    if !codes::can_film() {
        println!("SKIPPED: there is no ffmpeg");
        return;
    }
    let (challenge, pictures) = (scene.fresh("challenge"), scene.fresh("pictures"));
    let film = scene.fresh("answer").with_extension("mp4");
    let session = kiosk.ask(CHECK, &challenge).await.unwrap();
    let answer = scene.wallet.answer(&scene.nowhere, &challenge, &film).await.unwrap();
    answer.expect(Exit::Done).unwrap();
    codes::take_apart(&film, &pictures).unwrap();
    let frames = codes::read(&pictures).unwrap();
    let outcome = kiosk.see(&session, &frames).await.unwrap().success().unwrap();
    verdict(&outcome, "yes", "ok");
}

#[tokio::test]
async fn what_is_revoked_or_too_old_is_not_good_without_a_network_either() {
    let Some(mut scene) = scene().await else { return };
    scene.revoke().await.unwrap();
    tokio::time::sleep(LIST_TIME).await;
    scene.sync().await.unwrap();
    let mut kiosk = scene.kiosk().await.unwrap();
    // The wallet does not know of it.
    let seen = scene.answered(&mut kiosk, CHECK).await.unwrap();
    let outcome = kiosk.see(&seen.session, &seen.frames).await.unwrap().success().unwrap();
    verdict(&outcome, "no", "revoked");
    closed(kiosk).await;

    scene.stack.limit_offline(Business::Shop, 1).unwrap();
    tokio::time::sleep(LIST_TIME).await;
    let mut kiosk = scene.kiosk().await.unwrap();
    let seen = scene.answered(&mut kiosk, CHECK).await.unwrap();
    let outcome = kiosk.see(&seen.session, &seen.frames).await.unwrap().success().unwrap();
    verdict(&outcome, "could_not_check", "ledger_stale");
    assert!(
        outcome["outcome"]["ages"]["ledger_s"].as_u64().unwrap() > 1,
        "{outcome}"
    );
    closed(kiosk).await;
}

#[tokio::test]
async fn an_answer_is_for_the_desk_that_asked() {
    let Some(mut scene) = scene().await else { return };
    let alone = Alone::begin().await.unwrap();
    let mut club = Kiosk::start(&scene.stack, &scene.club, alone).await.unwrap();
    let mut shop = scene.kiosk().await.unwrap();
    let for_club = scene.answered(&mut club, CHECK).await.unwrap();
    let asked = shop.ask(CHECK, &scene.fresh("challenge")).await.unwrap();
    let elsewhere = shop.see(&asked, &for_club.frames).await.unwrap();
    assert_eq!((elsewhere.status, elsewhere.code()), (409, "answer_of_another_check"));
    assert_eq!(shop.session(&asked).await.unwrap()["state"], "open");
    let outcome = club.see(&for_club.session, &for_club.frames).await.unwrap();
    verdict(&outcome.success().unwrap(), "yes", "ok");
    closed(club).await;
    closed(shop).await;
}

/// What the desk says of a forgery that was made for its question.
async fn judged(scene: &mut Scene, kiosk: &mut Kiosk, forgery: &Forgery<'_>) -> Value {
    let folder = scene.fresh("challenge");
    let session = kiosk.ask(CHECK, &folder).await.unwrap();
    let (pack, now) = (scene.stack.pack().unwrap(), SystemClock.now());
    let challenge = checked(challenge_in(&folder).unwrap(), &pack, now).unwrap();
    let frames = forgery.frames(&challenge, now).unwrap();
    kiosk.see(&session, &frames).await.unwrap().success().unwrap()
}

#[tokio::test]
async fn who_lies_without_a_network_is_refused_for_what_it_is() {
    let Some(mut scene) = scene().await else { return };
    let pack = scene.stack.pack().unwrap();
    let agency = scene.stack.did(Agency::Population).unwrap();
    let list = scene.stack.status_list_uri(Agency::Population).await.unwrap();
    let bundle = scene.stack.bundle(&agency).await.unwrap();
    let now = SystemClock.now();

    // A shop that is not the shop, and a clock that is wrong.
    let mut kiosk = scene.kiosk().await.unwrap();
    let folder = scene.fresh("challenge");
    let session = kiosk.ask(CHECK, &folder).await.unwrap();
    let challenge = challenge_in(&folder).unwrap();
    let (refused, out) = scene
        .tries(&impostors(&challenge, pack.origin()).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (refused.exit, refused.code()),
        (Exit::WalletRefused, "verifier_not_authenticated")
    );
    assert!(!out.exists(), "something is shown to an impostor");
    let wrong = checked(challenge.clone(), &pack, now - u64::from(TWO_DAYS)).unwrap_err();
    let wrong: &proximity::ChallengeError = wrong.downcast_ref().unwrap();
    assert_eq!(wrong.code(), "clock_wrong");
    let shop = challenge.dangerous_claimed_did().to_owned();
    let challenge = checked(challenge, &pack, now).unwrap();

    // The shop knows of no agency. What is said of one has no quorum.
    let bundles = [without_cosignatures(&bundle).unwrap()];
    let no_quorum = Forgery {
        issuer: &agency,
        fragment: "assert-1",
        list: &list,
        bundles: &bundles,
    };
    let frames = no_quorum.frames(&challenge, now).unwrap();
    let outcome = kiosk.see(&session, &frames).await.unwrap().success().unwrap();
    verdict(&outcome, "could_not_check", "no_quorum");
    closed(kiosk).await;

    scene.sync().await.unwrap();
    let mut kiosk = scene.kiosk().await.unwrap();
    for (issuer, fragment, reason) in [
        (agency.as_str(), "assert-99", "key_not_anchored"),
        // The name of the agency's own key, and another's signature.
        (agency.as_str(), "assert-1", "malformed_credential"),
        // On the ledger, and no agency.
        (shop.as_str(), "assert-1", "issuer_not_accepted"),
    ] {
        let forgery = Forgery {
            issuer,
            fragment,
            list: &list,
            bundles: &[],
        };
        let outcome = judged(&mut scene, &mut kiosk, &forgery).await;
        verdict(&outcome, "no", reason);
    }
    closed(kiosk).await;

    // A device whose clock was set back asks nobody, and says why.
    scene.stack.set_back(&scene.shop, TWO_DAYS.into()).await.unwrap();
    let mut kiosk = scene.kiosk().await.unwrap();
    let refused = kiosk.open(CHECK).await.unwrap();
    assert_eq!((refused.status, refused.code()), (409, "clock_wrong"));
    assert_eq!(kiosk.held().await.unwrap()["clock"]["wrong"], true);
    closed(kiosk).await;
}
