use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::Mutex;

use super::{ReadError, ReadStore};

/// The bundles of all accredited organisations, made once for each published checkpoint and
/// by one request at a time: the set is large, and everybody asks for it.
#[derive(Clone)]
pub(super) struct Accredited<S> {
    store: S,
    made: Arc<Mutex<Option<Made>>>,
}

struct Made {
    checkpoint: Vec<u8>,
    bundles: Bytes,
}

impl<S: ReadStore> Accredited<S> {
    pub(super) fn new(store: S) -> Self {
        Self {
            store,
            made: Arc::default(),
        }
    }

    /// The set; `None` before the first checkpoint with a quorum.
    pub(super) async fn bundles(&self) -> Result<Option<Bytes>, ReadError> {
        let mut made = self.made.lock().await;
        // Read before the bundles: they are of this checkpoint or a later one.
        let Some(checkpoint) = self.store.checkpoint().await? else {
            return Ok(None);
        };
        if let Some(made) = made.as_ref().filter(|made| made.checkpoint == checkpoint) {
            return Ok(Some(made.bundles.clone()));
        }
        let Some(bundles) = self.store.accredited().await? else {
            return Ok(None);
        };
        let bundles = Bytes::from(bundles);
        *made = Some(Made {
            checkpoint,
            bundles: bundles.clone(),
        });
        Ok(Some(bundles))
    }
}
