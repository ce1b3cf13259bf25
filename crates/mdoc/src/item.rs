use std::fmt;

use cbor::{CborError, Value, Writer};
use jose::{Budget, Work};
use sha2::{Digest, Sha256};

use crate::members::{ENCODED, Members};
use crate::{FormError, MdocError, budget};

/// Bytes of a salt, at least. ISO/IEC 18013-5 §9.1.2.5
pub(crate) const SALT: usize = 16;
/// A `DigestID` is smaller. §9.1.2.4
const DIGEST_IDS: u64 = 1 << 31;

/// `IssuerSignedItem`: one element with its salt. §8.3.2.1.2.2. `Debug` shows no value.
#[derive(Clone, PartialEq)]
pub(crate) struct Item {
    /// The bytes inside tag 24, as they came.
    content: Vec<u8>,
    pub(crate) random: Vec<u8>,
    pub(crate) digest_id: u64,
    pub(crate) identifier: String,
    pub(crate) value: Value,
}

impl Item {
    /// Reads the bytes inside tag 24.
    pub(crate) fn read(content: Vec<u8>, budget: &mut Budget) -> Result<Self, MdocError> {
        budget.spend(Work::Disclosures, 1)?;
        let mut members = Members::of(cbor::decode_value(&content, budget)?, "IssuerSignedItem")?;
        let random = members.need("random")?.into_bytes();
        let random = random.map_err(|_| FormError::Type("random"))?;
        if random.len() < SALT {
            return Err(MdocError::ShortRandom);
        }
        let digest_id = members.uint("digestID")?;
        if digest_id >= DIGEST_IDS {
            return Err(FormError::Value("digestID").into());
        }
        Ok(Self {
            random,
            digest_id,
            identifier: members.text("elementIdentifier")?,
            value: members.need("elementValue")?,
            content,
        })
    }

    /// Makes an item of an element; `Err` where no reader would take its value.
    pub(crate) fn make(digest_id: u64, random: &[u8], identifier: &str, value: &Value) -> Result<Self, CborError> {
        let mut encoded = Vec::new();
        ciborium::into_writer(value, &mut encoded).map_err(|_| CborError::Unsupported)?;
        let mut budget = budget::CREDENTIAL;
        cbor::decode_value(&encoded, &mut budget)?;
        let mut writer = Writer::new();
        writer.map(4);
        writer.text("random").bytes(random);
        writer.text("digestID").uint(digest_id);
        writer.text("elementValue").raw(&encoded);
        writer.text("elementIdentifier").text(identifier);
        Ok(Self {
            content: writer.into_bytes(),
            random: random.to_vec(),
            digest_id,
            identifier: identifier.to_owned(),
            value: value.clone(),
        })
    }

    /// Writes `IssuerSignedItemBytes`.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.tag(ENCODED).bytes(&self.content);
    }

    /// What the MSO has to say of it: SHA-256 of `IssuerSignedItemBytes`, which have one encoding.
    /// §9.1.2.5
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut writer = Writer::new();
        self.write(&mut writer);
        Sha256::digest(writer.into_bytes()).into()
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Item")
            .field("identifier", &self.identifier)
            .finish_non_exhaustive()
    }
}
