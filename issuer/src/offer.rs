//! Offers: made for a person, read by a wallet, taken back. OpenID4VCI 1.0 §4

use card_formats::Format;
use http::StatusCode;
use oid4vci::{
    AuthorizationCodeGrant, CredentialOffer, GrantState, Grants, InputMode, OfferLink, PreAuthorizedCodeGrant,
    PreAuthorizedGrant, TxCode, TxCodeHash,
};
use serde::{Deserialize, Serialize};
use service::Problem;

use crate::app::App;
use crate::day;
use crate::error::ApiError;
use crate::issue::{CredentialType, claims};
use crate::store::offers::{self, Approval, Flow, Offer, Seen};
use crate::store::{cards, deferred, people};

/// Digits of a transaction code.
const TX_CODE_DIGITS: u32 = 6;

/// What the agency wants offered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOffer {
    /// A file name in `schemas/`.
    pub(crate) credential_type: String,
    /// In which of the formats in which it is issued; none: in the first of them, or in all where the settings say so.
    #[serde(default)]
    pub(crate) formats: Vec<String>,
    /// The register's person id.
    pub(crate) subject: String,
    /// Whether a transaction code goes by another way.
    #[serde(default)]
    pub(crate) tx_code: bool,
    /// Whether an officer has to approve the card before it is issued; always so for some types.
    #[serde(default)]
    pub(crate) approval: bool,
    /// How the link carries the offer.
    #[serde(default)]
    pub(crate) form: Form,
    /// How the offer is taken up.
    #[serde(default)]
    pub(crate) grant: Flow,
}

/// How a link carries an offer. OpenID4VCI 1.0 §4.1
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// As an address: short enough for a QR code.
    #[default]
    Reference,
    /// Whole.
    Value,
}

/// An offer as handed over: this once.
#[derive(Debug, Serialize)]
pub(crate) struct OfferMade {
    pub(crate) id: String,
    pub(crate) offer_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tx_code: Option<String>,
    pub(crate) expires_at: u64,
}

/// Where an offer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nobody has read it.
    Offered,
    /// A wallet has read it.
    Opened,
    /// A wallet has redeemed the code and not yet fetched the card.
    Redeemed,
    /// A wallet waits for an officer's approval.
    AwaitingApproval,
    /// An officer denied the card.
    Denied,
    /// The card was issued.
    Issued {
        /// The card.
        card: String,
    },
    /// Too many wrong transaction codes.
    Locked,
    /// Its time is over.
    Expired,
    /// The agency took it back.
    Withdrawn,
}

impl App {
    /// Makes an offer.
    pub(crate) async fn make_offer(&self, wanted: NewOffer) -> Result<OfferMade, ApiError> {
        check(self, &wanted).await?;
        let formats = formats(self, &wanted)?;
        let now = self.now();
        let code = service::random::token();
        let tx_code = wanted.tx_code.then(random_digits);
        let hash = tx_code
            .as_deref()
            .map(|code| TxCodeHash::new(code, service::random::bytes()));
        let approval = self.approval(&wanted.credential_type, wanted.approval);
        let offer = Offer {
            id: service::random::id(),
            reference: service::random::token(),
            credential_type: wanted.credential_type,
            formats,
            subject: wanted.subject,
            flow: wanted.grant,
            code: Some(code.clone()),
            tx_code_length: tx_code.is_some().then_some(TX_CODE_DIGITS),
            grant: PreAuthorizedGrant::new(hash, now + self.0.settings.own.offer_seconds),
            seen: Seen::default(),
            approval,
        };
        let link = match wanted.form {
            Form::Value => OfferLink::ByValue(message(self, &offer, &code)),
            Form::Reference => {
                let url = format!("{}/offers/{}", self.0.settings.identifier, offer.reference);
                OfferLink::ByReference(self.0.settings.transport.endpoint(&url).map_err(ApiError::internal)?)
            }
        };
        let mut write = self.0.store.begin().await?;
        offers::insert(&mut write, &offer, &code, now).await?;
        write.commit().await?;
        self.0.metrics.offers.inc();
        Ok(OfferMade {
            id: offer.id,
            offer_uri: link.to_link(),
            tx_code,
            expires_at: offer.grant.expires_at,
        })
    }

    /// What an officer has to say about a card: of some types always, of others where it was wanted.
    pub(crate) fn approval(&self, credential_type: &str, wanted: bool) -> Option<Approval> {
        let always = &self.0.settings.own.approval;
        let needed = wanted || always.iter().any(|name| name == credential_type);
        needed.then_some(Approval::Waiting)
    }

    /// Where an offer stands.
    pub(crate) async fn offer_progress(&self, id: &str) -> Result<(Offer, Progress), ApiError> {
        let reader = self.0.store.reader();
        let offer = offers::find(reader, id).await?.ok_or_else(Problem::not_found)?;
        let card = cards::find_by_offer(reader, id).await?;
        let is_waited_for =
            offer.approval == Some(Approval::Waiting) && deferred::is_waited_for(reader, id, self.now()).await?;
        let progress = match (offer.grant.state, card) {
            (_, Some(card)) => Progress::Issued { card: card.id },
            (_, None) if offer.approval == Some(Approval::Denied) => Progress::Denied,
            (GrantState::Used, None) if is_waited_for => Progress::AwaitingApproval,
            (GrantState::Used, None) => Progress::Redeemed,
            (GrantState::Locked, None) => Progress::Locked,
            (GrantState::Open { .. }, None) if offer.seen.withdrawn => Progress::Withdrawn,
            (GrantState::Open { .. }, None) if self.now() >= offer.grant.expires_at => Progress::Expired,
            (GrantState::Open { .. }, None) if offer.seen.opened => Progress::Opened,
            (GrantState::Open { .. }, None) => Progress::Offered,
        };
        Ok((offer, progress))
    }

    /// Takes an offer back. What a wallet has redeemed cannot be taken back any more: the card can be revoked.
    pub(crate) async fn withdraw_offer(&self, id: &str) -> Result<(), ApiError> {
        let now = self.now();
        let mut write = self.0.store.begin().await?;
        let mut offer = offers::find(&mut *write, id).await?.ok_or_else(Problem::not_found)?;
        if !matches!(offer.grant.state, GrantState::Open { .. }) {
            let title = "A wallet has taken this offer up.";
            return Err(Problem::new(StatusCode::CONFLICT, "offer_taken", title).into());
        }
        if !offer.seen.withdrawn {
            offer.grant.expires_at = offer.grant.expires_at.min(now);
            offers::withdraw(&mut write, id, &offer.grant, now).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// The offer that a link names, for whoever knows its reference, while it is good. OpenID4VCI 1.0 §4.1.3
    pub(crate) async fn offer_message(&self, reference: &str) -> Result<CredentialOffer, ApiError> {
        let now = self.now();
        let offer = offers::find_by_reference(self.0.store.reader(), reference)
            .await?
            .ok_or_else(Problem::not_found)?;
        let code = match &offer.code {
            Some(code) if now < offer.grant.expires_at => code,
            _ => return Err(Problem::not_found().into()),
        };
        if !offer.seen.opened {
            let mut write = self.0.store.begin().await?;
            offers::opened(&mut write, &offer.id, now).await?;
            write.commit().await?;
        }
        Ok(message(self, &offer, code))
    }
}

/// Whether there is such a type and such a person, and the register holds what the card needs.
async fn check(app: &App, wanted: &NewOffer) -> Result<(), ApiError> {
    if wanted.grant == Flow::AuthorizationCode && (wanted.tx_code || app.0.citizens.is_none()) {
        let title = "An offer with a sign-in has no transaction code, and needs a provider where people sign in.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_sign_in", title).into());
    }
    if app.0.settings.catalogue.find(&wanted.credential_type).is_none() {
        let title = "There is no such credential type here.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_credential_type", title).into());
    }
    let person = people::find(app.0.store.reader(), &wanted.subject).await?;
    let Some(person) = person else {
        let title = "There is no such person in the register.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_subject", title).into());
    };
    let today = day::date(app.now()).map_err(ApiError::internal)?;
    claims(&wanted.credential_type, &person, today).map_err(|_| {
        let title = "The register does not hold what this card needs.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_in_register", title)
    })?;
    Ok(())
}

/// The formats that are named, each of which the type is issued in; where none is named the first in which it is issued,
/// or all of them where the settings say so.
fn formats(app: &App, wanted: &NewOffer) -> Result<Vec<Format>, ApiError> {
    let known = app.0.settings.catalogue.find(&wanted.credential_type);
    let issued = known.map_or(&[][..], CredentialType::formats);
    if wanted.formats.is_empty() {
        let most = if app.0.settings.own.offer_every_format {
            issued.len()
        } else {
            1
        };
        return Ok(issued.iter().take(most).copied().collect());
    }
    let named = wanted.formats.iter().map(|name| {
        let format = Format::named(name).filter(|format| issued.contains(format));
        format.ok_or_else(|| {
            let title = "The card is not issued in this format.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_format", title).into()
        })
    });
    named.collect()
}

fn message(app: &App, offer: &Offer, code: &str) -> CredentialOffer {
    let ids = crate::issue::offered(&app.0.settings, &offer.credential_type);
    let first = ids.first().map(|id| id.format);
    let is_offered = |format: Format| match offer.formats.as_slice() {
        [] => Some(format) == first,
        formats => formats.contains(&format),
    };
    let offered = ids.iter().filter(|id| is_offered(id.format));
    CredentialOffer {
        credential_issuer: app.0.settings.identifier.clone(),
        credential_configuration_ids: offered.map(ToString::to_string).collect(),
        grants: grants(offer, code),
    }
}

/// The one grant of an offer. OpenID4VCI 1.0 §4.1.1
fn grants(offer: &Offer, code: &str) -> Grants {
    let mut grants = Grants::default();
    match offer.flow {
        Flow::AuthorizationCode | Flow::Wallet => {
            grants.authorization_code = Some(AuthorizationCodeGrant {
                issuer_state: Some(code.to_owned()),
                authorization_server: None,
            });
        }
        Flow::PreAuthorizedCode => {
            grants.pre_authorized_code = Some(PreAuthorizedCodeGrant {
                pre_authorized_code: code.to_owned(),
                tx_code: offer.tx_code_length.map(|length| TxCode {
                    input_mode: Some(InputMode::Numeric),
                    length: Some(length),
                    description: None,
                }),
                authorization_server: None,
            });
        }
    }
    grants
}

fn random_digits() -> String {
    let digits = std::iter::repeat_with(|| service::random::bytes::<1>()[0])
        // 250 and above would make some digits likelier than others.
        .filter(|byte| *byte < 250)
        .map(|byte| char::from(b'0' + byte % 10));
    digits.take(TX_CODE_DIGITS as usize).collect()
}
