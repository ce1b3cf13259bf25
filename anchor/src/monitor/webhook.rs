//! A message for each finding, to the address of whoever watches. Standard Webhooks 1.0

use std::time::Duration;

use jiff::Timestamp;
use jose::UnixTime;
use outbound::{Client, Limits, OutboundError, Request};
use serde_json::json;
use service::webhook::WebhookSecret;
use url::Url;

use super::finding::Finding;

/// Times that a message is sent before it is given up.
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
    /// The last answer, where none was good.
    pub(super) async fn send(&self, finding: &Finding, now: UnixTime) -> Result<(), OutboundError> {
        let id = format!("msg_{}", service::random::id());
        let timestamp = i64::try_from(now).ok().and_then(|now| Timestamp::from_second(now).ok());
        let timestamp = timestamp.map_or_else(|| now.to_string(), |timestamp| timestamp.to_string());
        let message = json!({
            "type": finding.name(),
            "timestamp": timestamp,
            "data": finding.data(),
        });
        let body = message.to_string().into_bytes();
        let mut tries = 1;
        loop {
            let sent = self.client.send(self.request(&id, now, &body), &Limits::MESSAGE).await;
            match sent.and_then(outbound::Response::success) {
                Ok(_) => return Ok(()),
                Err(error) if tries == TRIES => return Err(error),
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
