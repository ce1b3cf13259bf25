//! The pages themselves, one file each.

mod about;
mod entries;
mod entry;
mod health;
mod home;
mod organisation;
mod organisations;
mod payload;
mod published;

pub(super) use about::{about, trust_pack};
pub(super) use entries::entries;
pub(super) use entry::entry;
pub(super) use home::home;
pub(super) use organisation::{organisation, proof};
pub(super) use organisations::organisations;

use axum::extract::State;
use axum::response::Response;

use super::Pages;
use super::answer::PageError;
use super::asked::Asked;
use super::host::Host;

/// Every other address.
pub(super) async fn nowhere<H: Host>(State(pages): State<Pages<H>>, asked: Asked) -> Response {
    pages.refuse(&asked, &PageError::NotFound)
}
