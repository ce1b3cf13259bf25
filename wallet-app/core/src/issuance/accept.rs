//! Asking for the copies, checking them, storing them, and telling the issuer.

use super::open::OFFLINE_SUFFIX;
use super::verify::{ReceivedBatch, VerifiedCopies, verify};
use super::{CredentialRefused, IssuanceError, OfferedCard, OpenOffer};
use crate::cards::{self, CardId, CopyKind, NewCard};
use crate::clock::OsRandom;
use crate::exchange::send;
use crate::history::{self, HistoryCard, HistoryEvent, HistoryRecord, Outcome};
use crate::keys::{KeyId, KeyStore as _};
use crate::trust::{IssuerKeys, TrustError, is_webvh, load_anchors};
use crate::wallet::Wallet;
use jose::{PrivateJwk, Signer, SigningKey};
use oid4vci::NotificationEvent;
use oid4vci::wallet::{AuthorizedIssuance, IssuedCredentials, PreparedIssuance, Reply};
use outbound::Limits;
use sd_jwt::UnverifiedSdJwt;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A card that is now in the wallet.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptedCard {
    /// Its name in this wallet.
    pub id: CardId,
    /// Its type.
    pub vct: String,
    /// How many copies came.
    pub copies: usize,
}

/// Copies asked for at once; an issuer may offer fewer.
const LARGEST_BATCH: usize = 32;
/// How often an issuer may ask for a fresh nonce in one step.
const RETRIES: usize = 3;
const CREDENTIALS: Limits = Limits::MESSAGE.with_body(1024 * 1024);

/// One issuance under way. Keys of cards that are not stored are destroyed with it.
struct Session<'a> {
    wallet: &'a Wallet,
    authorized: AuthorizedIssuance,
    dpop_key: SigningKey,
    made: Vec<KeyId>,
    notifications: Vec<String>,
}

impl Wallet {
    /// Accepts an offer: all cards of it are stored, or none. The issuer is told which.
    pub async fn accept_offer(
        &self,
        offer: OpenOffer,
        tx_code: Option<&str>,
    ) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let result = self.receive_cards(&offer, tx_code).await;
        if let Err(error) = &result {
            let record = offer_record(&offer, Outcome::NotStored, Some(error.code()));
            self.vault.note(self.clock.now(), &record)?;
        }
        result
    }

    async fn receive_cards(
        &self,
        offer: &OpenOffer,
        tx_code: Option<&str>,
    ) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let private = PrivateJwk::generate_p256(&mut OsRandom::fill_slice);
        let dpop_key = SigningKey::new(&private).map_err(|_| crate::KeyError::Malformed)?;
        let authorized = self.token(offer.prepared.clone(), tx_code, &dpop_key).await?;
        let mut session = Session {
            wallet: self,
            authorized,
            dpop_key,
            made: Vec::new(),
            notifications: Vec::new(),
        };
        let stored = session.run(offer).await;
        let event = match &stored {
            Ok(_) => NotificationEvent::CredentialAccepted,
            Err(_) => NotificationEvent::CredentialFailure,
        };
        session.notify(event).await;
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
    async fn run(&mut self, offer: &OpenOffer) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let mut received = Vec::with_capacity(offer.cards().len());
        for card in offer.cards() {
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
        self.store(offer, verified)
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
        for _ in 0..RETRIES {
            if needs_nonce && let Some(request) = self.authorized.nonce_request() {
                let answer = send(client, request, &Limits::MESSAGE).await?;
                self.authorized.nonce_response(&answer.view())?;
            }
            let now = self.wallet.clock.now();
            let random = &mut OsRandom::fill_slice;
            let request = self
                .authorized
                .credential_request(configuration, &signers, &self.dpop_key, now, random)?;
            let answer = send(client, request, &CREDENTIALS).await?;
            match self.authorized.credential_response(&answer.view(), signers.len())? {
                Reply::Done(issued) => return Ok(issued),
                Reply::RepeatWithFreshNonce => needs_nonce = true,
                Reply::RepeatWithDpopNonce => needs_nonce = false,
            }
        }
        Err(IssuanceError::EndlessRetries)
    }

    /// One transaction: cards, copies, keys, and the line in the history.
    fn store(
        &self,
        offer: &OpenOffer,
        verified: Vec<(&OfferedCard, VerifiedCopies)>,
    ) -> Result<Vec<AcceptedCard>, IssuanceError> {
        let now = self.wallet.clock.now();
        self.wallet.vault.write(|transaction| {
            let mut accepted = Vec::with_capacity(verified.len());
            for (offered, copies) in verified {
                let count = copies.copies.len();
                let card = NewCard {
                    vct: offered.vct.clone(),
                    issuer: copies.issuer,
                    issuer_host: offer.offered_by().host.clone(),
                    display: offered.display.clone(),
                    claims: copies.claims,
                    valid_until: copies.valid_until,
                    copies: copies.copies,
                };
                let id = cards::insert(transaction, &self.wallet.keys, &card, now)?;
                accepted.push(AcceptedCard {
                    id,
                    vct: card.vct,
                    copies: count,
                });
            }
            let record = offer_record(offer, Outcome::Received, None);
            history::insert(transaction, now, &record)?;
            Ok(accepted)
        })
    }

    /// What became of the cards is told once the wallet has decided; an issuer that does not
    /// listen changes nothing about that.
    async fn notify(&mut self, event: NotificationEvent) {
        for id in std::mem::take(&mut self.notifications) {
            for _ in 0..RETRIES {
                let now = self.wallet.clock.now();
                let random = &mut OsRandom::fill_slice;
                let request = self
                    .authorized
                    .notification_request(&id, event, &self.dpop_key, now, random);
                let Ok(Some(request)) = request else { break };
                let Ok(answer) = send(&self.wallet.client, request, &Limits::MESSAGE).await else {
                    tracing::info!("the issuer could not be told what became of a card");
                    break;
                };
                match self.authorized.notification_response(&answer.view()) {
                    Ok(Reply::Done(())) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        }
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

fn offer_record(offer: &OpenOffer, outcome: Outcome, reason: Option<&str>) -> HistoryRecord {
    HistoryRecord {
        event: HistoryEvent::Offer,
        party: offer.offered_by().name.clone(),
        host: offer.offered_by().host.clone(),
        purpose: None,
        cards: offer
            .cards()
            .iter()
            .map(|card| HistoryCard {
                vct: card.vct.clone(),
                claims: Vec::new(),
            })
            .collect(),
        outcome,
        reason: reason.map(str::to_owned),
    }
}
