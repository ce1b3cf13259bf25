//! The wallet says what it is, where an authorization server wants to know: at the endpoint for pushed requests and at
//! the token endpoint. OpenID4VCI 1.0 Appendix E, HAIP 1.0 §4.4.1, draft-ietf-oauth-attestation-based-client-auth
//!
//! The key that is attested is the one that the tokens of this issuance are bound to. It was made for this issuance
//! alone and lies in the vault as long as a token does, so neither two issuers nor one issuer twice can tell by it that
//! they deal with the same wallet.

use super::IssuanceError;
use crate::clock::OsRandom;
use crate::exchange::{Answer, Patience, Unheard, send};
use crate::wallet::Wallet;
use jose::SigningKey;
use oid4vci::Identifier;
use oid4vci::wallet::{ClientAttestation, HttpRequest, PreparedIssuance, fetch_challenge, read_challenge};
use outbound::Limits;
use url::Url;

/// The wallet towards one authorization server, in one issuance.
pub(super) struct Authentication<'a> {
    wallet: &'a Wallet,
    key: &'a SigningKey,
    server: Identifier,
    challenge_endpoint: Option<Url>,
    wanted: bool,
    attestation: Option<ClientAttestation>,
    /// What the server gave for the next request.
    challenge: Option<String>,
}

impl<'a> Authentication<'a> {
    /// For the requests of an issuance whose tokens are bound to `key`.
    pub(super) fn new(wallet: &'a Wallet, prepared: &PreparedIssuance, key: &'a SigningKey) -> Self {
        Self {
            wallet,
            key,
            server: prepared.server().issuer.clone(),
            challenge_endpoint: prepared.server().challenge_endpoint.clone(),
            wanted: prepared.wants_attestation(),
            attestation: None,
            challenge: None,
        }
    }

    /// Sends a request, with attestation and proof of possession where the server wants them.
    pub(super) async fn send(&mut self, mut request: HttpRequest) -> Result<Answer, IssuanceError> {
        if self.wanted {
            let challenge = self.next_challenge().await?;
            let attestation = match self.attestation.take() {
                Some(held) => held,
                None => self.wallet.attester()?.wallet_attestation(self.key).await?,
            };
            let (now, random) = (self.wallet.clock.now(), &mut OsRandom::fill_slice);
            attestation.add_to(&mut request, &self.server, challenge.as_deref(), self.key, now, random)?;
            self.attestation = Some(attestation);
        }
        let answer = send(&self.wallet.client, request, &Limits::MESSAGE).await?;
        self.challenge = answer.attestation_challenge().map(str::to_owned);
        Ok(answer)
    }

    /// Whether the server wants the request again over the challenge that it gave.
    /// draft-ietf-oauth-attestation-based-client-auth §7.2
    pub(super) fn is_asked_again(&self, answer: &Answer) -> bool {
        self.wanted && self.challenge.is_some() && answer.is_error("use_attestation_challenge")
    }

    /// The challenge that came with the last answer, or one from where the server gives them.
    /// draft-ietf-oauth-attestation-based-client-auth §7.1
    async fn next_challenge(&mut self) -> Result<Option<String>, IssuanceError> {
        if let Some(held) = self.challenge.take() {
            return Ok(Some(held));
        }
        let Some(endpoint) = &self.challenge_endpoint else {
            return Ok(None);
        };
        let mut patience = Patience::default();
        loop {
            let answer = send(&self.wallet.client, fetch_challenge(endpoint), &Limits::MESSAGE).await;
            let answer = answer.map_err(IssuanceError::ChallengeUnreachable)?;
            if !patience.asks_again(&answer, Unheard::Busy).await? {
                return Ok(Some(read_challenge(&answer.view())?));
            }
        }
    }
}
