//! Sending an answer so that a crash at any moment neither shows a copy twice nor loses one.
//!
//! ```text
//! consent    history: interrupted           killed here: nothing sent, copies unused
//! commit     copies used, bytes stored, history: maybe received
//! send       the stored bytes               no reply: the same bytes again, to this session only
//! reply      bytes forgotten, history: shared
//! ```

use super::answer::{self, Answer};
use super::receipts::{Arrived, Asker, Awaited};
use super::widened::remember_scope;
use super::{NotConsented, Open, OpenRequest, ShareError, Untold};
use crate::cards::{SentCopy, mark_unused, mark_used, seconds};
use crate::consent::Consent;
use crate::history::{Outcome, conclude};
use crate::trust::Registration;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::strict_json;
use oid4vp::PresentationRequest;
use outbound::{Limits, OutboundError, Request, Response};
use proximity::VerifiedChallenge;
use receipt::RequestHash;
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use url::Url;

/// What came of an answer that was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// How it went.
    pub sent: Sent,
    /// Where the browser should go on; only where this wallet may open it.
    pub redirect_uri: Option<Url>,
}

/// How an answer was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// For the first time.
    Now,
    /// The bytes of an earlier attempt, whose reply was lost.
    Again,
}

/// Names the session of a verifier that a request belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionKey(String);

impl SessionKey {
    pub(super) fn of(request: &PresentationRequest) -> Self {
        Self(jose::base64url::encode(RequestHash::of(request).as_bytes()))
    }

    /// A challenge is a session of its own.
    pub(super) fn of_challenge(challenge: &VerifiedChallenge) -> Self {
        Self(jose::base64url::encode(challenge.challenge().hash()))
    }
}

/// An answer that was sent, or was about to be.
pub(super) struct StoredAnswer {
    session: String,
    response_uri: Url,
    body: Vec<u8>,
    history_id: i64,
}

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

impl Wallet {
    /// Shows what the person agreed to. Where this very request was answered before and no reply
    /// came, the same bytes are sent again.
    pub async fn share(&self, mut open: OpenRequest, consent: &Consent) -> Result<Receipt, ShareError> {
        if consent.session != open.ask.session {
            return Err(NotConsented::OtherRequest.into());
        }
        if let Some(earlier) = open.earlier.take() {
            // What it showed is in the bytes, and nowhere else: no receipt can be compared with it.
            return self.deliver(earlier, &[], Sent::Again, None).await;
        }
        let now = self.clock.now();
        if open.expires_at.is_some_and(|end| now >= end) {
            let record = open.record(Outcome::NotShared, Some(ShareError::Expired.code()));
            self.vault.note(now, &record)?;
            return Err(ShareError::Expired);
        }
        let mut record = open.record(Outcome::Interrupted, None);
        record.cards = open.agreed(consent);
        let history_id = self.vault.note(now, &record)?;
        let session = open.ask.session.clone();
        let registration = open.ask.who.registration.clone();
        let asker = Asker::of(&mut open);
        let Answer { response, copies } = answer::make(open, consent, &self.keys, now)?;
        let awaited = asker.and_then(|asker| asker.shown(response.cards()));
        let (response_uri, body) = response.seal()?;
        let stored = StoredAnswer {
            session: session.0,
            response_uri,
            body: body.as_str().as_bytes().to_vec(),
            history_id,
        };
        self.vault.commit_answer(&stored, &copies, &registration, now)?;
        self.deliver(stored, &copies, Sent::Now, awaited).await
    }

    /// The person refuses; whoever asked is told so, and nothing else. Gives where the browser should
    /// go on. OpenID4VP 1.0 §8.2, §8.5
    pub async fn refuse(&self, open: OpenRequest) -> Result<Option<Url>, ShareError> {
        let record = open.record(Outcome::NotShared, Some("refused"));
        self.vault.note(self.clock.now(), &record)?;
        self.tell_asker(Untold::denied(open.question)).await
    }

    /// The person closes the question: nothing is sent, and nothing shown.
    pub fn close<Q>(&self, open: &Open<Q>) -> Result<(), VaultError> {
        let record = open.record(Outcome::NotShared, Some("closed"));
        self.vault.note(self.clock.now(), &record).map(|_| ())
    }

    async fn deliver(
        &self,
        answer: StoredAnswer,
        copies: &[SentCopy],
        sent: Sent,
        awaited: Option<Awaited>,
    ) -> Result<Receipt, ShareError> {
        let request = Request::post(answer.response_uri.clone(), FORM, answer.body.clone());
        match self.client.send(request, &Limits::MESSAGE).await {
            Ok(reply) if reply.status().is_success() => {
                let now = self.clock.now();
                let receipt = awaited.as_ref().and_then(|awaited| {
                    let held = self.vault.landmarks(&self.pack).unwrap_or_default();
                    Some((awaited, awaited.read(&reply, now, &held)?))
                });
                self.vault.finish_shared(&answer, receipt)?;
                Ok(Receipt {
                    sent,
                    redirect_uri: self.redirect(&reply),
                })
            }
            // A session that is closed when the same bytes come again has had them before.
            Ok(reply) if sent == Sent::Again && reply.status().as_u16() == 409 => {
                self.vault.finish_shared(&answer, None)?;
                Ok(Receipt {
                    sent,
                    redirect_uri: None,
                })
            }
            Ok(reply) if reply.status().is_server_error() => {
                Err(ShareError::MaybeReceived(OutboundError::Status(reply.status())))
            }
            Ok(reply) => {
                let outcome = Outcome::NotAccepted;
                self.vault
                    .finish_answer(&answer, outcome, Some("answer_not_accepted"))?;
                Err(ShareError::NotAccepted {
                    status: reply.status().as_u16(),
                })
            }
            Err(error) if never_left(&error) && sent == Sent::Now => {
                self.vault.take_back(&answer, copies)?;
                Err(ShareError::NotSent(error))
            }
            Err(error) => Err(ShareError::MaybeReceived(error)),
        }
    }

    /// Where to go on, from the reply. OpenID4VP 1.0 §8.2
    pub(super) fn redirect(&self, reply: &Response) -> Option<Url> {
        let body = strict_json::parse(reply.body(), &strict_json::Limits::MESSAGE).ok()?;
        let url = Url::parse(body.get("redirect_uri")?.as_str()?).ok()?;
        let mut bare = url.clone();
        bare.set_fragment(None);
        self.settings.network.may_open(&bare).then_some(url)
    }
}

/// Errors that come before the first byte of a body.
fn never_left(error: &OutboundError) -> bool {
    matches!(
        error,
        OutboundError::Scheme
            | OutboundError::Credentials
            | OutboundError::Blocked
            | OutboundError::Unresolved
            | OutboundError::Connect(_)
    )
}

impl Vault {
    /// The answer of an earlier attempt at this session.
    pub(super) fn stored_answer(&self, session: &SessionKey) -> Result<Option<StoredAnswer>, VaultError> {
        let row: Option<(String, Vec<u8>, i64)> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT response_uri, body, history_id FROM answer WHERE session = ?1",
                    [&session.0],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()
        })?;
        let Some((response_uri, body, history_id)) = row else {
            return Ok(None);
        };
        let response_uri = response_uri.parse().map_err(|_| VaultError::MalformedRecord)?;
        Ok(Some(StoredAnswer {
            session: session.0.clone(),
            response_uri,
            body,
            history_id,
        }))
    }

    /// From here on the copies count as shown, to somebody who may ask what they may ask now.
    fn commit_answer(
        &self,
        answer: &StoredAnswer,
        copies: &[SentCopy],
        registration: &Registration,
        now: u64,
    ) -> Result<(), VaultError> {
        self.write(|transaction| {
            mark_used(transaction, copies, now)?;
            remember_scope(transaction, registration, now)?;
            transaction.execute(
                "INSERT INTO answer (session, response_uri, body, history_id, made_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    answer.session,
                    answer.response_uri.as_str(),
                    answer.body,
                    answer.history_id,
                    seconds(now)
                ],
            )?;
            conclude(transaction, answer.history_id, Outcome::MaybeReceived, None)
        })
    }

    /// They took it; with their receipt, where it holds.
    fn finish_shared(&self, answer: &StoredAnswer, receipt: Option<(&Awaited, Arrived)>) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM answer WHERE session = ?1", [&answer.session])?;
            if let Some((awaited, receipt)) = &receipt {
                awaited.keep(transaction, answer.history_id, receipt)?;
            }
            conclude(transaction, answer.history_id, Outcome::Shared, None)
        })
    }

    fn finish_answer(&self, answer: &StoredAnswer, outcome: Outcome, reason: Option<&str>) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM answer WHERE session = ?1", [&answer.session])?;
            conclude(transaction, answer.history_id, outcome, reason)
        })
    }

    fn take_back(&self, answer: &StoredAnswer, copies: &[SentCopy]) -> Result<(), VaultError> {
        self.write(|transaction| {
            mark_unused(transaction, copies)?;
            transaction.execute("DELETE FROM answer WHERE session = ?1", [&answer.session])?;
            conclude(
                transaction,
                answer.history_id,
                Outcome::NotSent,
                Some("verifier_unreachable"),
            )
        })
    }
}
