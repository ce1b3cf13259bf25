//! Exit codes of `verify` and `monitor`, the most serious last. docs/monitor.md, "Exit codes"

/// `verify`: something does not hold.
pub(crate) const FALSE: u8 = 1;
/// A log or mirror cannot be read: nothing is said about it.
pub(crate) const UNREAD: u8 = 3;
/// What is read is older than it may be.
pub(crate) const STALE: u8 = 4;
/// The lists of an agency are not those of its status snapshot.
pub(crate) const SNAPSHOT: u8 = 5;
/// An entry breaks a rule of the ledger, or the log signed what its entries do not say.
pub(crate) const BROKEN: u8 = 6;
/// The log told two people two things.
pub(crate) const SPLIT: u8 = 7;
/// Nothing of the above, and there are messages that no webhook took.
pub(crate) const UNTOLD: u8 = 8;
