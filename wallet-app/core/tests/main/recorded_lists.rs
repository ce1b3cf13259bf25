//! Lists as the public record names them: the cards of a busy agency are proved by these, and by no others.

use crate::world::{ChallengeDraft, NOW, World, read};
use ledger::ListContent;
use wallet::{CardStatus, MissingProof, OutboundError, Proof, Readiness, StatusError};
use wiremock::{Request, ResponseTemplate};

const DIFFERS: Proof = Proof::Missing {
    why: MissingProof::StatusDiffers,
};

/// A wallet with a card. Its agency has recorded a list and published another since: both tokens.
async fn moved_on() -> (World, String, String) {
    let mut world = World::with_card().await;
    let recorded = world.publish_proofs(&[1; 128]).await;
    let newest = world.publish_list(&[0; 128]).await;
    (world, recorded, newest)
}

/// The agency serves the newest list from now on and, to those who ask for a time, the other.
async fn serve(world: &World, newest: &str, as_of_then: Option<&str>) {
    let (newest, as_of_then) = (newest.to_owned(), as_of_then.map(str::to_owned));
    let respond = move |request: &Request| {
        let token = match request.url.query() {
            Some(_) => as_of_then.clone(),
            None => Some(newest.clone()),
        };
        match token {
            Some(token) => ResponseTemplate::new(200).set_body_raw(token, "application/statuslist+jwt"),
            None => ResponseTemplate::new(404),
        }
    };
    world.answer_by("/lists/1", respond).await;
}

/// The queries that the list was asked for with.
async fn asked(world: &World) -> Vec<Option<String>> {
    let sent = world.sent("GET", "/lists/1").await;
    let queries = sent.iter().map(|request| request.url.query().map(str::to_owned));
    queries.collect()
}

/// What is said of the proof before the card is shown.
fn proof(world: &mut World) -> Proof {
    let message = ChallengeDraft::of(world, "age", &["age_over_18"]).message(world);
    let open = world.wallet.open_challenge(&message).expect("opened");
    open.ask().cards[0].proof
}

#[tokio::test]
async fn a_busy_agency_is_proved_by_the_lists_that_are_recorded() {
    let (world, recorded, newest) = moved_on().await;
    serve(&world, &newest, Some(recorded.as_str())).await;
    let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!((refreshed.lists.lists, refreshed.recorded.lists), (1, 1));
    let then = Some(format!("time={NOW}"));
    assert_eq!(asked(&world).await, [None, then.clone()]);
    assert_eq!(world.card_status(), CardStatus::Valid, "by the newest list");

    let mut world = world.killed();
    let before = world.outbound().await;
    let challenge = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).sign(&world);
    let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
    assert_eq!(open.ask().cards[0].proof, Proof::GoesAlong { hours: 0 });
    let consent = open.ask().agree(&[]).expect("agreed");
    let shown = world.wallet.show(open, &consent).expect("shown");
    let answer = read(&challenge, shown.frames()).expect("opened");
    assert_eq!((answer.bundles().len(), answer.status_proofs().len()), (1, 1));
    let readiness = world.wallet.offline_readiness().expect("readiness");
    assert_eq!(readiness.cards[0].readiness, Readiness::Ready { hours: 0 });
    assert_eq!(
        world.outbound().await,
        before,
        "nothing is fetched because a card is shown"
    );

    world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!(
        asked(&world).await,
        [None, then, None],
        "what is held is not fetched again"
    );
}

#[tokio::test]
async fn k16_wallet_a_list_that_is_not_the_one_recorded() {
    let (mut world, recorded, newest) = moved_on().await;
    // The same list by the same agency, signed once more.
    let again = world.publish_list(&[1; 128]).await;
    assert_ne!(again, recorded);
    for other in [again.as_str(), newest.as_str(), "nothing"] {
        serve(&world, &newest, Some(other)).await;
        let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
        let failures = refreshed.recorded.failures.as_slice();
        assert!(matches!(failures, [StatusError::NotAsRecorded]), "{failures:?}");
        assert_eq!(refreshed.recorded.lists, 0);
        assert_eq!(proof(&mut world), DIFFERS);
    }
    serve(&world, &newest, Some(recorded.as_str())).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!(proof(&mut world), Proof::GoesAlong { hours: 0 });
}

#[tokio::test]
async fn an_agency_that_does_not_serve_lists_as_they_were() {
    let (mut world, _, newest) = moved_on().await;
    serve(&world, &newest, None).await;
    let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
    let failures = refreshed.recorded.failures.as_slice();
    assert!(
        matches!(failures, [StatusError::Outbound(OutboundError::Status(status))] if *status == 404),
        "{failures:?}"
    );
    assert_eq!(proof(&mut world), DIFFERS);

    // Where the newest list says what is recorded, nothing is lost.
    world.ledger.set_now(NOW + 30);
    world.publish_proofs(&[0; 128]).await;
    let signed_anew = world.publish_list(&[0; 128]).await;
    serve(&world, &signed_anew, None).await;
    world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!(proof(&mut world), Proof::GoesAlong { hours: 0 });
}

#[tokio::test]
async fn more_lists_than_are_held_are_not_asked_for() {
    let mut world = World::with_card().await;
    let uris: Vec<String> = (0..513)
        .map(|number| world.url("agency", &format!("/many/{number:03}")))
        .collect();
    let bytes: &[u8] = &[0];
    let mut lists = Vec::new();
    for uri in &uris {
        let content = ListContent { uri, bits: 1, bytes };
        lists.push((content, bytes));
    }
    world.ledger.snapshot(&world.agency, &lists);
    world.publish_landmark().await;
    let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
    let failures = refreshed.recorded.failures.as_slice();
    assert!(matches!(failures, [StatusError::TooMuch]), "{failures:?}");
    let sent = world.server.received_requests().await.expect("recorded");
    assert!(sent.iter().all(|request| request.url.query().is_none()));
}
