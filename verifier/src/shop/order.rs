//! Where an order stands, from its sessions.

use serde::Serialize;

use crate::app::App;
use crate::error::ApiError;
use crate::session::{Outcome, outcome};
use crate::store::Order;

/// What the customer's browser is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct OrderState {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl OrderState {
    /// Whether the last check of this order has its verdict.
    pub(crate) fn is_over(&self) -> bool {
        self.verdict.is_some()
    }
}

/// The state of the session that says most: yes before any other verdict, that
/// before one under way, and one that ran out last.
pub(crate) async fn order_state(app: &App, order: &Order) -> Result<OrderState, ApiError> {
    let mut outcomes = Vec::new();
    for id in [&order.same_device, &order.cross_device].into_iter().flatten() {
        // A session may be swept before its order.
        if let Some(session) = app.store.session(id).await? {
            outcomes.push(outcome(app, session));
        }
    }
    let telling = outcomes.iter().max_by_key(|outcome| weight(outcome));
    telling.map(told).ok_or(ApiError::NoOrder)
}

fn weight(outcome: &Outcome) -> u8 {
    match (outcome.verdict(), outcome.state()) {
        (Some(("yes", _)), _) => 4,
        (Some(_), _) => 3,
        (None, "scanned") => 2,
        (None, "open") => 1,
        (None, _) => 0,
    }
}

fn told(outcome: &Outcome) -> OrderState {
    OrderState {
        state: outcome.state(),
        verdict: outcome.verdict().map(|(verdict, _)| verdict),
        reason: outcome.verdict().map(|(_, reason)| reason),
    }
}
