//! What a form sends: only forms of this portal's own pages are read.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName, ORIGIN};

use super::error::PortalError;
use super::multipart;
use super::visitor::Visitor;
use crate::portal::{Portal, complaints};

/// Longest form without a file, in bytes.
const FORM: usize = 64 * 1024;
/// Longest form with a file.
const UPLOAD: usize = complaints::LONGEST + 16 * 1024;
/// Fields of a form, at most.
const FIELDS: usize = 400;
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// What every form carries.
pub(super) const TOKEN_FIELD: &str = "form_token";
/// What tells one filled-in form from the next: sent twice, it has its effect once.
pub(super) const ONCE_FIELD: &str = "once";

/// A form of one of the portal's own pages, and who sent it.
pub(super) struct Posted {
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
}

/// The fields of a form, in order.
pub(super) struct Fields(Vec<(String, Vec<u8>)>);

impl FromRequest<Portal> for Posted {
    type Rejection = PortalError;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, PortalError> {
        let (mut parts, body) = request.into_parts();
        check_origin(&parts.headers, &portal.inner.origin)?;
        let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
        let fields = Fields::read(&parts.headers, body).await?;
        if !visitor.sent(fields.text(TOKEN_FIELD)) {
            return Err(PortalError::StaleForm);
        }
        Ok(Self { visitor, fields })
    }
}

/// Refuses what a browser says another site asked for. Fetch Metadata §2.4
pub(super) fn check_origin(headers: &HeaderMap, own: &str) -> Result<(), PortalError> {
    let is_own = match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        // Under our referrer policy some browsers name no origin; the secret of the form stands all the same.
        (None, Some(origin)) => origin == own || origin == "null",
        (None, None) => true,
    };
    if is_own { Ok(()) } else { Err(PortalError::CrossSite) }
}

impl Fields {
    /// Reads the body of a form in either of the two ways that browsers write it.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, PortalError> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(URL_ENCODED) {
            let bytes = bytes(body, FORM).await?;
            let pairs = url::form_urlencoded::parse(&bytes).take(FIELDS + 1);
            let fields: Vec<_> = pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned().into_bytes()))
                .collect();
            return Self::within(fields);
        }
        let boundary = multipart::boundary(kind).ok_or(PortalError::MediaType)?;
        let bytes = bytes(body, UPLOAD).await?;
        let fields = multipart::parse(&bytes, boundary, FIELDS).ok_or(PortalError::Form("form"))?;
        Self::within(fields)
    }

    fn within(fields: Vec<(String, Vec<u8>)>) -> Result<Self, PortalError> {
        if fields.len() > FIELDS {
            return Err(PortalError::TooLarge);
        }
        Ok(Self(fields))
    }

    /// A text, without white space around it; empty where there is none, or it is no text.
    pub(super) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.bytes(name)).unwrap_or_default().trim()
    }

    /// The bytes of a field or file.
    pub(super) fn bytes(&self, name: &str) -> &[u8] {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_slice()).unwrap_or_default()
    }

    /// A number; 0 is not the same as none.
    pub(super) fn number(&self, name: &'static str) -> Result<u64, PortalError> {
        self.text(name).parse().map_err(|_| PortalError::Form(name))
    }

    /// Every text under a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let own = self.0.iter().filter(move |(own, _)| own == name);
        own.filter_map(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// The secret of this filled-in form.
    pub(super) fn once(&self) -> Result<&str, PortalError> {
        let once = self.text(ONCE_FIELD);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (16..=64).contains(&once.len()) && once.bytes().all(allowed) {
            Ok(once)
        } else {
            Err(PortalError::Form(ONCE_FIELD))
        }
    }
}

/// The body, within a bound.
pub(super) async fn bytes(body: Body, most: usize) -> Result<Vec<u8>, PortalError> {
    let bytes = to_bytes(body, most).await.map_err(|_| PortalError::TooLarge)?;
    Ok(bytes.to_vec())
}
