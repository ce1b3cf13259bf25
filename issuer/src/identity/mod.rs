//! Who the issuer is: keys, DID, certificate chain.

mod application;
mod certificates;
mod files;
mod signing;

pub use application::Application;
pub use certificates::{Authority, CertificateError};
pub use files::{IdentityFiles, IdentityFilesError};
pub use signing::{Signing, SigningError};
