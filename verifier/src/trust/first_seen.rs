//! The one fetch that a card may cause: a status list of an issuer that the ledger
//! does not know and that offers no aggregation, the first time it is seen, where
//! policy allows it.
//!
//! One at a time; what failed is not tried again for a while; from then on the
//! timer keeps the list.

use std::collections::HashMap;
use std::sync::Arc;

use jose::UnixTime;
use service::Clock;
use tokio::sync::Mutex;

use super::{ListOwner, RefreshError, Refresher, Trust};

/// Lists that were never held and failed; most of them forgotten first.
const REMEMBERED: usize = 1000;
/// Seconds after which a list that failed may be tried again.
const PAUSE: UnixTime = 60;

/// Fetches lists that are seen for the first time.
pub struct FirstSeen {
    refresher: Arc<Refresher>,
    trust: Arc<Trust>,
    clock: Arc<dyn Clock>,
    failed: Mutex<HashMap<(ListOwner, String), UnixTime>>,
}

impl FirstSeen {
    /// With the refresher that keeps the list afterwards.
    pub fn new(refresher: Arc<Refresher>, trust: Arc<Trust>, clock: Arc<dyn Clock>) -> Self {
        Self {
            refresher,
            trust,
            clock,
            failed: Mutex::default(),
        }
    }

    /// Fetches the list unless another card brought it meanwhile; says whether
    /// it is held now.
    ///
    /// # Errors
    /// [`RefreshError::Store`]
    pub async fn fetch(&self, owner: &ListOwner, uri: &str) -> Result<bool, RefreshError> {
        let mut failed = self.failed.lock().await;
        if self.is_held(owner, uri) {
            return Ok(true);
        }
        let now = self.clock.now();
        let list = (owner.clone(), uri.to_owned());
        failed.retain(|_, at| now < at.saturating_add(PAUSE));
        if failed.contains_key(&list) || failed.len() >= REMEMBERED {
            return Ok(false);
        }
        self.refresher.refresh_list(owner, uri).await?;
        let held = self.is_held(owner, uri);
        if !held {
            failed.insert(list, now);
        }
        Ok(held)
    }

    fn is_held(&self, owner: &ListOwner, uri: &str) -> bool {
        self.trust.view().status_list(owner, uri).is_some()
    }
}
