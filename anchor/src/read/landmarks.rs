//! Landmarks over HTTP: the same bytes for everybody, always the whole file. docs/ledger.md §12

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ledger::{BlobRef, LandmarkError, UnverifiedLandmark};
use service::Problem;
use service::conditional::is_held;
use tokio::sync::Mutex;

use super::routes::{BRIEF, CBOR, IMMUTABLE, failed, nothing_published, published};
use super::{ReadError, ReadStore};

/// The routes of landmarks.
pub(super) fn routes<S: ReadStore>(store: S) -> Router {
    Router::new()
        .route("/landmarks", get(list::<S>))
        .route("/landmarks/newest", get(newest::<S>))
        .route("/landmarks/{hour}", get(of_hour::<S>))
        .with_state(Files::new(store))
}

/// Landmark files, the one read last held in memory: it is large, and everybody asks for the same.
#[derive(Clone)]
struct Files<S> {
    store: S,
    read: Arc<Mutex<Option<File>>>,
}

#[derive(Clone)]
struct File {
    hour: u64,
    etag: String,
    bytes: Bytes,
}

/// The newest landmarks, newest first.
async fn list<S: ReadStore>(State(files): State<Files<S>>) -> Response {
    published(files.list().await, CBOR)
}

/// The newest landmark file.
async fn newest<S: ReadStore>(State(files): State<Files<S>>, headers: HeaderMap) -> Response {
    match files.newest().await {
        Ok(Some(file)) => file.answer(&headers, BRIEF),
        Ok(None) => nothing_published(),
        Err(error) => failed(&error),
    }
}

/// The landmark file of an hour: whole hours since 1970, in decimal.
async fn of_hour<S: ReadStore>(
    State(files): State<Files<S>>,
    Path(hour): Path<String>,
    headers: HeaderMap,
) -> Response {
    // One address for each file.
    let Some(hour) = hour.parse::<u64>().ok().filter(|number| number.to_string() == hour) else {
        return Problem::not_found().into_response();
    };
    match files.of_hour(hour).await {
        Ok(Some(file)) => file.answer(&headers, IMMUTABLE),
        Ok(None) => Problem::not_found().into_response(),
        Err(error) => failed(&error),
    }
}

impl<S: ReadStore> Files<S> {
    fn new(store: S) -> Self {
        Self {
            store,
            read: Arc::default(),
        }
    }

    async fn list(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let stored = self.store.landmarks().await?;
        let parsed = stored
            .iter()
            .map(|stored| UnverifiedLandmark::parse(&stored.checkpoint));
        let landmarks: Vec<UnverifiedLandmark> = parsed
            .collect::<Result<_, _>>()
            .map_err(|error: LandmarkError| ReadError(Box::new(error)))?;
        Ok((!landmarks.is_empty()).then(|| UnverifiedLandmark::encode_list(&landmarks)))
    }

    async fn newest(&self) -> Result<Option<File>, ReadError> {
        match self.store.landmarks().await?.first() {
            Some(newest) => self.of_hour(newest.hour).await,
            None => Ok(None),
        }
    }

    async fn of_hour(&self, hour: u64) -> Result<Option<File>, ReadError> {
        let mut read = self.read.lock().await;
        if let Some(file) = read.as_ref().filter(|file| file.hour == hour) {
            return Ok(Some(file.clone()));
        }
        let Some(bytes) = self.store.landmark_file(hour).await? else {
            return Ok(None);
        };
        let file = File {
            hour,
            etag: format!("\"{}\"", hex::encode(BlobRef::of(&bytes).hash)),
            bytes: Bytes::from(bytes),
        };
        *read = Some(file.clone());
        Ok(Some(file))
    }
}

impl File {
    fn answer(self, headers: &HeaderMap, kept: &'static str) -> Response {
        let is_held = is_held(headers, &self.etag);
        let about = [
            (CONTENT_TYPE, CBOR.to_owned()),
            (CACHE_CONTROL, kept.to_owned()),
            (ETAG, self.etag),
        ];
        if is_held {
            (StatusCode::NOT_MODIFIED, about).into_response()
        } else {
            (about, self.bytes).into_response()
        }
    }
}
