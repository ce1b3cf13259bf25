use super::HistoryItem;
use serde::Serialize;
use wallet::{Business, HistoryCard, Localized, Names, NeverShown};

/// Somebody who asked, and what happened with them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BusinessView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) recorded: bool,
    pub(crate) blocked: bool,
    pub(crate) never: Vec<NeverShown>,
    pub(crate) items: Vec<HistoryItem>,
}

/// A claim that is shown to nobody.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NeverShownView {
    #[serde(rename = "type")]
    pub(crate) vct: String,
    pub(crate) claim: String,
    pub(crate) title: Localized,
    pub(crate) label: Localized,
}

impl BusinessView {
    pub(crate) fn of(business: Business, names: &Names) -> Self {
        let items = business.entries.into_iter();
        Self {
            id: business.id,
            name: business.name,
            host: business.host,
            recorded: business.recorded,
            blocked: business.blocked,
            never: business.never,
            items: items.map(|entry| HistoryItem::of(entry, names)).collect(),
        }
    }
}

impl NeverShownView {
    pub(crate) fn of(never: NeverShown, names: &Names) -> Self {
        let card = HistoryCard {
            vct: never.vct.clone(),
            card: None,
            title: None,
            claims: Vec::new(),
            shown_before: false,
        };
        Self {
            title: names.title(&card),
            label: names.claim(&never.vct, &never.claim),
            vct: never.vct,
            claim: never.claim,
        }
    }
}
