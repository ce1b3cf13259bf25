//! Reading an offer, up to what is shown to the person before anything is asked for.

use super::IssuanceError;
use super::templates::RetrievedTemplate;
use super::types::TypeDocument;
use crate::cards::{CardFace, in_two_formats, labels_of};
use crate::exchange::send;
use crate::lookalike::looks_odd;
use crate::text::{Localized, localized};
use crate::trust::{Agencies, Agency, IssuerKeys, load_anchors};
use crate::wallet::Wallet;
use card_formats::Format;
use jose::x5c::TrustAnchors;
use oid4vci::metadata::{CredentialMetadata, UnverifiedSignedMetadata};
use oid4vci::wallet::{PreparedIssuance, fetch_offer, fetch_server_metadata, fetch_signed_issuer_metadata};
use oid4vci::{AuthorizationServerMetadata, CredentialOffer, Identifier, IssuerMetadata, OfferLink, TxCode};
use outbound::Limits;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// An offer that fits an issuer somebody vouches for. Nothing was asked of the issuer but its
/// published metadata.
#[derive(Clone, Debug)]
pub struct OpenOffer {
    pub(super) prepared: PreparedIssuance,
    /// As it came, for reading it again after a sign-in.
    pub(super) offer: CredentialOffer,
    offered_by: OfferedBy,
    cards: Vec<OfferedCard>,
}

/// Who offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfferedBy {
    /// Name from the public record, or what the issuer calls itself.
    pub name: String,
    /// The same in every language there is.
    #[serde(skip)]
    pub names: Localized,
    /// The host it offers from, which also receives a transaction code.
    pub host: String,
    /// Whether it is publicly recorded. If not, its certificate decides when the card comes.
    pub publicly_recorded: bool,
    /// Whether the name mixes scripts or holds what does not belong in a name.
    #[serde(skip)]
    pub name_looks_odd: bool,
}

/// One card of an offer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedCard {
    /// Its format.
    #[serde(default)]
    pub(super) format: Format,
    /// Its type.
    pub vct: String,
    /// How it is shown.
    pub display: CredentialMetadata,
    /// Configuration ids of its batches: copies for use over a network first.
    pub(super) configurations: Vec<String>,
    /// What was retrieved about its type.
    #[serde(default)]
    pub(super) types: Vec<TypeDocument>,
    /// How cards of its type are drawn.
    #[serde(default)]
    pub(super) templates: Vec<RetrievedTemplate>,
}

impl OfferedCard {
    /// What will stand on its front.
    #[must_use]
    pub fn face(&self, offered_by: &OfferedBy) -> CardFace {
        CardFace::new(&self.display, &self.vct, offered_by.names.clone())
    }

    /// Whether a batch of this configuration is one of its batches.
    fn is_called(&self, configuration: &str) -> bool {
        let mut known = self.configurations.iter();
        known.any(|known| name_of(known) == name_of(configuration))
    }

    /// What it will say: the names of its claims and what they are called, as far as the issuer
    /// describes them.
    #[must_use]
    pub fn claims(&self) -> Vec<(String, Localized)> {
        labels_of(&self.display)
    }
}

impl OpenOffer {
    /// Who offers.
    #[must_use]
    pub fn offered_by(&self) -> &OfferedBy {
        &self.offered_by
    }

    /// What is offered.
    #[must_use]
    pub fn cards(&self) -> &[OfferedCard] {
        &self.cards
    }

    /// The same, a card that is offered in several formats once: the first of them.
    pub fn whole_cards(&self) -> impl Iterator<Item = &OfferedCard> {
        let cards = &self.cards;
        let is_first = move |(place, card): &(usize, &OfferedCard)| {
            let mut before = cards.iter().take(*place);
            before.all(|other| !in_two_formats((other.format, &other.vct), (card.format, &card.vct)))
        };
        cards.iter().enumerate().filter(is_first).map(|(_, card)| card)
    }

    /// Whether the person has to sign in with the issuer first: [`Wallet::begin_sign_in`].
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        self.prepared.needs_sign_in()
    }

    /// The transaction code that the person has to type, if any.
    #[must_use]
    pub fn tx_code(&self) -> Option<&TxCode> {
        self.prepared.tx_code()
    }
}

/// The configuration of copies for use without a network has the name of the other one and this.
pub(super) const OFFLINE_SUFFIX: &str = ".offline";

/// The name that both batches of a card have.
fn name_of(configuration: &str) -> &str {
    configuration.strip_suffix(OFFLINE_SUFFIX).unwrap_or(configuration)
}

impl Wallet {
    /// Reads an offer from a link. To be called when the person wants it: it asks the ledger, and
    /// then the issuer for its metadata, and the address that a type is for those of the type.
    pub async fn open_offer(&self, link: &str) -> Result<OpenOffer, IssuanceError> {
        let offer = self.read_offer(link).await?;
        self.prepare(offer).await
    }

    pub(super) async fn prepare(&self, offer: CredentialOffer) -> Result<OpenOffer, IssuanceError> {
        named(offer.credential_issuer.as_str())?;
        let known = self.known_issuers(&offer.credential_issuer).await?;
        self.check_name(&known, &offer.credential_issuer)?;
        let recorded = known.recorded_name(&offer.credential_issuer)?;
        let metadata = self.issuer_metadata(&offer.credential_issuer, &known).await?;
        let server = self.server_metadata(&offer, &metadata).await?;
        let prepared = PreparedIssuance::new(offer.clone(), metadata, server, self.abilities())?;
        let mut cards = offered_cards(&prepared)?;
        self.look_up_types(&mut cards).await?;
        let offered_by = offered_by(&prepared, recorded.as_ref());
        Ok(OpenOffer {
            prepared,
            offer,
            offered_by,
            cards,
        })
    }

    async fn read_offer(&self, link: &str) -> Result<CredentialOffer, IssuanceError> {
        let transport = self.settings.network.transport();
        match OfferLink::parse(link.trim(), transport)? {
            OfferLink::ByValue(offer) => Ok(offer),
            OfferLink::ByReference(url) => {
                named(url.as_str())?;
                let answer = send(&self.client, fetch_offer(&url), &Limits::MESSAGE).await?;
                if matches!(answer.view().status, 404 | 410) {
                    return Err(IssuanceError::Gone);
                }
                Ok(CredentialOffer::parse(answer.view().json()?, transport)?)
            }
        }
    }

    /// Whoever vouches for the issuer: the public record, or a trust anchor. Neither: nothing is asked of it.
    pub(super) async fn known_issuers(&self, issuer: &Identifier) -> Result<KnownIssuers, IssuanceError> {
        let agencies = self.ledger(self.clock.now()).agencies().await?;
        let anchors = load_anchors(self.settings.issuer_anchors.as_deref())?;
        let url = Url::parse(issuer.as_str()).map_err(|_| IssuanceError::UnknownIssuer)?;
        if agencies.by_host(&url).is_none() && anchors.is_empty() {
            return Err(agencies
                .reason_for_absence()
                .map_or(IssuanceError::UnknownIssuer, Into::into));
        }
        Ok(KnownIssuers { agencies, anchors })
    }

    /// The metadata, signed where the issuer signs it: then by a key that the wallet trusts for this issuer, or not at
    /// all. OpenID4VCI 1.0 §12.2.3
    pub(super) async fn issuer_metadata(
        &self,
        issuer: &Identifier,
        known: &KnownIssuers,
    ) -> Result<IssuerMetadata, IssuanceError> {
        let answer = send(&self.client, fetch_signed_issuer_metadata(issuer), &METADATA).await?;
        let (view, transport) = (answer.view(), self.settings.network.transport());
        if view.status != 200 || !view.is_jwt() {
            return Ok(IssuerMetadata::parse(view.json()?, issuer, transport)?);
        }
        let signed = UnverifiedSignedMetadata::parse(view.body)?;
        let now = self.ledger(self.clock.now()).clock()?.now();
        let issuers = IssuerKeys {
            agencies: &known.agencies,
            anchors: &known.anchors,
            now,
        };
        let trusted = issuers.for_metadata(issuer.as_str(), signed.header().kid(), signed.header().x5c())?;
        Ok(signed.verify(&trusted.key, issuer, transport, now)?)
    }

    async fn server_metadata(
        &self,
        offer: &CredentialOffer,
        metadata: &IssuerMetadata,
    ) -> Result<AuthorizationServerMetadata, IssuanceError> {
        let server = metadata.authorization_server(offer.grants.named_server())?;
        named(server.as_str())?;
        let request = fetch_server_metadata(server);
        let answer = send(&self.client, request, &Limits::METADATA).await?;
        let transport = self.settings.network.transport();
        Ok(AuthorizationServerMetadata::parse(
            answer.view().json()?,
            server,
            transport,
        )?)
    }
}

/// Metadata as JSON, or signed.
const METADATA: Limits = Limits::METADATA.with_content_types(&["application/json", "application/jwt"]);

/// Who vouches for issuers.
pub(super) struct KnownIssuers {
    agencies: Agencies,
    anchors: TrustAnchors,
}

impl KnownIssuers {
    /// The issuer's name, if an accredited agency lives at its host; `None` if its certificate has to decide.
    pub(super) fn recorded_name(&self, issuer: &Identifier) -> Result<Option<ledger::Localized>, IssuanceError> {
        match self.agency(issuer)? {
            Some(agency) => Ok(Some(agency.accreditation()?.name)),
            None => Ok(None),
        }
    }

    /// The accredited agency that lives at the issuer's host, if there is one.
    pub(super) fn agency(&self, issuer: &Identifier) -> Result<Option<&Agency>, IssuanceError> {
        let url = Url::parse(issuer.as_str()).map_err(|_| IssuanceError::UnknownIssuer)?;
        Ok(self.agencies.by_host(&url))
    }

    /// Every accredited agency.
    pub(super) fn agencies(&self) -> &Agencies {
        &self.agencies
    }
}

/// By the public record, or by what the issuer calls itself, or by its host.
fn offered_by(prepared: &PreparedIssuance, recorded: Option<&ledger::Localized>) -> OfferedBy {
    let host = prepared.issuer().host().to_owned();
    let own = prepared.metadata().display.iter().filter_map(|shown| {
        let name = shown.name.as_deref()?;
        Some((shown.locale.as_deref().unwrap_or("en"), name))
    });
    let (names, name_looks_odd) = match recorded {
        Some(names) => (Localized::from(names), names.iter().any(|(_, name)| looks_odd(name))),
        None => (
            localized(own.clone(), &host),
            own.clone().any(|(_, name)| looks_odd(name)),
        ),
    };
    OfferedBy {
        name: names.text("en").to_owned(),
        names,
        host,
        publicly_recorded: recorded.is_some(),
        name_looks_odd,
    }
}

/// A bare address names nobody.
fn named(url: &str) -> Result<(), IssuanceError> {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(_)) => Ok(()),
        _ => Err(IssuanceError::HostIsAddress),
    }
}

/// A configuration, and the one of its name for use without a network, are batches of one card. Every other one is a
/// card of its own, also where another one is of its type and format: an offer may hold several. OpenID4VCI 1.0 §4.1.1
pub(super) fn offered_cards(prepared: &PreparedIssuance) -> Result<Vec<OfferedCard>, IssuanceError> {
    let mut cards: Vec<OfferedCard> = Vec::new();
    for (id, configuration) in prepared.offered() {
        let profile = &configuration.format;
        let format = Format::named(profile.name());
        let known = format.and_then(|format| Some((format, format.card_type(profile)?)));
        let Some((format, vct)) = known else {
            let unsupported = oid4vci::wallet::PrepareError::UnknownConfiguration(id.to_owned());
            return Err(unsupported.into());
        };
        let display = configuration.credential_metadata.clone().unwrap_or_default();
        let is_its_card = |card: &&mut OfferedCard| card.format == format && card.vct == vct && card.is_called(id);
        match cards.iter_mut().find(is_its_card) {
            Some(card) if id.ends_with(OFFLINE_SUFFIX) => card.configurations.push(id.to_owned()),
            Some(card) => {
                card.configurations.insert(0, id.to_owned());
                card.display = display;
            }
            None => cards.push(OfferedCard {
                format,
                vct,
                display,
                configurations: vec![id.to_owned()],
                types: Vec::new(),
                templates: Vec::new(),
            }),
        }
    }
    Ok(cards)
}
