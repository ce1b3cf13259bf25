//! Whose site this is, as people know it.

use ledger::Localized;
use serde::Serialize;

use crate::app::App;
use crate::business::Business;

/// Name and address of the business.
#[derive(Serialize)]
pub(super) struct Site<'a> {
    name: Option<&'a Localized>,
    host: String,
}

impl<'a> Site<'a> {
    pub(super) fn of(app: &App, business: &'a Business) -> Self {
        let host = app.public_url.host_str().unwrap_or_default();
        Self {
            name: business.name(),
            host: match app.public_url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
        }
    }
}
