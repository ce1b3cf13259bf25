//! What type metadata say about cards: what they are called, and what they must look like.
//! draft-ietf-oauth-sd-jwt-vc §5
//!
//! Known are the types that are built in, and those whose name is an address, from there. What is
//! there is fetched when an offer is opened or copies are got again, which asks the issuer anyway,
//! kept with what is offered, and never fetched because a card is shown or looked at.

use super::{CredentialRefused, OfferedCard};
use crate::wallet::Wallet;
use outbound::{Limits, Response};
use sd_jwt::type_metadata::{HeldTypeError, HeldTypes};
use serde::{Deserialize, Serialize};

/// A document that was retrieved for a card.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeDocument {
    vct: String,
    document: String,
}

impl OfferedCard {
    /// The types that its copies are checked by.
    pub(super) fn known_types(&self) -> Result<HeldTypes, CredentialRefused> {
        let mut held = card_types::held().map_err(HeldTypeError::from)?;
        for TypeDocument { vct, document } in &self.types {
            held.hold(vct, document.as_bytes()).map_err(HeldTypeError::from)?;
        }
        Ok(held)
    }
}

impl Wallet {
    /// Retrieves what is missing of the types of these cards, and says with it what their issuer
    /// does not say. A type whose metadata cannot be had, or must not be fetched, has none.
    pub(super) async fn look_up_types(&self, cards: &mut [OfferedCard]) -> Result<(), CredentialRefused> {
        for card in cards {
            let mut held = card.known_types()?;
            while let Some(wanted) = held.missing(&card.vct) {
                let Some(document) = self.type_document(&wanted).await else {
                    break;
                };
                if let Err(error) = held.hold(&wanted, document.as_bytes()) {
                    tracing::warn!(%error, "the metadata of a card type are of no use");
                    break;
                }
                card.types.push(TypeDocument { vct: wanted, document });
            }
            if let Some(known) = held.known(&card.vct) {
                card.display.fill_in(known);
                card.templates = self.templates(known).await;
            }
        }
        Ok(())
    }

    /// The document at the address that a type is. §5.3.1
    async fn type_document(&self, vct: &str) -> Option<String> {
        let address = self.settings.network.transport().endpoint(vct).ok()?;
        let answer = self.client.get(&address, &Limits::METADATA).await;
        match answer.and_then(Response::success) {
            Ok(answer) => String::from_utf8(answer.into_body()).ok(),
            Err(error) => {
                tracing::warn!(%error, "the metadata of a card type cannot be fetched");
                None
            }
        }
    }
}
