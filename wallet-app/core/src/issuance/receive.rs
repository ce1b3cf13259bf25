//! Asking for the copies, until all of them are here or the issuer needs time.

use super::authorization_server::{Holder, OfferedCode};
use super::finish::{Left, Offered};
use super::open::OFFLINE_SUFFIX;
use super::verify::{ReceivedBatch, Seen, VerifiedCopies};
use super::{IssuanceError, OfferedCard, OpenOffer};
use crate::cards::{Arrival, ArrivalId, BatchState, CopyKind, Owed, Waiting, WaitingBatch};
use crate::clock::OsRandom;
use crate::exchange::{Busy, Patience, Unheard, send};
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::keys::{KeyId, KeyStore as _};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::{PrivateJwk, Signer, SigningKey, UnixTime};
use oid4vci::NotificationEvent;
use oid4vci::metadata::ProofForm;
use oid4vci::wallet::{
    Abilities, AttestedKeys, AuthorizedIssuance, CredentialAnswer, DeferredSession, HttpRequest, Reply,
};
use outbound::Limits;
use std::sync::Arc;

/// Copies asked for at once; an issuer may offer fewer.
const LARGEST_BATCH: usize = 32;
/// How often an issuer may ask for a fresh nonce in one step.
pub(super) const RETRIES: usize = 3;
pub(super) const CREDENTIALS: Limits = Limits::MESSAGE.with_body(1024 * 1024);

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

/// A batch that the issuer needs time for.
struct DeferredBatch {
    card: usize,
    offline: bool,
    keys: Vec<KeyId>,
    session: Box<DeferredSession>,
}

/// What came of asking for all copies: for each card its batches, and those that the issuer needs time for.
struct Asked {
    received: Vec<Vec<ReceivedBatch>>,
    deferred: Vec<DeferredBatch>,
}

impl Asked {
    /// After how many seconds the issuer may be asked again; nothing where everything came.
    fn interval(&self) -> Option<u64> {
        self.deferred.iter().map(|batch| batch.session.interval()).max()
    }
}

impl Wallet {
    /// Receives the cards of an offer: all of them are verified and stored, or none. They wait for
    /// [`Wallet::keep_cards`] or [`Wallet::reject_cards`]; until then they count as nothing. An
    /// issuer whose cards do not check out is told so.
    pub async fn receive_offer(&self, offer: OpenOffer, tx_code: Option<&str>) -> Result<Arrival, IssuanceError> {
        let result = async {
            let code = OfferedCode {
                issuance: offer.prepared.clone(),
                tx_code,
            };
            let dpop_key = PrivateJwk::generate_p256(&mut OsRandom::fill_slice);
            let holder = self.token(code, dpop_key).await?;
            self.receive_with(&offer, holder).await
        };
        let result = result.await;
        self.arrived(&offer, result)
    }

    /// What came of an offer; that nothing did, and nothing is waited for, is noted.
    pub(super) fn arrived(
        &self,
        offer: &OpenOffer,
        result: Result<ArrivalId, IssuanceError>,
    ) -> Result<Arrival, IssuanceError> {
        if let Err(error) = &result
            && !matches!(error, IssuanceError::Deferred { .. })
        {
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

    /// Receives the cards of an offer with a token, however that was got.
    pub(super) async fn receive_with(&self, offer: &OpenOffer, holder: Holder) -> Result<ArrivalId, IssuanceError> {
        let mut session = Session::new(self, holder);
        let stored = session.run(offer).await;
        let failed = !matches!(stored, Ok(_) | Err(IssuanceError::Deferred { .. }));
        session.end(failed).await;
        stored
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

    /// Asks for all copies of an offer, and stores them or what is needed to ask again.
    async fn run(&mut self, offer: &OpenOffer) -> Result<ArrivalId, IssuanceError> {
        let asked = self.ask(offer.cards()).await?;
        let offered = Offered {
            issuer: &offer.offered_by().name,
            host: &offer.offered_by().host,
            cards: offer.cards(),
        };
        match asked.interval() {
            None => self.wallet.finish(&offered, asked.received, self.left(), None).await,
            Some(interval) => {
                self.wait(&offered, asked, interval)?;
                Err(IssuanceError::Deferred { interval })
            }
        }
    }

    /// Asks for all copies and checks them, also with all that was `seen` before; for those who have others already,
    /// and need not wait.
    pub(super) async fn verified<'c>(
        &mut self,
        cards: &'c [OfferedCard],
        seen: &mut Seen,
    ) -> Result<Vec<(&'c OfferedCard, VerifiedCopies)>, IssuanceError> {
        let asked = self.ask(cards).await?;
        match asked.interval() {
            None => self.wallet.verified(cards, asked.received, seen).await,
            Some(seconds) => Err(Busy { seconds }.into()),
        }
    }

    async fn ask(&mut self, cards: &[OfferedCard]) -> Result<Asked, IssuanceError> {
        let mut received = Vec::with_capacity(cards.len());
        let mut deferred = Vec::new();
        for (place, card) in cards.iter().enumerate() {
            received.push(self.batches(place, card, &mut deferred).await?);
        }
        Ok(Asked { received, deferred })
    }

    async fn batches(
        &mut self,
        place: usize,
        card: &OfferedCard,
        deferred: &mut Vec<DeferredBatch>,
    ) -> Result<Vec<ReceivedBatch>, IssuanceError> {
        let mut batches = Vec::with_capacity(card.configurations.len());
        for configuration in &card.configurations {
            let count = self.authorized.metadata().proofs_per_request().min(LARGEST_BATCH);
            let signers = self.wallet.keys.generate(count)?;
            self.made
                .extend(signers.iter().map(|signer| KeyId::of(signer.public_jwk())));
            let offline = configuration.ends_with(OFFLINE_SUFFIX);
            let issued = match self.request(configuration, &signers).await? {
                CredentialAnswer::Issued(issued) => issued,
                CredentialAnswer::Deferred(session) => {
                    deferred.push(DeferredBatch {
                        card: place,
                        offline,
                        keys: signers.iter().map(|signer| KeyId::of(signer.public_jwk())).collect(),
                        session,
                    });
                    continue;
                }
            };
            self.notifications.extend(issued.notification_id);
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
    ) -> Result<CredentialAnswer, IssuanceError> {
        let signers: Vec<&dyn Signer> = signers.iter().map(AsRef::as_ref).collect();
        let client = &self.wallet.client;
        let mut needs_nonce = true;
        let mut patience = Patience::default();
        for _ in 0..RETRIES + Patience::TRIES {
            if needs_nonce && let Some(request) = self.authorized.nonce_request() {
                let answer = send(client, request, &Limits::MESSAGE).await?;
                self.authorized.nonce_response(&answer.view())?;
            }
            let request = self.credential_request(configuration, &signers).await?;
            let answer = send(client, request, &CREDENTIALS).await?;
            if patience.asks_again(&answer, Unheard::Failed).await? {
                // Whether the nonce was used is not known.
                needs_nonce = true;
                continue;
            }
            match self.authorized.credential_response(&answer.view(), signers.len())? {
                Reply::Done(answer) => return Ok(answer),
                Reply::RepeatWithFreshNonce => needs_nonce = true,
                Reply::RepeatWithDpopNonce => needs_nonce = false,
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    /// The request with proofs of these keys, or with the word of the wallet's publisher where the issuer wants that.
    async fn credential_request(
        &mut self,
        configuration: &str,
        signers: &[&dyn Signer],
    ) -> Result<HttpRequest, IssuanceError> {
        let form = self.proof_form(configuration);
        let attestation = match form {
            ProofForm::Jwt => None,
            ProofForm::JwtAttested | ProofForm::Attestation => {
                let (attester, c_nonce) = (self.wallet.attester()?, self.authorized.c_nonce());
                Some(attester.key_attestation(signers, c_nonce).await?)
            }
        };
        let (now, random) = (self.wallet.clock.now(), &mut OsRandom::fill_slice);
        let (authorized, key) = (&mut self.authorized, &self.signer);
        Ok(match &attestation {
            None => authorized.credential_request(configuration, signers, key, now, random)?,
            Some(attestation) => {
                let attested = AttestedKeys {
                    form,
                    attestation,
                    keys: signers,
                };
                authorized.attested_credential_request(configuration, &attested, key, now, random)?
            }
        })
    }

    /// How the issuer wants keys proven. What it does not offer was refused when the offer was read.
    fn proof_form(&self, configuration: &str) -> ProofForm {
        let known = &self.authorized.metadata().credential_configurations_supported;
        let Abilities { algorithm, attests } = self.wallet.abilities();
        known
            .get(configuration)
            .and_then(|configuration| configuration.proof_form(algorithm, attests))
            .unwrap_or(ProofForm::Jwt)
    }

    /// Keeps what is needed to ask again, and what came already: an issuer does not deliver twice.
    fn wait(&self, offered: &Offered<'_>, asked: Asked, interval: u64) -> Result<(), IssuanceError> {
        let mut batches = Vec::new();
        for (card, came) in asked.received.into_iter().enumerate() {
            for batch in came {
                let keys: Vec<KeyId> = batch.keys.iter().map(KeyId::of).collect();
                batches.push(WaitingBatch {
                    card,
                    offline: batch.kind == CopyKind::Offline,
                    keys: self.wallet.keys.dangerous_export(&keys)?,
                    state: BatchState::Received(batch.credentials),
                });
            }
        }
        for batch in asked.deferred {
            batches.push(WaitingBatch {
                card: batch.card,
                offline: batch.offline,
                keys: self.wallet.keys.dangerous_export(&batch.keys)?,
                state: BatchState::Deferred(batch.session),
            });
        }
        let waiting = Waiting {
            issuer: offered.issuer.to_owned(),
            host: offered.host.to_owned(),
            cards: offered.cards.to_vec(),
            batches,
            notification_session: self.authorized.notifications(),
            notifications: self.notifications.clone(),
            refresh: self.authorized.refresh().cloned(),
            dpop_key: self.dpop_key.dangerous_to_value(),
            token_asked_at: self.token_asked_at,
        };
        let now = self.wallet.clock.now();
        let ask_again_at = now.saturating_add(interval);
        self.wallet
            .vault
            .write(|transaction| waiting.insert(transaction, now, ask_again_at))?;
        Ok(())
    }

    /// What is left once the copies are here.
    pub(super) fn left(&self) -> Left {
        Left {
            owed: self.owed(),
            refresh: self.authorized.refresh().cloned(),
            dpop_key: self.dpop_key.clone(),
            token_asked_at: self.token_asked_at,
        }
    }

    /// What is needed to tell the issuer what becomes of its cards, where it wants to know.
    fn owed(&self) -> Option<Owed> {
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

fn not_stored(offer: &OpenOffer, reason: &str) -> HistoryRecord {
    let offered_by = offer.offered_by();
    let noted = |card: &OfferedCard| HistoryCard {
        vct: card.vct.clone(),
        card: None,
        title: Some(card.face(offered_by).title),
        claims: Vec::new(),
        shown_before: false,
    };
    HistoryRecord {
        event: HistoryEvent::Offer,
        party: offered_by.name.clone(),
        party_id: None,
        host: offered_by.host.clone(),
        purpose: None,
        cards: offer.whole_cards().map(noted).collect(),
        outcome: Outcome::NotStored,
        reason: Some(reason.to_owned()),
        kept_days: None,
        says_kept: false,
    }
}
