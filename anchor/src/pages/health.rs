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

/// Of a larger group the fewest are not counted.
const MOST_COUNTED: usize = 10;

/// How the log is doing.
pub(super) struct Health {
    pub(super) tone: Tone,
    /// Key of the word for it.
    pub(super) word: &'static str,
    /// Keys of the sentences that say why.
    pub(super) reasons: Vec<&'static str>,
    /// Whether enough cosigners confirm the newest state, and go on doing so.
    pub(super) is_quorum_met: bool,
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
            Some(state) => {
                let age = about_age(now.saturating_sub(state.time));
                // What the service says of itself explains why it is quiet.
                findings.extend(age.filter(|(tone, _)| findings.is_empty() || *tone == Tone::Bad));
            }
        }
        let size = state.as_ref().map_or(0, |state| state.size);
        let waiting = match standing {
            Standing::Log { committed, .. } => Some(committed.saturating_sub(size)),
            Standing::Mirror { .. } => None,
        };
        let is_fresh = state
            .as_ref()
            .is_some_and(|state| now.saturating_sub(state.time) <= QUIET);
        let is_lost = matches!(
            standing,
            Standing::Log {
                is_quorum_reached: false,
                ..
            }
        );
        let tone = findings.iter().map(|(tone, _)| *tone).max().unwrap_or(Tone::Good);
        let word = match tone {
            Tone::Bad => "health.bad",
            Tone::Unsure => "health.unsure",
            Tone::Good | Tone::Info => "health.good",
        };
        Self {
            tone,
            word,
            is_quorum_met: is_fresh && !is_lost,
            reasons: findings.into_iter().map(|(_, key)| key).collect(),
            state,
            waiting,
        }
    }
}

/// How many must cosign.
pub(super) struct Needed {
    pub(super) witnesses: usize,
    pub(super) all_witnesses: usize,
    pub(super) mirrors: usize,
    pub(super) all_mirrors: usize,
}

impl Needed {
    /// The fewest of each with whom the quorum can be met; `None` for a policy of so many that
    /// counting would take long.
    pub(super) fn by(pack: &TrustPack) -> Option<Self> {
        let keys = pack.policy().witnesses().iter().map(|witness| witness.key());
        let (mirrors, witnesses): (Vec<_>, Vec<_>) = keys.partition(|key| pack.mirrors().contains(&key.to_string()));
        Some(Self {
            witnesses: fewest(&witnesses, pack)?,
            all_witnesses: witnesses.len(),
            mirrors: fewest(&mirrors, pack)?,
            all_mirrors: mirrors.len(),
        })
    }
}

/// The fewest of a group that meet the quorum together with all others.
fn fewest(group: &[&CosignerKey], pack: &TrustPack) -> Option<usize> {
    if group.len() > MOST_COUNTED {
        return None;
    }
    let meets = |chosen: &u32| {
        let signs = |key: &CosignerKey| match group.iter().position(|one| *one == key) {
            Some(place) => chosen & (1 << place) != 0,
            None => true,
        };
        pack.policy().is_satisfied_by(signs)
    };
    let all = 0..1_u32 << group.len();
    all.filter(meets).map(|chosen| chosen.count_ones() as usize).min()
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
