//! Cards that an officer has to approve: wallets wait for them. OpenID4VCI 1.0 §9

use http::StatusCode;
use oid4vci::{CredentialErrorCode, CredentialResponse, VerifiedDpop};
use service::Problem;

use crate::app::App;
use crate::error::ApiError;
use crate::issuance::{Issuance, Refused, not_approved};
use crate::issue::ConfigurationId;
use crate::store::deferred::{self, Deferred};
use crate::store::offers::{self, Approval};
use crate::store::tokens::Shown;
use crate::store::{Write, cards};

impl Issuance<'_> {
    /// Keeps the keys until an officer has decided. The nonces are spent, the proofs need not be made again.
    pub(crate) async fn defer(&self, mut write: Write) -> Result<CredentialResponse, Refused> {
        let own = &self.app.0.settings.own;
        let transaction_id = service::random::token();
        let deferred = Deferred {
            offer_id: self.offer.id.clone(),
            configuration: self.configuration.to_string(),
            keys: self.keys.to_vec(),
            expires_at: self.app.now() + own.deferred_seconds,
        };
        deferred::put(&mut write, &transaction_id, &deferred).await?;
        write.commit().await?;
        self.app.0.metrics.deferred.inc();
        Ok(CredentialResponse::Deferred {
            transaction_id,
            interval: own.deferred_interval_seconds,
        })
    }

    /// Answers a wallet that asks again. The transaction lasts until the wallet says that it has the card, or its time
    /// is over: an answer may be lost, and is then given anew as with every credential request. OpenID4VCI 1.0 §9.1
    async fn ask_again(&self, dpop: &VerifiedDpop, transaction_id: &str) -> Result<CredentialResponse, Refused> {
        let (mut write, covered) = self.begin(dpop, &[]).await?;
        // The transaction may have ended since it was read.
        let waiting = deferred::find(&mut *write, transaction_id, self.app.now()).await?;
        waiting.ok_or_else(unknown_transaction)?;
        match covered.offer.approval {
            Some(Approval::Waiting) => {
                write.commit().await?;
                Ok(CredentialResponse::Deferred {
                    transaction_id: transaction_id.to_owned(),
                    interval: self.app.0.settings.own.deferred_interval_seconds,
                })
            }
            Some(Approval::Denied) => {
                write.commit().await?;
                Err(not_approved())
            }
            None | Some(Approval::Approved) => self.issue(write, covered).await,
        }
    }
}

impl App {
    /// Answers a wallet that asks for a deferred card again, with any token that covers the card. OpenID4VCI 1.0 §9.1
    pub(crate) async fn deferred_card(
        &self,
        shown: &Shown,
        transaction_id: &str,
        dpop: &VerifiedDpop,
    ) -> Result<CredentialResponse, Refused> {
        let waiting = deferred::find(self.0.store.reader(), transaction_id, self.now()).await?;
        let waiting = waiting.ok_or_else(unknown_transaction)?;
        let configuration = ConfigurationId::parse(&waiting.configuration);
        let offer = shown.offer(&configuration);
        let offer = offer.filter(|offer| offer.id == waiting.offer_id);
        let offer = offer.ok_or_else(unknown_transaction)?;
        let signing = self.signing()?;
        let issuance = Issuance {
            app: self,
            token: &shown.token,
            offer,
            configuration: &configuration,
            keys: &waiting.keys,
            signing: &signing,
        };
        issuance.check_standing().await?;
        issuance.ask_again(dpop, transaction_id).await
    }

    /// An officer approves or denies a card. What was decided stays; the same again is no error.
    pub(crate) async fn decide_offer(&self, id: &str, decision: Approval) -> Result<(), ApiError> {
        let now = self.now();
        let mut write = self.0.store.begin().await?;
        let offer = offers::find(&mut *write, id).await?.ok_or_else(Problem::not_found)?;
        match offer.approval {
            Some(Approval::Waiting) => {}
            Some(decided) if decided == decision => {
                write.commit().await?;
                return Ok(());
            }
            Some(_) => return Err(conflict("offer_decided", "It was decided otherwise before.")),
            None => return Err(conflict("no_approval_needed", "This offer needs no approval.")),
        }
        // Nothing can have been issued before; a card there is would outlive a denial.
        if decision == Approval::Denied && cards::find_by_offer(&mut *write, id).await?.is_some() {
            return Err(conflict("offer_decided", "The card was issued."));
        }
        offers::decide(&mut write, id, decision, now).await?;
        write.commit().await?;
        tracing::info!(offer = %id, decision = decision.name(), "a card was decided about");
        Ok(())
    }
}

fn unknown_transaction() -> Refused {
    Refused::Credential(
        CredentialErrorCode::InvalidTransactionId,
        "the transaction is unknown or over".to_owned(),
    )
}

fn conflict(code: &'static str, title: &'static str) -> ApiError {
    Problem::new(StatusCode::CONFLICT, code, title).into()
}
