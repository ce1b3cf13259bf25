//! OpenID for Verifiable Presentations 1.0: messages and sessions, verifier
//! side and wallet side, with the choices of HAIP 1.0.
//!
//! The crate reads no clock, opens no connection and draws no random value:
//! time, keys and random bytes are arguments. (The one exception is the
//! ephemeral key of a JWE, see the crate `jose`.)
//!
//! * What is asked: [`DcqlQuery`], evaluated over [`Candidate`]s.
//! * The wallet's way: [`RequestUri`] → [`UnverifiedRequest`] →
//!   [`AuthenticatedRequest`] → [`PresentationRequest`] → consent →
//!   [`PresentationRequest::respond`] or [`PresentationRequest::refuse`].
//! * The verifier's way: [`NewRequest`] → [`DirectPost`] →
//!   [`UnverifiedVpToken`] → checks of each presentation → [`Answers`] →
//!   [`Satisfied`].

pub mod budget;
mod claims_path;
mod client_id;
mod dcql;
mod error_code;
mod form;
mod formats;
mod presented;
mod registration;
mod request;
mod response;
mod session;
mod token;

pub use claims_path::{ClaimsPath, ClaimsPathError, PathComponent, PathView, SelectError};
pub use client_id::{CertificateHash, ClientId, ClientIdError, DidText, DnsName};
pub use dcql::{
    Authority, AuthorityType, Candidate, ClaimId, ClaimSelection, ClaimsQuery, CredentialMatch, CredentialQuery,
    CredentialSetQuery, CredentialType, DcqlError, DcqlQuery, Evaluation, HolderBinding, Meta, Multiplicity, QueryId,
    Requirement, SetChoice, TrustedAuthority,
};
pub use error_code::{ErrorCode, UnknownErrorCode};
pub use formats::supported_formats;
pub use presented::{NotAnAnswer, PresentedClaims};
pub use registration::{RegisteredCredential, RegistrationError, UnverifiedRegistration, VerifiedRegistration};
pub use request::{
    AuthenticatedRequest, NewRequest, PresentationRequest, REQUEST_TYP, ReceivedRequestUriPost, RequestError,
    RequestSigner, RequestUri, RequestUriError, RequestUriMethod, RequestUriPost, RequestUriPostError,
    ResponseEncryption, ResponseMode, STATIC_WALLET_AUDIENCE, UnverifiedRequest, VerifierEvidence, VerifierInfo,
    WalletScheme,
};
pub use response::{
    Answers, DirectPost, ErrorResponse, FormBody, ReceivedResponse, ResponseError, ResponseExpectation, Satisfied,
    Unsatisfied, UnverifiedVpToken, VpToken,
};
pub use session::{SessionError, SessionState, UnknownSessionState, VerifierSession};
pub use token::{Nonce, State, TokenError};
