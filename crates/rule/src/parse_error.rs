use thiserror::Error;

/// Why a text is not a rule of the subset. docs/rules.md §2
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Longer than 1,024 bytes.
    #[error("the rule is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// More than 64 nodes.
    #[error("the rule has more than {MAX_NODES} nodes")]
    TooManyNodes,
    /// Nested deeper than 16.
    #[error("the rule is nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// A character that no token of the subset begins with.
    #[error("unexpected character {0:?}")]
    UnexpectedCharacter(char),
    /// A number that is not a decimal integer of 64 bits.
    #[error("not a whole number of 64 bits")]
    Number,
    /// An escape other than `\\`, `\"` and `\'`.
    #[error("unknown escape in a string")]
    Escape,
    /// A string without its end.
    #[error("a string does not end")]
    UnterminatedString,
    /// The expression ends where more is needed.
    #[error("the rule ends too early")]
    UnexpectedEnd,
    /// A token that cannot stand here.
    #[error("unexpected {0}")]
    Unexpected(String),
    /// A call of anything but `has`.
    #[error("there is no function {0}")]
    NoFunction(String),
    /// `has` takes `query.claim`.
    #[error("has() takes one claim")]
    HasTakesAClaim,
    /// A name that is neither `today`, `true`, `false` nor `query.claim`.
    #[error("{0} is not a claim; claims are written query.claim")]
    NotAClaim(String),
}

pub(crate) const MAX_BYTES: usize = 1_024;
pub(crate) const MAX_NODES: usize = 64;
pub(crate) const MAX_DEPTH: usize = 16;
