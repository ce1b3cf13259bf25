//! OpenID for Verifiable Credential Issuance 1.0: messages and sessions, issuer side and wallet side.
//!
//! A credential is issued in five steps, each a message pair of its own:
//!
//! 1. an offer reaches the wallet as a link or QR code ([`OfferLink`], [`CredentialOffer`]);
//! 2. the wallet reads who offers and what ([`IssuerMetadata`], [`AuthorizationServerMetadata`]);
//! 3. a code becomes an access token bound to a key ([`TokenRequest`], [`PreAuthorizedGrant`], [`UnverifiedDpop`]); the
//!    code came with the offer, or from the authorization endpoint ([`AuthorizationRequest`], [`IssuedCode`]);
//! 4. keys become credentials ([`CredentialRequest`], [`VerifiedKeyProofs`], [`CredentialResponse`]);
//! 5. the wallet says what became of them ([`NotificationRequest`]).
//!
//! The wallet's side of the steps is in [`wallet`]: it says which HTTP request comes next, the shell sends it. The
//! issuer's side are checks that take what came off the wire and what the store knows; the shell writes the outcome
//! before it answers. Nothing here reads a clock, opens a socket or draws a random byte.

mod access_token;
mod attester;
mod authorization_details;
mod authorization_request;
mod authorization_response;
pub mod budget;
mod client_attestation;
mod credential_request;
mod credential_response;
mod deferred;
mod dpop;
mod encryption;
mod error_code;
#[cfg(test)]
mod fixture;
mod form;
mod grant;
mod identifier;
mod issued_code;
mod key_attestation;
mod key_proof;
pub mod metadata;
mod nonce;
mod notification;
mod offer;
mod offer_link;
mod pkce;
mod token;
mod token_response;
pub mod wallet;

pub use access_token::{AccessTokenError, PresentedToken};
pub use attester::{AttesterError, TrustedAttesters};
pub use authorization_details::{AuthorizationDetail, AuthorizationDetailsError, RequestedClaim};
pub use authorization_request::{AuthorizationRequest, AuthorizationRequestError, PushedAuthorizationResponse};
pub use authorization_response::{
    AuthorizationExpectation, AuthorizationOutcome, AuthorizationResponseError, UnverifiedAuthorizationResponse,
};
pub use client_attestation::{
    ATTEST_JWT_CLIENT_AUTH, ATTEST_JWT_CLIENT_AUTH_DPOP, CLIENT_ATTESTATION, CLIENT_ATTESTATION_CHALLENGE,
    CLIENT_ATTESTATION_POP, ClientAttestationDraft, ClientAttestationError, ClientExpectation,
    UnverifiedClientAttestation, VerifiedClient, make_client_attestation, make_client_attestation_pop,
};
pub use credential_request::{CredentialRequest, CredentialRequestError, Proofs, RequestedCredential};
pub use credential_response::{CredentialResponse, CredentialResponseError};
pub use deferred::{DeferredCredentialRequest, DeferredRequestError};
pub use dpop::{DpopError, DpopExpectation, DpopTarget, UnverifiedDpop, VerifiedDpop, make_dpop_proof};
pub use encryption::{
    Encryption, EncryptionPolicy, MessageBody, MessageEncryptionError, ResponseEncryptionRequest, derive_encryption_key,
};
pub use error_code::{
    AuthorizationErrorCode, AuthorizationRequestErrorCode, CredentialErrorCode, ErrorBody, NotificationErrorCode,
    TokenErrorCode,
};
pub use form::FormError;
pub use grant::{GrantError, GrantState, PreAuthorizedGrant, SecretHash, TxCodeHash, WRONG_TX_CODES_ALLOWED};
pub use identifier::{Identifier, Transport, UrlError};
pub use issued_code::{CodeBinding, CodeError, CodeState, IssuedCode, IssuedRefresh, ProvenKeys, RefreshError};
pub use key_attestation::{KeyAttestationDraft, KeyAttestationError, KeyAttestationPolicy, make_key_attestation};
pub use key_proof::{
    KeyProofError, ProofClient, ProofFreshness, ProofPolicy, VerifiedKeyProofs, make_attested_key_proof, make_key_proof,
};
pub use metadata::{AuthorizationServerMetadata, IssuerMetadata};
pub use nonce::{FreshNonce, NonceError, NoncePurpose, NonceResponse, ServerNonces};
pub use notification::{NotificationError, NotificationEvent, NotificationRequest};
pub use offer::{
    AuthorizationCodeGrant, CredentialOffer, Grants, InputMode, OfferError, PreAuthorizedCodeGrant, TxCode,
    TxCodeInputError,
};
pub use offer_link::{OfferLink, OfferLinkError};
pub use pkce::{PkceChallenge, PkceError, PkceVerifier};
pub use token::{AuthorizationCodeRequest, PreAuthorizedCodeRequest, RefreshRequest, TokenRequest, TokenRequestError};
pub use token_response::{TokenResponse, TokenResponseError, TokenType};

/// The grant type of the pre-authorized code. OpenID4VCI 1.0 §4.1.1
pub const PRE_AUTHORIZED_CODE: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
