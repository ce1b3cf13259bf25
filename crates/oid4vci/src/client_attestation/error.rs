use jose::claims::ClaimError;
use jose::{JwkError, JwsError};

use crate::attester::AttesterError;

/// Why a client is not taken for what it says it is. On the wire nearly all of them are `invalid_client`.
/// draft-ietf-oauth-attestation-based-client-auth §8
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientAttestationError {
    /// No attestation where policy asks for one.
    #[error("a wallet attestation is needed")]
    Missing,
    /// A header stands twice.
    #[error("a header of the wallet attestation stands twice")]
    SeveralHeaders,
    /// A proof of possession without an attestation.
    #[error("a proof of possession without a wallet attestation")]
    PopAlone,
    /// The attestation is no JWS of the right type whose signature holds.
    #[error("wallet attestation: {0}")]
    Attestation(JwsError),
    /// An algorithm, of the attestation or of the attested key, that is not in the metadata.
    #[error("the algorithm is not supported for wallet attestations")]
    Algorithm,
    /// Nobody trusted made it.
    #[error(transparent)]
    Attester(#[from] AttesterError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Its time is over.
    #[error("the wallet attestation has expired")]
    Expired,
    /// It is from a time ahead.
    #[error("the wallet attestation is not valid yet")]
    NotYetValid,
    /// It names a place where it may have been revoked, which is not looked at.
    #[error("whether the wallet attestation was revoked cannot be checked")]
    Status,
    /// `client_id` is not the attested one.
    #[error("the attestation is of another client")]
    OtherClient,
    /// No `cnf.jwk`.
    #[error("the wallet attestation names no key")]
    NoKey,
    /// The attested key is no public key of a supported kind.
    #[error(transparent)]
    Key(#[from] JwkError),
    /// Neither a proof of possession nor a DPoP proof.
    #[error("no proof of possession of the attested key")]
    PopMissing,
    /// The DPoP proof stands for the proof of possession, and is signed with another key.
    #[error("the key of the DPoP proof is not attested")]
    DpopKeyNotAttested,
    /// The proof of possession is no JWS of the right type signed with the attested key.
    #[error("proof of possession: {0}")]
    Pop(JwsError),
    /// `aud` is not this server.
    #[error("the proof of possession is for another server")]
    Audience,
    /// `iat` is too far away.
    #[error("the proof of possession is too old or ahead of time")]
    IssuedAt,
    /// `jti` is empty or too long.
    #[error("jti of the proof of possession is empty or too long")]
    Jti,
    /// The proof of possession is over no challenge of this server's, or over one that has run out. On the wire
    /// `use_attestation_challenge`. draft-ietf-oauth-attestation-based-client-auth §7.2
    #[error("the proof of possession needs a fresh challenge")]
    Challenge,
    /// The proof of possession was used before.
    #[error("the proof of possession was used before")]
    Replayed,
}
