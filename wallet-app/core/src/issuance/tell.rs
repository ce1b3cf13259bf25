//! Telling issuers what became of their cards. OpenID4VCI 1.0 §11
//!
//! A decision stands before anybody is told of it, and an issuer that does not listen changes
//! nothing about it. What could not be told stays in the vault as long as the token is good.

use super::receive::RETRIES;
use crate::cards::{ArrivalId, Owed};
use crate::clock::OsRandom;
use crate::exchange::send;
use crate::wallet::Wallet;
use jose::SigningKey;
use oid4vci::NotificationEvent;
use oid4vci::wallet::Reply;
use outbound::Limits;

/// Whether an issuer heard what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It answered, with whatever.
    Answered,
    /// Nobody answered.
    Nobody,
}

impl Wallet {
    /// Tells the issuers everything that they were not told yet. To be called once after opening:
    /// the process may have ended between a decision and its telling.
    pub async fn tell_issuers(&self) {
        let mut passed_over: Vec<ArrivalId> = Vec::new();
        // A row that does not read is passed over like one that nobody listens to.
        while let Ok(Some(decided)) = self.vault.next_decided(&passed_over) {
            let in_time = self.clock.now() < decided.good_until;
            let heard = match decided.owed {
                Some(owed) if in_time => self.tell(owed, decided.event).await,
                _ => Heard::Answered,
            };
            let forgotten = heard == Heard::Answered && self.vault.forget_arrival(&decided.id).is_ok();
            if !forgotten {
                passed_over.push(decided.id);
            }
        }
    }

    /// Tells one issuer about all that came from it together.
    pub(super) async fn tell(&self, mut owed: Owed, event: NotificationEvent) -> Heard {
        let Ok(signer) = SigningKey::new(&owed.dpop_key) else {
            return Heard::Answered;
        };
        for id in &owed.notifications {
            for _ in 0..RETRIES {
                let now = self.clock.now();
                let request = owed.session.request(id, event, &signer, now, &mut OsRandom::fill_slice);
                let Ok(request) = request else { break };
                let Ok(answer) = send(&self.client, request, &Limits::MESSAGE).await else {
                    tracing::info!("the issuer could not be told what became of a card");
                    return Heard::Nobody;
                };
                match owed.session.response(&answer.view()) {
                    Ok(Reply::Done(())) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        }
        Heard::Answered
    }
}
