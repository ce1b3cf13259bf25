//! The one HTTP client of every Holdfast program.
//!
//! What a server or a wallet fetches is named by somebody else: a `request_uri`,
//! a status list, the host of a DID. So this client resolves the name itself,
//! refuses every address that is not public, connects to exactly the addresses
//! it has checked, follows no redirect unless asked, asks for no compression,
//! and bounds time and size.
//!
//! ```no_run
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! use outbound::{Client, Limits, Policy};
//!
//! let client = Client::new(Policy::Public)?;
//! let list = client.get(&"https://agency.example/status/1".parse()?, &Limits::STATUS_LIST).await?;
//! let bytes = list.success()?.into_body();
//! # Ok(()) }
//! ```
//!
//! Under [`Policy::Development`] the rules turn round: only `localhost` and
//! `*.localhost` can be reached, always as 127.0.0.1 and never through DNS, by
//! http or https, and only on the ports that are listed.

mod address;
mod client;
mod error;
mod limits;
mod policy;
mod request;
mod resolver;
mod response;

pub use client::{Client, ClientBuilder};
pub use error::{BuildError, OutboundError};
pub use limits::{Limits, Redirects};
pub use policy::Policy;
pub use request::Request;
pub use resolver::{Resolve, Resolving, SystemResolver};
pub use response::Response;
