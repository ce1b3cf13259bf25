//! What an agency hands to the registrar.

use std::collections::BTreeMap;

use did::identity::Organisation;
use serde::Serialize;

use crate::config::Settings;

/// The application file: the first line of the DID log, the agency's name, and the card types it wants to issue.
#[derive(Debug, Serialize)]
pub struct Application {
    did_log_line: String,
    name: BTreeMap<String, String>,
    kind: &'static str,
    vcts: Vec<String>,
}

impl Application {
    /// The application of this agency.
    #[must_use]
    pub fn new(organisation: &Organisation, settings: &Settings) -> Self {
        Self {
            did_log_line: organisation.lines().first().cloned().unwrap_or_default(),
            name: settings.own.name.clone(),
            kind: "agency",
            vcts: settings
                .catalogue
                .iter()
                .flat_map(|(_, credential_type)| credential_type.names())
                .map(str::to_owned)
                .collect(),
        }
    }
}
