//! What the verifier's operations are. OpenAPI 3.1
#![expect(
    dead_code,
    reason = "the forms are read by the strict parsers; these types only describe them"
)]

use utoipa::{OpenApi, ToSchema};

use super::{browser, business, desk, shop, wallet};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdfast verifier",
        description = "Checks of cards: sessions of the business, OpenID4VP 1.0 for wallets"
    ),
    paths(
        business::open,
        business::read,
        business::events,
        wallet::request,
        wallet::request_with_nonce,
        wallet::respond,
        browser::start,
        browser::back,
        super::did_log,
    )
)]
struct Described;

/// Every operation of the verifier, those of the desk and of the example shop too.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    let described = Described::openapi()
        .merge_from(shop::description())
        .nest("/desk/api/v1", desk::description());
    service::description::complete(described)
}

/// What a wallet sends to get a request made for it. OpenID4VP 1.0 §5.10
#[derive(ToSchema)]
pub(super) struct RequestForm {
    wallet_nonce: Option<String>,
    /// JSON.
    wallet_metadata: Option<String>,
}

/// A response, encrypted. OpenID4VP 1.0 §8.3.1
#[derive(ToSchema)]
pub(super) struct ResponseForm {
    response: String,
}
