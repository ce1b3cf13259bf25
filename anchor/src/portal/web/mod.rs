//! The pages of the portal.

mod application;
mod applications;
mod complaints;
mod content;
mod desk;
mod error;
mod files;
mod hosts;
mod landing;
mod multipart;
mod notice;
mod parts;
mod posted;
mod purposes;
mod registrar;
mod sign_in;
mod staff;
mod status;
mod visitor;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::{Portal, registration_status};

/// All routes. Every form is behind its secret; the one route for programs is that of complaints.
pub(super) fn router(portal: Portal) -> Router {
    Router::new()
        .merge(for_anyone())
        .merge(for_applicants())
        .merge(for_businesses())
        .merge(for_registrars())
        .layer(from_fn_with_state(portal.clone(), error::errors_as_pages))
        .with_state(portal)
}

fn for_anyone() -> Router<Portal> {
    Router::new()
        .route("/portal", get(landing::landing))
        .route("/portal/privacy/{business}/{purpose}", get(notice::notice))
        .route("/portal/sign-in", get(sign_in::page).post(sign_in::by_letter))
        .route("/portal/sign-in/card", get(sign_in::card_page).post(sign_in::open_card))
        .route("/portal/sign-in/card/done", post(sign_in::by_card))
        .route("/portal/sign-out", post(sign_in::sign_out))
        .route("/portal/complaints", get(complaints::page).post(complaints::by_form))
        .route("/complaints", post(complaints::by_program))
        .route(registration_status::PATH, get(status::list))
}

fn for_applicants() -> Router<Portal> {
    Router::new()
        .route(
            "/portal/applications",
            get(applications::list).post(applications::begin),
        )
        .route("/portal/applications/code", post(applications::code))
        .route("/portal/applications/{id}", get(application::page))
        .route("/portal/applications/{id}/about", post(content::about))
        .route("/portal/applications/{id}/agency", post(content::agency))
        .route("/portal/applications/{id}/file", post(content::file))
        .route("/portal/applications/{id}/host", post(hosts::by_applicant))
        .route("/portal/applications/{id}/submit", post(application::submit))
        .route("/portal/applications/{id}/answer", post(application::answer))
        .route("/portal/applications/{id}/change", post(application::change))
        .route("/portal/applications/{id}/end", post(application::end))
        .route("/portal/applications/{id}/purposes", post(purposes::add))
        .route(
            "/portal/applications/{id}/purposes/{purpose}",
            get(purposes::page).post(purposes::write),
        )
        .route(
            "/portal/applications/{id}/purposes/{purpose}/remove",
            post(purposes::remove),
        )
}

fn for_businesses() -> Router<Portal> {
    Router::new()
        .route("/portal/checks/{business}", get(desk::page))
        .route("/portal/checks/{business}/tokens", post(desk::new_token))
        .route(
            "/portal/checks/{business}/tokens/{token}/rotate",
            post(desk::rotate_token),
        )
        .route(
            "/portal/checks/{business}/tokens/{token}/revoke",
            post(desk::revoke_token),
        )
        .route("/portal/checks/{business}/staff", post(staff::invite))
        .route("/portal/checks/{business}/staff/{name}/remove", post(staff::remove))
        .route(
            "/portal/checks/{business}/invitations/{invitation}/remove",
            post(staff::withdraw),
        )
        .route("/portal/checks/{business}/webhook", post(desk::set_webhook))
        .route("/portal/checks/{business}/webhook/remove", post(desk::remove_webhook))
        .route("/portal/checks/{business}/verifier.toml", get(files::configuration))
        .route("/portal/checks/{business}/checks.toml", get(files::checks))
        .route("/portal/checks/{business}/access.pem", get(files::certificate))
        .route("/portal/checks/{business}/registration.jwt", get(files::registration))
}

fn for_registrars() -> Router<Portal> {
    Router::new()
        .route("/portal/registrar", get(registrar::list))
        .route(
            "/portal/registrar/sign-in",
            get(sign_in::registrar_page).post(sign_in::registrar),
        )
        .route("/portal/registrar/sign-out", post(sign_in::registrar_out))
        .route(
            "/portal/registrar/letters",
            get(registrar::letters).post(registrar::new_letter),
        )
        .route("/portal/registrar/complaints", get(complaints::list))
        .route("/portal/registrar/applications/{id}", get(registrar::page))
        .route("/portal/registrar/applications/{id}/host", post(hosts::by_registrar))
        .route("/portal/registrar/applications/{id}/{step}", post(registrar::step))
}
