//! A request that holds and that is not answered: no card here does, or it asks too much. Whoever
//! asks hears of it on the person's word only: that somebody does not have a card is something about
//! them, and a wallet that refuses by itself would say that there is one.

use super::matching::NoMatch;
use super::open::Asked;
use super::scope::Outside;
use super::{RequestRefused, ShareError, Untold};
use crate::consent::{Party, Why};
use crate::history::HistoryRecord;
use crate::wallet::Wallet;
use oid4vp::{Meta, PresentationRequest};
use std::collections::BTreeSet;

/// A request that is not answered. To drop it is to send nothing.
pub struct Unanswerable {
    request: PresentationRequest,
    asked: Asked,
    history_id: i64,
}

impl Unanswerable {
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
        let queries = self.request.query().credentials().iter();
        let named = queries.filter_map(|query| match query.meta() {
            Meta::VctValues(types) => Some(types),
            _ => None,
        });
        let types: BTreeSet<String> = named.flatten().cloned().collect();
        types.into_iter().collect()
    }

    /// What they may be told.
    pub(super) fn into_untold(self) -> Untold {
        let mut untold = Untold::denied(self.request);
        untold.note(self.history_id);
        untold
    }
}

impl std::fmt::Debug for Unanswerable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unanswerable")
            .field("host", &self.asked.who.host)
            .finish_non_exhaustive()
    }
}

impl Wallet {
    /// Notes that nothing here answers, and keeps what is needed to say so.
    pub(super) fn not_answered(&self, request: PresentationRequest, asked: Asked, reason: NoMatch) -> RequestRefused {
        let record = asked.unanswered(&request, reason.code());
        self.kept(request, asked, &record, |kept| reason.refusal(kept))
    }

    /// Notes that the wallet refuses, and keeps what is needed to say so.
    pub(super) fn outside(&self, request: PresentationRequest, asked: Asked, outside: Outside) -> RequestRefused {
        let record = asked.outside(&outside);
        self.kept(request, asked, &record, |kept| outside.refusal(kept))
    }

    fn kept(
        &self,
        request: PresentationRequest,
        asked: Asked,
        record: &HistoryRecord,
        refusal: impl FnOnce(Box<Unanswerable>) -> RequestRefused,
    ) -> RequestRefused {
        match self.vault.note(self.clock.now(), record) {
            Err(error) => error.into(),
            Ok(history_id) => refusal(Box::new(Unanswerable {
                request,
                asked,
                history_id,
            })),
        }
    }

    /// Tells whoever asks that this wallet does not answer: `access_denied`, the same as when the
    /// person refuses. OpenID4VP 1.0 §8.5
    pub async fn tell_unanswerable(&self, unanswerable: Unanswerable) -> Result<(), ShareError> {
        self.tell_asker(unanswerable.into_untold()).await.map(|_| ())
    }
}
