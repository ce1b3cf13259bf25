//! A message for each finding, to the address of whoever watches. Standard Webhooks 1.0

use std::time::Duration;

use axum::http::StatusCode;
use jose::UnixTime;
use outbound::{Client, Limits, OutboundError, Request};
use service::webhook::WebhookSecret;
use url::Url;

use super::outbox::Message;

/// Times that a message is sent in one look.
const TRIES: u32 = 3;
/// Between two of them.
const PAUSE: Duration = Duration::from_secs(1);

/// Where messages go, and what they are signed with.
pub(super) struct Webhook {
    pub(super) client: Client,
    pub(super) url: Url,
    pub(super) secret: WebhookSecret,
}

impl Webhook {
    /// Sends a message, again where nobody answered well; each time under the same name.
    ///
    /// # Errors
    /// The last answer, where none was good; at once where the address says that it takes no more (410).
    pub(super) async fn send(&self, message: &Message, now: UnixTime) -> Result<(), OutboundError> {
        let body = message.body();
        let mut tries = 1;
        loop {
            let sent = self
                .client
                .send(self.request(&message.id, now, &body), &Limits::MESSAGE)
                .await;
            match sent.and_then(outbound::Response::success) {
                Ok(_) => return Ok(()),
                Err(error) if tries == TRIES || is_gone(&error) => return Err(error),
                Err(_) => tries += 1,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn request(&self, id: &str, now: UnixTime, body: &[u8]) -> Request {
        let request = Request::post(self.url.clone(), "application/json", body);
        // A name of ours is always a header's value.
        let headers = self.secret.headers(id, now, body).into_iter().flatten();
        headers.fold(request, |request, (name, value)| request.header(name, value))
    }
}

/// Whether the address says that it takes no more. RFC 9110 §15.5.11
pub(super) fn is_gone(error: &OutboundError) -> bool {
    matches!(error, OutboundError::Status(status) if *status == StatusCode::GONE)
}
