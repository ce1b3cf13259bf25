//! How a receipt travels: `holdfast_receipt` in the reply to a response. docs/receipts.md §4

use serde_json::{Value, json};

use crate::{Salt, UnverifiedReceipt};

/// A receipt on its way to the citizen, with the salt that nobody else keeps.
///
/// ```json
/// { "receipt": "eyJ…", "salt": "<base64url of 32 bytes>" }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentReceipt {
    /// The signed receipt: what the business may keep as well.
    pub receipt: String,
    /// The salt.
    pub salt: Salt,
}

impl SentReceipt {
    /// The member of the reply.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({ "receipt": self.receipt, "salt": self.salt.to_text() })
    }

    /// Reads the member; `None`: it is not of this form.
    #[must_use]
    pub fn parse(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        (value.as_object()?.len() == 2).then_some(())?;
        Some(Self {
            receipt: text("receipt")?.to_owned(),
            salt: Salt::parse(text("salt")?)?,
        })
    }

    /// The same, to be verified.
    #[must_use]
    pub fn into_unverified(self) -> UnverifiedReceipt {
        UnverifiedReceipt(self)
    }
}
