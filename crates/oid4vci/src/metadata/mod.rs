//! What the issuer and the authorization server publish about themselves. OpenID4VCI 1.0 §12

mod authorization_server;
mod configuration;
mod display;
mod issuer;

pub use authorization_server::{AuthorizationServerMetadata, AuthorizationServerMetadataError};
pub use configuration::{
    ConfigurationError, CredentialConfiguration, FormatProfile, KeyAttestationsRequired, ProofType,
    parse_configurations,
};
pub use display::{ClaimDescription, CredentialMetadata, Display, DisplayError, PathElement};
pub use issuer::{BatchCredentialIssuance, IssuerMetadata, IssuerMetadataError, ResponseEncryption};
