//! Asking for the copies, checking them, and storing them until the person has said that they are
//! theirs.

use super::open::OFFLINE_SUFFIX;
use super::verify::{ReceivedBatch, VerifiedCopies, verify};
use super::{CredentialRefused, IssuanceError, OfferedCard, OpenOffer};
use crate::cards::{
    self, Arrival, ArrivalId, BatchState, CopyKind, NewArrival, NewCard, Owed, Waiting, WaitingBatch, WaitingRow,
};
use crate::clock::OsRandom;
use crate::exchange::send;
use crate::history::{HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::keys::{KeyId, KeyStore as _};
use crate::trust::{IssuerKeys, TrustError, is_webvh, load_anchors};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::{PrivateJwk, Signer, SigningKey, UnixTime};
use oid4vci::NotificationEvent;
use oid4vci::wallet::{AuthorizedIssuance, CredentialAnswer, DeferredSession, PreparedIssuance, Reply};
use outbound::Limits;
use sd_jwt::UnverifiedSdJwt;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Copies asked for at once; an issuer may offer fewer.
const LARGEST_BATCH: usize = 32;
/// How often an issuer may ask for a fresh nonce in one step.
pub(super) const RETRIES: usize = 3;
const CREDENTIALS: Limits = Limits::MESSAGE.with_body(1024 * 1024);

/// One issuance under way. Keys of cards that are not stored are destroyed with it.
struct Session<'a> {
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
        let result = self.receive_cards(&offer, tx_code).await;
        if let Err(error) = &result
            && !matches!(error, IssuanceError::Deferred { .. })
        {
            self.vault.note(self.clock.now(), &not_stored(&offer, error.code()))?;
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

    async fn receive_cards(&self, offer: &OpenOffer, tx_code: Option<&str>) -> Result<ArrivalId, IssuanceError> {
        let dpop_key = PrivateJwk::generate_p256(&mut OsRandom::fill_slice);
        let signer = SigningKey::new(&dpop_key).map_err(|_| crate::KeyError::Malformed)?;
        let token_asked_at = self.clock.now();
        let authorized = self.token(offer.prepared.clone(), tx_code, &signer).await?;
        let mut session = Session {
            wallet: self,
            authorized,
            signer,
            dpop_key,
            token_asked_at,
            made: Vec::new(),
            notifications: Vec::new(),
        };
        let stored = session.run(offer).await;
        if !matches!(stored, Ok(_) | Err(IssuanceError::Deferred { .. }))
            && let Some(owed) = session.owed()
        {
            self.tell(owed, NotificationEvent::CredentialFailure).await;
        }
        self.keys.discard(&session.made);
        stored
    }

    async fn token(
        &self,
        mut prepared: PreparedIssuance,
        tx_code: Option<&str>,
        dpop_key: &dyn Signer,
    ) -> Result<AuthorizedIssuance, IssuanceError> {
        for _ in 0..RETRIES {
            let random = &mut OsRandom::fill_slice;
            let request = prepared.token_request(tx_code, dpop_key, self.clock.now(), random)?;
            let answer = send(&self.client, request, &Limits::MESSAGE).await?;
            if let Reply::Done(authorized) = prepared.token_response(&answer.view())? {
                return Ok(authorized);
            }
        }
        Err(IssuanceError::EndlessRetries)
    }
}

impl Session<'_> {
    async fn run(&mut self, offer: &OpenOffer) -> Result<ArrivalId, IssuanceError> {
        let mut received = Vec::with_capacity(offer.cards().len());
        let mut deferred = Vec::new();
        for (place, card) in offer.cards().iter().enumerate() {
            received.push(self.batches(place, card, &mut deferred).await?);
        }
        let offered = Offered {
            issuer: &offer.offered_by().name,
            host: &offer.offered_by().host,
            cards: offer.cards(),
            token_asked_at: self.token_asked_at,
        };
        if deferred.is_empty() {
            return self.wallet.finish(&offered, received, self.owed(), None).await;
        }
        self.wait(&offered, received, deferred)
    }
}

/// What was offered, and by whom.
pub(super) struct Offered<'a> {
    pub(super) issuer: &'a str,
    pub(super) host: &'a str,
    pub(super) cards: &'a [OfferedCard],
    pub(super) token_asked_at: UnixTime,
}

/// A batch that the issuer needs time for.
struct DeferredBatch {
    card: usize,
    offline: bool,
    keys: Vec<KeyId>,
    session: DeferredSession,
}

impl Wallet {
    /// Checks and stores what came, for each card its batches. `waited` is the row of cards that were waited for.
    pub(super) async fn finish(
        &self,
        offered: &Offered<'_>,
        received: Vec<Vec<ReceivedBatch>>,
        owed: Option<Owed>,
        waited: Option<&WaitingRow>,
    ) -> Result<ArrivalId, IssuanceError> {
        // The ledger is read after the copies came: what it says now is what counts.
        let ledger = self.ledger(self.clock.now());
        let mut agencies = ledger.agencies().await?;
        let anchors = load_anchors(self.settings.issuer_anchors.as_deref())?;
        if !anchors.is_empty() {
            let batches = received.iter().flatten();
            ledger.look_up(&mut agencies, named_dids(batches)).await?;
        }
        let now = ledger.clock()?.now();
        let issuers = IssuerKeys {
            agencies: &agencies,
            anchors: &anchors,
            now,
        };
        let mut verified = Vec::with_capacity(received.len());
        for (card, batches) in offered.cards.iter().zip(received) {
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
        self.store(offered, verified, owed, waited)
    }

    /// One transaction: cards, copies, keys, and what is needed to tell the issuer later. Cards that were waited for
    /// are waited for no longer; where they were not any more, they are here already.
    fn store(
        &self,
        offered: &Offered<'_>,
        verified: Vec<(&OfferedCard, VerifiedCopies)>,
        owed: Option<Owed>,
        waited: Option<&WaitingRow>,
    ) -> Result<ArrivalId, IssuanceError> {
        let now = self.clock.now();
        let lifetime = owed.as_ref().and_then(|owed| owed.session.expires_in());
        let arrival = NewArrival {
            issuer: offered.issuer.to_owned(),
            host: offered.host.to_owned(),
            good_until: offered
                .token_asked_at
                .saturating_add(lifetime.unwrap_or(TOKEN_LIFETIME)),
            owed,
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
                    vct: offered.vct.clone(),
                    issuer: copies.issuer,
                    issuer_host: arrival.host.clone(),
                    display: offered.display.clone(),
                    claims: copies.claims,
                    valid_from: copies.valid_from,
                    valid_until: copies.valid_until,
                    copies: copies.copies,
                };
                cards::insert(transaction, &self.keys, &card, &id, now)?;
            }
            Ok(id)
        })
    }
}

impl Session<'_> {
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
        for _ in 0..RETRIES {
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
            match self.authorized.credential_response(&answer.view(), signers.len())? {
                Reply::Done(answer) => return Ok(answer),
                Reply::RepeatWithFreshNonce => needs_nonce = true,
                Reply::RepeatWithDpopNonce => needs_nonce = false,
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    /// Keeps what is needed to ask again, and what came already: an issuer does not deliver twice.
    fn wait(
        &self,
        offered: &Offered<'_>,
        received: Vec<Vec<ReceivedBatch>>,
        deferred: Vec<DeferredBatch>,
    ) -> Result<ArrivalId, IssuanceError> {
        let interval = deferred.iter().map(|batch| batch.session.interval()).max().unwrap_or(1);
        let mut batches = Vec::new();
        for (card, came) in received.into_iter().enumerate() {
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
        for batch in deferred {
            batches.push(WaitingBatch {
                card: batch.card,
                offline: batch.offline,
                keys: self.wallet.keys.dangerous_export(&batch.keys)?,
                state: BatchState::Deferred(Box::new(batch.session)),
            });
        }
        let waiting = Waiting {
            issuer: offered.issuer.to_owned(),
            host: offered.host.to_owned(),
            cards: offered.cards.to_vec(),
            batches,
            notification_session: self.authorized.notifications(),
            notifications: self.notifications.clone(),
            dpop_key: self.dpop_key.dangerous_to_value(),
            token_asked_at: self.token_asked_at,
        };
        let now = self.wallet.clock.now();
        let ask_again_at = now.saturating_add(interval);
        self.wallet
            .vault
            .write(|transaction| waiting.insert(transaction, now, ask_again_at))?;
        Err(IssuanceError::Deferred { interval })
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
