//! Receipts and complaints between a business, a citizen and whoever checks them later, with a
//! ledger in process. docs/receipts.md
#![expect(clippy::unwrap_used, reason = "tests: what goes wrong is a failed test")]

mod complaint;
mod kit;
mod receipt;
