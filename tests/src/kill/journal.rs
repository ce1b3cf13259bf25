//! What was acknowledged. Nothing in here may ever be taken back.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jose::PrivateJwk;
use ledger::Kind;
use serde_json::Value;
use tlog::Hash;

/// Everything acknowledged so far.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Offers that the agency made.
    pub(super) offers: Vec<Offer>,
    /// Cards that the wallet took.
    pub(super) cards: Vec<Card>,
    /// Sessions that the shop opened.
    pub(super) sessions: Vec<Session>,
    /// Entries with a receipt, by index.
    pub(super) entries: BTreeMap<u64, Entry>,
    /// The largest tree seen, by who showed it: the log, the mirror.
    pub(super) trees: BTreeMap<&'static str, (u64, Hash)>,
    /// The largest tree that a witness is known to have cosigned.
    pub(super) cosigned: BTreeMap<&'static str, u64>,
    /// The agency's newest status snapshot on the ledger.
    pub(super) snapshot: Option<u64>,
}

/// An offer.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// Its id.
    pub(super) id: String,
    /// What the wallet gets.
    pub(super) uri: String,
    /// The transaction code.
    pub(super) tx_code: String,
    /// How far it came.
    pub(super) stage: Stage,
    /// The card that was issued on it.
    pub(super) credential: Option<String>,
}

/// How far an offer came; it never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It can be taken.
    Open,
    /// Its code was used.
    Redeemed,
    /// A card was issued on it.
    Issued,
}

impl Stage {
    /// The stage of this name; `None` for one that the workload never reaches.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "redeemed" => Some(Self::Redeemed),
            "issued" => Some(Self::Issued),
            _ => None,
        }
    }
}

/// A card in the wallet.
#[derive(Debug, Clone)]
pub(super) struct Card {
    /// The agency's name for it.
    pub(super) credential: String,
    /// The wallet's name for it.
    pub(super) id: String,
    /// How many copies it came with for use over a network.
    pub(super) online: u64,
    /// Its status as the agency last acknowledged it.
    pub(super) status: status_list::Status,
    /// What it may have become besides: asked for, and not acknowledged yet.
    pub(super) asked: Option<status_list::Status>,
    /// The wallet was told to delete it, and has not acknowledged that yet.
    pub(super) leaving: bool,
}

/// A session at the shop.
#[derive(Debug)]
pub(super) struct Session {
    /// The shop's name for it.
    pub(super) session: crate::story::Session,
    /// The wallet's name for it, which is in the address of the response.
    pub(super) wallet_id: String,
    /// With which the response can be read; kept when the session was opened.
    pub(super) key: PrivateJwk,
    /// The verdict and its reason, once there is one.
    pub(super) verdict: Option<(String, String)>,
}

/// An entry of the ledger.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What it must be.
    pub(super) kind: Kind,
    /// About whom.
    pub(super) subject: String,
    /// The hash of its leaf, as first seen.
    pub(super) leaf: Option<Hash>,
}

impl Journal {
    /// Notes the receipt in what a command of the registrar printed; the DID it is about.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn decided(&mut self, printed: &str, kind: Kind) -> Result<String> {
        let printed: Value = serde_json::from_str(printed)?;
        let index = printed["index"].as_u64().context("no index")?;
        let did = printed["did"].as_str().context("no DID")?.to_owned();
        self.receipt(index, kind, &did);
        Ok(did)
    }

    /// Notes that an entry is there.
    pub(super) fn receipt(&mut self, index: u64, kind: Kind, subject: &str) {
        let subject = subject.to_owned();
        self.entries.entry(index).or_insert(Entry {
            kind,
            subject,
            leaf: None,
        });
    }

    /// How many records there are.
    pub(super) fn records(&self) -> usize {
        self.offers.len() + self.cards.len() + self.sessions.len() + self.entries.len()
    }
}
