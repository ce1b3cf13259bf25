//! The receipt that may come with the reply to an answer. It changes nothing about how a showing
//! ended: one that does not hold is not kept, and the history says that there is none.
//! docs/receipts.md §5

use super::OpenRequest;
use crate::trust::Registration;
use crate::vault::VaultError;
use jose::{UnixTime, strict_json};
use ledger::OrganisationRecord;
use outbound::Response;
use receipt::{Expected, RequestHash, SentReceipt, ShownCard, VerifiedReceipt};
use rusqlite::{Transaction, params};

/// Whose receipt is waited for, and about which request.
pub(super) struct Asker {
    record: OrganisationRecord,
    request: RequestHash,
    /// Hash of the rule that the purpose records.
    rule: Option<[u8; 32]>,
}

/// What a receipt has to agree with.
pub(super) struct Awaited {
    asker: Asker,
    cards: Vec<ShownCard>,
}

impl Asker {
    /// Whoever asks, by the record that came with this request; nobody else's receipt is believed.
    pub(super) fn of(open: &mut OpenRequest) -> Option<Self> {
        let request = RequestHash::of(&open.question);
        let rule = recorded_rule(open);
        open.asker.take().map(|record| Self {
            record: *record,
            request,
            rule,
        })
    }

    /// With what is about to be shown.
    pub(super) fn shown(self, cards: Option<Vec<ShownCard>>) -> Option<Awaited> {
        cards.map(|cards| Awaited { asker: self, cards })
    }
}

/// Hash of the rule that is recorded for the purpose of a request.
fn recorded_rule(open: &OpenRequest) -> Option<[u8; 32]> {
    let Registration::Registered { scope, .. } = &open.ask.who.registration else {
        return None;
    };
    scope.purpose(open.question.purpose()?)?.rule
}

impl Awaited {
    /// The receipt in a reply, where there is one and it holds.
    pub(super) fn read(&self, reply: &Response, now: UnixTime) -> Option<VerifiedReceipt> {
        let body = strict_json::parse(reply.body(), &strict_json::Limits::MESSAGE).ok()?;
        let sent = SentReceipt::parse(body.get("holdfast_receipt")?)?;
        let expected = Expected {
            request: &self.asker.request,
            cards: &self.cards,
            rule: self.asker.rule.as_ref(),
            now,
        };
        match sent.into_unverified().verify(&self.asker.record, &expected) {
            Ok(verified) => Some(verified),
            Err(error) => {
                tracing::info!(%error, "a receipt does not hold");
                None
            }
        }
    }

    /// Keeps it with the line of the history.
    pub(super) fn keep(
        &self,
        transaction: &Transaction<'_>,
        history_id: i64,
        receipt: &VerifiedReceipt,
    ) -> Result<(), VaultError> {
        transaction.execute(
            "INSERT INTO receipt (history_id, body, request) VALUES (?1, ?2, ?3)",
            params![
                history_id,
                receipt.sent().to_value().to_string(),
                self.asker.request.as_bytes().as_slice()
            ],
        )?;
        Ok(())
    }
}
