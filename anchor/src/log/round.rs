//! One round of cosigning: mirrors, then witnesses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use tlog::{CosignerKey, LogCheckpoint, Policy, SignatureLine, UnverifiedCheckpoint};

use super::StopReason;
use super::cosigner::{Answer, Cosigner, Transport};
use crate::store::{LogStore, ReadError};

/// How long a round goes on for the rest once the quorum is reached: stragglers keep up,
/// and the quorum's time does not hang on one of them.
const GRACE: Duration = Duration::from_millis(150);

/// How long a round goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Until the quorum is reached.
    Quorum,
    /// Until all have answered or run out of time: at start, to learn of anything newer.
    AllAnswered,
}

/// What a round brought.
pub(super) struct Round {
    policy: Policy,
    cosigners: Vec<Arc<Cosigner>>,
    /// The line of each cosigner, by its key.
    lines: BTreeMap<String, SignatureLine>,
}

/// Why a round ends at once.
pub(super) enum RoundError {
    /// The log has to stop.
    Stop(StopReason),
    /// The store cannot be read.
    Read(ReadError),
}

/// What the asking needs.
pub(super) struct Asking<'a, S> {
    pub(super) transport: &'a dyn Transport,
    pub(super) store: &'a S,
    pub(super) checkpoint: LogCheckpoint,
    /// The size that cosigners are thought to have.
    pub(super) known: u64,
    pub(super) until: Until,
}

impl<S: LogStore> Asking<'_, S> {
    /// Asks one cosigner.
    async fn one(&self, cosigner: Arc<Cosigner>) -> (Arc<Cosigner>, Result<Answer, ReadError>) {
        let answer = cosigner
            .ask(self.transport, self.store, &self.checkpoint, self.known)
            .await;
        (cosigner, answer)
    }
}

impl Round {
    pub(super) fn new(policy: &Policy, cosigners: &[Arc<Cosigner>]) -> Self {
        Self {
            policy: policy.clone(),
            cosigners: cosigners.to_vec(),
            lines: BTreeMap::new(),
        }
    }

    /// Asks the mirrors, and the witnesses once the mirrors have replayed: what no mirror
    /// endorses is shown to nobody else.
    pub(super) async fn run<S: LogStore>(&mut self, asking: &Asking<'_, S>) -> Result<(), RoundError> {
        self.ask(asking, |cosigner| cosigner.is_mirror, Self::could_be_met)
            .await?;
        if asking.until == Until::Quorum && !self.could_be_met() {
            return Ok(());
        }
        self.ask(asking, |cosigner| !cosigner.is_mirror, Self::is_met).await
    }

    /// Whether the cosignatures meet the quorum.
    pub(super) fn is_met(&self) -> bool {
        self.policy.is_satisfied_by(|key| self.cosigned(key))
    }

    /// Whether those who did not answer are too few to have agreed on anything newer: of the
    /// witnesses at least n-k+1 answered, and as many mirrors as every quorum must meet.
    pub(super) fn rules_out_newer(&self) -> bool {
        let mirror = |key: &CosignerKey| self.cosigners.iter().any(|one| one.is_mirror && one.key == *key);
        let silent = |key: &CosignerKey| !self.cosigned(key);
        !self.policy.is_satisfied_by(|key| mirror(key) || silent(key))
            && !self.policy.is_satisfied_by(|key| !mirror(key) || silent(key))
    }

    /// The checkpoint with all cosignatures.
    pub(super) fn note(&self, checkpoint: &LogCheckpoint) -> UnverifiedCheckpoint {
        let lines: Vec<SignatureLine> = self.lines.values().cloned().collect();
        checkpoint.to_note(&lines)
    }

    /// Whether the quorum is still within reach when every witness cosigns.
    fn could_be_met(&self) -> bool {
        let mirror = |key: &CosignerKey| self.cosigners.iter().any(|one| one.is_mirror && one.key == *key);
        self.policy.is_satisfied_by(|key| !mirror(key) || self.cosigned(key))
    }

    fn cosigned(&self, key: &CosignerKey) -> bool {
        self.lines.contains_key(&key.to_string())
    }

    async fn ask<S: LogStore>(
        &mut self,
        asking: &Asking<'_, S>,
        whom: impl Fn(&Cosigner) -> bool,
        is_enough: impl Fn(&Self) -> bool,
    ) -> Result<(), RoundError> {
        let mut answers = FuturesUnordered::new();
        for cosigner in &self.cosigners {
            if whom(cosigner) {
                answers.push(asking.one(Arc::clone(cosigner)));
            }
        }
        loop {
            let next = if asking.until == Until::Quorum && is_enough(self) {
                match select(answers.next(), asking.transport.wait(GRACE)).await {
                    Either::Left((next, _)) => next,
                    Either::Right(_) => None,
                }
            } else {
                answers.next().await
            };
            let Some((cosigner, answer)) = next else {
                return Ok(());
            };
            self.hear(&cosigner, answer.map_err(RoundError::Read)?)?;
        }
    }

    fn hear(&mut self, cosigner: &Cosigner, answer: Answer) -> Result<(), RoundError> {
        let name = || cosigner.name().to_owned();
        match answer {
            Answer::Cosigned(line) => {
                self.lines.insert(cosigner.key.to_string(), line);
                Ok(())
            }
            Answer::Ahead(size) => Err(RoundError::Stop(StopReason::CosignerAhead { cosigner: name(), size })),
            Answer::Forked => Err(RoundError::Stop(StopReason::Forked { cosigner: name() })),
            Answer::Silent => Ok(()),
        }
    }
}
