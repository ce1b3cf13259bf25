//! Getting the copies of a card again, without the person. OpenID4VCI 1.0 §13.5
//!
//! New copies take the place of all old ones in one transaction. Where the card says something else
//! than before, both are kept until the person has seen them; the old one is shown to nobody.

use super::authorization_server::Holder;
use super::finish::contradict;
use super::open::offered_cards;
use super::receive::Session;
use super::verify::Seen;
use super::{CredentialRefused, IssuanceError, OfferedCard};
use crate::cards::{self, Card, CardError, CardId, ChangedValue, NewArrival, NewCard, Reissue};
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
use std::collections::BTreeSet;
use tokio::sync::OwnedMutexGuard;

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
    /// Gets the copies of a card again, in every format in which it is here: all of them are verified together and
    /// stored, or the old ones stay. So they do where the issuer needs time: the copies are asked for anew another day.
    pub async fn refresh_card(&self, id: &str) -> Result<Reissued, IssuanceError> {
        let forms = self.whole_card(id).map_err(unknown)?.ids();
        let _turns = self.turns_for(&forms).await?;
        let mut sessions = Vec::with_capacity(forms.len());
        let result = self.replace_forms(&forms, &mut sessions).await;
        for session in sessions {
            session.end(result.is_err()).await;
        }
        result?;
        self.vault.empty_log()?;
        self.tell_issuers().await;
        let whole = self.whole_card(id).map_err(unknown)?;
        let unused = whole.unused();
        Ok(Reissued {
            copies: unused.online + unused.offline,
            changed: self.vault.changed_values(&whole)?,
            card: whole.card.id,
        })
    }

    /// The turns for these forms, each once: those that came together have one.
    async fn turns_for(&self, forms: &[CardId]) -> Result<Vec<OwnedMutexGuard<()>>, IssuanceError> {
        let mut keys = BTreeSet::new();
        for form in forms {
            let (_, kept) = self.refreshable(form.as_str())?;
            keys.insert(KeyId::of(kept.dpop_key.public()));
        }
        let mut turns = Vec::with_capacity(keys.len());
        for key in keys {
            turns.push(self.turns.take(Begun::Refresh(key)).await);
        }
        Ok(turns)
    }

    /// Asks for the copies of each form with a token of its own, checks all of them together, and stores them at once.
    async fn replace_forms<'w>(
        &'w self,
        forms: &[CardId],
        sessions: &mut Vec<Session<'w>>,
    ) -> Result<(), IssuanceError> {
        // Of all forms: they are not to be told to be of one card either.
        let mut seen = self.seen_in(forms)?;
        let mut replaced = Vec::with_capacity(forms.len());
        for form in forms {
            let (card, offered, mut session) = self.begin_again(form.as_str()).await?;
            let new = new_copies(&card, &offered, &mut session, &mut seen).await;
            sessions.push(session);
            replaced.push((card, new?));
        }
        if contradict(replaced.iter().map(|(_, new)| new.form())) {
            return Err(CredentialRefused::ValuesDiffer.into());
        }
        self.replace(&replaced, sessions)
    }

    /// What stands in the copies that are here: whoever was shown one of them would know a new one by it.
    fn seen_in(&self, forms: &[CardId]) -> Result<Seen, IssuanceError> {
        let mut seen = Seen::default();
        for form in forms {
            let card = self.card(form.as_str()).map_err(unknown)?;
            let copies = self.vault.credentials(form)?;
            // One that does not read cannot be shown either.
            let held = copies.iter().filter_map(|copy| card.format.held(copy).ok());
            seen.add(self.vault.status_references(form)?, held.flat_map(|copy| copy.marks()));
        }
        Ok(seen)
    }

    /// What is offered of one form now, and a token for it.
    async fn begin_again(&self, id: &str) -> Result<(Card, OfferedCard, Session<'_>), IssuanceError> {
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
        Ok((card, offered, Session::new(self, holder)))
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

    /// One transaction: new copies and keys of every form, the old ones gone, what changed, the line in the history,
    /// and what the issuer is owed.
    fn replace(&self, replaced: &[(Card, NewCard)], sessions: &[Session<'_>]) -> Result<(), IssuanceError> {
        let now = self.clock.now();
        self.vault.write(|transaction| {
            for ((old, new), session) in replaced.iter().zip(sessions) {
                cards::replace(transaction, &self.keys, old, new, now)?;
                let left = session.left();
                let arrival = NewArrival {
                    issuer: old.issuer.name().to_owned(),
                    host: old.issuer_host.clone(),
                    good_until: left.good_until(),
                    owed: left.owed,
                };
                // Nothing waits for the person's word: it is their card. The issuer is told that it came.
                let id = arrival.insert(transaction, now)?;
                id.decide(transaction, NotificationEvent::CredentialAccepted)?;
            }
            if let Some((first, _)) = replaced.first() {
                history::insert(transaction, now, &record(first))?;
            }
            Ok(())
        })
    }
}

/// The copies of one form, checked by themselves and with all that was `seen` before.
async fn new_copies(
    card: &Card,
    offered: &OfferedCard,
    session: &mut Session<'_>,
    seen: &mut Seen,
) -> Result<NewCard, IssuanceError> {
    let mut verified = session.verified(std::slice::from_ref(offered), seen).await?;
    let (_, copies) = verified.pop().ok_or(CredentialRefused::Empty)?;
    if !card.issuer.is_same(&copies.issuer) {
        return Err(CredentialRefused::IssuersDiffer.into());
    }
    Ok(NewCard {
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
    })
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
        says_kept: false,
    }
}
