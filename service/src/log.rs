//! Structured logs.

use tracing_subscriber::EnvFilter;

/// Writes JSON lines to standard error; `HOLDFAST_LOG` sets the filter, `info`
/// without it. Control characters are escaped by the JSON encoder. A second
/// call changes nothing.
///
/// What is logged is for the operator: routes, codes and counts, never claim
/// values, tokens, bodies or query strings.
pub fn init_log() {
    let filter = EnvFilter::try_from_env("HOLDFAST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .finish();
    // Fails only if a subscriber is set already, as in tests.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
