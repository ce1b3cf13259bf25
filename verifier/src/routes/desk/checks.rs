//! The checks to pick from.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::{Channel, Localized};
use serde::Serialize;
use service::signin::Watcher;

use crate::app::App;
use crate::check::{Asked, Check};
use crate::roles::Staff;
use crate::routes::reply::fresh_json;
use crate::routes::site::Site;
use crate::routes::whose::Of;

#[derive(Serialize)]
struct Listed<'a> {
    site: Site<'a>,
    checks: Vec<Preset<'a>>,
}

/// A check, as those who pick it see it.
#[derive(Serialize)]
struct Preset<'a> {
    id: &'a str,
    title: &'a Localized,
    purpose: &'a Localized,
    channel: Channel,
    asked: Vec<Asked>,
    kept_days: u32,
}

/// `GET /desk/api/v1/checks`
pub(super) async fn list(State(app): State<Arc<App>>, _: Watcher<Staff>, Of(business): Of) -> Response {
    let preset = |check| preset(&app, check);
    fresh_json(Listed {
        site: Site::of(&app, &business),
        checks: business.checks().values().map(preset).collect(),
    })
}

fn preset<'a>(app: &App, check: &'a Check) -> Preset<'a> {
    Preset {
        id: check.id(),
        title: check.title(),
        purpose: check.purpose(),
        channel: check.channel(),
        asked: app.words.asked(check),
        kept_days: check.retention_days(),
    }
}
