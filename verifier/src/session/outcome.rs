//! What is told of a session.

use oid4vp::SessionState;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::{Answer, Session};

/// A session as the business sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Outcome {
    id: String,
    state: &'static str,
    #[serde(flatten)]
    told: Option<Told>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Told {
    verdict: &'static str,
    reason: &'static str,
    ages: Ages,
    #[serde(skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_list: Option<String>,
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

/// An outcome that is not released reads as a session that still waits.
pub(crate) fn outcome(session: Session, now: u64) -> Outcome {
    let state = session.progress.state(now);
    let released = session.answer.as_ref().is_none_or(|answer| answer.released);
    Outcome {
        id: session.id,
        state: if released { state } else { SessionState::Scanned }.as_str(),
        told: session.answer.filter(|answer| answer.released).map(told),
    }
}

fn told(answer: Answer) -> Told {
    Told {
        verdict: answer.reason.verdict().as_str(),
        reason: answer.reason.as_str(),
        ages: Ages {
            status_s: answer.ages.status_s,
            ledger_s: answer.ages.ledger_s,
            metadata_s: answer.ages.metadata_s,
        },
        claims: answer.kept,
        fetched_list: answer.fetched_list,
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
