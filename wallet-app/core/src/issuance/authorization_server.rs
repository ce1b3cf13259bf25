//! What is asked of an authorization server, made again until it answers: with the nonce or the challenge that it asks
//! for, and after a while where it is busy. RFC 9449 §8, draft-ietf-oauth-attestation-based-client-auth §7.2,
//! RFC 9110 §10.2.3
//!
//! What counts once, a code above all, is sent again only where the server said that it did not look at it: it was
//! busy, or missed a nonce or a challenge. After any other answer, and after none, it may have been used.
//! RFC 6749 §4.1.2

use super::IssuanceError;
use super::authentication::Authentication;
use super::receive::RETRIES;
use crate::clock::OsRandom;
use crate::exchange::{Patience, Unheard};
use crate::wallet::Wallet;
use jose::{PrivateJwk, SigningKey, UnixTime};
use oid4vci::wallet::{
    AuthorizedIssuance, HttpRequest, HttpResponse, PreparedIssuance, PushingAuthorization, Reply, StartedAuthorization,
    TokenExchange,
};

/// One thing that an authorization server is asked for.
pub(super) trait ServerRequest {
    /// What it gives.
    type Given;

    /// The issuance that it is asked in.
    fn issuance(&self) -> &PreparedIssuance;

    /// The request, with a proof of the key that the tokens are bound to.
    fn make(&self, key: &SigningKey, now: UnixTime) -> Result<HttpRequest, IssuanceError>;

    /// Reads the answer.
    fn read(&mut self, answer: &HttpResponse<'_>) -> Result<Reply<Self::Given>, IssuanceError>;
}

/// A sign-in is asked for. RFC 9126 §2
pub(super) struct Push<'a> {
    pub(super) issuance: &'a PreparedIssuance,
    pub(super) request: PushingAuthorization,
}

/// A token is asked for with the code of an offer. OpenID4VCI 1.0 §6.1
pub(super) struct OfferedCode<'a> {
    pub(super) issuance: PreparedIssuance,
    pub(super) tx_code: Option<&'a str>,
}

/// An access token, and the key that it is bound to.
pub(super) struct Holder {
    pub(super) authorized: AuthorizedIssuance,
    pub(super) signer: SigningKey,
    pub(super) dpop_key: PrivateJwk,
    pub(super) token_asked_at: UnixTime,
}

impl Wallet {
    /// Asks for a token.
    pub(super) async fn token(
        &self,
        request: impl ServerRequest<Given = AuthorizedIssuance>,
        dpop_key: PrivateJwk,
    ) -> Result<Holder, IssuanceError> {
        let signer = SigningKey::new(&dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let token_asked_at = self.clock.now();
        let authorized = self.ask_server(request, &signer).await?;
        Ok(Holder {
            authorized,
            signer,
            dpop_key,
            token_asked_at,
        })
    }

    /// Asks until the server gives what it is asked for, or will not.
    pub(super) async fn ask_server<R: ServerRequest>(
        &self,
        mut request: R,
        key: &SigningKey,
    ) -> Result<R::Given, IssuanceError> {
        let mut patience = Patience::default();
        let mut authentication = Authentication::new(self, request.issuance(), key);
        for _ in 0..RETRIES + Patience::TRIES {
            let made = request.make(key, self.clock.now())?;
            let answer = authentication.send(made).await?;
            if patience.asks_again(&answer, Unheard::Busy).await? || authentication.is_asked_again(&answer) {
                continue;
            }
            if let Reply::Done(given) = request.read(&answer.view())? {
                return Ok(given);
            }
        }
        Err(IssuanceError::EndlessRetries)
    }
}

impl IssuanceError {
    /// Whether a code is as good as before it was to be redeemed: it was not sent, or the server did not look at it.
    pub(super) fn leaves_the_code(&self) -> bool {
        matches!(
            self,
            Self::Busy(_) | Self::Attester(_) | Self::Challenge(_) | Self::ChallengeUnreachable(_)
        )
    }
}

impl ServerRequest for Push<'_> {
    type Given = StartedAuthorization;

    fn issuance(&self) -> &PreparedIssuance {
        self.issuance
    }

    fn make(&self, key: &SigningKey, now: UnixTime) -> Result<HttpRequest, IssuanceError> {
        Ok(self.request.request(key, now, &mut OsRandom::fill_slice)?)
    }

    fn read(&mut self, answer: &HttpResponse<'_>) -> Result<Reply<StartedAuthorization>, IssuanceError> {
        Ok(self.request.response(answer)?)
    }
}

impl ServerRequest for OfferedCode<'_> {
    type Given = AuthorizedIssuance;

    fn issuance(&self) -> &PreparedIssuance {
        &self.issuance
    }

    fn make(&self, key: &SigningKey, now: UnixTime) -> Result<HttpRequest, IssuanceError> {
        let random = &mut OsRandom::fill_slice;
        Ok(self.issuance.token_request(self.tx_code, key, now, random)?)
    }

    fn read(&mut self, answer: &HttpResponse<'_>) -> Result<Reply<AuthorizedIssuance>, IssuanceError> {
        Ok(self.issuance.token_response(answer)?)
    }
}

impl ServerRequest for TokenExchange {
    type Given = AuthorizedIssuance;

    fn issuance(&self) -> &PreparedIssuance {
        self.prepared()
    }

    fn make(&self, key: &SigningKey, now: UnixTime) -> Result<HttpRequest, IssuanceError> {
        Ok(self.request(key, now, &mut OsRandom::fill_slice)?)
    }

    fn read(&mut self, answer: &HttpResponse<'_>) -> Result<Reply<AuthorizedIssuance>, IssuanceError> {
        Ok(self.response(answer)?)
    }
}
