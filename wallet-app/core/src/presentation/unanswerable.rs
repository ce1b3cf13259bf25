//! A request that holds and that is not answered: no card here does, or it asks too much. Whoever
//! asks hears of it on the person's word only: that somebody does not have a card is something about
//! them, and a wallet that refuses by itself would say that there is one.

use super::opened::Asked;
use super::{ShareError, Untold};
use crate::consent::{Party, Why};
use crate::wallet::Wallet;
use oid4vp::DcqlQuery;
use std::collections::BTreeSet;

/// A request that is not answered. To drop it is to send nothing.
pub struct Unanswerable {
    asked: Asked,
    types: Vec<String>,
    untold: Option<Untold>,
    /// The line of the history about it, and whether the request was kept with it.
    noted: (i64, bool),
}

impl Unanswerable {
    pub(super) fn new(asked: Asked, query: &DcqlQuery, mut untold: Option<Untold>, noted: (i64, bool)) -> Self {
        if let Some(untold) = &mut untold {
            untold.note(noted.0);
        }
        Self {
            asked,
            types: types(query),
            untold,
            noted,
        }
    }

    /// The line of the history about it, where the request was kept so that it can be reported:
    /// [`Wallet::complaint`].
    #[must_use]
    pub fn reportable(&self) -> Option<i64> {
        let (history_id, kept) = self.noted;
        kept.then_some(history_id)
    }

    /// Who asks.
    #[must_use]
    pub fn who(&self) -> &Party {
        &self.asked.who
    }

    /// Why they ask.
    #[must_use]
    pub fn why(&self) -> Option<&Why> {
        self.asked.why.as_ref()
    }

    /// The types of card that would answer.
    #[must_use]
    pub fn types(&self) -> Vec<String> {
        self.types.clone()
    }

    /// Whether they can be told at all; those who asked without a network cannot.
    #[must_use]
    pub fn can_be_told(&self) -> bool {
        self.untold.is_some()
    }

    /// What they may be told.
    pub(super) fn into_untold(self) -> Option<Untold> {
        self.untold
    }
}

fn types(query: &DcqlQuery) -> Vec<String> {
    let named = query.credentials().iter().flat_map(|query| query.meta().type_names());
    let types: BTreeSet<&str> = named.collect();
    types.into_iter().map(str::to_owned).collect()
}

impl std::fmt::Debug for Unanswerable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unanswerable")
            .field("host", &self.asked.who.host)
            .finish_non_exhaustive()
    }
}

impl Wallet {
    /// Tells whoever asks that this wallet does not answer: `access_denied`, the same as when the
    /// person refuses. Those who asked without a network hear nothing. OpenID4VP 1.0 §8.5
    pub async fn tell_unanswerable(&self, unanswerable: Unanswerable) -> Result<(), ShareError> {
        match unanswerable.into_untold() {
            Some(untold) => self.tell_asker(untold).await.map(|_| ()),
            None => Ok(()),
        }
    }
}
