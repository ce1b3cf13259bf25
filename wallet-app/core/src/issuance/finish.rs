//! What came from an issuer, at once or later: checked, and stored in one transaction.

use super::verify::{ReceivedBatch, Seen, VerifiedCopies, verify};
use super::{CredentialRefused, IssuanceError, OfferedCard};
use crate::cards::{self, ArrivalId, Form, NewArrival, NewCard, Owed, Reissue, WaitingRow};
use crate::trust::{IssuerKeys, TrustError, is_webvh, load_anchors};
use crate::wallet::Wallet;
use jose::{PrivateJwk, UnixTime};
use oid4vci::wallet::RefreshSession;
use std::collections::BTreeSet;

/// For how long an access token is taken to be good where its issuer does not say.
const TOKEN_LIFETIME: u64 = 3_600;

/// What was offered, and by whom.
pub(super) struct Offered<'a> {
    pub(super) issuer: &'a str,
    pub(super) host: &'a str,
    pub(super) cards: &'a [OfferedCard],
}

/// What an issuance leaves besides the cards.
pub(super) struct Left {
    /// What is needed to tell the issuer what becomes of its cards, where it wants to know.
    pub(super) owed: Option<Owed>,
    /// A refresh token, where the issuer gave one.
    pub(super) refresh: Option<RefreshSession>,
    /// The key that access token and refresh token are bound to.
    pub(super) dpop_key: PrivateJwk,
    /// When the access token was asked for.
    pub(super) token_asked_at: UnixTime,
}

impl Left {
    /// Until when the token is good for telling the issuer something.
    pub(super) fn good_until(&self) -> UnixTime {
        let lifetime = self.owed.as_ref().and_then(|owed| owed.session.expires_in());
        self.token_asked_at.saturating_add(lifetime.unwrap_or(TOKEN_LIFETIME))
    }

    /// What these configurations are got again with.
    pub(super) fn reissue(&self, configurations: Vec<String>) -> Option<Reissue> {
        Some(Reissue {
            session: self.refresh.clone()?,
            dpop_key: self.dpop_key.clone(),
            configurations,
        })
    }
}

impl Wallet {
    /// Checks and stores what came, for each card its batches. `waited` is the row of cards that were waited for.
    pub(super) async fn finish(
        &self,
        offered: &Offered<'_>,
        received: Vec<Vec<ReceivedBatch>>,
        left: Left,
        waited: Option<&WaitingRow>,
    ) -> Result<ArrivalId, IssuanceError> {
        // Of all that comes together: the forms of one card are not to be told to be of one card either.
        let mut seen = Seen::default();
        let verified = self.verified(offered.cards, received, &mut seen).await?;
        self.store(offered, verified, left, waited)
    }

    /// Checks the copies of all cards, alone, together, and with all that was `seen` before.
    pub(super) async fn verified<'c>(
        &self,
        cards: &'c [OfferedCard],
        received: Vec<Vec<ReceivedBatch>>,
        seen: &mut Seen,
    ) -> Result<Vec<(&'c OfferedCard, VerifiedCopies)>, IssuanceError> {
        // The ledger is read after the copies came: what it says now is what counts.
        let ledger = self.ledger(self.clock.now());
        let mut agencies = ledger.agencies().await?;
        let anchors = load_anchors(self.settings.issuer_anchors.as_deref())?;
        if !anchors.is_empty() {
            ledger.look_up(&mut agencies, named_dids(cards, &received)).await?;
        }
        let now = ledger.clock()?.now();
        let issuers = IssuerKeys {
            agencies: &agencies,
            anchors: &anchors,
            now,
        };
        let mut verified = Vec::with_capacity(received.len());
        for (card, batches) in cards.iter().zip(received) {
            match verify(&batches, card, &issuers, seen) {
                Ok(copies) => {
                    let named = self.check_signer(&agencies, &copies.issuer);
                    named.map_err(CredentialRefused::from)?;
                    verified.push((card, copies));
                }
                // The issuer may be there and its record not be proved: then that is the reason.
                Err(CredentialRefused::Issuer(TrustError::UnknownIssuer)) => {
                    let unknown = TrustError::UnknownIssuer;
                    let reason = agencies.reason_for_absence().unwrap_or(unknown);
                    return Err(CredentialRefused::Issuer(reason).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        let forms = verified.iter().map(|(card, copies)| {
            let times = [copies.valid_from, copies.valid_until];
            Form::new(card.format, &card.vct, &copies.claims, times).of_copies(&copies.copies)
        });
        match contradict(forms) {
            true => Err(CredentialRefused::FormsDiffer.into()),
            false => Ok(verified),
        }
    }

    /// One transaction: cards, copies, keys, what the copies are got again with, and what is needed to tell the issuer
    /// later. Cards that were waited for are waited for no longer; where they were not any more, they are here already.
    fn store(
        &self,
        offered: &Offered<'_>,
        verified: Vec<(&OfferedCard, VerifiedCopies)>,
        mut left: Left,
        waited: Option<&WaitingRow>,
    ) -> Result<ArrivalId, IssuanceError> {
        let now = self.clock.now();
        let arrival = NewArrival {
            issuer: offered.issuer.to_owned(),
            host: offered.host.to_owned(),
            good_until: left.good_until(),
            owed: left.owed.take(),
        };
        self.vault.write(|transaction| {
            if let Some(row) = waited
                && !row.delete(transaction)?
            {
                return Err(IssuanceError::NoSuchArrival);
            }
            let id = arrival.insert(transaction, now)?;
            for (offered, copies) in verified {
                let card = NewCard {
                    format: offered.format,
                    drawing: offered.drawing(copies.one.as_ref()),
                    vct: offered.vct.clone(),
                    issuer: copies.issuer,
                    issuer_host: arrival.host.clone(),
                    display: offered.display.clone(),
                    claims: copies.claims,
                    valid_from: copies.valid_from,
                    valid_until: copies.valid_until,
                    copies: copies.copies,
                };
                let stored = cards::insert(transaction, &self.keys, &card, &id, now)?;
                if let Some(reissue) = left.reissue(offered.configurations.clone()) {
                    reissue.keep(transaction, &stored)?;
                }
            }
            Ok(id)
        })
    }
}

/// Whether these do not say one thing: what comes in several formats is one card. Two in one of the formats are two, and
/// nothing says of which of them the one in another format is a form.
pub(super) fn contradict<'f>(forms: impl Iterator<Item = Form<'f>>) -> bool {
    let forms: Vec<Form<'f>> = forms.collect();
    let comes_otherwise = |one: &Form<'f>| forms.iter().any(|other| one.is_form_of(*other));
    let mut each = forms.iter().enumerate();
    each.any(|(place, one)| {
        let is_second = |other: &Form<'f>| one.is_as(*other) && comes_otherwise(one);
        let mut others = forms.iter().skip(place + 1);
        others.any(|other| one.contradicts(*other) || is_second(other))
    })
}

/// Issuers that the ledger may know, from the copies as they came; each once.
fn named_dids(cards: &[OfferedCard], received: &[Vec<ReceivedBatch>]) -> Vec<String> {
    let mut dids = BTreeSet::new();
    for (card, batches) in cards.iter().zip(received) {
        for text in batches.iter().flat_map(|batch| &batch.credentials) {
            // What does not read is refused when it is verified.
            if let Ok(copy) = card.format.received(text)
                && let Some(did) = copy.hints().iss.filter(|iss| is_webvh(iss))
            {
                dids.insert(did.to_owned());
            }
        }
    }
    dids.into_iter().collect()
}
