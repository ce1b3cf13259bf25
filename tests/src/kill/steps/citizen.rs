//! What the wallet does: take a card, show a card, delete a card.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use status_list::Status;

use super::{AWAY, Tried, Try, member};
use crate::http::eventually;
use crate::kill::journal::{Card, Session, Stage};
use crate::stack::{Agency, Business};
use crate::story;
use crate::wallet::{Answer, Exit};

impl Try<'_> {
    /// Takes the card that is offered. A try that was cut off may have stored it; then
    /// it counts. An offer whose code was used is refused once more, and a new one made.
    pub(super) async fn accept(&mut self) -> Result<Tried> {
        if std::mem::replace(&mut self.errand.given, true) && self.adopt().await? {
            return Ok(Tried::Done);
        }
        let Some(place) = self.errand.offer else {
            return match self.offer().await? {
                Tried::Done => Ok(Tried::Again("offered anew".to_owned())),
                again => Ok(again),
            };
        };
        let offer = self.journal.offers[place].clone();
        let command = ["accept", &offer.uri, "--tx-code", &offer.tx_code];
        let Some(answer) = self.wallet(&command).await? else {
            return Ok(Tried::Again("the wallet was killed".to_owned()));
        };
        if answer.exit == Exit::Done {
            ensure!(
                self.adopt().await?,
                "an accepted card is not in the wallet: {}",
                answer.json
            );
            return Ok(Tried::Done);
        }
        refused_cleanly(answer.exit, &answer.json)?;
        if self.stage(place).await? > Stage::Open && std::mem::replace(&mut self.errand.given_again, true) {
            self.errand.offer = None;
        }
        Ok(Tried::Again(answer.code().to_owned()))
    }

    /// The cards of the wallet. One that came and was cut off before it was kept still waits: it is
    /// kept now.
    async fn listed(&self) -> Result<Answer> {
        let wallet = &self.scene.world.wallet;
        let listed = wallet.run(&["list"]).await?.expect(Exit::Done)?;
        let waiting = listed.json["waiting"].as_array().context("waiting")?;
        let Some(first) = waiting.first() else {
            return Ok(listed);
        };
        ensure!(waiting.len() == 1, "two arrivals of one offer wait: {waiting:?}");
        let id = member(first, "id")?;
        wallet.run(&["keep", &id]).await?.expect(Exit::Done)?;
        wallet.run(&["list"]).await?.expect(Exit::Done)
    }

    /// Whether the wallet holds a card that is not in the journal yet; then it goes there.
    async fn adopt(&mut self) -> Result<bool> {
        let Some(place) = self.errand.offer else {
            return Ok(false);
        };
        let listed = self.listed().await?;
        let known = |id: &str| self.journal.cards.iter().any(|card| card.id == id);
        let listed = listed.json["cards"].as_array().cloned().unwrap_or_default();
        let mut new = listed.iter().filter(|card| !card["id"].as_str().is_some_and(known));
        let Some(card) = new.next() else { return Ok(false) };
        ensure!(
            new.next().is_none(),
            "the wallet holds two cards of one offer: {listed:?}"
        );
        let (id, online) = (
            member(card, "id")?,
            card["unused_copies"]["online"].as_u64().context("unused_copies")?,
        );
        let stage = self.stage(place).await?;
        let credential = self.journal.offers[place].credential.clone();
        ensure!(
            stage == Stage::Issued,
            "the wallet holds a card whose offer is {stage:?}"
        );
        self.errand.offer = None;
        self.journal.cards.push(Card {
            credential: credential.context("an issued offer without card")?,
            id,
            online,
            status: Status::Valid,
            asked: None,
            leaving: false,
        });
        Ok(true)
    }

    /// Deletes the card that was taken last. A try that was cut off may have deleted it.
    pub(super) async fn delete(&mut self) -> Result<Tried> {
        let card = self.journal.cards.last_mut().context("no card to be deleted")?;
        let tried_before = std::mem::replace(&mut card.leaving, true);
        let id = card.id.clone();
        let Some(answer) = self.wallet(&["delete", &id]).await? else {
            return Ok(Tried::Again("the wallet was killed".to_owned()));
        };
        let is_gone = answer.exit == Exit::Done || (tried_before && answer.code() == "no_such_card");
        ensure!(is_gone, "the wallet does not delete a card: {}", answer.json);
        self.journal.cards.pop();
        Ok(Tried::Done)
    }

    /// Asks how far an offer came, and notes it.
    async fn stage(&mut self, place: usize) -> Result<Stage> {
        let api = self.scene.world.stack.agency(Agency::Population)?;
        let offer = &mut self.journal.offers[place];
        let url = format!("{}/api/v1/offers/{}", api.url, offer.id);
        let http = self.scene.world.stack.http();
        let found = eventually(AWAY, || http.get_json(&url, &api.token)).await?;
        let state = member(&found, "state")?;
        let stage = Stage::from_name(&state).with_context(|| format!("an offer is {state}"))?;
        ensure!(
            stage >= offer.stage,
            "an offer went from {:?} back to {stage:?}",
            offer.stage
        );
        offer.stage = stage;
        offer.credential = found["credential_id"].as_str().map(str::to_owned);
        Ok(stage)
    }

    /// Answers a check. A session that was cut off is gone on with as long as it is open.
    pub(super) async fn show(&mut self) -> Result<Tried> {
        let place = match self.errand.session {
            Some(place) => {
                if let Some(tried) = self.outcome(place).await? {
                    return Ok(tried);
                }
                place
            }
            None => match self.open().await? {
                Ok(place) => place,
                Err(why) => return Ok(Tried::Again(why)),
            },
        };
        let request = self.journal.sessions[place].session.request.clone();
        let command = ["present", &request, "--consent", "yes"];
        let Some(answer) = self.wallet(&command).await? else {
            return Ok(Tried::Again("the wallet was killed".to_owned()));
        };
        if answer.exit != Exit::Done {
            refused_cleanly(answer.exit, &answer.json)?;
            return Ok(Tried::Again(answer.code().to_owned()));
        }
        match self.outcome(place).await? {
            Some(tried) => Ok(tried),
            None => bail!("the wallet has shown its cards, and the session is open"),
        }
    }

    /// Opens a session and keeps what opens its response; its place in the journal.
    async fn open(&mut self) -> Result<Result<usize, String>> {
        let api = self.scene.world.stack.business(Business::Shop)?;
        let path = format!("/api/v1/checks/{}/sessions", self.errand.check);
        let opened = match self.post(&api, &path, &json!({})).await? {
            Ok(opened) => opened,
            Err(why) => return Ok(Err(why)),
        };
        let session = story::Session {
            id: member(&opened, "id")?,
            request: member(&opened, "request_uri")?,
        };
        let (wallet_id, key) = self.scene.session_secrets(&session).await?;
        let place = self.journal.sessions.len();
        self.errand.session = Some(place);
        self.journal.sessions.push(Session {
            session,
            wallet_id,
            key,
            verdict: None,
        });
        Ok(Ok(place))
    }

    /// What came of a session; `None` while it waits for an answer.
    async fn outcome(&mut self, place: usize) -> Result<Option<Tried>> {
        let scene = self.scene;
        let session = &mut self.journal.sessions[place];
        let found = eventually(AWAY, || scene.world.session(Business::Shop, &session.session)).await?;
        if matches!(found["state"].as_str(), Some("open" | "scanned")) {
            return Ok(None);
        }
        ensure!(found["state"] == "answered", "a session became {found}");
        let (verdict, reason) = (member(&found, "verdict")?, member(&found, "reason")?);
        session.verdict = Some((verdict.clone(), reason.clone()));
        self.errand.session = None;
        match verdict.as_str() {
            "yes" => Ok(Some(Tried::Done)),
            // What the verdict rests on comes with the next round of the shop's timers.
            "could_not_check" => {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                Ok(Some(Tried::Again(reason)))
            }
            _ => bail!("the verdict on a good card is {verdict}, {reason}"),
        }
    }
}

/// Whoever was asked was away, or knows that it was asked before.
fn refused_cleanly(exit: Exit, answer: &Value) -> Result<()> {
    let clean = matches!(exit, Exit::OtherSide | Exit::CouldNotCheck) && answer["code"].is_string();
    ensure!(clean, "the wallet ended with {exit:?}: {answer}");
    Ok(())
}
