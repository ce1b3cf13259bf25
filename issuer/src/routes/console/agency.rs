//! Who the agency is and what it issues.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use service::signin::Operator;

use crate::app::App;
use crate::issue::CredentialType;
use crate::roles::Clerk;

/// What stands above the page, also before anybody has signed in.
#[derive(Serialize)]
pub(super) struct Agency {
    name: BTreeMap<String, String>,
}

pub(super) async fn agency(State(app): State<App>) -> Json<Agency> {
    Json(Agency {
        name: app.0.settings.own.name.clone(),
    })
}

/// A card that can be offered.
#[derive(Serialize)]
pub(super) struct CardType {
    card_type: String,
    name: BTreeMap<String, String>,
    description: BTreeMap<String, String>,
    background: Option<String>,
    text: Option<String>,
}

impl CardType {
    fn new(name: &str, credential_type: &CredentialType) -> Self {
        let display = credential_type.metadata.display();
        let colours = display.first().and_then(|display| display.rendering.simple.as_ref());
        Self {
            card_type: name.to_owned(),
            name: display
                .iter()
                .map(|display| (display.locale.clone(), display.name.clone()))
                .collect(),
            description: display
                .iter()
                .filter_map(|display| Some((display.locale.clone(), display.description.clone()?)))
                .collect(),
            background: colours
                .and_then(|colours| colours.background_color)
                .map(|colour| colour.to_string()),
            text: colours
                .and_then(|colours| colours.text_color)
                .map(|colour| colour.to_string()),
        }
    }
}

pub(super) async fn card_types(State(app): State<App>, _: Operator<Clerk>) -> Json<Vec<CardType>> {
    let types = app.0.settings.catalogue.iter();
    Json(types.map(|(name, kind)| CardType::new(name, kind)).collect())
}
