//! The holder core of the wallet.

#![allow(dead_code)]
mod clock;
mod keys;
mod vault;
pub use clock::*;
pub use keys::*;
pub use vault::*;
