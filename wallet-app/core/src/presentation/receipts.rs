//! The receipt that may come with the reply to an answer. It changes nothing about how a showing
//! ended: one that does not hold is not kept, and the history says that there is none.
//! docs/receipts.md §5

use super::OpenRequest;
use crate::cards::unsigned;
use crate::proofs::KeptEvidence;
use crate::trust::Registration;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::{UnixTime, strict_json};
use ledger::{Landmark, OrganisationRecord, UnverifiedLandmark};
use outbound::Response;
use receipt::{Contradiction, Expected, RequestHash, SentReceipt, ShownCard, VerifiedReceipt};
use rusqlite::{Transaction, params};
use serde_json::Value;

/// The landmark of the log that a kept receipt contradicts.
const CONTRADICTS: &str = "contradicts";

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

/// A receipt that holds, and the landmark of the log that it contradicts.
pub(super) struct Arrived {
    receipt: VerifiedReceipt,
    contradicts: Option<Landmark>,
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
    /// The receipt in a reply, where there is one and it holds. The landmark that it names is compared with those that
    /// are held, in silence: nobody is told, and the showing ends as it would.
    pub(super) fn read(&self, reply: &Response, now: UnixTime, held: &[Landmark]) -> Option<Arrived> {
        let body = strict_json::parse(reply.body(), &strict_json::Limits::MESSAGE).ok()?;
        let sent = SentReceipt::parse(body.get("holdfast_receipt")?)?;
        let expected = Expected {
            request: &self.asker.request,
            cards: &self.cards,
            rule: self.asker.rule.as_ref(),
            now,
        };
        match sent.into_unverified().verify(&self.asker.record, &expected) {
            Ok(receipt) => {
                let contradicts = receipt.receipt().contradicted_by(held).cloned();
                if contradicts.is_some() {
                    tracing::error!("a receipt names another history than the public record");
                }
                Some(Arrived { receipt, contradicts })
            }
            Err(error) => {
                tracing::info!(%error, "a receipt does not hold");
                None
            }
        }
    }

    /// Keeps it with the line of the history, and what it contradicts with it.
    pub(super) fn keep(
        &self,
        transaction: &Transaction<'_>,
        history_id: i64,
        arrived: &Arrived,
    ) -> Result<(), VaultError> {
        let mut body = arrived.receipt.sent().to_value();
        if let (Some(landmark), Some(members)) = (&arrived.contradicts, body.as_object_mut()) {
            let landmark = jose::base64url::encode(landmark.to_unverified().encode());
            members.insert(CONTRADICTS.to_owned(), landmark.into());
        }
        transaction.execute(
            "INSERT INTO receipt (history_id, body, request) VALUES (?1, ?2, ?3)",
            params![history_id, body.to_string(), self.asker.request.as_bytes().as_slice()],
        )?;
        Ok(())
    }
}

impl Wallet {
    /// Receipts that name another tree than the log signed, each as a file that anybody can check: the business was
    /// shown another history, or it lies. They are given to nobody but on the person's word. docs/receipts.md §7
    pub fn receipt_evidence(&self) -> Result<Vec<KeptEvidence>, VaultError> {
        self.vault.contradictions()
    }
}

impl Vault {
    fn contradictions(&self) -> Result<Vec<KeptEvidence>, VaultError> {
        let rows: Vec<(i64, String)> = self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT history.at, receipt.body FROM receipt JOIN history ON history.id = receipt.history_id
                 ORDER BY history.id",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        let mut found = Vec::new();
        for (at, body) in rows {
            if let Some(contradiction) = contradiction(&body) {
                found.push(KeptEvidence {
                    found_at: unsigned(at)?,
                    file: contradiction.encode(),
                });
            }
        }
        Ok(found)
    }
}

/// What a kept receipt contradicts, where it does; the salt stays here.
fn contradiction(body: &str) -> Option<Contradiction> {
    let body: Value = serde_json::from_str(body).ok()?;
    let landmark = jose::base64url::decode(body.get(CONTRADICTS)?.as_str()?).ok()?;
    Some(Contradiction {
        receipt: body.get("receipt")?.as_str()?.to_owned(),
        landmark: UnverifiedLandmark::parse(&landmark).ok()?,
    })
}
