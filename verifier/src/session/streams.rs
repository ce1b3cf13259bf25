//! Telling a session's states as they come: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use service::CancellationToken;
use service::signin::Presence;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::changes::Watching;
use super::outcome::{Outcome, outcome};
use crate::app::App;
use crate::error::ApiError;

/// How often a line goes out although nothing happened, so that what stands
/// between keeps the connection, and the state is looked at in any case.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Of so many streams of others, one is there for those who try.
const OF_THOSE_WHO_TRY: usize = 8;

/// The open streams of events: bounded, and ended when the service stops. Those who try have their
/// own: they need no account, and would take those of the businesses.
#[derive(Debug, Clone)]
pub struct Streams {
    permits: Arc<Semaphore>,
    trying: Arc<Semaphore>,
    stop: CancellationToken,
}

/// One stream on its way.
struct Telling {
    app: Arc<App>,
    id: String,
    watching: Watching,
    told: Option<Outcome>,
    /// Whoever follows it, where it is somebody who is signed in.
    presence: Option<Presence>,
    _permit: OwnedSemaphorePermit,
}

impl Streams {
    /// At most so many at one time, and an eighth as many of those who try, until `stop`.
    pub fn new(most: usize, stop: CancellationToken) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(most)),
            trying: Arc::new(Semaphore::new((most / OF_THOSE_WHO_TRY).max(1))),
            stop,
        }
    }

    /// Tells what `GET` tells of this session, now and after each change, until
    /// nothing changes any more.
    pub(crate) fn tell(app: &Arc<App>, id: String) -> Result<Response, ApiError> {
        Self::tell_within(&app.streams.permits, app, id, None)
    }

    /// The same as long as somebody is signed in: whoever is taken off the staff meanwhile is told nothing more.
    pub(crate) fn tell_while(app: &Arc<App>, id: String, presence: Presence) -> Result<Response, ApiError> {
        Self::tell_within(&app.streams.permits, app, id, Some(presence))
    }

    /// The same for those who try.
    pub(crate) fn tell_who_tries(app: &Arc<App>, id: String) -> Result<Response, ApiError> {
        Self::tell_within(&app.streams.trying, app, id, None)
    }

    fn tell_within(
        permits: &Arc<Semaphore>,
        app: &Arc<App>,
        id: String,
        presence: Option<Presence>,
    ) -> Result<Response, ApiError> {
        let permit = Arc::clone(permits)
            .try_acquire_owned()
            .map_err(|_| ApiError::TooManyStreams)?;
        let telling = Telling {
            watching: app.store.changes().watch(&id),
            app: Arc::clone(app),
            id,
            told: None,
            presence,
            _permit: permit,
        };
        let mut response = Sse::new(events(telling))
            .keep_alive(KeepAlive::new().interval(HEARTBEAT))
            .into_response();
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

fn events(telling: Telling) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(telling, |mut telling| async move {
        let outcome = telling.next().await?;
        let event = Event::default().event("session").json_data(&outcome).ok()?;
        telling.told = Some(outcome);
        Some((Ok(event), telling))
    })
}

impl Telling {
    /// Whether whoever follows it still may.
    async fn is_watched(&self) -> bool {
        match &self.presence {
            Some(presence) => presence.lasts().await.unwrap_or(false),
            None => true,
        }
    }

    /// The next outcome that differs from the last; `None` at the end.
    async fn next(&mut self) -> Option<Outcome> {
        if self.told.as_ref().is_some_and(Outcome::is_final) {
            return None;
        }
        loop {
            if !self.is_watched().await {
                return None;
            }
            let session = match self.app.store.session(&self.id).await {
                Ok(session) => session?,
                Err(error) => {
                    tracing::error!(?error, "a stream of events ended");
                    return None;
                }
            };
            let now = self.app.now();
            if self.told.is_some() && now > session.progress.expires_at() {
                // An outcome that no browser came back for is not told any more.
                return None;
            }
            let left = Duration::from_secs(session.progress.expires_at().saturating_sub(now).max(1));
            let outcome = outcome(&self.app, session);
            if self.told.as_ref() != Some(&outcome) {
                return Some(outcome);
            }
            let stop = self.app.streams.stop.clone();
            tokio::select! {
                () = stop.cancelled() => return None,
                () = self.watching.changed() => {}
                () = tokio::time::sleep(left.min(HEARTBEAT)) => {}
            }
        }
    }
}
