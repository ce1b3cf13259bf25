//! Around every route of a console: no other site gets in, the session is read,
//! nothing is cached.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use http::{HeaderMap, Method, StatusCode};

use super::session::Session;
use super::{Realm, SignIn};
use crate::problem::Problem;

/// Who calls: with a session, if the cookie names one that goes on.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(super) sign_in: SignIn,
    pub(super) session: Option<Session>,
}

impl Caller {
    /// The operator's name, if one is signed in.
    pub(crate) fn operator(&self) -> Option<&str> {
        self.session.as_ref().map(|session| session.operator.as_str())
    }
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(super) async fn guard(State(sign_in): State<SignIn>, mut request: Request, next: Next) -> Response {
    let sign_in = match request.extensions().get::<Realm>() {
        Some(Realm(realm)) => sign_in.in_realm(realm),
        None => sign_in,
    };
    let mut response = match sign_in.caller(request.method(), request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

impl SignIn {
    async fn caller(&self, method: &Method, headers: &HeaderMap) -> Result<Caller, Problem> {
        if !method.is_safe() {
            self.check_origin(headers)?;
        }
        let session = match self.0.cookie.read(headers) {
            Some(token) => self.find_session(token).await?,
            None => None,
        };
        Ok(Caller {
            sign_in: self.clone(),
            session,
        })
    }

    /// Another site can make a browser send a form with the cookie's host, but
    /// neither JSON nor these headers. Fetch Metadata §2.4
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let same_origin = match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => origin == self.0.origin.as_str(),
            (None, None) => false,
        };
        if !same_origin {
            let title = "This was not asked for by a page of this service.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "cross_site", title));
        }
        let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.and_then(|text| text.split(';').next()).unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case("application/json") {
            let title = "The content type is not the one expected.";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                title,
            ));
        }
        Ok(())
    }
}
