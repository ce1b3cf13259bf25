//! The wallet's side: which HTTP request comes next, and what its answer means.
//!
//! The shell sends each [`HttpRequest`] and hands the answer back as [`HttpResponse`]; every URL in a request comes
//! from the offer or the metadata, so the shell still resolves, checks and pins it.
//!
//! 1. [`OfferLink::parse`](crate::OfferLink::parse); for a reference, [`fetch_offer`] and
//!    [`CredentialOffer::parse`](crate::CredentialOffer::parse).
//! 2. [`fetch_issuer_metadata`], [`IssuerMetadata::parse`](crate::IssuerMetadata::parse).
//! 3. [`fetch_server_metadata`] of [`IssuerMetadata::authorization_server`](crate::IssuerMetadata::authorization_server),
//!    [`AuthorizationServerMetadata::parse`](crate::AuthorizationServerMetadata::parse).
//! 4. [`PreparedIssuance::new`]; the person sees who offers what and types a transaction code.
//! 5. With a code in the offer, [`PreparedIssuance::token_request`] until [`PreparedIssuance::token_response`] gives an
//!    [`AuthorizedIssuance`]. Without one, [`PreparedIssuance::authorize`], the browser, [`PendingAuthorization::check`],
//!    [`PreparedIssuance::redeem`], [`TokenExchange`].
//! 6. [`AuthorizedIssuance::nonce_request`], [`AuthorizedIssuance::credential_request`], for each card.
//! 7. [`DeferredSession::request`] after [`DeferredSession::interval`], where the issuer needs time.
//! 8. [`AuthorizedIssuance::refresh`], [`RefreshSession::resume`], [`TokenExchange`] to get copies again another day.
//! 9. [`AuthorizedIssuance::notifications`], [`NotificationSession::request`], once it is decided what becomes of them.
//!
//! [`ClientAttestation::add_to`] completes pushed requests and token requests, whatever they redeem, where the server
//! wants to know what the wallet is. [`OwnAttester`] says what its attestations, and those of keys, are read against.

mod answer;
mod attester;
mod authorization;
mod authorized;
mod client;
mod deferred;
mod exchange;
mod failure;
mod http;
mod key_attestation;
mod notifications;
mod prepared;
mod protection;
mod refresh;
mod token_step;

pub use answer::{CredentialAnswer, IssuedCredentials};
pub use attester::{AttestationReadError, OwnAttester};
pub use authorization::{
    AuthorizationStepError, PendingAuthorization, PushFailure, PushingAuthorization, StartedAuthorization,
    VerifiedCode, WalletClient,
};
pub use authorized::{AttestedKeys, AuthorizedIssuance};
pub use client::{ChallengeError, ClientAttestation, fetch_challenge, read_challenge};
pub use deferred::{DeferredAnswer, DeferredSession};
pub use exchange::TokenExchange;
pub use failure::{CredentialFailure, CredentialStepError, NonceFailure};
pub use http::{
    HttpRequest, HttpResponse, HttpResponseError, Reply, fetch_issuer_metadata, fetch_offer, fetch_server_metadata,
    fetch_signed_issuer_metadata,
};
pub use key_attestation::KeyAttestation;
pub use notifications::NotificationSession;
pub use prepared::{Abilities, PrepareError, PreparedIssuance, TokenStepError};
pub use protection::{ProtectionError, ResponseFormError};
pub use refresh::RefreshSession;
pub use token_step::TokenFailure;
