//! What operators of the agency may do on its page.

use service::signin::Role;

/// Finds people, offers cards, and sees what becomes of them.
pub struct Clerk;

/// All a clerk may, and suspends, reactivates and revokes cards.
pub struct Officer;

/// The name of [`Clerk`] in the store.
pub const CLERK: &str = "clerk";
/// The name of [`Officer`] in the store.
pub const OFFICER: &str = "officer";

impl Role for Clerk {
    const HELD_BY: &'static [&'static str] = &[CLERK, OFFICER];
}

impl Role for Officer {
    const HELD_BY: &'static [&'static str] = &[OFFICER];
}
