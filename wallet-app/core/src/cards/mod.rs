//! Cards, and the one-time copies each of them consists of.

mod alike;
mod arrival;
mod claim;
mod deletion;
mod drawing;
mod face;
mod names;
mod reissue;
mod store;
mod value;
mod waiting;
mod whole;

pub use arrival::{Arrival, ArrivalId};
pub(crate) use arrival::{NewArrival, Owed};
pub use claim::{CardClaim, ClaimGroup, ClaimGroupId};
pub(crate) use deletion::destroy;
pub use deletion::{CardError, UNDO_SECONDS};
pub use drawing::Drawing;
pub use face::CardFace;
pub use names::Names;
pub(crate) use names::labels_of;
pub use reissue::ChangedValue;
pub(crate) use reissue::{Reissue, replace};
pub(crate) use store::{insert, mark_unused, mark_used, seconds, unsigned};
pub use value::ClaimValue;
pub use waiting::WaitingId;
pub(crate) use waiting::{BatchState, Waiting, WaitingBatch, WaitingRow};
pub use whole::WholeCard;
#[cfg(test)]
pub(crate) use whole::sample;
pub(crate) use whole::{Form, in_two_formats};

use crate::keys::{KeyError, KeyId};
use crate::text::Localized;
use crate::vault::VaultError;
use card_formats::Format;
use jose::UnixTime;
use oid4vci::metadata::CredentialMetadata;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use status_list::StatusReference;

/// Names a card in this wallet, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardId(String);

impl CardId {
    pub(crate) fn generate() -> Self {
        Self(crate::clock::OsRandom::name())
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A card the person holds.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its name in this wallet.
    pub id: CardId,
    /// Its format.
    pub format: Format,
    /// Its type.
    pub vct: String,
    /// Who issued it.
    pub issuer: CardIssuer,
    /// The host it came from.
    pub issuer_host: String,
    /// How it is shown.
    pub display: CredentialMetadata,
    /// What it says. Shown to the person; never in a log or the history.
    pub claims: Map<String, Value>,
    /// When it came.
    pub received_at: UnixTime,
    /// Every copy can be shown from then on.
    pub valid_from: Option<UnixTime>,
    /// The last copy runs out then.
    pub valid_until: Option<UnixTime>,
    /// Copies that have not been shown.
    pub unused: UnusedCopies,
    /// What it came with, as long as the person has not said that it is theirs.
    pub arrival: Option<ArrivalId>,
    /// What it came with, for good.
    pub came_with: Option<ArrivalId>,
}

/// How many copies are left to be shown once each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnusedCopies {
    /// Over a network.
    pub online: u64,
    /// Without one.
    pub offline: u64,
}

impl UnusedCopies {
    /// Whether the card can be shown once more and then not again until its issuer sends new copies.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.online == 1
    }

    /// The same without a network.
    #[must_use]
    pub fn is_last_offline(&self) -> bool {
        self.offline == 1
    }
}

/// How the wallet knew the issuer when the card came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "known_by")]
pub enum CardIssuer {
    /// An agency whose keys and accreditation are publicly recorded.
    Ledger {
        /// Its DID.
        did: String,
        /// Its name in English.
        name: String,
        /// Its name in every language it is recorded in; cards of older wallets have English alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        localized: Option<Localized>,
    },
    /// An issuer certified by a configured trust anchor.
    Certificate {
        /// Subject of the certificate.
        name: String,
        /// Names that the certificate vouches for: two issuers may have one subject text.
        #[serde(default)]
        names: Vec<String>,
        /// The authority that certified it, where its status lists are known by that: [`jose::x5c::ListSigners`]. Cards of
        /// older wallets have none until they are got again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authority: Option<String>,
    },
}

impl CardIssuer {
    /// Whether both are the same issuer, whatever it is called by now. Of two without names the authority that certified
    /// them says whether a subject is one and the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ledger { did: one, .. }, Self::Ledger { did: other, .. }) => one == other,
            (
                Self::Certificate {
                    name: one,
                    names: ones,
                    authority,
                },
                Self::Certificate {
                    name: other,
                    names: others,
                    authority: other_authority,
                },
            ) => {
                let known = authority.as_ref().zip(other_authority.as_ref());
                let one_authority = known.is_none_or(|(authority, other)| authority == other);
                one == other && ones == others && (one_authority || !ones.is_empty())
            }
            _ => false,
        }
    }

    /// The name to be shown, in English.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ledger { name, .. } | Self::Certificate { name, .. } => name,
        }
    }

    /// The name to be shown, in every language there is.
    #[must_use]
    pub fn names(&self) -> Localized {
        match self {
            Self::Ledger {
                localized: Some(names), ..
            } => names.clone(),
            Self::Ledger { name, .. } | Self::Certificate { name, .. } => crate::text::in_english(name),
        }
    }
}

/// What a copy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyKind {
    /// Shown over a network.
    Online,
    /// Shown without one.
    Offline,
}

impl CopyKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }
}

/// A verified card about to be stored, with all its copies.
#[derive(Debug)]
pub(crate) struct NewCard {
    pub(crate) format: Format,
    pub(crate) vct: String,
    pub(crate) issuer: CardIssuer,
    pub(crate) issuer_host: String,
    pub(crate) display: CredentialMetadata,
    pub(crate) claims: Map<String, Value>,
    /// As its issuer wants it drawn.
    pub(crate) drawing: Option<Drawing>,
    pub(crate) valid_from: Option<UnixTime>,
    pub(crate) valid_until: Option<UnixTime>,
    pub(crate) copies: Vec<NewCopy>,
}

/// A verified copy about to be stored.
#[derive(Debug)]
pub(crate) struct NewCopy {
    pub(crate) kind: CopyKind,
    pub(crate) key: KeyId,
    pub(crate) credential: String,
    /// Every place where its status is told.
    pub(crate) statuses: Vec<StatusReference>,
}

/// A copy that would be shown.
#[derive(Debug)]
pub(crate) struct ChosenCopy {
    pub(crate) id: i64,
    pub(crate) key: KeyId,
    pub(crate) credential: String,
    /// Whoever saw it before recognises it.
    pub(crate) shown_before: bool,
    /// Where its status is told in a Token Status List.
    pub(crate) status: Option<StatusReference>,
}

/// A copy that goes out with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentCopy {
    pub(crate) id: i64,
    /// Not for the first time.
    pub(crate) shown_before: bool,
}

/// Why a card was not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreCardError {
    /// One of its keys is not there.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
