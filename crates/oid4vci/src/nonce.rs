//! Nonces of the server: `c_nonce` (OpenID4VCI 1.0 §7), `DPoP-Nonce` (RFC 9449 §8) and the challenge for wallets that
//! say what they are (draft-ietf-oauth-attestation-based-client-auth §7).
//!
//! A nonce carries its own time and a MAC, so that handing one out stores nothing and an unauthenticated endpoint
//! cannot fill a disk. Only the *used* ones are remembered, until they would have run out anyway.

use aws_lc_rs::hmac;
use jose::strict_json::{self, Limits, StrictJsonError};
use jose::{RandomSource, UnixTime, base64url};
use serde::{Deserialize, Serialize};

use crate::identifier::Identifier;

/// What a nonce is for; one of the other kind is foreign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoncePurpose {
    /// `c_nonce` in key proofs.
    KeyProof,
    /// `nonce` in DPoP proofs.
    Dpop,
    /// `challenge` in proofs of possession of an attested key.
    ClientAttestation,
}

impl NoncePurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::KeyProof => b"openid4vci c_nonce",
            Self::Dpop => b"dpop nonce",
            Self::ClientAttestation => b"client attestation challenge",
        }
    }
}

/// Hands out and recognises the nonces of one server and one purpose.
pub struct ServerNonces {
    key: hmac::Key,
    context: Vec<u8>,
    lifetime: u64,
}

/// A nonce of ours that has not run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FreshNonce {
    /// What to remember it by when it may be used only once.
    pub id: [u8; 16],
    /// Until when to remember it.
    pub expires_at: UnixTime,
}

impl ServerNonces {
    /// Nonces under a secret key, bound to the server's identifier, valid for `lifetime` seconds.
    #[must_use]
    pub fn new(key: &[u8; 32], server: &Identifier, purpose: NoncePurpose, lifetime: u64) -> Self {
        let mut context = purpose.label().to_vec();
        context.push(0);
        context.extend_from_slice(server.as_str().as_bytes());
        context.push(0);
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            context,
            lifetime,
        }
    }

    /// A fresh nonce.
    #[must_use]
    pub fn issue(&self, now: UnixTime, random: &mut dyn RandomSource) -> String {
        let mut bytes = [0_u8; BODY + MAC];
        bytes[..8].copy_from_slice(&now.to_be_bytes());
        random.fill(&mut bytes[8..BODY]);
        let mac = self.mac(&bytes[..BODY]);
        bytes[BODY..].copy_from_slice(&mac.as_ref()[..MAC]);
        base64url::encode(bytes)
    }

    /// Whether a nonce is ours and fresh. Whether it was used before is for the store to know.
    pub fn check(&self, nonce: &str, now: UnixTime) -> Result<FreshNonce, NonceError> {
        let bytes = base64url::decode(nonce).map_err(|_| NonceError::Foreign)?;
        let bytes: [u8; BODY + MAC] = bytes.try_into().map_err(|_| NonceError::Foreign)?;
        let (body, mac) = bytes.split_at(BODY);
        let expected = self.mac(body);
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], mac)
            .map_err(|_| NonceError::Foreign)?;
        let mut issued_at = [0_u8; 8];
        issued_at.copy_from_slice(&body[..8]);
        let mut id = [0_u8; 16];
        id.copy_from_slice(&body[8..]);
        let issued_at = UnixTime::from_be_bytes(issued_at);
        let expires_at = issued_at.saturating_add(self.lifetime);
        // A time ahead of ours can only be our own clock set back: the nonce would be valid for too long.
        if now >= expires_at || issued_at > now.saturating_add(self.lifetime) {
            return Err(NonceError::Expired);
        }
        Ok(FreshNonce { id, expires_at })
    }

    fn mac(&self, body: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&self.context);
        context.update(body);
        context.sign()
    }
}

/// Time and random bytes.
const BODY: usize = 8 + 16;
/// The MAC, cut to 128 bits.
const MAC: usize = 16;

/// Why a nonce is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceError {
    /// Not made by this server for this purpose.
    #[error("the nonce is not ours")]
    Foreign,
    /// Its time is over.
    #[error("the nonce has expired")]
    Expired,
}

/// The body of a nonce response. OpenID4VCI 1.0 §7.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceResponse {
    /// The nonce for key proofs.
    pub c_nonce: String,
}

impl NonceResponse {
    /// Parses the body of a nonce response.
    pub fn parse(bytes: &[u8]) -> Result<Self, StrictJsonError> {
        strict_json::from_slice(bytes, &Limits::MESSAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::Transport;

    fn nonces(server: &str, purpose: NoncePurpose) -> ServerNonces {
        ServerNonces::new(
            &[9; 32],
            &Identifier::parse(server, Transport::Https).unwrap(),
            purpose,
            300,
        )
    }

    fn counter() -> impl FnMut(&mut [u8]) {
        let mut count = 0_u8;
        move |out: &mut [u8]| {
            count += 1;
            out.fill(count);
        }
    }

    #[test]
    fn a_nonce_of_ours_is_fresh_until_it_expires() {
        let nonces = nonces("https://issuer.example", NoncePurpose::KeyProof);
        let mut random = counter();
        let nonce = nonces.issue(1_000, &mut random);
        assert_eq!(
            nonces.check(&nonce, 1_299),
            Ok(FreshNonce {
                id: [1; 16],
                expires_at: 1_300
            })
        );
        assert_eq!(nonces.check(&nonce, 1_300), Err(NonceError::Expired));
        assert_ne!(nonces.issue(1_000, &mut random), nonce);
    }

    #[test]
    fn a_nonce_of_another_server_or_purpose_is_foreign() {
        let ours = nonces("https://issuer.example", NoncePurpose::KeyProof);
        let nonce = ours.issue(1_000, &mut counter());
        let other = nonces("https://other.example", NoncePurpose::KeyProof);
        let dpop = nonces("https://issuer.example", NoncePurpose::Dpop);
        assert_eq!(other.check(&nonce, 1_000), Err(NonceError::Foreign));
        assert_eq!(dpop.check(&nonce, 1_000), Err(NonceError::Foreign));
        assert_eq!(ours.check("", 1_000), Err(NonceError::Foreign));
        assert_eq!(ours.check(&nonce[1..], 1_000), Err(NonceError::Foreign));
    }

    #[test]
    fn a_changed_time_is_foreign() {
        let nonces = nonces("https://issuer.example", NoncePurpose::KeyProof);
        let mut bytes = base64url::decode(&nonces.issue(1_000, &mut counter())).unwrap();
        bytes[7] ^= 1;
        assert_eq!(nonces.check(&base64url::encode(bytes), 1_000), Err(NonceError::Foreign));
    }

    #[test]
    fn a_nonce_far_ahead_of_the_clock_is_not_taken() {
        let nonces = nonces("https://issuer.example", NoncePurpose::KeyProof);
        let nonce = nonces.issue(10_000, &mut counter());
        assert_eq!(nonces.check(&nonce, 1_000), Err(NonceError::Expired));
    }
}
