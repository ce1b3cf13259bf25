//! Sending what waits.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use outbound::{Client, Limits, Request};
use serde_json::json;
use service::CancellationToken;
use service::webhook::{self, WebhookSecret};
use tokio::time::Instant;
use url::Url;

use crate::app::App;
use crate::session::is_sandbox;
use crate::store::{Message, StoreFailure, WebhookRow};

/// How often it is looked for what waits.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Addresses that are sent to at one time.
const AT_ONCE: usize = 16;
/// Messages to one address before others have their turn.
const IN_A_TURN: usize = 32;
/// After this no further message is begun in a turn: with the last one, which has ten seconds at
/// most, a turn is over after a quarter of a minute, however slowly an address takes.
const LONGEST_TURN: Duration = Duration::from_secs(5);

/// Sends messages to the addresses of businesses. One that does not take them, or takes them
/// slowly, holds up no other for long.
pub struct Deliveries {
    app: Arc<App>,
    client: Client,
    longest_turn: Duration,
}

/// What became of an attempt.
enum Attempt {
    Taken,
    Failed,
    /// The address says that it takes no more. RFC 9110 §15.5.11
    Gone,
}

impl Deliveries {
    /// By this client, which refuses addresses that are not public.
    pub fn new(app: Arc<App>, client: Client) -> Self {
        Self {
            app,
            client,
            longest_turn: LONGEST_TURN,
        }
    }

    /// The same with turns in which no message is begun after this time.
    #[must_use]
    pub fn with_turns_of(self, longest_turn: Duration) -> Self {
        Self { longest_turn, ..self }
    }

    /// Sends until stopped.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_AGAIN) => {
                    if let Err(error) = self.round().await {
                        tracing::error!(?error, "messages were not sent");
                    }
                }
            }
        }
    }

    /// Sends what is due at this moment. Where something goes wrong with one address, the others have
    /// their turn; what was not noted as taken is sent again.
    ///
    /// # Errors
    /// [`StoreFailure`] where it is not known what is due.
    pub async fn round(&self) -> Result<(), StoreFailure> {
        let due = self.app.store.due_webhooks(self.app.now()).await?;
        for part in due.chunks(AT_ONCE) {
            let mut turns = Vec::with_capacity(part.len());
            for webhook in part {
                turns.push(self.turn(webhook));
            }
            for (webhook, turn) in part.iter().zip(join_all(turns).await) {
                if let Err(error) = turn {
                    tracing::error!(business = webhook.business.as_str(), ?error, "messages were not sent");
                }
            }
        }
        Ok(())
    }

    async fn turn(&self, to: &WebhookRow) -> Result<(), StoreFailure> {
        let begun = Instant::now();
        for _ in 0..IN_A_TURN {
            if begun.elapsed() >= self.longest_turn {
                return Ok(());
            }
            let Some(message) = self.app.store.first_message(to).await? else {
                return Ok(());
            };
            match self.attempt(to, &message).await {
                Attempt::Taken => self.app.store.delivered(to, message.number).await?,
                Attempt::Failed => {
                    let pause = webhook::pause_after(to.failures().saturating_add(1));
                    return self.failed(to, pause).await;
                }
                Attempt::Gone => return self.failed(to, None).await,
            }
        }
        Ok(())
    }

    /// Waits longer each time; in the end the address counts as gone, and somebody is told.
    async fn failed(&self, to: &WebhookRow, pause: Option<u64>) -> Result<(), StoreFailure> {
        self.app.counters.webhooks_failed.inc();
        if pause.is_none() {
            self.app.counters.webhooks_disabled.inc();
            tracing::error!(business = to.business.as_str(), "an address for messages was given up");
        }
        let now = self.app.now();
        let next_at = pause.map(|pause| now.saturating_add(jittered(pause)));
        self.app.store.not_delivered(to, next_at, now).await
    }

    async fn attempt(&self, to: &WebhookRow, message: &Message) -> Attempt {
        let Some(request) = request(to, message, self.app.now()) else {
            return Attempt::Failed;
        };
        match self.client.send(request, &Limits::MESSAGE).await {
            Ok(answer) if answer.status().is_success() => Attempt::Taken,
            Ok(answer) if answer.status() == StatusCode::GONE => Attempt::Gone,
            Ok(_) => Attempt::Failed,
            Err(error) => {
                tracing::warn!(business = to.business.as_str(), %error, "a message was not taken");
                Attempt::Failed
            }
        }
    }
}

/// The signed message. Of the card that was shown nothing is in it.
fn request(to: &WebhookRow, message: &Message, now: u64) -> Option<Request> {
    let url = Url::parse(&to.url).ok()?;
    let secret = WebhookSecret::parse(&to.secret)?;
    let mut data = json!({
        "session": message.session,
        "check": message.check_id,
        "verdict": message.reason.verdict().as_str(),
        "reason": message.reason.as_str(),
        "hour": message.closed_at - message.closed_at % HOUR,
    });
    if is_sandbox(&message.session) {
        data["sandbox"] = json!(true);
    }
    let body = json!({ "type": "session.closed", "data": data }).to_string();
    let headers = secret.headers(&message.id, now, body.as_bytes())?;
    let request = Request::post(url, "application/json", body);
    Some(
        headers
            .into_iter()
            .fold(request, |request, (name, value)| request.header(name, value)),
    )
}

/// Up to a tenth more, so that what failed together does not come back together.
fn jittered(pause: u64) -> u64 {
    let [byte] = service::random::bytes::<1>();
    pause.saturating_add(pause.saturating_mul(u64::from(byte)) / 2_560)
}

const HOUR: u64 = 3_600;
