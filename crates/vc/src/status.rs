use serde_json::{Value, json};

use crate::document::is_url;

pub use ::status_list::StatusPurpose;
use ::status_list::StatusReference;

/// Where a credential's status stands. Bitstring Status List 1.0 §2.1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusEntry {
    /// What the bit means when it is set.
    pub purpose: StatusPurpose,
    /// Which bit.
    pub index: u64,
    /// The URL of the list.
    pub list: String,
}

impl StatusEntry {
    /// The entry as `credentialStatus`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "type": ENTRY,
            "statusPurpose": self.purpose.as_str(),
            "statusListIndex": self.index.to_string(),
            "statusListCredential": self.list,
        })
    }
}

impl From<&StatusEntry> for StatusReference {
    fn from(entry: &StatusEntry) -> Self {
        Self {
            uri: entry.list.clone(),
            index: entry.index,
            purpose: Some(entry.purpose),
        }
    }
}

impl StatusEntry {
    /// The entry for a place in a Bitstring Status List; `None` for one in a list of another kind.
    #[must_use]
    pub fn of(place: &StatusReference) -> Option<Self> {
        Some(Self {
            purpose: place.purpose?,
            index: place.index,
            list: place.uri.clone(),
        })
    }
}

/// One `credentialStatus` of a credential. VCDM 2.0 §4.10.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialStatus {
    /// A bit of a list.
    Bitstring(StatusEntry),
    /// Of a type or for a purpose that is not read here: of such a credential nobody here can say that it is
    /// in force.
    Other,
}

impl CredentialStatus {
    /// `None` for an entry of a bitstring that is malformed.
    pub(crate) fn read(status: &Value) -> Option<Self> {
        let text = |name| status.get(name).and_then(Value::as_str);
        if text("type") != Some(ENTRY) {
            return Some(Self::Other);
        }
        let purpose = text("statusPurpose")?;
        let digits = text("statusListIndex")?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let index = digits.parse().ok().filter(|_| plain)?;
        let list = text("statusListCredential").filter(|list| is_url(list))?.to_owned();
        let one_bit = status.get("statusSize").is_none_or(|size| size == 1);
        Some(match StatusPurpose::from_name(purpose) {
            Some(purpose) if one_bit => Self::Bitstring(StatusEntry { purpose, index, list }),
            _ => Self::Other,
        })
    }
}

/// `type` of an entry.
const ENTRY: &str = "BitstringStatusListEntry";
