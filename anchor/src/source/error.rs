use thiserror::Error;
use tlog::EntryBundleError;

/// Why something of a log cannot be read. Each text names the path.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It is not there.
    #[error("{path} is not there")]
    Missing {
        /// What was asked for.
        path: String,
    },
    /// It is longer than such a thing can be.
    #[error("{path} is too large")]
    TooLarge {
        /// What was asked for.
        path: String,
    },
    /// The content is not the one that its name stands for.
    #[error("{path} has another content than its name says")]
    OtherContent {
        /// What was asked for.
        path: String,
    },
    /// An entry bundle cannot be taken apart.
    #[error("{path}: {source}")]
    Bundle {
        /// What was asked for.
        path: String,
        /// What is wrong with it.
        source: EntryBundleError,
    },
    /// No answer over HTTP.
    #[error("{path}: {source}")]
    Http {
        /// What was asked for.
        path: String,
        /// The cause.
        source: outbound::OutboundError,
    },
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// What was asked for.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}
