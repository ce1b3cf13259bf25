//! Revoking, suspending and reactivating cards: all copies at once, in the answer's own transaction.

use http::StatusCode;
use service::Problem;
use status_list::Status;

use crate::app::App;
use crate::error::ApiError;
use crate::store::status_lists::{self, Copies};
use crate::store::{cards, snapshot};

impl App {
    /// Changes the status of a card. The same again is no error; what is revoked stays revoked.
    pub(crate) async fn change_status(&self, card: &str, to: Status) -> Result<(), ApiError> {
        let mut write = self.0.store.begin().await?;
        let found = cards::find(&mut *write, card).await?.ok_or_else(Problem::not_found)?;
        if found.status == Status::Invalid && to != Status::Invalid {
            let title = "A revoked card stays revoked.";
            return Err(Problem::new(StatusCode::CONFLICT, "revoked", title).into());
        }
        if found.status != to {
            cards::set_status(&mut write, card, to).await?;
            status_lists::set(&mut write, Copies::OfCard(card), to).await?;
            snapshot::want(&mut write, self.now()).await?;
        }
        // Whoever asks for the same once more is told yes only when the first is durable.
        write.commit().await?;
        if found.status != to {
            tracing::info!(credential = %card, state = status_name(to), "the status of a card changed");
        }
        Ok(())
    }
}

/// A status as it is named in answers.
pub(crate) const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Suspended => "suspended",
        _ => "revoked",
    }
}
