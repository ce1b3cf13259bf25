//! How much work bytes from outside may cause, counted while it is done.
//!
//! A [`Budget`] says for each kind of [`Work`] how much is allowed, and keeps account of what was
//! spent. It goes along with the bytes, from the first look at their length to the last signature;
//! what would exceed it is refused before it is done. The default of each role is a constant beside
//! the code that plays it (`did::budget`, `oid4vci::budget`, `oid4vp::budget`, `sd_jwt::budget`,
//! `status_list::budget`, `w3c_vc::budget`, [`crate::jwe::MESSAGE`], [`crate::x5c::CHAIN`]); those of a single JSON
//! document are [`crate::strict_json::Limits`].
//!
//! ```
//! use jose::{Budget, OverBudget, Work};
//!
//! let mut budget = Budget::NOTHING.allow(Work::Hashes, 2);
//! assert_eq!(budget.spend(Work::Hashes, 2), Ok(()));
//! assert_eq!(budget.spend(Work::Hashes, 1), Err(OverBudget(Work::Hashes)));
//! assert_eq!(budget.spend(Work::Signatures, 1), Err(OverBudget(Work::Signatures)));
//! assert_eq!(budget.spent(Work::Hashes), 2);
//! ```

use std::fmt;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// Bytes received, or made by filling in.
    Bytes,
    /// Bytes that compressed ones were inflated to.
    Inflated,
    /// Values of JSON and CBOR: every object or map, array, tag, member value and element.
    Values,
    /// Arrays, objects and tags inside one another. A level, not a sum.
    Depth,
    /// Bytes of one string or name; of JSON, escapes resolved. A level, not a sum.
    StringBytes,
    /// Disclosures of an SD-JWT.
    Disclosures,
    /// Disclosures inside one another. A level, not a sum.
    Nesting,
    /// Digests embedded in an SD-JWT, decoys included.
    Digests,
    /// Hashes computed.
    Hashes,
    /// Signatures verified.
    Signatures,
    /// Documents that refer to one another, or that one names to be fetched.
    Documents,
    /// Claims and values compared with one another.
    Comparisons,
    /// Entries of a log.
    Entries,
    /// Bytes of one entry of a log. A level, not a sum.
    EntryBytes,
    /// Proofs on one entry of a log. A level, not a sum.
    Proofs,
    /// Members of one list that is gone through: keys, hashes of keys, witnesses, addresses. A
    /// level, not a sum.
    Listed,
    /// Parameters of a form or of a query.
    Parameters,
    /// RDF statements gone through: when they are made of a document, and each time that the names of
    /// blank nodes ask for them.
    Statements,
}

const KINDS: usize = 18;

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bytes => "bytes",
            Self::Inflated => "inflated bytes",
            Self::Values => "values",
            Self::Depth => "levels",
            Self::StringBytes => "bytes in a string",
            Self::Disclosures => "disclosures",
            Self::Nesting => "disclosures inside one another",
            Self::Digests => "digests",
            Self::Hashes => "hashes",
            Self::Signatures => "signatures",
            Self::Documents => "documents",
            Self::Comparisons => "comparisons",
            Self::Entries => "entries",
            Self::EntryBytes => "bytes in an entry",
            Self::Proofs => "proofs on an entry",
            Self::Listed => "members of a list",
            Self::Parameters => "parameters",
            Self::Statements => "RDF statements",
        })
    }
}

/// Bytes from outside would cause more work than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more {0} than the budget allows")]
pub struct OverBudget(pub Work);

/// What is allowed of each kind of work, and what was spent of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    allowed: [usize; KINDS],
    spent: [usize; KINDS],
}

impl Budget {
    /// Allows no work at all; each role says what it adds.
    pub const NOTHING: Self = Self {
        allowed: [0; KINDS],
        spent: [0; KINDS],
    };

    /// The same budget with this much of one kind.
    #[must_use]
    pub const fn allow(mut self, work: Work, amount: usize) -> Self {
        self.allowed[work as usize] = amount;
        self
    }

    /// How much is allowed in all.
    #[must_use]
    pub const fn allowed(&self, work: Work) -> usize {
        self.allowed[work as usize]
    }

    /// How much was spent; of a level, the greatest that was reached.
    #[must_use]
    pub const fn spent(&self, work: Work) -> usize {
        self.spent[work as usize]
    }

    /// How much is left.
    #[must_use]
    pub const fn left(&self, work: Work) -> usize {
        self.allowed(work).saturating_sub(self.spent(work))
    }

    /// Takes account of work that is about to be done. What is refused is not done, and not counted.
    pub fn spend(&mut self, work: Work, amount: usize) -> Result<(), OverBudget> {
        if amount > self.left(work) {
            return Err(OverBudget(work));
        }
        self.spent[work as usize] += amount;
        Ok(())
    }

    /// Takes account of a level that is about to be entered.
    pub fn reach(&mut self, work: Work, level: usize) -> Result<(), OverBudget> {
        if level > self.allowed(work) {
            return Err(OverBudget(work));
        }
        let reached = &mut self.spent[work as usize];
        *reached = level.max(*reached);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_not_counted() {
        let mut budget = Budget::NOTHING.allow(Work::Digests, 3);
        assert_eq!(budget.spend(Work::Digests, 4), Err(OverBudget(Work::Digests)));
        assert_eq!((budget.spent(Work::Digests), budget.left(Work::Digests)), (0, 3));
        assert_eq!(budget.spend(Work::Digests, 3), Ok(()));
        assert_eq!(budget.spend(Work::Digests, usize::MAX), Err(OverBudget(Work::Digests)));
        assert_eq!(budget.left(Work::Digests), 0);
    }

    #[test]
    fn a_level_is_reached_and_left_again() {
        let mut budget = Budget::NOTHING.allow(Work::Depth, 2);
        for level in [1, 2, 1, 2] {
            assert_eq!(budget.reach(Work::Depth, level), Ok(()));
        }
        assert_eq!(budget.reach(Work::Depth, 3), Err(OverBudget(Work::Depth)));
        assert_eq!(budget.spent(Work::Depth), 2);
    }

    #[test]
    fn nothing_allows_nothing() {
        let mut budget = Budget::NOTHING;
        assert_eq!(budget.spend(Work::Signatures, 1), Err(OverBudget(Work::Signatures)));
        assert_eq!(budget.reach(Work::Nesting, 1), Err(OverBudget(Work::Nesting)));
        assert_eq!(budget.spend(Work::Signatures, 0), Ok(()));
    }
}
