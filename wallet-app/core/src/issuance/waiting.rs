//! Cards that their issuer needs time for: asked for again when the issuer said, until they come or never will.
//! OpenID4VCI 1.0 §9

use super::finish::{Left, Offered};
use super::receive::{CREDENTIALS, RETRIES};
use super::verify::ReceivedBatch;
use super::{IssuanceError, OfferedBy};
use crate::cards::{Arrival, BatchState, CardFace, CopyKind, Owed, Waiting, WaitingId, WaitingRow};
use crate::clock::OsRandom;
use crate::exchange::send;
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::keys::{KeyId, KeyStore as _};
use crate::text::{Localized, in_english};
use crate::turns::Begun;
use crate::vault::VaultError;
use crate::wallet::Wallet;
use futures_util::future::join_all;
use jose::{PrivateJwk, SigningKey, UnixTime};
use oid4vci::wallet::{CredentialFailure, DeferredAnswer, DeferredSession, Reply};
use oid4vci::{CredentialErrorCode, NotificationEvent};
use serde::Serialize;

/// After how many seconds an issuer is asked again that did not answer as it should.
const RETRY_SECONDS: u64 = 60;

/// Cards that their issuer needs time for.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingCard {
    /// Its name.
    pub id: WaitingId,
    /// The name of who issues them.
    pub issuer: String,
    /// The host they come from.
    pub host: String,
    /// What will stand on them.
    #[serde(skip)]
    pub titles: Vec<Localized>,
    /// Since when.
    pub since: UnixTime,
    /// When the issuer may be asked again.
    pub ask_again_at: UnixTime,
}

/// What became of cards that were waited for.
#[derive(Clone, Debug)]
pub enum Collected {
    /// They came, and wait for the person's word.
    Arrived(Arrival),
    /// Not yet.
    Waiting {
        /// When the issuer may be asked again.
        ask_again_at: UnixTime,
    },
    /// They will not come. The code says why.
    Over {
        /// Stable name of the reason.
        code: &'static str,
    },
}

impl Wallet {
    /// Cards that their issuers need time for, oldest first.
    pub fn waiting_cards(&self) -> Result<Vec<WaitingCard>, VaultError> {
        let mut cards = Vec::new();
        for id in self.vault.waiting()? {
            cards.extend(self.readable(&id)?.as_ref().map(shown));
        }
        Ok(cards)
    }

    /// Asks every issuer again whose time has come. To be called now and then, and when the person asks; nobody is
    /// asked earlier than it said, and no issuer is waited for before another is asked.
    pub async fn collect_waiting(&self) -> Result<Vec<(WaitingCard, Collected)>, VaultError> {
        let mut asked = Vec::new();
        for id in self.vault.waiting()? {
            asked.push(self.collect_in_turn(id));
        }
        let collected = join_all(asked).await;
        collected.into_iter().filter_map(Result::transpose).collect()
    }

    /// Asks for one if its time has come. Nothing where it is over: whoever had the turn before has what became of it.
    async fn collect_in_turn(&self, id: WaitingId) -> Result<Option<(WaitingCard, Collected)>, VaultError> {
        let _turn = self.turns.take(Begun::Waiting(id.clone())).await;
        let Some(mut row) = self.readable(&id)? else {
            return Ok(None);
        };
        let card = shown(&row);
        let became = if self.clock.now() < row.ask_again_at {
            Collected::Waiting {
                ask_again_at: row.ask_again_at,
            }
        } else {
            self.collect(&mut row).await?
        };
        Ok(Some((card, became)))
    }

    /// One that still waits. A record that is damaged is passed over: it keeps no other waiting.
    fn readable(&self, id: &WaitingId) -> Result<Option<WaitingRow>, VaultError> {
        let row = self.vault.waiting_row(id);
        if matches!(row, Err(VaultError::MalformedRecord)) {
            tracing::warn!("cards that wait for their issuer cannot be read");
            return Ok(None);
        }
        row
    }

    async fn collect(&self, row: &mut WaitingRow) -> Result<Collected, VaultError> {
        match self.ask_again(row).await {
            Ok(true) => match self.finish_waiting(row).await {
                Ok(arrival) => Ok(Collected::Arrived(arrival)),
                // What came is kept; whoever could not be asked about the issuer may answer later.
                Err(error) if error.may_pass() => self.later(row, RETRY_SECONDS),
                Err(error) => self.end(row, error.code()).await,
            },
            Ok(false) => Ok(Collected::Waiting {
                ask_again_at: row.ask_again_at,
            }),
            Err(error) if error.may_pass() => self.later(row, RETRY_SECONDS),
            Err(error) => self.end(row, error.code()).await,
        }
    }

    /// Asks for every batch that has not come. Each answer is stored before the next is asked for: an issuer does not
    /// deliver twice. Whether everything is here.
    async fn ask_again(&self, row: &mut WaitingRow) -> Result<bool, IssuanceError> {
        let dpop_key = dpop_key(&row.waiting)?;
        let signer = SigningKey::new(&dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let mut wait: Option<u64> = None;
        for index in 0..row.waiting.batches.len() {
            let BatchState::Deferred(session) = &mut row.waiting.batches[index].state else {
                continue;
            };
            match self.ask_once_again(session, &signer).await? {
                DeferredAnswer::Later { interval } => wait = Some(wait.map_or(interval, |known| known.max(interval))),
                DeferredAnswer::Issued(issued) => {
                    row.waiting.batches[index].state = BatchState::Received(issued.credentials);
                    row.waiting.notifications.extend(issued.notification_id);
                    self.vault.write(|transaction| row.update(transaction))?;
                }
            }
        }
        match wait {
            None => Ok(true),
            Some(interval) => {
                self.later(row, interval)?;
                Ok(false)
            }
        }
    }

    async fn ask_once_again(
        &self,
        session: &mut DeferredSession,
        signer: &SigningKey,
    ) -> Result<DeferredAnswer, IssuanceError> {
        for _ in 0..RETRIES {
            let request = session.request(signer, self.clock.now(), &mut OsRandom::fill_slice)?;
            let answer = send(&self.client, request, &CREDENTIALS).await?;
            if let Reply::Done(answer) = session.response(&answer.view())? {
                return Ok(answer);
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    /// Everything came: checks it as if it had come at once. The row goes in the transaction that stores the cards, so
    /// that they are there once.
    async fn finish_waiting(&self, row: &WaitingRow) -> Result<Arrival, IssuanceError> {
        let mut received: Vec<Vec<ReceivedBatch>> = row.waiting.cards.iter().map(|_| Vec::new()).collect();
        let mut staged = Vec::new();
        for batch in &row.waiting.batches {
            let keys = self.keys.stage(&batch.keys)?;
            staged.extend(keys.iter().map(KeyId::of));
            if let (BatchState::Received(credentials), Some(card)) = (&batch.state, received.get_mut(batch.card)) {
                card.push(ReceivedBatch {
                    kind: if batch.offline {
                        CopyKind::Offline
                    } else {
                        CopyKind::Online
                    },
                    credentials: credentials.clone(),
                    keys,
                });
            }
        }
        // Copies for use without a network carry no certificate: those that do come first.
        for card in &mut received {
            card.sort_by_key(|batch| batch.kind == CopyKind::Offline);
        }
        let offered = Offered {
            issuer: &row.waiting.issuer,
            host: &row.waiting.host,
            cards: &row.waiting.cards,
        };
        let stored = match left(&row.waiting) {
            Ok(left) => self.finish(&offered, received, left, Some(row)).await,
            Err(error) => Err(error.into()),
        };
        self.keys.discard(&staged);
        let id = stored?;
        self.vault.arrival(&id)?.ok_or(IssuanceError::NoSuchArrival)
    }

    fn later(&self, row: &mut WaitingRow, seconds: u64) -> Result<Collected, VaultError> {
        row.ask_again_at = self.clock.now().saturating_add(seconds);
        self.vault.write(|transaction| row.update(transaction))?;
        Ok(Collected::Waiting {
            ask_again_at: row.ask_again_at,
        })
    }

    /// They will not come: keys and token are destroyed, the history says why, and an issuer that delivered is told.
    async fn end(&self, row: &WaitingRow, code: &'static str) -> Result<Collected, VaultError> {
        let now = self.clock.now();
        self.vault.write(|transaction| {
            if row.delete(transaction)? {
                crate::history::insert(transaction, now, &not_stored(row, code))?;
            }
            Ok::<_, VaultError>(())
        })?;
        self.vault.empty_log()?;
        if let Ok(Some(owed)) = owed(&row.waiting) {
            self.tell(owed, NotificationEvent::CredentialFailure).await;
        }
        Ok(Collected::Over { code })
    }
}

impl IssuanceError {
    /// Whether asking again later may help: nobody answered, or not as it should.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Outbound(_) | Self::ChallengeUnreachable(_) | Self::EndlessRetries => true,
            Self::Credential(CredentialFailure::Status(status)) => *status == 429 || *status >= 500,
            Self::Trust(error) => error.is_could_not_check(),
            Self::Refused(super::CredentialRefused::Issuer(error)) => error.is_could_not_check(),
            Self::Credential(CredentialFailure::Refused(code)) => *code == CredentialErrorCode::InvalidNonce,
            Self::Store(_) | Self::Vault(_) => true,
            _ => false,
        }
    }
}

fn dpop_key(waiting: &Waiting) -> Result<PrivateJwk, VaultError> {
    PrivateJwk::from_value(&waiting.dpop_key).map_err(|_| VaultError::MalformedRecord)
}

fn left(waiting: &Waiting) -> Result<Left, VaultError> {
    Ok(Left {
        owed: owed(waiting)?,
        refresh: waiting.refresh.clone(),
        dpop_key: dpop_key(waiting)?,
        token_asked_at: waiting.token_asked_at,
    })
}

fn owed(waiting: &Waiting) -> Result<Option<Owed>, VaultError> {
    let Some(session) = waiting.notification_session.clone() else {
        return Ok(None);
    };
    if waiting.notifications.is_empty() {
        return Ok(None);
    }
    Ok(Some(Owed {
        session,
        notifications: waiting.notifications.clone(),
        dpop_key: dpop_key(waiting)?,
    }))
}

fn shown(row: &WaitingRow) -> WaitingCard {
    let faces = row.waiting.cards.iter().map(|card| face(row, card).title);
    WaitingCard {
        id: row.id.clone(),
        issuer: row.waiting.issuer.clone(),
        host: row.waiting.host.clone(),
        titles: faces.collect(),
        since: row.since,
        ask_again_at: row.ask_again_at,
    }
}

fn face(row: &WaitingRow, card: &super::OfferedCard) -> CardFace {
    card.face(&OfferedBy {
        name: row.waiting.issuer.clone(),
        names: in_english(&row.waiting.issuer),
        host: row.waiting.host.clone(),
        publicly_recorded: false,
        name_looks_odd: false,
    })
}

fn not_stored(row: &WaitingRow, code: &str) -> HistoryRecord {
    let noted = |card: &super::OfferedCard| HistoryCard {
        vct: card.vct.clone(),
        card: None,
        title: Some(face(row, card).title),
        claims: Vec::new(),
        shown_before: false,
    };
    HistoryRecord {
        event: HistoryEvent::Offer,
        party: row.waiting.issuer.clone(),
        party_id: None,
        host: row.waiting.host.clone(),
        purpose: None,
        cards: row.waiting.cards.iter().map(noted).collect(),
        outcome: Outcome::NotStored,
        reason: Some(code.to_owned()),
        kept_days: None,
        says_kept: false,
    }
}
