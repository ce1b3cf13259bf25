use serde_json::{Value, json};

use crate::document::is_url;

/// What a bit of a status list stands for. Bitstring Status List 1.0 §2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusPurpose {
    /// The credential is cancelled for ever.
    Revocation,
    /// The credential is not valid for a time.
    Suspension,
}

impl StatusPurpose {
    /// The value of `statusPurpose`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Revocation, Self::Suspension]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}

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
