//! SIGKILL in the middle of a step, and up again.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::stack::Stack;

/// When a service dies, and for how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blow {
    /// Which.
    pub(super) service: &'static str,
    /// How long after the step began.
    pub(super) after: Duration,
    /// How long it is down before it is started again.
    pub(super) down: Duration,
}

/// Runs a step; meanwhile the service is killed, started, and waited for.
///
/// # Errors
/// The service does not come up again.
pub(super) async fn strike<T>(services: &mut Stack, blow: Blow, step: impl Future<Output = T>) -> Result<T> {
    let killed = async {
        tokio::time::sleep(blow.after).await;
        services.kill(blow.service).await?;
        tokio::time::sleep(blow.down).await;
        services.start_all(&[blow.service]).await
    };
    let (outcome, restarted) = tokio::join!(step, killed);
    restarted.with_context(|| format!("{} does not come up after SIGKILL", blow.service))?;
    Ok(outcome)
}
