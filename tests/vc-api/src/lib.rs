//! The VC-API of the W3C Credentials Community Group over [`w3c_vc`], as far as the public test suites use it: issue a
//! credential, also with a status, verify one, verify a presentation. It is for tests alone: on loopback, for everybody
//! who asks, with keys and status lists that last as long as the process. `docs/vc-api.md` says how the suites are run
//! against it.
//!
//! The rules are those of [`w3c_vc`] and none of its own. Two decisions that a caller of that crate makes are made here
//! so that a suite can be answered at all: an issuer is believed to hold the key that it is named by, or where a URL
//! names it the one that signed; and a document may name any contexts that are held, in any order after the base
//! context. A context that is not held is not fetched, nor is a status list.

mod adapter;
mod manifest;
mod problem;
mod routes;
mod status;

pub use adapter::Adapter;
pub use manifest::manifest;
pub use problem::{Problem, ProblemType};
pub use routes::router;
