//! What the issuer and the authorization server publish about themselves. OpenID4VCI 1.0 §12

mod authorization_server;
mod configuration;
mod display;
mod encryption;
mod issuer;
mod of_type;
mod signed;

pub use authorization_server::{AuthorizationServerMetadata, AuthorizationServerMetadataError};
pub use configuration::{
    ConfigurationError, CredentialConfiguration, FormatProfile, KeyAttestationsRequired, ProofForm, ProofType,
    parse_configurations,
};
pub use display::{ClaimDescription, CredentialMetadata, Display, DisplayError, PathElement};
pub(crate) use encryption::ECDH_ES;
pub use encryption::{EncryptionKeys, EncryptionMetadataError, RequestEncryption, ResponseEncryption};
pub use issuer::{BatchCredentialIssuance, IssuerMetadata, IssuerMetadataError};
pub use signed::{SignedMetadataError, UnverifiedSignedMetadata, sign_issuer_metadata};
