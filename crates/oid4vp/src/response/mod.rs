//! Authorization response: what the wallet posts, and what the verifier reads.
//! OpenID4VP 1.0 §8

mod answers;
mod direct_post;
mod error;
mod form;
mod vp_token;

pub use answers::{Answers, Satisfied, Unsatisfied};
pub use direct_post::{DirectPost, ReceivedResponse, ResponseExpectation};
pub use error::ResponseError;
pub use form::{ErrorResponse, FormBody};
pub use vp_token::{UnverifiedVpToken, VpToken};
