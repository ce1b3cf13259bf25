//! The attester of the wallet's publisher: says which wallet a key belongs to, and that keys are held together.
//! OpenID4VCI 1.0 Appendix D and E
//!
//! It says only what is known. Whoever asks shows possession of each key, so possession is attested; the wallet keeps
//! its keys in software, so nothing is said about storage or about how its owner authenticates. An attestation of a
//! wallet names the wallet's kind and a key that is another for each issuer, never the wallet.
//!
//! It keeps nothing: no request leaves a trace but for counters, and its nonces are made so that they can be recognised
//! without being remembered.

mod app;
mod config;
mod description;
mod routes;
mod signing;

pub use app::App;
pub use config::{DEFAULT, Own, Settings};
pub use signing::{Signing, SigningError};
