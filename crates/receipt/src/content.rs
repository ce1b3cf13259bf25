//! What a receipt says. docs/receipts.md §2

use jose::{JwsHeader, SignError, Signer, UnixTime, sign_compact};
use ledger::{Landmark, hour_of};
use oid4vp::ClaimsPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::bytes_of;
use crate::{Commitment, RequestHash, Salt, SentReceipt, ShownCard};

/// `typ` of a receipt, so that none stands in for another token.
pub const RECEIPT_TYP: &str = "holdfast-receipt+jwt";

/// What a business says it was shown, and what came of it. No value of a claim is in it, and of two
/// receipts of one citizen nothing is the same but what everybody's receipts of that hour have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// DID of the business.
    pub business: String,
    /// Which claims of which cards.
    pub cards: Vec<ShownCard>,
    /// What came of it.
    pub verdict: Verdict,
    /// Hash of the rule that was applied. docs/rules.md §5
    pub rule: [u8; 32],
    /// The UTC hour: whole hours since 1970. No finer time, which would tell two visits apart.
    pub hour: u64,
    /// The newest landmark that the business held; the same for everybody.
    pub landmark: Option<LandmarkName>,
    /// Which request, told to whoever has the salt.
    pub request: Commitment,
}

/// Names a landmark. docs/ledger.md §12
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandmarkName {
    /// Entries of the log.
    pub size: u64,
    /// Root of its tree.
    pub root: [u8; 32],
}

impl LandmarkName {
    /// Whether the log signed another tree of this size.
    #[must_use]
    pub fn contradicts(&self, landmark: &Landmark) -> bool {
        self.size == landmark.size() && self.root != landmark.root()
    }
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody can say.
    CouldNotCheck,
}

/// Why a receipt was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MakeReceiptError {
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// It could not be written as JSON.
    #[error("the receipt cannot be written")]
    Encode,
}

/// The payload, member by member, in the order in which they are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    cards: Vec<CardPayload>,
    hour: u64,
    iss: String,
    landmark: Option<LandmarkPayload>,
    request: String,
    rule: String,
    verdict: Verdict,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CardPayload {
    claims: Vec<Value>,
    vct: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LandmarkPayload {
    root: String,
    size: u64,
}

impl Receipt {
    /// The hour of a time, as receipts name it.
    #[must_use]
    pub fn hour(time: UnixTime) -> u64 {
        hour_of(time)
    }

    /// Signs it with a key under `assertionMethod` of the business's DID; `kid` is the key's DID URL.
    /// The salt goes along, and is kept by nobody but the citizen.
    ///
    /// # Errors
    /// [`MakeReceiptError`]
    pub fn sign(&self, kid: &str, signer: &dyn Signer, salt: Salt) -> Result<SentReceipt, MakeReceiptError> {
        let payload = serde_json::to_vec(&self.payload()).map_err(|_| MakeReceiptError::Encode)?;
        let header = JwsHeader::new(signer.algorithm()).with_typ(RECEIPT_TYP).with_kid(kid);
        Ok(SentReceipt {
            receipt: sign_compact(&header, &payload, signer)?,
            salt,
        })
    }

    /// The first of these landmarks that cannot be true together with the one that it names. Of another size than all of
    /// them it says nothing. docs/receipts.md §5
    #[must_use]
    pub fn contradicted_by<'a>(&self, held: &'a [Landmark]) -> Option<&'a Landmark> {
        let named = self.landmark?;
        held.iter().find(|landmark| named.contradicts(landmark))
    }

    /// Whether it is about this request.
    #[must_use]
    pub fn is_about(&self, request: &RequestHash, salt: &Salt) -> bool {
        salt.commit(request) == self.request
    }

    fn payload(&self) -> Payload {
        let card = |card: &ShownCard| CardPayload {
            claims: card.claims.iter().map(ClaimsPath::to_value).collect(),
            vct: card.vct.clone(),
        };
        Payload {
            cards: self.cards.iter().map(card).collect(),
            hour: self.hour,
            iss: self.business.clone(),
            landmark: self.landmark.map(|landmark| LandmarkPayload {
                root: jose::base64url::encode(landmark.root),
                size: landmark.size,
            }),
            request: self.request.to_text(),
            rule: jose::base64url::encode(self.rule),
            verdict: self.verdict,
        }
    }

    /// Reads a payload; `None`: it is not of this form.
    pub(crate) fn read(payload: Value) -> Option<Self> {
        let payload: Payload = serde_json::from_value(payload).ok()?;
        let landmark = match payload.landmark {
            None => None,
            Some(landmark) => Some(LandmarkName {
                size: landmark.size,
                root: bytes_of(&landmark.root)?,
            }),
        };
        let cards = payload.cards.into_iter().map(CardPayload::read);
        Some(Self {
            cards: cards.collect::<Option<_>>()?,
            business: payload.iss,
            verdict: payload.verdict,
            rule: bytes_of(&payload.rule)?,
            hour: payload.hour,
            landmark,
            request: Commitment::parse(&payload.request)?,
        })
    }
}

impl CardPayload {
    fn read(self) -> Option<ShownCard> {
        let claims = self.claims.iter().map(|path| ClaimsPath::parse(path).ok());
        Some(ShownCard {
            claims: claims.collect::<Option<_>>()?,
            vct: self.vct,
        })
    }
}
