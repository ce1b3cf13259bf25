//! An offer as it moves on: server-sent events. WHATWG HTML §9.2

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use http::StatusCode;
use service::signin::Watcher;
use service::{CancellationToken, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::offers::{OfferView, view};
use crate::app::App;
use crate::error::ApiError;
use crate::roles::Clerk;

/// How often it is looked whether the offer moved.
const TICK: Duration = Duration::from_millis(500);
/// How often something is sent where nothing moves, so that nothing in between closes the connection.
const BEAT: Duration = Duration::from_secs(15);
/// After this the browser asks again by itself, and has to show its session again.
const LONGEST: Duration = Duration::from_secs(60);

/// Most offers followed at one time.
const MOST: usize = 256;

/// The open streams of events: bounded, and ended when the service stops.
pub(crate) struct Streams {
    permits: Arc<Semaphore>,
    pub(crate) ended: CancellationToken,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MOST)),
            ended: CancellationToken::new(),
        }
    }
}

impl Streams {
    fn permit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let title = "Too many offers are followed at this moment.";
        Arc::clone(&self.permits)
            .try_acquire_owned()
            .map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", title).retry_after(5))
    }
}

/// Tells where an offer stands, now and whenever that changes, until it stays.
#[utoipa::path(
    get,
    path = "/offers/{id}/events",
    tag = "page",
    security(("session" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "events named `offer`", content_type = "text/event-stream", body = String)),
)]
pub(super) async fn follow(
    State(app): State<App>,
    _: Watcher<Clerk>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let permit = app.0.streams.permit()?;
    let now = view(&app, &id).await?;
    let following = Following {
        app,
        id,
        next: Some(now.clone()),
        last: now,
        until: Instant::now() + LONGEST,
        _permit: permit,
    };
    let events = unfold(following, |following| following.step());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT)))
}

struct Following {
    app: App,
    id: String,
    /// What is to be told.
    next: Option<OfferView>,
    last: OfferView,
    until: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Following {
    async fn step(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        while self.next.is_none() {
            if self.last.is_final() || Instant::now() >= self.until {
                return None;
            }
            tokio::select! {
                () = self.app.0.streams.ended.cancelled() => return None,
                () = tokio::time::sleep(TICK) => {}
            }
            // A store that fails ends the stream; the browser asks again.
            let now = view(&self.app, &self.id).await.ok()?;
            self.next = (now != self.last).then_some(now);
        }
        self.last = self.next.take()?;
        let data = serde_json::to_string(&self.last).ok()?;
        Some((Ok(Event::default().event("offer").data(data)), self))
    }
}
