//! Somebody between two parties who changes what he passes on.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request as Incoming, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderName, Method, StatusCode};
use outbound::{Client, Limits, Policy, Request};
use service::{CancellationToken, ConnectionLimits, Listener};

/// Changes the body of an answer, given the path it was asked for with.
pub type Edit = Arc<dyn Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync>;

const LARGEST: usize = 16 * 1024 * 1024;

/// A running proxy; ends when dropped.
pub struct Proxy {
    stop: CancellationToken,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Clone)]
struct Between {
    client: Client,
    target: u16,
    edit: Edit,
}

impl Proxy {
    /// Listens on `port` and passes everything on to `target`; answers go
    /// through `edit`.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(port: u16, target: u16, edit: Edit) -> Result<Self> {
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let client = Client::new(Policy::Development { ports: vec![target] })?;
        let routes = Router::new()
            .fallback(pass_on)
            .with_state(Between { client, target, edit });
        let stop = CancellationToken::new();
        let token = stop.clone();
        tokio::spawn(async move { listener.serve(routes, &ConnectionLimits::default(), token).await });
        Ok(Self { stop })
    }
}

async fn pass_on(State(between): State<Between>, request: Incoming) -> Response {
    match forward(&between, request).await {
        Ok(response) => response,
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn forward(between: &Between, request: Incoming) -> Result<Response> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let url = format!("http://localhost:{}{path}", between.target).parse()?;
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, LARGEST).await?;
    let mut onward = match head.method {
        Method::POST => Request::post(url, "application/octet-stream", body),
        _ => Request::get(url),
    };
    for name in [ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("dpop")] {
        if let Some(value) = head.headers.get(&name) {
            onward = onward.header(name, value.clone());
        }
    }
    let answer = between.client.send(onward, &Limits::MESSAGE.with_body(LARGEST)).await?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
            response = response.header(name, value);
        }
    }
    let body = (between.edit)(&path, answer.into_body());
    Ok(response.body(Body::from(body))?)
}
