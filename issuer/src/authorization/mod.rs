//! Cards for people who sign in: the authorization code flow. OpenID4VCI 1.0 §5, HAIP 1.0 §4
//!
//! ```text
//! wallet  POST /par        push      what is wanted, checked and kept             RFC 9126
//! browser GET /authorize   begin     to the provider that knows the person        OpenID Connect Core 1.0 §3.1
//! browser GET /signed-in   finish    who signed in, and a code for the wallet     RFC 9207
//! wallet  POST /token      redeem    a token for that person's card               RFC 6749 §4.1.3
//! ```
//!
//! * [`WalletClient`]: the wallets that may ask, and where their answers may go.
//! * [`CitizenSignIn`]: this issuer as a relying party of an OpenID provider.

mod client;
mod flow;
mod id_token;
mod provider;
mod redeem;
mod wanted;

pub use client::WalletClient;
pub use id_token::IdTokenAlgorithm;
pub use provider::CitizenSettings;

pub(crate) use flow::{BeginError, Callback, FinishError, PushError, SIGN_IN_SECONDS};
pub(crate) use provider::CitizenSignIn;
pub(crate) use redeem::{Granted, grant_for, redeem_code, redeem_refresh, token_seconds};
