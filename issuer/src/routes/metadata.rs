//! What the issuer publishes about itself. OpenID4VCI 1.0 §12.2.2, RFC 8414 §3

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, VARY};
use oid4vci::metadata::sign_issuer_metadata;
use serde_json::Value;
use service::Problem;

use crate::app::App;
use crate::error::ApiError;

/// For how many seconds signed metadata is good.
const SIGNED_SECONDS: u64 = 86_400;

/// Credential Issuer Metadata: signed for wallets that ask for it so, else plain. OpenID4VCI 1.0 §12.2.2 and §12.2.3
pub(super) async fn issuer(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let metadata = &app.0.published.issuer_metadata;
    let wanted = prefers_jwt(headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()));
    let (true, Some(parameters)) = (wanted, metadata.as_object()) else {
        return Ok(([(VARY, "accept")], Json(metadata.clone())).into_response());
    };
    let signing = app.signing()?;
    let now = app.now();
    let signed = sign_issuer_metadata(
        parameters,
        &signing.issuer,
        signing.header(),
        &signing.key,
        now,
        now + SIGNED_SECONDS,
    )?;
    Ok(([(CONTENT_TYPE, "application/jwt"), (VARY, "accept")], signed).into_response())
}

/// Authorization Server Metadata: this issuer is its own authorization server.
pub(super) async fn authorization_server(State(app): State<App>) -> Json<Value> {
    Json(app.0.published.server_metadata.clone())
}

/// The metadata of a type that is issued here. Its name is a URN, of which nothing can be retrieved by itself: this is
/// the place where an issuer of ours has it. draft-ietf-oauth-sd-jwt-vc §5.3.3
pub(super) async fn card_type(State(app): State<App>, Path(vct): Path<String>) -> Response {
    let mut issued = app.0.settings.catalogue.iter();
    match issued.find(|(_, credential_type)| credential_type.vct() == vct) {
        Some((_, credential_type)) => ([(CONTENT_TYPE, "application/json")], credential_type.document).into_response(),
        None => Problem::not_found().into_response(),
    }
}

/// Whether `application/jwt` is named, and liked no less than `application/json`. RFC 9110 §12.5.1
fn prefers_jwt<'a>(accept: impl Iterator<Item = &'a str>) -> bool {
    let (mut jwt, mut json) = (0, 0);
    for range in accept.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        if media_type.eq_ignore_ascii_case("application/jwt") {
            jwt = quality;
        } else if media_type.eq_ignore_ascii_case("application/json") {
            json = quality;
        }
    }
    jwt > 0 && jwt >= json
}

/// A quality as a number from 0 to 1000; what is none counts as 0. RFC 9110 §12.4.2
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match (whole, digits) {
        ("1", true) => 1000,
        ("0", true) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    #[test_case(&[] => false ; "nothing said")]
    #[test_case(&["*/*"] => false ; "anything")]
    #[test_case(&["application/json"] => false ; "plain")]
    #[test_case(&["application/jwt"] => true ; "signed")]
    #[test_case(&["application/jwt, application/json;q=0.5"] => true ; "rather signed")]
    #[test_case(&["application/jwt;q=0.4", "application/json;q=0.5"] => false ; "rather plain")]
    #[test_case(&["application/JWT ; q=1.0"] => true ; "with white space")]
    #[test_case(&["application/jwt;q=0"] => false ; "not signed")]
    #[test_case(&["application/jwt;q=much"] => false ; "no number")]
    fn signed_metadata_is_asked_for(accept: &[&str]) -> bool {
        super::prefers_jwt(accept.iter().copied())
    }
}
