//! What operators of the desk may do.

use service::signin::Role;

/// Picks a check and asks.
pub const STAFF: &str = "staff";
/// All that staff may, and sees what was asked today.
pub const OWNER: &str = "owner";

/// Those who ask.
pub(crate) struct Staff;

impl Role for Staff {
    const HELD_BY: &'static [&'static str] = &[STAFF, OWNER];
}

/// Those who also see what was asked.
pub(crate) struct Owner;

impl Role for Owner {
    const HELD_BY: &'static [&'static str] = &[OWNER];
}
