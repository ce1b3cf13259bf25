//! What a business might ask before it might ask more. Wallets of people who never shared anything with it show it.

use ledger::{ScopeChange, VerifiedBundle};

use super::{RefreshError, Refresher};
use crate::trust::ledger_client;

impl Refresher {
    /// Keeps what is held of a business, where what was just read lets it ask what it could not ask until then for any
    /// purpose. What came between two readings is not seen.
    pub(super) async fn keep_earlier(
        &self,
        did: &str,
        held: Option<&[u8]>,
        read: &VerifiedBundle,
    ) -> Result<(), RefreshError> {
        let view = self.trust.view();
        let before = held.and_then(|bytes| {
            let bundle = ledger_client::verify(bytes, view.pack(), did).ok()?;
            // A source that is behind the others brings what was read before.
            let scope = bundle.scope().filter(|_| bundle.size() < read.size())?;
            Some((bytes, scope))
        });
        let (Some((bytes, before)), Some(after)) = (before, read.scope()) else {
            return Ok(());
        };
        if !ScopeChange::between(&before, &after).beyond.is_empty() {
            self.store.hold_earlier(did, bytes).await?;
            self.trust.update(|view| view.hold_earlier(did, bytes));
        }
        Ok(())
    }
}
