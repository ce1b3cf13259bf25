//! Pages of a service: what was built from its `pages/` folder, served with the
//! headers that keep anything else out.
//!
//! HTML is never cached, so that a page always names the scripts of the program
//! that serves it; those have their hash in their name and are kept for ever.

mod asset;
mod policy;

use std::marker::PhantomData;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::{HeaderMap, StatusCode};
use rust_embed::RustEmbed;

pub use policy::Policy;

use crate::problem::Problem;

/// The built pages in an embedded folder `A`: HTML at its top, the rest under `assets/`.
pub struct Pages<A> {
    build: &'static str,
    folder: PhantomData<fn() -> A>,
}

impl<A> Clone for Pages<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Pages<A> {}

impl<A: RustEmbed + 'static> Pages<A> {
    /// Pages that this command builds; it is named where they are not built.
    #[must_use]
    pub fn new(build: &'static str) -> Self {
        Self {
            build,
            folder: PhantomData,
        }
    }

    /// One HTML file. An app that has several routes is given under each of them.
    pub fn page<S: Clone + Send + Sync + 'static>(self, file: &'static str, policy: Policy) -> MethodRouter<S> {
        get(move || std::future::ready(self.html(file, policy)))
    }

    /// Scripts, styles, fonts and pictures: `/assets/{*path}`.
    pub fn assets<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let serve =
            move |Path(path): Path<String>, headers: HeaderMap| std::future::ready(asset::answer::<A>(&path, &headers));
        Router::new().route("/assets/{*path}", get(serve))
    }

    fn html(self, file: &str, policy: Policy) -> Response {
        let Some(found) = A::get(file) else {
            let title = "The pages of this service are not built. Run the command under `build`.";
            let problem = Problem::new(StatusCode::NOT_FOUND, "pages_not_built", title).with("build", self.build);
            let mut response = problem.into_response();
            policy.apply(response.headers_mut());
            return response;
        };
        policy.html(StatusCode::OK, found.data.into_owned())
    }
}
