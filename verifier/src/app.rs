//! The service, put together from its parts.

use std::sync::Arc;

use jose::UnixTime;
use outbound::Client;
use service::idempotency::Idempotency;
use service::signin::SignIn;
use service::{AddressLimit, Clock, Counter, Metrics, Secret};
use url::Url;

use crate::business::{Business, Businesses};
use crate::check::Words;
use crate::error::ApiError;
use crate::guesses::Guesses;
use crate::offline::Offline;
use crate::session::Streams;
use crate::shop::Shop;
use crate::store::{Room, Session, Store, StoreFailure};
use crate::trust::{FirstSeen, Trust};
use crate::verdict::Engine;

/// The service: everything a handler needs.
pub struct App {
    /// The address that wallets and browsers see, without a final slash.
    pub public_url: Url,
    /// For whom it asks.
    pub businesses: Businesses,
    /// What cards and claims are called.
    pub words: Words,
    /// What survives.
    pub store: Store,
    /// What is held of ledger, lists and anchors.
    pub trust: Arc<Trust>,
    /// Fetches the list of an issuer that the ledger does not know the first time
    /// it is seen, where policy allows it.
    pub first_seen: Option<FirstSeen>,
    /// Judges responses.
    pub engine: Arc<dyn Engine>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How long and how many sessions may be open.
    pub sessions: SessionLimits,
    /// Pages that follow a session.
    pub streams: Streams,
    /// Who may use the pages of the desk.
    pub sign_in: SignIn,
    /// What is clicked twice happens once.
    pub idempotency: Idempotency,
    /// The bearer token of those who add businesses; nobody can where there is none.
    pub provisioning: Option<Secret>,
    /// The bearer token for the sandbox of the business of the configuration; it has none where there is none.
    pub sandbox: Option<Secret>,
    /// How often one address may try out what anybody may ask.
    pub tries: AddressLimit,
    /// The example shop, where there is one.
    pub shop: Option<Shop>,
    /// Checks without a network.
    pub offline: Offline,
    /// Wrong tokens and ids of sessions, by who tries them.
    pub guesses: Guesses,
    /// What is counted.
    pub counters: Counters,
}

/// Bounds of sessions.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Seconds that a session is open.
    pub lifetime_s: u64,
    /// Sessions open at one time.
    pub open: u64,
}

/// The part of all open sessions that one added business may have is one of so many: who is many
/// times as busy as others leaves them room.
const SHARES: u64 = 4;

impl SessionLimits {
    /// The room of a business. That of the configuration may have all there is: the service is its own.
    pub(crate) fn room_of(self, business: &Business) -> Room {
        let of_one = if business.is_added() {
            (self.open / SHARES).max(1)
        } else {
            self.open
        };
        Room {
            of_all: self.open,
            of_one,
        }
    }
}

/// What is counted.
#[derive(Debug, Clone)]
pub struct Counters {
    /// Claims that were shown although nobody asked.
    pub over_disclosed: Counter,
    /// Responses that broke a rule of the protocol.
    pub refused_responses: Counter,
    /// Presentations for another request or another verifier.
    pub misdirected: Counter,
    /// Failures of the engine.
    pub engine_failures: Counter,
    /// Attempts to tell a business that failed.
    pub webhooks_failed: Counter,
    /// Addresses of businesses that were given up.
    pub webhooks_disabled: Counter,
}

impl Counters {
    /// Registers the counters.
    pub fn register(metrics: &Metrics) -> Self {
        Self {
            over_disclosed: metrics.counter("over_disclosure", "Claims shown although nobody asked"),
            refused_responses: metrics.counter("refused_responses", "Responses that broke a rule of the protocol"),
            misdirected: metrics.counter("holder_binding_mismatch", "Presentations bound to another request"),
            engine_failures: metrics.counter("engine_failures", "Failures while judging a response"),
            webhooks_failed: metrics.counter("webhooks_failed", "Attempts to tell a business that failed"),
            webhooks_disabled: metrics.counter("webhooks_disabled", "Addresses of businesses that were given up"),
        }
    }

    /// Shows how many requests this client refused because of their address, as `ssrf_blocked_total`.
    pub fn observe_refusals(metrics: &Metrics, client: &Client) {
        let client = client.clone();
        metrics.observe("ssrf_blocked", "Connections refused by address", move || {
            client.blocked_total()
        });
    }
}

impl App {
    /// The clock of this machine.
    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// An address of this service.
    pub fn address(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        url.set_path(&format!("{}{path}", self.public_url.path().trim_end_matches('/')));
        url
    }

    /// Where the answer to a session goes.
    pub(crate) fn response_uri(&self, session: &Session) -> Url {
        self.address(&format!("/openid4vp/response/{}", session.wallet_id.as_str()))
    }

    /// The business that opened a session.
    pub(crate) fn business_of(&self, session: &Session) -> Result<Arc<Business>, ApiError> {
        self.businesses.get(&session.business).ok_or(ApiError::NotFound)
    }

    /// A session that this business opened. One of another is as unknown as one that nobody opened.
    pub(crate) async fn session_of(&self, business: &Business, id: &str) -> Result<Session, ApiError> {
        let session = self.store.session(id).await?;
        session
            .filter(|session| session.business == business.id())
            .ok_or(ApiError::NotFound)
    }

    /// Refuses those who need no account while half of all sessions are open: they may be many, and
    /// the others must still find room.
    pub(crate) async fn has_room_for_anybody(&self) -> Result<(), ApiError> {
        if self.store.open_sessions(self.now()).await? >= self.sessions.open / 2 {
            return Err(ApiError::TooManySessions);
        }
        Ok(())
    }

    /// Deletes what need not be kept any longer.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn sweep(&self) -> Result<(), StoreFailure> {
        for business in self.businesses.all() {
            for check in business.checks().values() {
                let kept = check.retention_days();
                self.store.sweep(business.id(), check.id(), kept, self.now()).await?;
            }
            let known: Vec<&str> = business.checks().keys().map(String::as_str).collect();
            self.store.sweep_forgotten(business.id(), &known, self.now()).await?;
        }
        self.store.sweep_orders(self.now()).await
    }
}
