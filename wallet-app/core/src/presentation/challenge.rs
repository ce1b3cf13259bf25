//! Reading a challenge, up to what is shown to the person. Nobody is asked: it holds by the trust pack, by what it
//! brings along, and by what the wallet keeps. docs/offline-qr.md §2

use super::compare::Bound;
use super::evidence::CardEvidence;
use super::known::KnownNames;
use super::open::party;
use super::opened::{blocked_at, record};
use super::send::SessionKey;
use super::weigh::{Question, Whoever};
use super::{Open, RequestRefused};
use crate::cards::{CardId, CopyKind};
use crate::consent::Consent;
use crate::history::{HistoryRecord, Outcome};
use crate::proofs::HeldProofs;
use crate::text::plain;
use crate::trust::{PublicRecord, Registration, TrustError, host_text};
use crate::wallet::Wallet;
use card_formats::Handover;
use ledger::{FreshnessLimit, StatusProof};
use oid4vp::DcqlQuery;
use proximity::{UnverifiedChallenge, VerifiedChallenge};

/// A challenge, shown without a network: [`Wallet::show`] answers it.
pub type OpenChallenge = Open<AskedOffline>;

/// How a challenge asked, and what can be added for those who lack it.
#[derive(Debug)]
pub struct AskedOffline {
    pub(super) challenge: VerifiedChallenge,
    evidence: Vec<(CardId, CardEvidence)>,
}

impl Bound for AskedOffline {
    fn audience(&self) -> String {
        self.challenge.challenge().client_id().to_string()
    }

    fn nonce(&self) -> &str {
        self.challenge.challenge().nonce().as_str()
    }

    fn query(&self) -> &DcqlQuery {
        self.challenge.challenge().query()
    }

    fn handover(&self) -> Option<Handover<'_>> {
        None
    }
}

impl AskedOffline {
    /// What goes along with the cards that are shown: of one issuer one bundle, and each proof once.
    pub(super) fn evidence_of(&self, consent: &Consent) -> (Vec<Vec<u8>>, Vec<StatusProof>) {
        let mut bundles: Vec<Vec<u8>> = Vec::new();
        let mut proofs: Vec<StatusProof> = Vec::new();
        for (_, shown) in &consent.shown {
            let found = self.evidence.iter().find(|(card, _)| *card == shown.card);
            let Some((_, evidence)) = found else { continue };
            if let Some(bundle) = evidence.bundle.as_ref().filter(|bundle| !bundles.contains(*bundle)) {
                bundles.push(bundle.clone());
            }
            if let Some(proof) = evidence.status.as_ref().filter(|proof| !proofs.contains(*proof)) {
                proofs.push(proof.clone());
            }
        }
        (bundles, proofs)
    }
}

impl Wallet {
    /// Reads a challenge that was collected from codes. A refusal is noted in the history; nobody is asked or told.
    pub fn open_challenge(&self, message: &[u8]) -> Result<OpenChallenge, RequestRefused> {
        let unverified = UnverifiedChallenge::parse(message)?;
        let claimed = plain(unverified.dangerous_claimed_did());
        match self.read_challenge(unverified) {
            Err(error) if error.unanswerable().is_none() => {
                self.vault.note(self.clock.now(), &blocked(&claimed, &error))?;
                Err(error)
            }
            opened => opened,
        }
    }

    fn read_challenge(&self, unverified: UnverifiedChallenge) -> Result<OpenChallenge, RequestRefused> {
        let ledger = self.ledger(self.clock.now());
        let clock = ledger.still_trusted()?;
        let challenge = unverified.verify(&self.pack, &clock, FreshnessLimit::OFFLINE)?;
        let seen = clock.seen(challenge.bundle().time()).map_err(TrustError::from)?;
        self.vault.saw_ledger_time(seen)?;
        self.compare_landmarks(challenge.landmarks())?;
        let now = ledger.clock()?.now();
        let known = KnownNames::load(&self.vault, &ledger.held_bundles()?)?;
        let registration = Registration::Registered {
            did: challenge.did().to_owned(),
            scope: Box::new(challenge.scope().clone()),
        };
        let confirmed = PublicRecord::of(challenge.bundle(), &self.pack);
        let who = party(host_text(challenge.did()), &registration, confirmed, &known);
        let asked = challenge.challenge();
        let question = Question {
            query: asked.query(),
            registration: &registration,
            purpose: Some(asked.purpose()),
            rule: None,
            session: SessionKey::of_challenge(&challenge),
            answered: false,
            kind: CopyKind::Offline,
            now,
        };
        let (mut ask, matched) = self
            .weigh(who, question)
            .map_err(|declined| self.declined(asked.query(), declined, Whoever::offline()))?;
        let mut held = HeldProofs::load(&self.vault, &self.pack, now)?;
        let mut evidence = Vec::new();
        let going_along = ask.additions.iter_mut().flat_map(|addition| &mut addition.cards);
        for card in ask.cards.iter_mut().chain(going_along) {
            let Some(shown) = matched.held(&card.card) else {
                continue;
            };
            let found = CardEvidence::of(&mut held, &challenge, &shown.card.issuer, shown.copy.status.as_ref())?;
            card.proof = found.proof;
            evidence.push((card.card.clone(), found));
        }
        Ok(Open {
            expires_at: Some(asked.expires_at()),
            ask,
            matched,
            earlier: None,
            asker: None,
            question: AskedOffline { challenge, evidence },
        })
    }
}

/// A line of the history about a challenge that is not even shown.
fn blocked(claimed: &str, error: &RequestRefused) -> HistoryRecord {
    match error.who() {
        Some(who) => record(who, None, Outcome::Blocked, Some(error.code())),
        None => blocked_at(host_text(claimed), error.code()),
    }
}
