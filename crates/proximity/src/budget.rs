//! What an answer costs, field by field. docs/offline-qr.md §5

use std::fmt;

use crate::{FRAME_BYTES, SYMBOL_BYTES};

/// The bytes of an answer, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteBudget {
    /// In the order of the answer.
    pub lines: Vec<BudgetLine>,
}

/// The bytes of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetLine {
    /// Which.
    pub field: BudgetField,
    /// Before packing. Of presentations: as text.
    pub before: usize,
    /// As sent.
    pub after: usize,
}

/// A field of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetField {
    /// The presentations: packed texts.
    Texts,
    /// Digests, salts, keys and signatures of the presentations, which do not pack.
    Values,
    /// Bundles of issuers.
    Bundles,
    /// Status proofs.
    StatusProofs,
    /// What holds it together: CBOR heads, ephemeral key, vector, tags.
    Envelope,
    /// The hash in front of the message in the block of frames.
    FrameHash,
}

impl ByteBudget {
    /// All bytes before packing.
    pub fn before(&self) -> usize {
        self.lines.iter().map(|line| line.before).sum()
    }

    /// All bytes as sent.
    pub fn after(&self) -> usize {
        self.lines.iter().map(|line| line.after).sum()
    }

    /// How many frames are needed.
    pub fn frames(&self) -> usize {
        self.after().div_ceil(SYMBOL_BYTES)
    }

    /// The bytes of one field as sent.
    pub fn after_of(&self, field: BudgetField) -> usize {
        let lines = self.lines.iter().filter(|line| line.field == field);
        lines.map(|line| line.after).sum()
    }
}

impl fmt::Display for BudgetField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Texts => "presentations: texts",
            Self::Values => "presentations: values",
            Self::Bundles => "bundles",
            Self::StatusProofs => "status proofs",
            Self::Envelope => "envelope",
            Self::FrameHash => "hash of the message",
        })
    }
}

impl fmt::Display for ByteBudget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(formatter, "{:24}{:>7}{:>7}", line.field, line.before, line.after)?;
        }
        let frames = self.frames();
        writeln!(formatter, "{:24}{:>7}{:>7}", "sum", self.before(), self.after())?;
        write!(formatter, "{frames} frames of {FRAME_BYTES} bytes")
    }
}
