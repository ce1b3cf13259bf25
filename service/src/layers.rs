//! Bounds around every route, and one form for every error.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::metrics::Metrics;
use crate::problem::Problem;

/// Bounds for requests, under `[limits]` in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RequestLimits {
    /// Longest request body in bytes, 64 KiB where nothing is said. A route may
    /// set a limit of its own with [`body_limit`].
    pub body: usize,
    /// Longest time for a request, body and handler together, in milliseconds; 10 s.
    pub timeout_ms: u64,
    /// Most requests at work at one time; one more is answered with 503. 512.
    pub concurrency: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            timeout_ms: 10_000,
            concurrency: 512,
        }
    }
}

/// Puts the bounds around all routes: panics caught, errors as problems,
/// requests counted, concurrency, time, bodies. A few routes take longer bodies
/// than the rest: they set their own bound with [`body_limit`].
pub fn bounded(routes: Router, limits: &RequestLimits, metrics: &Metrics) -> Router {
    let permits = Arc::new(Semaphore::new(limits.concurrency));
    let time = Duration::from_millis(limits.timeout_ms);
    routes
        .fallback(async || Problem::not_found())
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            Problem::internal().into_response()
        }))
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(from_fn_with_state(time, timeout))
        .layer(from_fn_with_state(permits, shed))
        .layer(from_fn(errors_as_problems))
        .layer(from_fn_with_state(metrics.clone(), observe))
}

/// Bounds the request bodies of these routes, whatever extractor reads them.
pub fn body_limit<S: Clone + Send + Sync + 'static>(routes: Router<S>, bytes: usize) -> Router<S> {
    routes
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(bytes))
}

async fn timeout(State(time): State<Duration>, request: Request, next: Next) -> Response {
    let late = |_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "request_timeout",
            "The request took too long.",
        )
        .into_response()
    };
    tokio::time::timeout(time, next.run(request)).await.unwrap_or_else(late)
}

async fn shed(State(permits): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_permit) = permits.try_acquire() else {
        return Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Too many requests at this moment.",
        )
        .retry_after(1)
        .into_response();
    };
    next.run(request).await
}

/// Errors that extractors and routing write as plain text become problems, so
/// that there is one form and no text of a parser leaves the service.
async fn errors_as_problems(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|value| value.as_bytes().starts_with(b"text/plain; charset=utf-8"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    let (code, title) = generic(status);
    let mut problem = Problem::new(status, code, title).into_response();
    for (name, value) in response.headers() {
        if name != CONTENT_TYPE && name != http::header::CONTENT_LENGTH {
            problem.headers_mut().insert(name.clone(), value.clone());
        }
    }
    problem
}

fn generic(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("invalid_request", "The request cannot be understood."),
        StatusCode::NOT_FOUND => ("not_found", "There is nothing here."),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This address does not take this method."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The request is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "The content type is not the one expected."),
        StatusCode::UNPROCESSABLE_ENTITY => ("invalid_content", "The content does not fit."),
        status if status.is_server_error() => ("internal", "Something went wrong on our side."),
        _ => ("refused", "The request is refused."),
    }
}

async fn observe(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let started = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    metrics.count_request(&route, status);
    tracing::info!(%method, route, status, milliseconds, "request");
    response.headers_mut().insert(
        http::header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::{RequestLimits, body_limit, bounded};
    use crate::metrics::Metrics;
    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::routing::{get, post};
    use http::Request;
    use std::time::Duration;
    use tower::ServiceExt;

    fn app(limits: &RequestLimits, metrics: &Metrics) -> Router {
        let routes = Router::new()
            .route("/ok/{id}", get(async || "fine"))
            .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(5)).await))
            .route("/panic", get(async || -> &'static str { panic!("boom") }))
            .route("/json", post(async |_: axum::Json<Vec<u8>>| "fine"))
            .route("/oauth", get(async || (http::StatusCode::BAD_REQUEST, axum::Json(1))))
            .merge(body_limit(
                Router::new().route("/body", post(async |body: Bytes| body.len().to_string())),
                8,
            ));
        bounded(routes, limits, metrics)
    }

    async fn call(app: &Router, request: Request<Body>) -> (u16, String) {
        let response = app.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let code = serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|value| Some(value.get("code")?.as_str()?.to_owned()));
        (status, code.unwrap_or(text))
    }

    fn get_request(path: &str) -> Request<Body> {
        Request::get(path).body(Body::empty()).unwrap()
    }

    fn post_request(path: &str, body: impl Into<Body>) -> Request<Body> {
        Request::post(path).body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn errors_of_the_framework_are_problems() {
        let metrics = Metrics::new();
        let app = app(
            &RequestLimits {
                timeout_ms: 50,
                ..RequestLimits::default()
            },
            &metrics,
        );
        let expect = |status: u16, code: &str| (status, code.to_owned());
        assert_eq!(call(&app, get_request("/ok/7")).await, expect(200, "fine"));
        assert_eq!(call(&app, get_request("/nowhere")).await, expect(404, "not_found"));
        assert_eq!(
            call(&app, post_request("/ok/7", "")).await,
            expect(405, "method_not_allowed")
        );
        assert_eq!(
            call(&app, post_request("/json", "{")).await,
            expect(415, "unsupported_media_type")
        );
        assert_eq!(call(&app, get_request("/panic")).await, expect(500, "internal"));
        assert_eq!(call(&app, get_request("/slow")).await, expect(408, "request_timeout"));
        assert_eq!(call(&app, get_request("/oauth")).await, expect(400, "1"));
        assert!(
            metrics
                .encode()
                .contains("http_requests_total{route=\"/ok/{id}\",status=\"200\"} 1")
        );
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_413_with_and_without_a_length() {
        let app = app(&RequestLimits::default(), &Metrics::new());
        assert_eq!(
            call(&app, post_request("/body", "12345678")).await,
            (200, "8".to_owned())
        );
        assert_eq!(
            call(&app, post_request("/body", "123456789")).await,
            (413, "too_large".to_owned())
        );
        let chunks = (0..9).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"x")));
        let chunked = Body::from_stream(futures_util::stream::iter(chunks));
        assert_eq!(
            call(&app, post_request("/body", chunked)).await,
            (413, "too_large".to_owned())
        );
    }

    #[tokio::test]
    async fn l1_one_request_too_many_is_shed_with_retry_after() {
        let app = app(
            &RequestLimits {
                concurrency: 1,
                ..RequestLimits::default()
            },
            &Metrics::new(),
        );
        let slow = tokio::spawn(app.clone().oneshot(get_request("/slow")));
        tokio::time::sleep(Duration::from_millis(50)).await;
        let response = app.clone().oneshot(get_request("/ok/1")).await.unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
        slow.abort();
        let _ = slow.await;
        assert_eq!(call(&app, get_request("/ok/1")).await.0, 200);
    }
}
