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

/// Landmark files, the newest of those read held in memory: it is large, and everybody asks for the same.
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
        if read.as_ref().is_some_and(|file| file.hour > hour) {
            // Few ask for one of before: they keep nobody waiting, and take nothing away from those who ask for the newest.
            drop(read);
            return self.load(hour).await;
        }
        let file = self.load(hour).await?;
        if file.is_some() {
            read.clone_from(&file);
        }
        Ok(file)
    }

    async fn load(&self, hour: u64) -> Result<Option<File>, ReadError> {
        let bytes = self.store.landmark_file(hour).await?;
        Ok(bytes.map(|bytes| File {
            hour,
            etag: format!("\"{}\"", hex::encode(BlobRef::of(&bytes).hash)),
            bytes: Bytes::from(bytes),
        }))
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

#[cfg(test)]
mod tests {
    use std::ops::Range;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ledger::Family;
    use tlog::Tile;

    use super::*;
    use crate::landmarks::StoredLandmark;
    use crate::read::Attachment;

    /// Has a landmark file of every hour, and counts how often one is read.
    #[derive(Clone, Default)]
    struct Counting(Arc<AtomicUsize>);

    impl ReadStore for Counting {
        async fn checkpoint(&self) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn tile(&self, _: Tile) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn blob(&self, _: [u8; 32]) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn payloads(&self, _: Range<u64>) -> Result<Option<Vec<Vec<u8>>>, ReadError> {
            Ok(None)
        }

        async fn bundle(&self, _: &str, _: &[Attachment]) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn object(&self, _: Family, _: &str) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn objects(&self, _: Family) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn accredited(&self) -> Result<Option<Vec<u8>>, ReadError> {
            Ok(None)
        }

        async fn landmarks(&self) -> Result<Vec<StoredLandmark>, ReadError> {
            Ok(Vec::new())
        }

        async fn landmark_file(&self, hour: u64) -> Result<Option<Vec<u8>>, ReadError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Some(hour.to_be_bytes().to_vec()))
        }
    }

    #[tokio::test]
    async fn who_asks_for_an_earlier_hour_takes_the_newest_file_from_nobody() {
        let store = Counting::default();
        let files = Files::new(store.clone());
        for (hour, read) in [(7, 1), (9, 2), (9, 2), (8, 3), (9, 3), (10, 4), (10, 4)] {
            let file = files.of_hour(hour).await.unwrap().unwrap();
            assert_eq!(file.bytes, hour.to_be_bytes().as_slice());
            assert_eq!(store.0.load(Ordering::Relaxed), read, "{hour}");
        }
    }
}
