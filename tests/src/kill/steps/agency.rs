//! What the agency is asked to do.

use anyhow::{Context, Result};
use serde_json::json;
use service::{Clock, SystemClock};
use status_list::Status;

use super::{Tried, Try, member};
use crate::kill::journal::{Offer, Stage};
use crate::stack::Agency;

/// How many offers one step makes: a kill falls between two that were acknowledged.
const OFFERS: usize = 4;

impl Try<'_> {
    /// Offers cards, each with a transaction code; the last of them is taken later.
    pub(super) async fn offer(&mut self) -> Result<Tried> {
        for _ in 0..OFFERS {
            if let Err(why) = self.offer_one().await? {
                return Ok(Tried::Again(why));
            }
        }
        Ok(Tried::Done)
    }

    async fn offer_one(&mut self) -> Result<Result<(), String>> {
        let api = self.scene.world.stack.agency(Agency::Population)?;
        let subject = &self.scene.world.subject;
        let body = json!({"credential_type": self.errand.kind, "subject": subject, "tx_code": true});
        let offer = match self.post(&api, "/api/v1/offers", &body).await? {
            Ok(offer) => offer,
            Err(why) => return Ok(Err(why)),
        };
        self.errand.offer = Some(self.journal.offers.len());
        (self.errand.given, self.errand.given_again) = (false, false);
        self.journal.offers.push(Offer {
            id: member(&offer, "id")?,
            uri: member(&offer, "offer_uri")?,
            tx_code: member(&offer, "tx_code")?,
            stage: Stage::Open,
            credential: None,
        });
        Ok(Ok(()))
    }

    /// Changes the status of the newest card. Asked for again it is no error.
    pub(super) async fn change(&mut self, verb: &str, to: Status) -> Result<Tried> {
        let api = self.scene.world.stack.agency(Agency::Population)?;
        let card = self.journal.cards.last_mut().context("no card")?;
        // A try that was cut off may have changed it, and the snapshot since then may hold it already.
        if card.asked.replace(to) != Some(to) {
            self.errand.changed_at = SystemClock.now();
        }
        let path = format!("/api/v1/credentials/{}/{verb}", card.credential);
        if let Err(why) = self.post(&api, &path, &json!({})).await? {
            return Ok(Tried::Again(why));
        }
        let card = self.journal.cards.last_mut().context("no card")?;
        (card.status, card.asked) = (to, None);
        Ok(Tried::Done)
    }
}
