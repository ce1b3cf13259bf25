use std::path::PathBuf;

use serde::Deserialize;

/// What a witness is configured with, besides what every service has.
#[derive(Debug, Clone, Deserialize)]
pub struct WitnessConfig {
    /// The file that holds the witness's secret key; nobody else may read it.
    pub key_file: PathBuf,
    /// The verifier keys of the logs to cosign. Several keys with one name are keys of one
    /// log, as while it changes its key.
    pub logs: Vec<String>,
}
