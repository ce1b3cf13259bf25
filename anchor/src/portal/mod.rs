//! The registrar's portal: where organisations apply, registrars decide, and decisions become entries of the ledger.
//!
//! Pages are forms that work without scripts, in the frame of the ledger's pages. What is personal stays out: an
//! application names an organisation and its mailboxes of functions; of whoever signs in with a card the portal keeps
//! the organisation alone. docs/registration.md

mod anchored_rules;
mod authority;
mod cards;
mod carry;
mod checks;
mod choices;
mod command;
mod complaint_files;
mod complaints;
mod contact;
mod content;
mod formats;
mod host;
mod letter;
mod provision;
mod ready_made;
mod registration;
mod registration_status;
mod rules;
mod settings;
mod state;
mod store;
mod web;

use std::sync::Arc;

use did::identity::IdentityError;
use jose::UnixTime;
use ledger::TrustPack;
use service::config::{Common, Profile};
use service::cookie::{Cookie, SameSite};
use service::signin::SignIn;
use service::{AddressLimit, Clock, Secret};

pub use authority::AuthorityError;
pub use carry::{CarryError, UNCONFIRMED};
pub use command::{CommandError, PortalCommand, add_operator, init, issue_letter};
pub use complaint_files::ComplaintFiles;
pub use complaints::{ComplaintReader, Finding, Refusal, verify_complaint};
pub use provision::ProvisionError;
pub use settings::{CardSignIn, PortalSettings, SupervisoryAuthority};
pub use state::{Actor, Role, Standing, State, Step, StepError, next};
pub use store::Counts;

use crate::config::{self, Files};
use crate::pack::{PackError, load_pack};
use crate::pages::UnreadablePages;
use crate::pages::card_types::CardTypes;
use crate::pages::messages::Catalogue;
use crate::registrar::{Registrar, RegistrarError};
use authority::{Authority, AuthorityFiles};
use cards::Card;
use provision::Verifier;
use ready_made::ReadyMade;
use registration::RegistrationSigner;
use registration_status::ServedStatus;
use store::Store;

/// The role of [`Role::Reviewer`] in the store.
pub const REVIEWER: &str = "reviewer";
/// The role of [`Role::Approver`] in the store.
pub const APPROVER: &str = "approver";
/// Complaints that one address hands in within ten minutes, at most.
const COMPLAINTS: u32 = 10;
/// Looks at hosts that one address asks for within ten minutes, at most.
const HOSTS: u32 = 20;
/// Checks of cards that one address opens within ten minutes, at most.
const CARDS: u32 = 20;

/// The portal. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    sign_in: SignIn,
    registrar: Registrar,
    authority: Authority,
    signer: RegistrationSigner,
    verifier: Option<Verifier>,
    /// For looking at hosts of applicants.
    http: outbound::Client,
    /// How those are reached.
    scheme: &'static str,
    settings: PortalSettings,
    /// The address of the pages, without a final slash.
    base: String,
    origin: String,
    pack: TrustPack,
    catalogue: Catalogue,
    card_types: CardTypes,
    cards: Vec<Card>,
    ready_made: Vec<ReadyMade>,
    clock: Arc<dyn Clock>,
    complaints: Arc<dyn ComplaintReader>,
    complaint_limit: AddressLimit,
    card_limit: AddressLimit,
    host_limit: AddressLimit,
    visit: Cookie,
    applicant: Cookie,
    served_status: ServedStatus,
    /// One at a time carries out what was decided.
    working: tokio::sync::Mutex<()>,
}

/// Why there is no portal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The registrar's keys cannot be used.
    #[error(transparent)]
    Registrar(#[from] RegistrarError),
    /// The certificate authority cannot be used: `holdfast-anchor portal init` makes one.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The registrar's DID has no key that signs.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The registrar's key cannot sign registrations.
    #[error("the registrar's key: {0}")]
    Sign(#[from] jose::SignError),
    /// The trust pack cannot be used.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] service::store::StoreError),
    /// What is built in for the pages cannot be read.
    #[error("the pages cannot be made")]
    Pages(#[from] UnreadablePages),
    /// The outbound client does not start.
    #[error(transparent)]
    Outbound(#[from] outbound::BuildError),
}

impl Portal {
    /// Opens the portal of a log.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open(
        common: &Common,
        settings: &PortalSettings,
        admin_token: Option<Secret>,
        clock: Arc<dyn Clock>,
        complaints: Arc<dyn ComplaintReader>,
    ) -> Result<Self, OpenError> {
        let now = clock.now();
        let pack = load_pack(&Files::new(&common.data_dir).trust_pack(), now)?;
        let registrar = Registrar::below(common, admin_token, now)?;
        let authority = Authority::open(&AuthorityFiles::below(&common.data_dir))?;
        let signer = signer(&registrar, &authority, pack.name(), now)?;
        let store = Store::open(&common.data_dir).await?;
        let http = outbound::Client::new(config::outbound_policy(common))?;
        let provisioning = settings.provisioning_token.clone();
        let verifier = settings.verifier_url.clone();
        let verifier = verifier.map(|url| Verifier::new(http.clone(), url, provisioning));
        let inner = Inner {
            sign_in: SignIn::new(store.sqlite().clone(), Arc::clone(&clock), &common.public_url),
            store,
            registrar,
            authority,
            signer,
            verifier,
            http,
            scheme: match common.profile {
                Profile::Production => "https",
                Profile::Development => "http",
            },
            settings: settings.clone(),
            base: common.base_url(),
            origin: common.public_url.origin().ascii_serialization(),
            pack,
            catalogue: Catalogue::load_with_portal().map_err(UnreadablePages::from)?,
            card_types: CardTypes::load().map_err(UnreadablePages::from)?,
            ready_made: ready_made::all(&cards::cards()),
            cards: cards::cards(),
            clock,
            complaints,
            complaint_limit: AddressLimit::new(COMPLAINTS),
            card_limit: AddressLimit::new(CARDS),
            host_limit: AddressLimit::new(HOSTS),
            visit: Cookie::new(&common.public_url, "holdfast_visit", SameSite::Strict),
            applicant: Cookie::new(&common.public_url, "holdfast_applicant", SameSite::Strict),
            served_status: ServedStatus::default(),
            working: tokio::sync::Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The number of complaints about each business, for the pages of the ledger.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inner.store.counts()
    }

    /// Closes the portal's store.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    /// The routes of the portal.
    pub fn router(self) -> axum::Router {
        web::router(self)
    }

    fn now(&self) -> UnixTime {
        self.inner.clock.now()
    }

    /// A whole address of the portal.
    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.inner.base)
    }
}

impl std::fmt::Debug for Portal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Portal")
            .field("base", &self.inner.base)
            .finish_non_exhaustive()
    }
}

/// The registrar's own key signs registrations, with a certificate of the registrar's own authority, made anew at each
/// start: it follows the key when that changes.
fn signer(
    registrar: &Registrar,
    authority: &Authority,
    name: &str,
    now: UnixTime,
) -> Result<RegistrationSigner, OpenError> {
    let identity = registrar.identity();
    let (_, key) = identity.assertion_key()?;
    let name = format!("Registrar of {name}");
    let certificate = authority.signer(key.public(), identity.did().as_str(), &name, now)?;
    Ok(RegistrationSigner::new(key, certificate)?)
}
