use super::CardDetail;
use serde::Serialize;
use wallet::{CardFace, InputMode, Localized, OfferedBy, OfferedCard, OpenOffer, TxCode, plain_text};

/// An offer before it is accepted.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferView {
    pub(crate) handle: String,
    pub(crate) issuer: Localized,
    pub(crate) host: String,
    pub(crate) publicly_recorded: bool,
    pub(crate) cards: Vec<OfferedView>,
    pub(crate) tx_code: Option<TxCodeView>,
}

/// A card of an offer: its face and what it will say, without values.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OfferedView {
    #[serde(rename = "type")]
    pub(crate) vct: String,
    pub(crate) face: CardFace,
    pub(crate) claims: Vec<NamedClaim>,
}

/// A claim without its value.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NamedClaim {
    pub(crate) name: String,
    pub(crate) label: Localized,
}

/// The form of a code that came by another way.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TxCodeView {
    pub(crate) numeric: bool,
    pub(crate) length: Option<u32>,
    pub(crate) hint: Option<String>,
}

/// Cards that came and wait for "is this you?".
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Received {
    pub(crate) handle: String,
    pub(crate) cards: Vec<CardDetail>,
}

impl OfferView {
    pub(crate) fn of(offer: &OpenOffer, handle: String) -> Self {
        let by = offer.offered_by();
        Self {
            handle,
            issuer: by.names.clone(),
            host: by.host.clone(),
            publicly_recorded: by.publicly_recorded,
            cards: offer.whole_cards().map(|card| OfferedView::of(card, by)).collect(),
            tx_code: offer.tx_code().map(TxCodeView::of),
        }
    }
}

impl OfferedView {
    fn of(card: &OfferedCard, by: &OfferedBy) -> Self {
        let claims = card.claims().into_iter();
        Self {
            vct: card.vct.clone(),
            face: card.face(by),
            claims: claims.map(|(name, label)| NamedClaim { name, label }).collect(),
        }
    }
}

impl TxCodeView {
    fn of(code: &TxCode) -> Self {
        Self {
            // OpenID4VCI 1.0 §4.1.1: numeric if left out
            numeric: code.input_mode.is_none_or(|mode| mode == InputMode::Numeric),
            length: code.length,
            hint: code.description.as_deref().map(plain_text),
        }
    }
}
