//! Cosigners that answer anything: one of them neither stops the log nor spoils what it publishes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anchor::log::{Reply, Status, Transport, Unreachable};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use test_case::test_case;
use tlog::{AddCheckpoint, Cosigner, MAX_SIGNATURES, UnverifiedCheckpoint};
use url::Url;

use crate::fixtures::{NOW, client, listen};
use crate::world::{Cosigners, World, agency};

/// What a hostile witness makes of a request.
type Answer = fn(&AddCheckpoint) -> Reply;

/// The first witness is hostile, the others are as they were.
struct Hostile {
    others: Arc<Cosigners>,
    answer: Answer,
}

impl Transport for Hostile {
    fn post<'a>(
        &'a self,
        url: &'a Url,
        body: Vec<u8>,
        time: Duration,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Unreachable>> + Send + 'a>> {
        if url.host_str() != Some("w1.localhost") {
            return self.others.post(url, body, time);
        }
        let request = AddCheckpoint::parse(&body).unwrap();
        Box::pin(async move { Ok((self.answer)(&request)) })
    }
}

fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status,
        body: body.into(),
    }
}

/// As many lines as a note may have, each a valid cosignature with a time of its own.
fn many_lines(request: &AddCheckpoint) -> Reply {
    let witness = Cosigner::from_seed("w1.localhost".parse().unwrap(), &[1; 32]).unwrap();
    let checkpoint = request.checkpoint.dangerous_checkpoint();
    let line = |number| witness.cosign(checkpoint, NOW + number).unwrap().to_string();
    let lines: String = (0..MAX_SIGNATURES as u64).map(line).collect();
    reply(200, lines)
}

#[test_case(many_lines; "many lines")]
#[test_case(|_| reply(200, ""); "nothing")]
#[test_case(|_| reply(200, vec![0xff; 60_000]); "no text")]
#[test_case(|_| reply(409, "soon\n"); "conflict without a size")]
#[test_case(|_| reply(409, "0\n"); "always the same conflict")]
#[test_case(|request| reply(200, request.to_string()); "echo")]
#[test_case(|_| reply(500, "x".repeat(60_000)); "failure")]
#[tokio::test]
async fn k13_anchor_one_witness_that_answers_anything_changes_nothing(answer: Answer) {
    let world = World::new().await;
    let others = Arc::clone(&world.cosigners);
    let running = world
        .try_start_with(Arc::new(Hostile { others, answer }))
        .await
        .unwrap();
    running.reaches(&Status::Writing).await;
    let index = running.log.append(world.create(&agency(1))).await.unwrap();
    running.publishes(index + 1).await;
    let note = running.log.store().published().await.unwrap().unwrap().note;
    let note = UnverifiedCheckpoint::parse(&note).unwrap();
    assert_eq!(note.verify(world.pack.policy()).unwrap().size(), index + 2);
    assert!(world.record(&running, agency(1).did().as_str()).await.is_some());
    assert!(running.log.store().receipt(index).await.unwrap().is_some());
}

#[tokio::test]
async fn k13_anchor_an_answer_of_100_mb_is_cut_off() {
    let chunk = Bytes::from(vec![b'x'; 1024 * 1024]);
    let endless = move || {
        let chunk = chunk.clone();
        let chunks = (0..100).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
        let body = Body::from_stream(futures_util::stream::iter(chunks));
        async move { body }
    };
    let url = listen(Router::new().route("/add-checkpoint", post(endless))).await;
    let target = url.join("add-checkpoint").unwrap();
    let client = client(&url);
    let answer = Transport::post(&client, &target, Vec::new(), Duration::from_secs(20)).await;
    let cause = answer.unwrap_err().0;
    let cause = cause.downcast_ref::<outbound::OutboundError>();
    assert!(
        matches!(cause, Some(outbound::OutboundError::TooLarge { limit: 65_536 })),
        "{cause:?}"
    );
}
