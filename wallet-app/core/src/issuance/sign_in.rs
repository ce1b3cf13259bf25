//! Cards for which the person signs in with the issuer. OpenID4VCI 1.0 §5, HAIP 1.0 §4
//!
//! [`Wallet::begin_sign_in`] → the browser → [`Wallet::finish_sign_in`]. What the browser's answer is
//! checked with lies in the vault meanwhile, so that the wallet may be closed and opened again.

use super::authorization_server::{Holder, Push};
use super::{IssuanceError, OpenOffer};
use crate::attester::CLIENT_ID;
use crate::cards::{Arrival, seconds, unsigned};
use crate::clock::OsRandom;
use crate::turns::Begun;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::{PrivateJwk, SigningKey, UnixTime};
use oid4vci::wallet::{PendingAuthorization, VerifiedCode, WalletClient};
use oid4vci::{AuthorizationResponseError, CredentialOffer, UnverifiedAuthorizationResponse};
use rusqlite::{OptionalExtension as _, Transaction, params};
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

/// A row.
struct SignInRow {
    state: String,
    /// The offer that it is for.
    offer: String,
    kept: Kept,
    good_until: UnixTime,
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
        let push = Push {
            issuance: &offer.prepared,
            request: offer.prepared.authorize(&client, &mut OsRandom::fill_slice)?,
        };
        let started = self.ask_server(push, &signer).await?;
        let now = self.clock.now();
        let row = SignInRow {
            state: started.pending.state().to_owned(),
            offer: serde_json::to_string(&offer.offer).map_err(|_| VaultError::MalformedRecord)?,
            kept: Kept {
                pending: started.pending,
                dpop_key: dpop_key.dangerous_to_value(),
            },
            good_until: now.saturating_add(AWAY_SECONDS),
        };
        self.vault.write(|transaction| {
            transaction.execute("DELETE FROM sign_in WHERE good_until <= ?1", [seconds(now)])?;
            row.insert(transaction)
        })?;
        Ok(SignIn {
            url: started.url,
            expires_in: started.expires_in,
        })
    }

    /// Takes the address that the browser came back to, and receives the cards. It counts once, and
    /// only if it is the answer to a request of this wallet by the server that was asked; nothing
    /// is sent before that is known. It still counts where the server was busy.
    pub async fn finish_sign_in(&self, redirected: &str) -> Result<Arrival, IssuanceError> {
        let answer = UnverifiedAuthorizationResponse::parse(redirected.trim())?;
        let state = answer.dangerous_state().ok_or(IssuanceError::NoSuchSignIn)?.to_owned();
        let _turn = self.turns.take(Begun::SignIn(state.clone())).await;
        let row = self.vault.sign_in(state, self.clock.now())?;
        let row = row.ok_or(IssuanceError::NoSuchSignIn)?;
        let code = match row.kept.pending.check(answer) {
            code @ (Ok(_) | Err(AuthorizationResponseError::Refused(_))) => code,
            // Somebody else's answer changes nothing.
            Err(error) => return Err(error.into()),
        };
        let offer = CredentialOffer::parse(row.offer.as_bytes(), self.settings.network.transport())?;
        let offer = self.prepare(offer).await?;
        // From here on it is answered: also after the end of this process a code that was sent is not sent again.
        self.vault.write(|transaction| row.delete(transaction))?;
        let result = async {
            let holder = self.redeem(&offer, &row, code?).await?;
            self.receive_with(&offer, holder).await
        };
        let result = result.await;
        self.arrived(&offer, result)
    }

    /// Redeems the code; where it is as good as before, the sign-in is still there. RFC 6749 §4.1.2
    async fn redeem(&self, offer: &OpenOffer, row: &SignInRow, code: VerifiedCode) -> Result<Holder, IssuanceError> {
        let exchange = offer.prepared.clone().redeem(&row.kept.pending, code)?;
        let dpop_key = PrivateJwk::from_value(&row.kept.dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let redeemed = self.token(exchange, dpop_key).await;
        if redeemed.as_ref().is_err_and(IssuanceError::leaves_the_code) {
            self.vault.write(|transaction| row.insert(transaction))?;
        }
        redeemed
    }
}

impl SignInRow {
    fn insert(&self, transaction: &Transaction<'_>) -> Result<(), VaultError> {
        let kept = Zeroizing::new(serde_json::to_string(&self.kept).map_err(|_| VaultError::MalformedRecord)?);
        transaction.execute(
            "INSERT INTO sign_in (state, offer, pending, good_until) VALUES (?1, ?2, ?3, ?4)",
            params![self.state, self.offer, kept.as_str(), seconds(self.good_until)],
        )?;
        Ok(())
    }

    fn delete(&self, transaction: &Transaction<'_>) -> Result<(), VaultError> {
        transaction.execute("DELETE FROM sign_in WHERE state = ?1", [&self.state])?;
        Ok(())
    }
}

impl Vault {
    /// The sign-in that a state names.
    fn sign_in(&self, state: String, now: UnixTime) -> Result<Option<SignInRow>, VaultError> {
        let row: Option<(String, String, i64)> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT offer, pending, good_until FROM sign_in WHERE state = ?1 AND good_until > ?2",
                    params![state, seconds(now)],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()
        })?;
        row.map(|(offer, kept, good_until)| {
            let kept = Zeroizing::new(kept);
            Ok(SignInRow {
                state,
                offer,
                kept: serde_json::from_str(&kept).map_err(|_| VaultError::MalformedRecord)?,
                good_until: unsigned(good_until)?,
            })
        })
        .transpose()
    }
}
