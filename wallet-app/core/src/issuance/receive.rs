//! Asking for the copies, checking them, and storing them until the person has said that they are
//! theirs.

use super::open::OFFLINE_SUFFIX;
use super::verify::{ReceivedBatch, VerifiedCopies, verify};
use super::{CredentialRefused, IssuanceError, OfferedCard, OpenOffer};
use crate::cards::{self, Arrival, ArrivalId, CopyKind, NewArrival, NewCard, Owed, Reissue};
use crate::clock::OsRandom;
use crate::exchange::{Patience, Unheard, send};
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::keys::{KeyId, KeyStore as _};
use crate::trust::{IssuerKeys, TrustError, is_webvh, load_anchors};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::{PrivateJwk, Signer, SigningKey, UnixTime};
use oid4vci::NotificationEvent;
use oid4vci::wallet::{AuthorizedIssuance, IssuedCredentials, PreparedIssuance, Reply};
use outbound::Limits;
use sd_jwt::UnverifiedSdJwt;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Copies asked for at once; an issuer may offer fewer.
const LARGEST_BATCH: usize = 32;
/// How often an issuer may ask for a fresh nonce in one step.
pub(super) const RETRIES: usize = 3;
const CREDENTIALS: Limits = Limits::MESSAGE.with_body(1024 * 1024);

/// An access token, and the key that it is bound to.
pub(super) struct Holder {
    pub(super) authorized: AuthorizedIssuance,
    pub(super) signer: SigningKey,
    pub(super) dpop_key: PrivateJwk,
    pub(super) token_asked_at: UnixTime,
}

/// One issuance under way. Keys of cards that are not stored are destroyed with it.
pub(super) struct Session<'a> {
    wallet: &'a Wallet,
    authorized: AuthorizedIssuance,
    signer: SigningKey,
    dpop_key: PrivateJwk,
    token_asked_at: UnixTime,
    made: Vec<KeyId>,
    notifications: Vec<String>,
}

/// For how long an access token is taken to be good where its issuer does not say.
const TOKEN_LIFETIME: u64 = 3_600;

impl Wallet {
    /// Receives the cards of an offer: all of them are verified and stored, or none. They wait for
    /// [`Wallet::keep_cards`] or [`Wallet::reject_cards`]; until then they count as nothing. An
    /// issuer whose cards do not check out is told so.
    pub async fn receive_offer(&self, offer: OpenOffer, tx_code: Option<&str>) -> Result<Arrival, IssuanceError> {
        let result = async {
            let holder = self.holder(&offer, tx_code).await?;
            self.receive_with(&offer, holder).await
        };
        let result = result.await;
        self.arrived(&offer, result)
    }

    /// What came of an offer; that nothing did is noted.
    pub(super) fn arrived(
        &self,
        offer: &OpenOffer,
        result: Result<ArrivalId, IssuanceError>,
    ) -> Result<Arrival, IssuanceError> {
        if let Err(error) = &result {
            self.vault.note(self.clock.now(), &not_stored(offer, error.code()))?;
        }
        let id = result?;
        self.vault.arrival(&id)?.ok_or(IssuanceError::NoSuchArrival)
    }

    /// The person does not want what is offered; nothing is asked of the issuer.
    pub fn decline_offer(&self, offer: &OpenOffer) -> Result<(), VaultError> {
        self.vault
            .note(self.clock.now(), &not_stored(offer, "closed"))
            .map(|_| ())
    }

    async fn holder(&self, offer: &OpenOffer, tx_code: Option<&str>) -> Result<Holder, IssuanceError> {
        let dpop_key = PrivateJwk::generate_p256(&mut OsRandom::fill_slice);
        let signer = SigningKey::new(&dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let token_asked_at = self.clock.now();
        let authorized = self.token(offer.prepared.clone(), tx_code, &signer).await?;
        Ok(Holder {
            authorized,
            signer,
            dpop_key,
            token_asked_at,
        })
    }

    /// Receives the cards of an offer with a token, however that was got.
    pub(super) async fn receive_with(&self, offer: &OpenOffer, holder: Holder) -> Result<ArrivalId, IssuanceError> {
        let mut session = Session::new(self, holder);
        let stored = match session.verified(offer.cards()).await {
            Ok(verified) => session.store(offer, verified),
            Err(error) => Err(error),
        };
        session.end(stored.is_err()).await;
        stored
    }

    async fn token(
        &self,
        mut prepared: PreparedIssuance,
        tx_code: Option<&str>,
        dpop_key: &dyn Signer,
    ) -> Result<AuthorizedIssuance, IssuanceError> {
        let mut patience = Patience::default();
        for _ in 0..RETRIES + Patience::TRIES {
            let random = &mut OsRandom::fill_slice;
            let request = prepared.token_request(tx_code, dpop_key, self.clock.now(), random)?;
            let answer = send(&self.client, request, &Limits::MESSAGE).await?;
            if patience.asks_again(&answer, Unheard::Busy).await? {
                continue;
            }
            if let Reply::Done(authorized) = prepared.token_response(&answer.view())? {
                return Ok(authorized);
            }
        }
        Err(IssuanceError::EndlessRetries)
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(wallet: &'a Wallet, holder: Holder) -> Self {
        Self {
            wallet,
            authorized: holder.authorized,
            signer: holder.signer,
            dpop_key: holder.dpop_key,
            token_asked_at: holder.token_asked_at,
            made: Vec::new(),
            notifications: Vec::new(),
        }
    }

    /// The end: keys that are bound to nothing are destroyed, and an issuer whose cards were not
    /// stored is told so.
    pub(super) async fn end(self, failed: bool) {
        if failed && let Some(owed) = self.owed() {
            self.wallet.tell(owed, NotificationEvent::CredentialFailure).await;
        }
        self.wallet.keys.discard(&self.made);
    }

    /// Asks for all copies and checks them.
    pub(super) async fn verified<'c>(
        &mut self,
        cards: &'c [OfferedCard],
    ) -> Result<Vec<(&'c OfferedCard, VerifiedCopies)>, IssuanceError> {
        let mut received = Vec::with_capacity(cards.len());
        for card in cards {
            received.push((card, self.batches(card).await?));
        }
        // The ledger is read after the copies came: what it says now is what counts.
        let ledger = self.wallet.ledger(self.wallet.clock.now());
        let mut agencies = ledger.agencies().await?;
        let anchors = load_anchors(self.wallet.settings.issuer_anchors.as_deref())?;
        if !anchors.is_empty() {
            let batches = received.iter().flat_map(|(_, batches)| batches);
            ledger.look_up(&mut agencies, named_dids(batches)).await?;
        }
        let now = ledger.clock()?.now();
        let issuers = IssuerKeys {
            agencies: &agencies,
            anchors: &anchors,
            now,
        };
        let mut verified = Vec::with_capacity(received.len());
        for (card, batches) in received {
            match verify(&batches, &card.vct, &issuers) {
                Ok(copies) => verified.push((card, copies)),
                // The issuer may be there and its record not be proved: then that is the reason.
                Err(CredentialRefused::Issuer(TrustError::UnknownIssuer)) => {
                    let unknown = TrustError::UnknownIssuer;
                    let reason = agencies.reason_for_absence().unwrap_or(unknown);
                    return Err(CredentialRefused::Issuer(reason).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(verified)
    }

    async fn batches(&mut self, card: &OfferedCard) -> Result<Vec<ReceivedBatch>, IssuanceError> {
        let mut batches = Vec::with_capacity(card.configurations.len());
        for configuration in &card.configurations {
            let count = self.authorized.metadata().proofs_per_request().min(LARGEST_BATCH);
            let signers = self.wallet.keys.generate(count)?;
            self.made
                .extend(signers.iter().map(|signer| KeyId::of(signer.public_jwk())));
            let issued = self.request(configuration, &signers).await?;
            self.notifications.extend(issued.notification_id);
            let offline = configuration.ends_with(OFFLINE_SUFFIX);
            batches.push(ReceivedBatch {
                kind: if offline { CopyKind::Offline } else { CopyKind::Online },
                credentials: issued.credentials,
                keys: signers.iter().map(|signer| signer.public_jwk().clone()).collect(),
            });
        }
        Ok(batches)
    }

    async fn request(
        &mut self,
        configuration: &str,
        signers: &[Arc<dyn Signer>],
    ) -> Result<IssuedCredentials, IssuanceError> {
        let signers: Vec<&dyn Signer> = signers.iter().map(AsRef::as_ref).collect();
        let client = &self.wallet.client;
        let mut needs_nonce = true;
        let mut patience = Patience::default();
        for _ in 0..RETRIES + Patience::TRIES {
            if needs_nonce && let Some(request) = self.authorized.nonce_request() {
                let answer = send(client, request, &Limits::MESSAGE).await?;
                self.authorized.nonce_response(&answer.view())?;
            }
            let now = self.wallet.clock.now();
            let random = &mut OsRandom::fill_slice;
            let request = self
                .authorized
                .credential_request(configuration, &signers, &self.signer, now, random)?;
            let answer = send(client, request, &CREDENTIALS).await?;
            if patience.asks_again(&answer, Unheard::Failed).await? {
                // Whether the nonce was used is not known.
                needs_nonce = true;
                continue;
            }
            match self.authorized.credential_response(&answer.view(), signers.len())? {
                Reply::Done(issued) => return Ok(issued),
                Reply::RepeatWithFreshNonce => needs_nonce = true,
                Reply::RepeatWithDpopNonce => needs_nonce = false,
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    /// One transaction: cards, copies, keys, and what is needed to tell the issuer later.
    fn store(
        &self,
        offer: &OpenOffer,
        verified: Vec<(&OfferedCard, VerifiedCopies)>,
    ) -> Result<ArrivalId, IssuanceError> {
        let now = self.wallet.clock.now();
        let owed = self.owed();
        let arrival = NewArrival {
            issuer: offer.offered_by().name.clone(),
            host: offer.offered_by().host.clone(),
            good_until: self.good_until(owed.as_ref()),
            owed,
        };
        self.wallet.vault.write(|transaction| {
            let id = arrival.insert(transaction, now)?;
            for (offered, copies) in verified {
                let card = NewCard {
                    vct: offered.vct.clone(),
                    issuer: copies.issuer,
                    issuer_host: arrival.host.clone(),
                    display: offered.display.clone(),
                    claims: copies.claims,
                    valid_from: copies.valid_from,
                    valid_until: copies.valid_until,
                    copies: copies.copies,
                };
                let stored = cards::insert(transaction, &self.wallet.keys, &card, &id, now)?;
                if let Some(reissue) = self.reissue(offered.configurations.clone()) {
                    reissue.keep(transaction, &stored)?;
                }
            }
            Ok(id)
        })
    }

    /// Until when the token is good for telling the issuer something.
    pub(super) fn good_until(&self, owed: Option<&Owed>) -> UnixTime {
        let lifetime = owed.and_then(|owed| owed.session.expires_in());
        self.token_asked_at.saturating_add(lifetime.unwrap_or(TOKEN_LIFETIME))
    }

    /// What these configurations are got again with, where the issuer gave it.
    pub(super) fn reissue(&self, configurations: Vec<String>) -> Option<Reissue> {
        Some(Reissue {
            session: self.authorized.refresh()?.clone(),
            dpop_key: self.dpop_key.clone(),
            configurations,
        })
    }

    /// What is needed to tell the issuer what becomes of its cards, where it wants to know.
    pub(super) fn owed(&self) -> Option<Owed> {
        if self.notifications.is_empty() {
            return None;
        }
        Some(Owed {
            session: self.authorized.notifications()?,
            notifications: self.notifications.clone(),
            dpop_key: self.dpop_key.clone(),
        })
    }
}

/// Issuers that the ledger may know, from the copies as they came; each once.
fn named_dids<'a>(batches: impl Iterator<Item = &'a ReceivedBatch>) -> Vec<String> {
    let mut dids = BTreeSet::new();
    for text in batches.flat_map(|batch| &batch.credentials) {
        // What does not read is refused when it is verified.
        if let Ok(copy) = UnverifiedSdJwt::parse(text)
            && let Some(did) = copy.hints().iss.filter(|iss| is_webvh(iss))
        {
            dids.insert(did.to_owned());
        }
    }
    dids.into_iter().collect()
}

fn not_stored(offer: &OpenOffer, reason: &str) -> HistoryRecord {
    let offered_by = offer.offered_by();
    let noted = |card: &OfferedCard| HistoryCard {
        vct: card.vct.clone(),
        card: None,
        title: Some(card.face(offered_by).title),
        claims: Vec::new(),
    };
    HistoryRecord {
        event: HistoryEvent::Offer,
        party: offered_by.name.clone(),
        party_id: None,
        host: offered_by.host.clone(),
        purpose: None,
        cards: offer.cards().iter().map(noted).collect(),
        outcome: Outcome::NotStored,
        reason: Some(reason.to_owned()),
    }
}
