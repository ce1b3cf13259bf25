//! What the issuer's operations are. OpenAPI 3.1
//!
//! Bodies of the protocols are described as far as is needed to make one; what they mean stands in the
//! specifications.
#![expect(
    dead_code,
    reason = "the bodies are read by the strict parsers of `oid4vci`; these types only describe them"
)]

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{OpenApi, ToSchema};

use super::{console, credential, identity, metadata, nonce, notification, offers, status_change, status_lists, token};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdfast issuer",
        description = "Cards for people: offers, issuance over OpenID4VCI 1.0, status lists"
    ),
    paths(
        metadata::issuer,
        metadata::authorization_server,
        offers::by_reference,
        token::token,
        nonce::nonce,
        credential::credential,
        notification::notification,
        identity::did_log,
        offers::create,
        offers::state,
        status_change::revoke,
        status_change::suspend,
        status_change::reactivate,
        status_lists::aggregation,
        status_lists::list,
    )
)]
struct Described;

/// Every operation of the issuer and of its status lists.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let mut described = Described::openapi().nest("/console/api/v1", console::description());
    let dpop = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("`Authorization: DPoP …` with a proof in `DPoP`. RFC 9449 §7.1"))
        .build();
    described
        .components
        .get_or_insert_default()
        .add_security_scheme("dpop", SecurityScheme::Http(dpop));
    service::description::complete(described)
}

/// The body of a token request. OpenID4VCI 1.0 §6.1
#[derive(ToSchema)]
pub(super) struct TokenForm {
    #[schema(example = "urn:ietf:params:oauth:grant-type:pre-authorized_code")]
    grant_type: String,
    #[schema(rename = "pre-authorized_code")]
    pre_authorized_code: String,
    tx_code: Option<String>,
    /// JSON. RFC 9396 §2
    authorization_details: Option<String>,
}

/// The body of a credential request: one of the two names. OpenID4VCI 1.0 §8.2
#[derive(ToSchema)]
pub(super) struct CredentialBody {
    credential_configuration_id: Option<String>,
    credential_identifier: Option<String>,
    #[schema(inline)]
    proofs: Option<Proofs>,
}

/// Key proofs. OpenID4VCI 1.0 §8.2
#[derive(ToSchema)]
struct Proofs {
    jwt: Vec<String>,
}

/// The body of a notification. OpenID4VCI 1.0 §11.1
#[derive(ToSchema)]
pub(super) struct NotificationBody {
    notification_id: String,
    #[schema(example = "credential_accepted")]
    event: String,
    event_description: Option<String>,
}

/// An error of the protocols. RFC 6749 §5.2
#[derive(ToSchema)]
pub(super) struct OAuthError {
    error: String,
    error_description: Option<String>,
}
