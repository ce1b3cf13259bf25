//! A service from its settings to its end.

use axum::Router;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Common;
use crate::layers::bounded;
use crate::listener::{BindError, Listener};
use crate::ops::Ops;

/// Why a service could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// A listener could not be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The signals of the operating system cannot be received.
    #[error("stop signals cannot be received")]
    Signals(#[source] std::io::Error),
}

/// Serves the routes, within the configured bounds, beside the operations
/// listener until stopped; open requests may finish.
///
/// The operations listener is bound first and ends last, so that a supervisor
/// always gets an answer.
///
/// # Errors
/// [`ServeError::Bind`] if an address is taken.
pub async fn serve(common: &Common, routes: Router, ops: &Ops, stop: CancellationToken) -> Result<(), ServeError> {
    let ops_listener = Listener::bind(common.ops_listen).await?;
    let listener = Listener::bind(common.listen).await?;
    tracing::info!(listen = %common.listen, ops_listen = %common.ops_listen, "listening");
    let routes = bounded(routes, &common.limits, ops.metrics());
    let ops_stop = CancellationToken::new();
    let main = async {
        listener.serve(routes, &common.connections, stop).await;
        ops_stop.cancel();
    };
    tokio::join!(
        main,
        ops_listener.serve(ops.router(), &common.connections, ops_stop.clone())
    );
    tracing::info!("stopped");
    Ok(())
}

/// A token that is cancelled on SIGTERM or SIGINT. Background tasks take a clone.
///
/// # Errors
/// [`ServeError::Signals`] if no handler can be set.
pub fn stop_on_signal() -> Result<CancellationToken, ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        cancel.cancel();
    });
    Ok(stop)
}
