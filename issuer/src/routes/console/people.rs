//! Finding a person, and what is known of one.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use service::Problem;
use service::signin::Operator;
use utoipa::ToSchema;

use super::cards::CardHeld;
use crate::app::App;
use crate::day;
use crate::error::ApiError;
use crate::issue::claims;
use crate::register::{Person, Query, QueryError, Residence};
use crate::roles::Clerk;
use crate::store::{cards, people};

/// People on one page of what was found.
const PAGE: u32 = 50;
/// Cards of a person that are listed.
const CARDS: u32 = 100;

/// What was typed. In a body: an address is kept in logs and histories, and this may be a name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    query: String,
    #[serde(default)]
    offset: u32,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Found {
    people: Vec<PersonFound>,
    total: u32,
    /// Whether there are more than `total`.
    more: bool,
}

/// As much of a person as is needed to tell people of one name apart.
#[derive(Serialize, ToSchema)]
struct PersonFound {
    id: String,
    given_name: String,
    family_name: String,
    #[schema(value_type = String, format = Date)]
    birth_date: Date,
    place_of_birth: String,
}

impl From<Person> for PersonFound {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            given_name: person.given_name,
            family_name: person.family_name,
            birth_date: person.birth_date,
            place_of_birth: person.place_of_birth,
        }
    }
}

#[utoipa::path(
    post,
    path = "/people/search",
    tag = "page",
    security(("session" = [])),
    request_body = Search,
    responses((status = 200, body = Found)),
)]
pub(super) async fn search(
    State(app): State<App>,
    _: Operator<Clerk>,
    Json(search): Json<Search>,
) -> Result<Json<Found>, ApiError> {
    let query = Query::parse(&search.query).map_err(|error| {
        let (code, title) = match error {
            QueryError::TooShort => ("query_too_short", "Type at least two letters or digits."),
            QueryError::TooLong => ("query_too_long", "Type less than a hundred characters."),
        };
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
    })?;
    let found = people::search(app.0.store.reader(), &query, search.offset, PAGE).await?;
    Ok(Json(Found {
        people: found.people.into_iter().map(PersonFound::from).collect(),
        total: found.total,
        more: found.more,
    }))
}

/// A person with the cards issued to them.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonView {
    #[serde(flatten)]
    found: PersonFound,
    nationality: String,
    sex: String,
    personal_number: String,
    residence: Option<Residence>,
    has_portrait: bool,
    /// The types whose claims the register can fill.
    offerable: Vec<String>,
    cards: Vec<CardHeld>,
}

#[utoipa::path(
    get,
    path = "/people/{id}",
    tag = "page",
    security(("session" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = PersonView)),
)]
pub(super) async fn person(
    State(app): State<App>,
    _: Operator<Clerk>,
    Path(id): Path<String>,
) -> Result<Json<PersonView>, ApiError> {
    let person = find(&app, &id).await?;
    let today = day::date(app.now()).map_err(ApiError::internal)?;
    let types = app.0.settings.catalogue.iter().map(|(name, _)| name);
    let offerable = types.filter(|name| claims(name, &person, today).is_ok());
    let cards = cards::of_person(app.0.store.reader(), &person.id, CARDS).await?;
    Ok(Json(PersonView {
        offerable: offerable.map(str::to_owned).collect(),
        cards: cards.into_iter().map(CardHeld::from).collect(),
        nationality: person.nationality.clone(),
        sex: person.sex.clone(),
        personal_number: person.personal_number.clone(),
        residence: person.residence.clone(),
        has_portrait: person.portrait.is_some(),
        found: person.into(),
    }))
}

/// The portrait by itself, so that it is in no answer that need not hold it.
#[utoipa::path(
    get,
    path = "/people/{id}/portrait",
    tag = "page",
    security(("session" = [])),
    params(("id" = String, Path)),
    responses((status = 200, content_type = "image/png", body = Vec<u8>)),
)]
pub(super) async fn portrait(
    State(app): State<App>,
    _: Operator<Clerk>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let portrait = find(&app, &id).await?.portrait.ok_or_else(Problem::not_found)?;
    let png = STANDARD.decode(portrait).map_err(ApiError::internal)?;
    Ok(([(CONTENT_TYPE, "image/png")], png).into_response())
}

async fn find(app: &App, id: &str) -> Result<Person, ApiError> {
    let person = people::find(app.0.store.reader(), id).await?;
    Ok(person.ok_or_else(Problem::not_found)?)
}
