//! Showing an answer as codes, so that a crash at any moment never shows a copy twice.
//!
//! ```text
//! consent    history: interrupted           killed here: nothing shown, copies unused
//! commit     copies used, history: maybe received
//! codes      only now there are any          killed here: a copy is used, and was perhaps not shown
//! read       on the person's word           history: shared
//! ```

use super::answer::{self, Answer};
use super::widened::remember_scope;
use super::{NotConsented, OpenChallenge, ShareError};
use crate::cards::mark_used;
use crate::consent::Consent;
use crate::history::{Outcome, conclude};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::UnixTime;
use proximity::{ByteBudget, FRAME_BYTES, FrameKind, FrameSource, MakeAnswerError};

/// A key binding is not made out for later than so many seconds after the challenge: verifiers take none that is further
/// ahead of their clock. docs/offline-qr.md §2
const AHEAD: UnixTime = 60;

/// An answer to one challenge, as codes. The copies that it is made of count as used. To drop it is to stop showing.
pub struct ShownAnswer {
    frames: FrameSource,
    budget: ByteBudget,
    expires_at: UnixTime,
    history_id: i64,
}

impl ShownAnswer {
    /// What the codes hold, in the order in which they are shown, round and round.
    #[must_use]
    pub fn frames(&self) -> &[[u8; FRAME_BYTES]] {
        self.frames.frames()
    }

    /// How many of them a reader needs, whichever they are.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.frames.needed()
    }

    /// From then on nobody takes it.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// What it costs, field by field.
    #[must_use]
    pub fn budget(&self) -> &ByteBudget {
        &self.budget
    }
}

impl std::fmt::Debug for ShownAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShownAnswer")
            .field("needed", &self.needed())
            .finish_non_exhaustive()
    }
}

impl Wallet {
    /// Makes the answer that the person agreed to. Its copies are marked as used, and that is stored, before there is
    /// anything to show.
    pub fn show(&self, open: OpenChallenge, consent: &Consent) -> Result<ShownAnswer, ShareError> {
        if consent.session != open.ask.session {
            return Err(NotConsented::OtherRequest.into());
        }
        let device_time = self.clock.now();
        // A clock that was set back does not bring an old challenge back.
        let now = self.ledger(device_time).clock()?.now();
        let asked = open.question.challenge.challenge();
        let (issued_at, expires_at) = (asked.issued_at(), asked.expires_at());
        if now >= expires_at {
            let record = open.record(Outcome::NotShared, Some(ShareError::Expired.code()));
            self.vault.note(device_time, &record)?;
            return Err(ShareError::Expired);
        }
        let mut record = open.record(Outcome::Interrupted, None);
        record.cards = open.agreed(consent);
        let history_id = self.vault.note(device_time, &record)?;
        let (bundles, proofs) = open.question.evidence_of(consent);
        let registration = open.ask.who.registration.clone();
        // Two devices without a network seldom agree on the time; the challenge says what it is there.
        let bound_at = now.clamp(issued_at, issued_at.saturating_add(AHEAD));
        let Answer { response, copies } = answer::make(open, consent, &self.keys, bound_at)?;
        let sealed = response.seal_offline(&bundles, &proofs)?;
        let frames = FrameSource::new(FrameKind::Answer, sealed.message()).map_err(|_| MakeAnswerError::TooLong)?;
        self.vault.write(|transaction| {
            mark_used(transaction, &copies, now)?;
            remember_scope(transaction, &registration, now)?;
            conclude(transaction, history_id, Outcome::MaybeReceived, None)
        })?;
        Ok(ShownAnswer {
            frames,
            budget: sealed.budget().clone(),
            expires_at,
            history_id,
        })
    }

    /// The person does not want to show it. Nobody hears of it.
    pub fn decline(&self, open: &OpenChallenge) -> Result<(), VaultError> {
        let record = open.record(Outcome::NotShared, Some("refused"));
        self.vault.note(self.clock.now(), &record).map(|_| ())
    }

    /// The person has seen that it was read.
    pub fn was_read(&self, shown: &ShownAnswer) -> Result<(), VaultError> {
        self.vault
            .write(|transaction| conclude(transaction, shown.history_id, Outcome::Shared, None))
    }
}
