//! The transaction that issues: nonces spent, places taken, copies signed, everything kept, then answered.

use card_formats::Format;
use jose::{PublicJwk, UnixTime};
use oid4vci::{CredentialErrorCode, CredentialResponse, FreshNonce, KeyProofError, NotificationEvent, VerifiedDpop};
use serde_json::{Map, Value};
use status_list::Status;

use crate::app::App;
use crate::day;
use crate::error::ApiError;
use crate::identity::Signing;
use crate::issue::{ConfigurationId, CopyMaker, CredentialType, Facts, claims, claims_in};
use crate::register::Person;
use crate::store::cards::{self, Batch, Card};
use crate::store::offers::{self, Approval, Flow, Offer};
use crate::store::status_lists::{self, Copies};
use crate::store::together::Together;
use crate::store::tokens::{self, AccessToken, Covered};
use crate::store::used::{self, Mark, Used};
use crate::store::{Write, people, snapshot};

/// How many batches one card may have for one configuration in a day: again when an answer was lost, and anew with a
/// refresh token.
const BATCHES: usize = 5;
const DAY: u64 = 86_400;
const ACCEPTED: &str = NotificationEvent::CredentialAccepted.wire_name();

/// One credential request, checked.
#[derive(Clone, Copy)]
pub(crate) struct Issuance<'a> {
    pub(crate) app: &'a App,
    pub(crate) token: &'a AccessToken,
    pub(crate) offer: &'a Offer,
    pub(crate) configuration: &'a ConfigurationId,
    /// The keys that were proven: one copy for each.
    pub(crate) keys: &'a [PublicJwk],
    /// The keys that were in use when the request came: what is checked is what signs.
    pub(crate) signing: &'a Signing,
}

/// Why nothing was issued; the store is as it was.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The DPoP proof was used before.
    ProofReplayed,
    /// The access token was taken back, or has run out, since it was read.
    TokenGone,
    /// An error of the credential endpoint.
    Credential(CredentialErrorCode, String),
    /// A failure of ours.
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Issuance<'_> {
    /// Whether the ledger lets this issuer issue. What is held is read again once before it counts against us: an
    /// accreditation of a moment ago is not refused.
    pub(crate) async fn check_standing(&self) -> Result<(), ApiError> {
        let app = self.app;
        if app.0.ledger.is_none() {
            return Ok(());
        }
        let vct = self.card_type(self.credential_type()?)?;
        let check = || app.0.standing.check(vct, self.signing, &app.ledger_clock());
        if check().is_ok() {
            return Ok(());
        }
        app.refresh_standing_soon().await;
        check().map_err(|refusal| {
            tracing::warn!(%refusal, "nothing is issued");
            if refusal.is_passing() {
                ApiError::Unavailable("the ledger")
            } else {
                ApiError::credential(CredentialErrorCode::CredentialRequestDenied, &refusal)
            }
        })
    }

    /// Issues, or lets the wallet wait for an officer. The answer is made after the commit.
    pub(crate) async fn run(&self, dpop: &VerifiedDpop, nonces: &[FreshNonce]) -> Result<CredentialResponse, Refused> {
        let (write, covered) = self.begin(dpop, nonces).await?;
        match covered.offer.approval {
            None | Some(Approval::Approved) => self.issue(write, covered).await,
            Some(Approval::Waiting) => self.defer(write).await,
            Some(Approval::Denied) => Err(not_approved()),
        }
    }

    /// A transaction in which the DPoP proof and these nonces are spent and the access token is still good for the
    /// card, with offer and card as they are in it.
    pub(crate) async fn begin(&self, dpop: &VerifiedDpop, nonces: &[FreshNonce]) -> Result<(Write, Covered), Refused> {
        let app = self.app;
        let mut write = app.0.store.begin().await?;
        // The token may be taken back, or another wallet may have the card, since they were read.
        let covered = tokens::covered(&mut write, self.token, &self.configuration.credential_type, app.now()).await?;
        let covered = covered.filter(|covered| covered.offer.id == self.offer.id);
        let covered = covered.ok_or(Refused::TokenGone)?;
        let replay_key = dpop.replay_key();
        let mut marks = vec![Mark {
            what: Used::DpopProof,
            id: &replay_key,
            forget_at: dpop.forget_at(),
        }];
        marks.extend(nonces.iter().map(|nonce| Mark {
            what: Used::Nonce,
            id: &nonce.id,
            forget_at: nonce.expires_at,
        }));
        match used::mark_all(&mut write, &marks).await? {
            None => Ok((write, covered)),
            Some(Used::Nonce) => {
                let error = KeyProofError::NonceUsed;
                Err(Refused::Credential(error.code(), error.to_string()))
            }
            Some(Used::DpopProof | Used::ClientProof) => Err(Refused::ProofReplayed),
        }
    }

    /// Takes places, signs, keeps everything, and ends the transaction.
    pub(crate) async fn issue(&self, mut write: Write, covered: Covered) -> Result<CredentialResponse, Refused> {
        let now = self.app.now();
        let is_new = covered.card.is_none();
        let mut together = Together::default();
        let card = self.card(&mut write, &mut together, covered, now).await?;
        if !is_new {
            self.replace_lost_batches(&mut write, &card, now).await?;
        }
        let notification_id = service::random::id();
        let configuration = self.configuration.to_string();
        cards::add_batch(
            &mut together,
            &notification_id,
            &card.id,
            &configuration,
            self.token,
            now,
        );
        together.run(&mut write).await?;
        let copies = self.copies(&mut write, &notification_id, now).await?;
        write.commit().await?;
        self.app.0.metrics.copies.inc_by(copies.len() as u64);
        let profile = self
            .configuration
            .format
            .profile(self.card_type(self.credential_type()?)?);
        Ok(CredentialResponse::issued_as(&profile, copies, Some(notification_id)))
    }

    async fn card(
        &self,
        write: &mut Write,
        together: &mut Together,
        covered: Covered,
        now: UnixTime,
    ) -> Result<Card, Refused> {
        match covered.card {
            Some(card) if card.status == Status::Valid => Ok(card),
            Some(_) => Err(denied("the card is suspended or revoked")),
            None => {
                check_not_barred(write, &covered.offer, now).await?;
                let id = service::random::id();
                cards::add(together, &id, &covered.offer, now);
                Ok(Card {
                    id,
                    status: Status::Valid,
                })
            }
        }
    }

    /// A wallet that asks again has not got the answer: copies that it never confirmed are revoked, so that none is
    /// in use that nobody knows of. Those of a later authorization, at another wallet, wait for their person's word.
    async fn replace_lost_batches(&self, write: &mut Write, card: &Card, now: UnixTime) -> Result<(), Refused> {
        let batches = cards::batches(write, &card.id, &self.configuration.to_string()).await?;
        if batches.is_empty() {
            return Ok(());
        }
        let accepted = |batch: &&Batch| batch.event.as_deref() == Some(ACCEPTED);
        // One access token, one batch that is kept; a refresh token gives another access token.
        if batches
            .iter()
            .filter(accepted)
            .any(|batch| batch.access_token == self.token.hash)
        {
            return Err(denied("the copies were issued and accepted"));
        }
        if batches
            .iter()
            .filter(|batch| batch.issued_at.saturating_add(DAY) > now)
            .count()
            >= BATCHES
        {
            return Err(denied("the copies were issued too often"));
        }
        let later = match &self.token.grant_id {
            Some(grant_id) => tokens::later_grants(write, &self.offer.id, grant_id).await?,
            None => Vec::new(),
        };
        let waits = |batch: &&Batch| batch.grant_id.as_ref().is_some_and(|grant_id| later.contains(grant_id));
        for batch in batches.iter().filter(|batch| !accepted(batch) && !waits(batch)) {
            status_lists::set(write, Copies::OfBatch(&batch.notification_id), Status::Invalid).await?;
            snapshot::want(write, now).await?;
        }
        Ok(())
    }

    async fn copies(&self, write: &mut Write, notification_id: &str, now: UnixTime) -> Result<Vec<String>, Refused> {
        let app = self.app;
        let person = people::find(&mut **write, &self.offer.subject)
            .await?
            .ok_or_else(|| denied("unknown person"))?;
        let credential_type = self.credential_type()?;
        let maker = CopyMaker {
            signing: self.signing,
            credential_type,
            format: self.configuration.format,
            card_type: self.card_type(credential_type)?,
            claims: self.said(credential_type, &person, now)?,
            channel: self.configuration.channel,
            now,
        };
        let keys = self.keys;
        let list = status_lists::take_room(write, keys.len() as u64, app.0.settings.own.status_entries).await?;
        if list.is_new {
            snapshot::want(write, now).await?;
        }
        let uri = app.0.settings.status_list_uri(&list.name);
        let places = status_lists::take_places(write, &list, notification_id, keys.len()).await?;
        let copy = |(key, index): (&PublicJwk, u64)| maker.copy(key, &uri, index).map_err(Refused::from);
        keys.iter().zip(places).map(copy).collect()
    }

    /// What the card says about the person, as the format has it.
    fn said(
        &self,
        credential_type: &CredentialType,
        person: &Person,
        now: UnixTime,
    ) -> Result<Map<String, Value>, Refused> {
        let today = day::date(now).map_err(ApiError::internal)?;
        let claims = claims(&self.configuration.credential_type, person, today).map_err(|error| denied(&error))?;
        // What is said of the subject of a W3C credential stands as it is: the format puts it into its place.
        let form = credential_type.form(self.configuration.format);
        let Some(form) = form.filter(|_| self.configuration.format == Format::MDOC) else {
            return Ok(claims);
        };
        let own = &self.app.0.settings.own;
        let facts = Facts {
            office: own.office.as_ref(),
            authority: own.name.get("en").map_or("", String::as_str),
            birth_date: person.birth_date,
            today,
            last_day: day::date(credential_type.expires(now).saturating_sub(1)).map_err(ApiError::internal)?,
        };
        Ok(claims_in(form, &claims, &facts))
    }

    fn credential_type(&self) -> Result<&CredentialType, ApiError> {
        let found = self.app.0.settings.catalogue.find(&self.configuration.credential_type);
        found.ok_or_else(no_such_credential)
    }

    fn card_type<'t>(&self, credential_type: &'t CredentialType) -> Result<&'t str, ApiError> {
        let name = credential_type.name_in(self.configuration.format);
        name.ok_or_else(no_such_credential)
    }
}

fn no_such_credential() -> ApiError {
    ApiError::credential(
        CredentialErrorCode::UnknownCredentialConfiguration,
        &"no such credential",
    )
}

/// A new card that nobody offered: whatever the agency decided since the person signed in stands. Where it approved
/// this very card, no other offer says anything about it.
async fn check_not_barred(write: &mut Write, offer: &Offer, now: UnixTime) -> Result<(), Refused> {
    let Offer {
        flow,
        subject,
        credential_type,
        approval,
        ..
    } = offer;
    if *flow != Flow::Wallet {
        return Ok(());
    }
    let barred = match approval {
        Some(Approval::Approved) => offers::newest_is_not_valid(write, subject, credential_type).await?,
        _ => offers::is_barred(write, subject, credential_type, now).await?,
    };
    if barred {
        return Err(denied("the agency decided against the card"));
    }
    Ok(())
}

/// An officer said no. The wallet treats it as final. OpenID4VCI 1.0 §9.3
pub(crate) fn not_approved() -> Refused {
    denied("the card was not approved")
}

fn denied(why: &(impl ToString + ?Sized)) -> Refused {
    Refused::Credential(CredentialErrorCode::CredentialRequestDenied, why.to_string())
}
