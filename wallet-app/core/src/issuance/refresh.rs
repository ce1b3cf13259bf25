//! Getting the copies of a card again, without the person. OpenID4VCI 1.0 §13.5
//!
//! New copies take the place of all old ones in one transaction. Where the card says something else
//! than before, both are kept until the person has seen them; the old one is shown to nobody.

use super::authorization_server::Holder;
use super::open::offered_cards;
use super::receive::Session;
use super::{CredentialRefused, IssuanceError};
use crate::cards::{self, Card, CardError, CardId, ChangedValue, Form, NewArrival, NewCard, Reissue};
use crate::exchange::send;
use crate::history::{self, HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::keys::KeyId;
use crate::turns::Begun;
use crate::vault::VaultError;
use crate::wallet::Wallet;
use oid4vci::AuthorizationServerMetadata;
use oid4vci::NotificationEvent;
use oid4vci::wallet::{TokenExchange, fetch_server_metadata};
use outbound::Limits;
use serde::Serialize;

/// What came of getting copies again.
#[derive(Clone, Debug, Serialize)]
pub struct Reissued {
    /// The card.
    pub card: CardId,
    /// How many copies there are now.
    pub copies: u64,
    /// What it says now that it did not say before.
    pub changed: Vec<ChangedValue>,
}

impl Wallet {
    /// Gets the copies of a card again, in every format in which it is here: all of a format are verified and stored,
    /// or the old ones stay. So they do where the issuer needs time: the copies are asked for anew another day. What
    /// changed is told of the first format.
    pub async fn refresh_card(&self, id: &str) -> Result<Reissued, IssuanceError> {
        let whole = self.whole_card(id).map_err(unknown)?;
        let first = &whole.card.id;
        let mut all = self.refresh_form(first.as_str(), None).await?;
        for form in &whole.also {
            all.copies += self.refresh_form(form.id.as_str(), Some(first)).await?.copies;
        }
        Ok(all)
    }

    /// The same in one format, which says what that `beside` it says by now.
    async fn refresh_form(&self, id: &str, beside: Option<&CardId>) -> Result<Reissued, IssuanceError> {
        let key = KeyId::of(self.refreshable(id)?.1.dpop_key.public());
        let _turn = self.turns.take(Begun::Refresh(key)).await;
        // Whoever had the turn before may have got another refresh token.
        let (card, kept) = self.refreshable(id)?;
        let exchange = self.resume(&kept).await?;
        let mut offered = offered_cards(exchange.prepared())?;
        self.look_up_types(&mut offered).await?;
        let offered = match offered.as_slice() {
            [one] if one.format == card.format && one.vct == card.vct => one.clone(),
            _ => return Err(CredentialRefused::OtherType.into()),
        };
        let holder = self.token(exchange, kept.dpop_key.clone()).await?;
        self.keep_refresh_token(&holder, &kept)?;
        let mut session = Session::new(self, holder);
        let result = async {
            let mut verified = session.verified(std::slice::from_ref(&offered)).await?;
            let (_, copies) = verified.pop().ok_or(CredentialRefused::Empty)?;
            if !card.issuer.is_same(&copies.issuer) {
                return Err(CredentialRefused::IssuersDiffer.into());
            }
            let new = NewCard {
                format: card.format,
                drawing: offered.drawing(copies.one.as_ref()),
                vct: card.vct.clone(),
                issuer: copies.issuer,
                issuer_host: card.issuer_host.clone(),
                display: offered.display.clone(),
                claims: copies.claims,
                valid_from: copies.valid_from,
                valid_until: copies.valid_until,
                copies: copies.copies,
            };
            self.check_beside(&new, beside)?;
            self.replace(&card, &new, &session)
        };
        let result = result.await;
        session.end(result.is_err()).await;
        result?;
        self.vault.empty_log()?;
        self.tell_issuers().await;
        let card = self.vault.card(id)?.ok_or(IssuanceError::NoSuchCard)?;
        Ok(Reissued {
            copies: card.unused.online + card.unused.offline,
            changed: self.vault.changed_values(&card)?,
            card: card.id,
        })
    }

    /// What comes in several formats is one card, and says one thing, also when it is got again.
    fn check_beside(&self, new: &NewCard, beside: Option<&CardId>) -> Result<(), IssuanceError> {
        let beside = beside.map(|id| self.vault.card(id.as_str())).transpose()?.flatten();
        let said = Form {
            format: new.format,
            vct: &new.vct,
            claims: &new.claims,
        };
        match beside.is_some_and(|other| said.contradicts(other.form())) {
            true => Err(CredentialRefused::ValuesDiffer.into()),
            false => Ok(()),
        }
    }

    /// A card, and what its copies are got again with.
    fn refreshable(&self, id: &str) -> Result<(Card, Reissue), IssuanceError> {
        let card = self.card(id).map_err(unknown)?;
        let kept = self.vault.reissue(&card.id)?.ok_or(IssuanceError::NotRefreshable)?;
        Ok((card, kept))
    }

    /// Issuer and server as they are now; they must be those that gave the refresh token.
    async fn resume(&self, kept: &Reissue) -> Result<TokenExchange, IssuanceError> {
        let transport = self.settings.network.transport();
        let issuer = kept.session.credential_issuer(transport)?;
        let server = kept.session.server(transport)?;
        let known = self.known_issuers(&issuer).await?;
        known.recorded_name(&issuer)?;
        let metadata = self.issuer_metadata(&issuer, &known).await?;
        let answer = send(&self.client, fetch_server_metadata(&server), &Limits::METADATA).await?;
        let server = AuthorizationServerMetadata::parse(answer.view().json()?, &server, transport)?;
        Ok(kept
            .session
            .resume(&kept.configurations, metadata, server, self.abilities())?)
    }

    /// The refresh token that counts from now on, whatever becomes of the copies: the server may take the one before no
    /// longer. RFC 6749 §6
    fn keep_refresh_token(&self, holder: &Holder, kept: &Reissue) -> Result<(), VaultError> {
        match holder.authorized.refresh() {
            Some(next) if *next != kept.session => self.vault.write(|transaction| kept.go_on_with(next, transaction)),
            _ => Ok(()),
        }
    }

    /// One transaction: new copies and keys, the old ones gone, what changed, the line in the history, and what the
    /// issuer is owed.
    fn replace(&self, old: &Card, new: &NewCard, session: &Session<'_>) -> Result<(), IssuanceError> {
        let now = self.clock.now();
        let left = session.left();
        let arrival = NewArrival {
            issuer: old.issuer.name().to_owned(),
            host: old.issuer_host.clone(),
            good_until: left.good_until(),
            owed: left.owed,
        };
        self.vault.write(|transaction| {
            cards::replace(transaction, &self.keys, old, new, now)?;
            // Nothing waits for the person's word: it is their card. The issuer is told that it came.
            let id = arrival.insert(transaction, now)?;
            id.decide(transaction, NotificationEvent::CredentialAccepted)?;
            history::insert(transaction, now, &record(old))?;
            Ok(())
        })
    }
}

fn unknown(error: CardError) -> IssuanceError {
    match error {
        CardError::Vault(error) => IssuanceError::Vault(error),
        _ => IssuanceError::NoSuchCard,
    }
}

fn record(card: &Card) -> HistoryRecord {
    HistoryRecord {
        event: HistoryEvent::Offer,
        party: card.issuer.name().to_owned(),
        party_id: None,
        host: card.issuer_host.clone(),
        purpose: None,
        cards: vec![HistoryCard {
            vct: card.vct.clone(),
            card: Some(card.id.clone()),
            title: Some(card.face().title),
            claims: Vec::new(),
            shown_before: false,
        }],
        outcome: Outcome::Received,
        reason: None,
        kept_days: None,
    }
}
