//! The states of a session as they come: the same as reading them, in order, to
//! an end.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{STREAMS, TOKEN, World};

/// A stream of events, read one by one.
pub(crate) struct Events {
    stream: axum::body::BodyDataStream,
    read: String,
}

impl Events {
    pub(crate) async fn of(world: &World, request: Request<Body>) -> Self {
        let response = world.send(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            stream: response.into_body().into_data_stream(),
            read: String::new(),
        }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let data = data.map(|data| serde_json::from_str(data).unwrap());
                self.read = rest.to_owned();
                match data {
                    Some(data) => return Some(data),
                    None => continue,
                }
            }
            let next = tokio::time::timeout(Duration::from_secs(5), self.stream.next());
            let bytes = next.await.unwrap()?.unwrap();
            self.read.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

pub(crate) fn watch(id: &Value) -> Request<Body> {
    Request::get(format!("/api/v1/sessions/{}/events", id.as_str().unwrap()))
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn open_scanned_answered_and_the_end() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let mut events = Events::of(&world, watch(&opened["id"])).await;
    assert_eq!(
        events.next().await,
        Some(json!({ "id": opened["id"], "state": "open" }))
    );
    let request = world.request(&opened).await;
    assert_eq!(
        events.next().await,
        Some(json!({ "id": opened["id"], "state": "scanned" }))
    );
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    let outcome = world.answer(&opened, request, "person", shown).await;
    assert_eq!(events.next().await, Some(outcome));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn whoever_comes_late_gets_the_end_at_once() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let (target, body) = world.request(&opened).await.refuse();
    world.post(target.path(), body.as_str()).await;
    let mut events = Events::of(&world, watch(&opened["id"])).await;
    assert_eq!(events.next().await, Some(world.outcome(&opened).await));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_session_that_runs_out_ends_its_stream() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    world.clock.advance(299);
    let mut events = Events::of(&world, watch(&opened["id"])).await;
    assert_eq!(events.next().await.unwrap()["state"], "open");
    world.clock.advance(1);
    assert_eq!(events.next().await.unwrap()["state"], "expired");
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn streams_are_bounded_and_given_back() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let mut held = Vec::new();
    for _ in 0..STREAMS {
        held.push(Events::of(&world, watch(&opened["id"])).await);
    }
    let (status, problem) = world.call(watch(&opened["id"])).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("too_many_streams"))
    );
    held.pop();
    Events::of(&world, watch(&opened["id"])).await;
}

#[tokio::test]
async fn following_needs_the_token_and_a_session() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let mut request = watch(&opened["id"]);
    request.headers_mut().remove("authorization");
    assert_eq!(world.send(request).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        world.send(watch(&json!("nowhere"))).await.status(),
        StatusCode::NOT_FOUND
    );
}
