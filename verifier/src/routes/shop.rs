//! The interface of the example shop. Anybody may call it; what it tells is
//! about the order of the browser that asks.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use http::HeaderMap;
use ledger::Localized;
use serde::{Deserialize, Serialize};
use service::ClientAddress;
use service::cookie::{Cookie, SameSite};

use super::browser::bound_browser;
use super::reply::fresh_json;
use super::site::Site;
use crate::app::App;
use crate::check::{Asked, Check};
use crate::error::ApiError;
use crate::session::{self, Flow, Opened, Opening};
use crate::shop::{Browser, Shop, order_state};
use crate::store::Order;

/// `/shop/api/v1`
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/shop/api/v1/shop", get(shop))
        .route("/shop/api/v1/order", get(order))
        .route("/shop/api/v1/order/checks", post(start))
}

#[derive(Serialize)]
struct Offered<'a> {
    site: Site<'a>,
    purpose: &'a Localized,
    asked: Vec<Asked>,
    kept_days: u32,
    privacy_policy: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    flow: Flow,
}

/// What a customer's wallet can be shown. The session's id stays here: with it
/// another browser could be made to answer for this order.
#[derive(Serialize)]
struct Started {
    request_uri: String,
    qr_svg: String,
    expires_at: u64,
}

/// `GET /shop/api/v1/shop`: what buying here asks for.
async fn shop(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let (_, check) = shop_and_check(&app)?;
    Ok(fresh_json(Offered {
        site: Site::of(&app, app.businesses.main()),
        purpose: check.purpose(),
        asked: app.words.asked(check),
        kept_days: check.retention_days(),
        privacy_policy: check.privacy_policy(),
    }))
}

/// `GET /shop/api/v1/order`: where the order of this browser stands.
async fn order(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (_, order) = order_of(&app, &headers).await?.ok_or(ApiError::NoOrder)?;
    Ok(fresh_json(order_state(&app, &order).await?))
}

/// `POST /shop/api/v1/order/checks`: starts a check for the order of this
/// browser, which begins with the first.
async fn start(
    State(app): State<Arc<App>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(Start { flow }): Json<Start>,
) -> Result<Response, ApiError> {
    let (shop, check) = shop_and_check(&app)?;
    shop.start(address.map(|Extension(ClientAddress(address))| address), app.now())?;
    app.has_room_for_anybody().await?;
    let (browser, order) = match order_of(&app, &headers).await? {
        Some((browser, order)) => (browser, under_way(&app, order).await?),
        None => (Browser::new(), Order::default()),
    };
    let opening = Opening {
        business: app.businesses.main(),
        check,
        flow,
        operator: None,
        return_url: Some(app.address("/shop/return").to_string()),
    };
    let opened = session::open(&app, opening).await?;
    app.store
        .keep_order(&browser.key(), &with(order, flow, &opened), app.now())
        .await?;
    let mut cookies = vec![order_cookie(&app).set(browser.cookie())];
    if let Some(same_device) = &opened.same_device {
        // Bound at once and not by an address: an address could be passed on.
        app.store.bind_browser(&opened.id).await?;
        cookies.push(bound_browser(&app, &opened.id).set(&same_device.browser_secret));
    }
    let started = Started {
        request_uri: opened.request_uri,
        qr_svg: opened.qr_svg,
        expires_at: opened.expires_at,
    };
    Ok((AppendHeaders(cookies), fresh_json(started)).into_response())
}

/// Whoever tries again after a verdict begins anew; otherwise the code that is
/// shown stays valid when the wallet here is opened.
async fn under_way(app: &App, order: Order) -> Result<Order, ApiError> {
    match order_state(app, &order).await {
        Ok(state) if !state.is_over() => Ok(order),
        Ok(_) | Err(ApiError::NoOrder) => Ok(Order::default()),
        Err(error) => Err(error),
    }
}

fn with(mut order: Order, flow: Flow, opened: &Opened) -> Order {
    match flow {
        Flow::CrossDevice => order.cross_device = Some(opened.id.clone()),
        Flow::SameDevice => order.same_device = Some(opened.id.clone()),
    }
    order
}

fn shop_and_check(app: &App) -> Result<(&Shop, &Check), ApiError> {
    let shop = app.shop.as_ref().ok_or(ApiError::NotFound)?;
    let check = app.businesses.main().check(shop.check())?;
    Ok((shop, check))
}

async fn order_of(app: &App, headers: &HeaderMap) -> Result<Option<(Browser, Order)>, ApiError> {
    let Some(browser) = order_cookie(app).read(headers).map(Browser::from_cookie) else {
        return Ok(None);
    };
    let order = app.store.order(&browser.key()).await?;
    Ok(order.map(|order| (browser, order)))
}

/// The cookie that holds the order's token.
fn order_cookie(app: &App) -> Cookie {
    Cookie::under(&app.public_url, "/shop", "holdfast_order", SameSite::Lax)
}
