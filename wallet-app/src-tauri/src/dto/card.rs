use super::HistoryItem;
use crate::error::WalletError;
use serde::Serialize;
use wallet::{
    Card, CardFace, CardStatus, ClaimGroup, Drawing, Names, PublicRecord, Successor, UnusedCopies, VaultError, Wallet,
    WholeCard,
};

/// A card without what it says: all of it, in however many formats it is here.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CardSummary {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) vct: String,
    pub(crate) face: CardFace,
    pub(crate) host: String,
    pub(crate) status: CardStatus,
    pub(crate) status_at: Option<u64>,
    pub(crate) received_at: u64,
    pub(crate) valid_until: Option<u64>,
    pub(crate) copies: UnusedCopies,
    pub(crate) pending: bool,
}

impl CardSummary {
    /// Of a card that would be shown in one of its formats: what is known of the card is known of all of it, and until
    /// when and how often it can be shown is told of the form that is shown, whose last copy it may be.
    pub(crate) fn shown(wallet: &Wallet, form: &Card) -> Result<Self, VaultError> {
        let whole = wallet.whole_of(form)?;
        Ok(Self {
            id: form.id.as_str().to_owned(),
            vct: form.vct.clone(),
            valid_until: form.valid_until,
            copies: form.unused,
            ..Self::with(wallet, &whole, wallet.form_status(&whole, form)?)?
        })
    }

    /// Of several cards, each with what is known of all of its forms: a list that they share is read once.
    pub(crate) fn of_all(wallet: &Wallet, whole: &[WholeCard]) -> Result<Vec<Self>, VaultError> {
        let known = whole.iter().zip(wallet.whole_statuses(whole)?);
        known.map(|(whole, status)| Self::with(wallet, whole, status)).collect()
    }

    fn with(wallet: &Wallet, whole: &WholeCard, status: CardStatus) -> Result<Self, VaultError> {
        let card = &whole.card;
        Ok(Self {
            id: card.id.as_str().to_owned(),
            vct: card.vct.clone(),
            face: card.face(),
            host: card.issuer_host.clone(),
            status,
            status_at: wallet.whole_confirmed_at(whole)?,
            received_at: card.received_at,
            valid_until: card.valid_until,
            copies: whole.unused(),
            pending: card.arrival.is_some(),
        })
    }
}

/// A card with what it says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CardDetail {
    #[serde(flatten)]
    pub(crate) summary: CardSummary,
    pub(crate) groups: Vec<ClaimGroup>,
    pub(crate) drawing: Option<Drawing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) also: Option<String>,
    pub(crate) issuer_record: Option<PublicRecord>,
    pub(crate) successor: Option<Successor>,
    pub(crate) history: Vec<HistoryItem>,
}

impl CardDetail {
    pub(crate) fn of(wallet: &Wallet, whole: &WholeCard) -> Result<Self, WalletError> {
        let card = &whole.card;
        let names = Names::of(whole.forms());
        let history = wallet.history_of(&card.id)?;
        Ok(Self {
            summary: CardSummary::with(wallet, whole, wallet.whole_status(whole)?)?,
            groups: card.groups(),
            drawing: wallet.drawing(card)?,
            format: card.format_name(),
            also: whole.also_in(),
            issuer_record: wallet.issuer_record(card)?,
            successor: wallet.issuer_successor(card)?,
            history: history
                .into_iter()
                .map(|entry| HistoryItem::of(entry, &names))
                .collect(),
        })
    }
}

/// What reading the status lists came to.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct StatusRefreshed {
    pub(crate) failures: usize,
}
