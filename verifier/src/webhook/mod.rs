//! Telling a business what came of its sessions, at an address of its own. Standard Webhooks 1.0
//!
//! A message is written in the transaction that lets its outcome be told, and sent until it was
//! taken: at least once, in order for each address. It names session, check, verdict, reason and
//! hour; whoever wants more asks the interface.

mod address;
mod deliver;

pub(crate) use address::{Wanted, read, remove, set};
pub use deliver::Deliveries;
