//! Cards for which the person signs in with the issuer. OpenID4VCI 1.0 §5, HAIP 1.0 §4
//!
//! [`Wallet::begin_sign_in`] → the browser → [`Wallet::finish_sign_in`]. What the browser's answer is
//! checked with lies in the vault meanwhile, so that the wallet may be closed and opened again.

use super::authentication::Authentication;
use super::receive::{Holder, RETRIES};
use super::{IssuanceError, OpenOffer};
use crate::attester::CLIENT_ID;
use crate::cards::Arrival;
use crate::clock::OsRandom;
use crate::turns::Begun;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::{PrivateJwk, SigningKey, UnixTime};
use oid4vci::wallet::{
    AuthorizedIssuance, CodeExchange, PendingAuthorization, Reply, StartedAuthorization, WalletClient,
};
use oid4vci::{AuthorizationResponseError, CredentialOffer, UnverifiedAuthorizationResponse};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

/// For how many seconds the person may be away in the browser.
const AWAY_SECONDS: u64 = 1_800;

/// A sign-in that began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// What the browser opens.
    pub url: Url,
    /// For how many seconds it can be opened.
    pub expires_in: u64,
}

/// What is kept while the person is in the browser.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    pending: PendingAuthorization,
    dpop_key: serde_json::Value,
}

impl Wallet {
    /// Asks the issuer for a sign-in. The person goes on in the browser, which comes back to
    /// `redirect_uri`.
    pub async fn begin_sign_in(&self, offer: &OpenOffer, redirect_uri: &Url) -> Result<SignIn, IssuanceError> {
        let dpop_key = PrivateJwk::generate_p256(&mut OsRandom::fill_slice);
        let signer = SigningKey::new(&dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let client = WalletClient {
            client_id: CLIENT_ID,
            redirect_uri,
        };
        let mut pushing = offer.prepared.authorize(&client, &mut OsRandom::fill_slice)?;
        let mut authentication = Authentication::new(self, &offer.prepared, &signer);
        for _ in 0..RETRIES {
            let request = pushing.request(&signer, self.clock.now(), &mut OsRandom::fill_slice)?;
            let answer = authentication.send(request).await?;
            if authentication.is_asked_again(&answer) {
                continue;
            }
            if let Reply::Done(started) = pushing.response(&answer.view())? {
                self.keep_sign_in(offer, &started, &dpop_key)?;
                return Ok(SignIn {
                    url: started.url,
                    expires_in: started.expires_in,
                });
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    /// Takes the address that the browser came back to, and receives the cards. It counts once, and
    /// only if it is the answer to a request of this wallet by the server that was asked; nothing
    /// is sent before that is known.
    pub async fn finish_sign_in(&self, redirected: &str) -> Result<Arrival, IssuanceError> {
        let answer = UnverifiedAuthorizationResponse::parse(redirected.trim())?;
        let state = answer.dangerous_state().ok_or(IssuanceError::NoSuchSignIn)?.to_owned();
        let _turn = self.turns.take(Begun::SignIn(state.clone())).await;
        let (offer, kept) = self
            .vault
            .sign_in(&state, self.clock.now())?
            .ok_or(IssuanceError::NoSuchSignIn)?;
        let code = match kept.pending.check(answer) {
            code @ (Ok(_) | Err(AuthorizationResponseError::Refused(_))) => code,
            // Somebody else's answer changes nothing.
            Err(error) => return Err(error.into()),
        };
        let offer = CredentialOffer::parse(offer.as_bytes(), self.settings.network.transport())?;
        let offer = self.prepare(offer).await?;
        // From here on it is answered, whatever follows.
        self.vault.forget_sign_in(&state)?;
        let result = async {
            let exchange = offer.prepared.clone().redeem(&kept.pending, code?)?;
            let dpop_key = PrivateJwk::from_value(&kept.dpop_key).map_err(|_| crate::KeyError::Malformed)?;
            let holder = self.redeem(exchange, dpop_key).await?;
            self.receive_with(&offer, holder).await
        };
        let result = result.await;
        self.arrived(&offer, result)
    }

    async fn redeem(&self, mut exchange: CodeExchange, dpop_key: PrivateJwk) -> Result<Holder, IssuanceError> {
        let signer = SigningKey::new(&dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let token_asked_at = self.clock.now();
        let mut authentication = Authentication::new(self, exchange.prepared(), &signer);
        for _ in 0..RETRIES {
            let request = exchange.request(&signer, self.clock.now(), &mut OsRandom::fill_slice)?;
            let answer = authentication.send(request).await?;
            if authentication.is_asked_again(&answer) {
                continue;
            }
            let reply: Reply<AuthorizedIssuance> = exchange.response(&answer.view())?;
            if let Reply::Done(authorized) = reply {
                return Ok(Holder {
                    authorized,
                    signer,
                    dpop_key,
                    token_asked_at,
                });
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    fn keep_sign_in(
        &self,
        offer: &OpenOffer,
        started: &StartedAuthorization,
        dpop_key: &PrivateJwk,
    ) -> Result<(), VaultError> {
        let kept = Kept {
            pending: started.pending.clone(),
            dpop_key: dpop_key.dangerous_to_value(),
        };
        let now = self.clock.now();
        let kept = Zeroizing::new(serde_json::to_string(&kept).map_err(|_| VaultError::MalformedRecord)?);
        let offer = serde_json::to_string(&offer.offer).map_err(|_| VaultError::MalformedRecord)?;
        self.vault.write(|transaction| {
            transaction.execute("DELETE FROM sign_in WHERE good_until <= ?1", [seconds(now)])?;
            transaction.execute(
                "INSERT INTO sign_in (state, offer, pending, good_until) VALUES (?1, ?2, ?3, ?4)",
                params![
                    started.pending.state(),
                    offer,
                    kept.as_str(),
                    seconds(now.saturating_add(AWAY_SECONDS))
                ],
            )?;
            Ok(())
        })
    }
}

impl Vault {
    /// The sign-in that a state names: the offer, and what the answer is checked with.
    fn sign_in(&self, state: &str, now: UnixTime) -> Result<Option<(String, Kept)>, VaultError> {
        let row: Option<(String, String)> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT offer, pending FROM sign_in WHERE state = ?1 AND good_until > ?2",
                    params![state, seconds(now)],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
        })?;
        row.map(|(offer, kept)| {
            let kept = Zeroizing::new(kept);
            let kept = serde_json::from_str(&kept).map_err(|_| VaultError::MalformedRecord)?;
            Ok((offer, kept))
        })
        .transpose()
    }

    fn forget_sign_in(&self, state: &str) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM sign_in WHERE state = ?1", [state])?;
            Ok(())
        })
    }
}

fn seconds(time: UnixTime) -> i64 {
    crate::cards::seconds(time)
}
