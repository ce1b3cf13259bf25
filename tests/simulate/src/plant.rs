//! Mistakes that can be built in, each at a seam of the product, to see that they are found.

use crate::oracle::Oracle;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Plant {
    /// A commit is told before the disk has synced it, as with `synchronous=OFF`.
    CommitWithoutSync,
    /// A writer is told that its entry is in the log once it is committed, not once it is published.
    AcknowledgeAtCommit,
    /// A log writes from its start on, before its cosigners have said that they know of nothing newer.
    NoQuestionAtStart,
    /// What is read back is what was to be written, not what is stored.
    NoReadBack,
    /// A witness answers before its disk has synced what it cosigned.
    WitnessAnswersFirst,
    /// Submissions are let in however much waits for its quorum.
    NoGate,
    /// A writer is promised its index before the batch is committed.
    PromiseAtAdmission,
    /// The log takes one witness for a quorum.
    WeakQuorum,
    /// What is published counts as waiting: after a while nothing is let in.
    GateCountsPublished,
    /// What a round found no quorum for is taken back, although it was signed: its places go to other entries.
    TakeBackUnpublished,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::CommitWithoutSync,
        Self::AcknowledgeAtCommit,
        Self::NoQuestionAtStart,
        Self::NoReadBack,
        Self::WitnessAnswersFirst,
        Self::NoGate,
        Self::PromiseAtAdmission,
        Self::WeakQuorum,
        Self::GateCountsPublished,
        Self::TakeBackUnpublished,
    ];

    /// Which oracle has to find it.
    #[must_use]
    pub fn found_by(self) -> Oracle {
        match self {
            Self::CommitWithoutSync => Oracle::SignedIsDurable,
            Self::AcknowledgeAtCommit => Oracle::AcknowledgedIsPublished,
            Self::NoQuestionAtStart => Oracle::NeverSmaller,
            Self::NoReadBack => Oracle::StoredIsHashed,
            Self::WitnessAnswersFirst => Oracle::WitnessOneFace,
            Self::NoGate => Oracle::BoundedBacklog,
            Self::PromiseAtAdmission => Oracle::AcknowledgedIsThere,
            Self::WeakQuorum => Oracle::PublishedHasQuorum,
            Self::GateCountsPublished => Oracle::Progress,
            Self::TakeBackUnpublished => Oracle::OneHistory,
        }
    }
}
