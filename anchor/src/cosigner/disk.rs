use service::CancellationToken;
use service::store::is_not_synced;

use crate::log::StopReason;

/// The disk of a cosigner, as far as is known. Once it did not sync, nothing is written or signed any more: what is on it,
/// a new start finds out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(CancellationToken);

impl Disk {
    /// Whether it synced all that was written.
    pub(crate) fn syncs(&self) -> bool {
        !self.0.is_cancelled()
    }

    /// Hears how writing failed.
    pub(crate) fn failed(&self, error: &sqlx::Error) {
        if is_not_synced(error) {
            tracing::error!(reason = %StopReason::NotSynced, "the cosigner stops");
            self.0.cancel();
        }
    }

    /// Has a program stopped when it does not sync any more.
    pub(crate) fn stops(&self, stop: &CancellationToken) {
        let (failed, stop) = (self.0.clone(), stop.clone());
        tokio::spawn(async move {
            failed.cancelled().await;
            stop.cancel();
        });
    }

    /// How a program ends.
    ///
    /// # Errors
    /// [`StopReason::NotSynced`]
    pub(crate) fn outcome(&self) -> Result<(), StopReason> {
        if self.syncs() {
            Ok(())
        } else {
            Err(StopReason::NotSynced)
        }
    }
}
