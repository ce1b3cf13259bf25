//! What is told of a session.

use jose::base64url;
use oid4vp::SessionState;
use serde::Serialize;
use serde_json::{Map, Value};

use super::is_sandbox;
use crate::app::App;
use crate::check::Freshness;
use crate::store::{Answer, Session};

/// A session as the business sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Outcome {
    id: String,
    state: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    offline: bool,
    /// Whether nobody was asked: it is a trial of the business's own program.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sandbox: bool,
    #[serde(flatten)]
    told: Option<Told>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Told {
    verdict: &'static str,
    reason: &'static str,
    ages: Ages,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
    /// Whether a portrait waits to be shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    portrait: bool,
    #[serde(skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
    /// Hash of the rule, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_list: Option<String>,
    /// What the citizen holds too, without the salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Ages {
    #[serde(skip_serializing_if = "Option::is_none")]
    status_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_s: Option<u64>,
}

/// How old what a verdict rests on may be for the check, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Limits {
    status_s: u64,
    ledger_s: u64,
    metadata_s: u64,
}

impl From<Freshness> for Limits {
    fn from(limits: Freshness) -> Self {
        Self {
            status_s: limits.status_s,
            ledger_s: limits.ledger_s,
            metadata_s: limits.metadata_s,
        }
    }
}

/// An outcome that is not released reads as a session that still waits.
pub(crate) fn outcome(app: &App, session: Session) -> Outcome {
    let now = app.now();
    let state = session.progress.state(now);
    let released = session.answer.as_ref().is_none_or(|answer| answer.released);
    let offline = session.challenge.is_some();
    let business = app.businesses.get(&session.business);
    let check = business
        .as_ref()
        .and_then(|business| business.checks().get(&session.check_id));
    let limits = check.map(|check| {
        if offline {
            check.offline_freshness().into()
        } else {
            check.freshness().into()
        }
    });
    let portrait = app.offline.portraits.waits(&session.id, now);
    Outcome {
        sandbox: is_sandbox(&session.id),
        id: session.id,
        state: if released { state } else { SessionState::Scanned }.as_str(),
        offline,
        told: session
            .answer
            .filter(|answer| answer.released)
            .map(|answer| told(answer, limits, portrait)),
    }
}

fn told(answer: Answer, limits: Option<Limits>, portrait: bool) -> Told {
    Told {
        limits,
        portrait,
        verdict: answer.reason.verdict().as_str(),
        reason: answer.reason.as_str(),
        ages: Ages {
            status_s: answer.ages.status_s,
            ledger_s: answer.ages.ledger_s,
            metadata_s: answer.ages.metadata_s,
        },
        claims: answer.kept,
        rule: answer.rule.map(base64url::encode),
        fetched_list: answer.fetched_list,
        receipt: answer.receipt,
    }
}

impl Outcome {
    /// Whether nothing will change any more.
    pub(crate) fn is_final(&self) -> bool {
        self.told.is_some() || self.state == SessionState::Expired.as_str()
    }

    /// `open`, `scanned`, `answered`, `refused` or `expired`.
    pub(crate) fn state(&self) -> &'static str {
        self.state
    }

    /// Verdict and reason, once there are any.
    pub(crate) fn verdict(&self) -> Option<(&'static str, &'static str)> {
        self.told.as_ref().map(|told| (told.verdict, told.reason))
    }
}
