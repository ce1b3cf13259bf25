//! How the log is doing, judged from what it publishes.

use ledger::TrustPack;
use tlog::{CosignerKey, UnixTime, UnverifiedCheckpoint};

use super::host::Standing;
use super::icons::Tone;
use crate::log::Status;

/// A log is cosigned every minute: after three, something is wrong.
const QUIET: u64 = 3 * 60;
/// Nobody decides by a state that is older. docs/ledger.md §10
const TOO_OLD: u64 = 24 * 3600;

/// How the log is doing.
pub(super) struct Health {
    pub(super) tone: Tone,
    /// Key of the word for it.
    pub(super) word: &'static str,
    /// Keys of the sentences that say why.
    pub(super) reasons: Vec<&'static str>,
    /// What is published.
    pub(super) state: Option<State>,
    /// Entries that wait for their quorum, where the log itself is asked.
    pub(super) waiting: Option<u64>,
}

/// The newest checkpoint.
pub(super) struct State {
    pub(super) size: u64,
    pub(super) root: tlog::Hash,
    /// The latest instant at which its cosignatures still meet the quorum.
    pub(super) time: UnixTime,
    pub(super) cosigners: Vec<Cosigner>,
}

/// Whoever the trust pack names, and when it cosigned.
pub(super) struct Cosigner {
    pub(super) name: String,
    pub(super) is_mirror: bool,
    pub(super) time: Option<UnixTime>,
}

impl Health {
    /// Judges the published note, and what the service says of itself.
    pub(super) fn of(note: Option<&[u8]>, pack: &TrustPack, standing: &Standing, now: UnixTime) -> Self {
        let note = note.and_then(|note| UnverifiedCheckpoint::parse(note).ok());
        let state = note.and_then(|note| State::of(&note, pack));
        let mut findings = about(standing);
        match &state {
            None => findings.push((Tone::Unsure, "health.nothing_confirmed")),
            Some(state) => findings.extend(about_age(now.saturating_sub(state.time))),
        }
        let size = state.as_ref().map_or(0, |state| state.size);
        let waiting = match standing {
            Standing::Log { committed, .. } => Some(committed.saturating_sub(size)),
            Standing::Mirror { .. } => None,
        };
        let tone = findings.iter().map(|(tone, _)| *tone).max().unwrap_or(Tone::Good);
        let word = match tone {
            Tone::Bad => "health.bad",
            Tone::Unsure => "health.unsure",
            Tone::Good | Tone::Info => "health.good",
        };
        Self {
            tone,
            word,
            reasons: findings.into_iter().map(|(_, key)| key).collect(),
            state,
            waiting,
        }
    }
}

fn about(standing: &Standing) -> Vec<(Tone, &'static str)> {
    match standing {
        Standing::Log {
            status: Status::Stopped(_),
            ..
        } => vec![(Tone::Bad, "health.stopped")],
        Standing::Log {
            status: Status::ReadOnly,
            ..
        } => vec![(Tone::Unsure, "health.read_only")],
        Standing::Log {
            is_quorum_reached: false,
            ..
        } => vec![(Tone::Unsure, "health.quorum_missing")],
        Standing::Mirror {
            is_following: false, ..
        } => vec![(Tone::Unsure, "health.not_following")],
        Standing::Log { .. } | Standing::Mirror { .. } => Vec::new(),
    }
}

fn about_age(age: u64) -> Option<(Tone, &'static str)> {
    match age {
        0..=QUIET => None,
        age if age <= TOO_OLD => Some((Tone::Unsure, "health.quiet")),
        _ => Some((Tone::Bad, "health.too_old")),
    }
}

impl State {
    /// `None` for a note without quorum, which the log never publishes.
    fn of(note: &UnverifiedCheckpoint, pack: &TrustPack) -> Option<Self> {
        let quorate = note.clone().verify(pack.policy()).ok()?;
        let signed = |key: &CosignerKey| {
            let lines = note.signatures().iter();
            lines
                .filter_map(|line| key.verify(quorate.checkpoint(), line).ok())
                .max()
        };
        let cosigner = |key: &CosignerKey| Cosigner {
            name: key.verifier_key().name().to_string(),
            is_mirror: pack.mirrors().contains(&key.to_string()),
            time: signed(key),
        };
        let witnesses = pack.policy().witnesses().iter();
        Some(Self {
            size: quorate.size(),
            root: *quorate.root(),
            time: quorate.time(),
            cosigners: witnesses.map(|witness| cosigner(witness.key())).collect(),
        })
    }
}
