//! "Is this you?": the person's word on cards that came.

use super::{IssuanceError, OpenOffer};
use crate::cards::{Arrival, ArrivalId, Card, CardId, WholeCard, destroy};
use crate::history::{self, HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use oid4vci::NotificationEvent;
use serde::Serialize;

/// A card that is now in the wallet, once in however many formats it came.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptedCard {
    /// Its name in this wallet.
    pub id: CardId,
    /// Its type.
    pub vct: String,
    /// How many copies came.
    pub copies: u64,
}

/// The reason in the history when the person said that the cards are not theirs.
const NOT_ME: &str = "not_me";

impl Wallet {
    /// Receives the cards of an offer and keeps them, where nobody has to look at them first.
    pub async fn accept_offer(
        &self,
        offer: OpenOffer,
        tx_code: Option<&str>,
    ) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let arrival = self.receive_offer(offer, tx_code).await?;
        self.keep_cards(&arrival.id).await
    }

    /// Cards that came and wait for the person's word, oldest first.
    pub fn pending_cards(&self) -> Result<Vec<Arrival>, VaultError> {
        self.vault.arrivals()
    }

    /// "Yes, this is me": the cards are in the wallet, and the issuer is told.
    pub async fn keep_cards(&self, id: &ArrivalId) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let arrival = self.decide(id, NotificationEvent::CredentialAccepted)?;
        self.tell_issuers().await;
        Ok(WholeCard::of_all(arrival.cards).iter().map(accepted).collect())
    }

    /// "No": the cards and all their keys are destroyed, and the issuer is told.
    pub async fn reject_cards(&self, id: &ArrivalId) -> Result<(), IssuanceError> {
        self.decide(id, NotificationEvent::CredentialDeleted)?;
        self.vault.empty_log()?;
        self.tell_issuers().await;
        Ok(())
    }

    /// One transaction: the decision, what follows from it, and the line in the history.
    fn decide(&self, id: &ArrivalId, event: NotificationEvent) -> Result<Arrival, IssuanceError> {
        let arrival = self.vault.arrival(id)?.ok_or(IssuanceError::NoSuchArrival)?;
        let now = self.clock.now();
        self.vault.write(|transaction| {
            if !id.decide(transaction, event)? {
                return Err(IssuanceError::NoSuchArrival);
            }
            let record = match event {
                NotificationEvent::CredentialAccepted => {
                    id.keep(transaction)?;
                    record(&arrival, Outcome::Received, None)
                }
                _ => {
                    let cards: Vec<CardId> = arrival.cards.iter().map(|card| card.id.clone()).collect();
                    destroy(transaction, &cards)?;
                    record(&arrival, Outcome::NotStored, Some(NOT_ME))
                }
            };
            history::insert(transaction, now, &record)?;
            Ok(())
        })?;
        Ok(arrival)
    }
}

fn accepted(whole: &WholeCard) -> AcceptedCard {
    let unused = whole.unused();
    AcceptedCard {
        id: whole.card.id.clone(),
        vct: whole.card.vct.clone(),
        copies: unused.online + unused.offline,
    }
}

fn record(arrival: &Arrival, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
    let whole = WholeCard::of_all(arrival.cards.clone());
    let noted = |card: &Card| HistoryCard {
        vct: card.vct.clone(),
        card: Some(card.id.clone()),
        title: Some(card.face().title),
        claims: Vec::new(),
        shown_before: false,
    };
    HistoryRecord {
        event: HistoryEvent::Offer,
        party: arrival.issuer.clone(),
        party_id: None,
        host: arrival.host.clone(),
        purpose: None,
        cards: whole.iter().map(|whole| noted(&whole.card)).collect(),
        outcome,
        reason: reason.map(str::to_owned),
        kept_days: None,
        says_kept: false,
    }
}
