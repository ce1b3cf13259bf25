//! The issuer as one value that every route shares.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use axum::Router;
use http::HeaderMap;
use jose::{PrivateJwk, SignError};
use ledger::{Clock as LedgerClock, VerifiedBundle};
use oid4vci::{EncryptionPolicy, NoncePurpose, ServerNonces, UrlError, derive_encryption_key};
use outbound::{BuildError, Client, Policy};
use service::config::{Common, Profile};
use service::description::Description;
use service::files::{PrivateFileError, read_private};
use service::idempotency::Idempotency;
use service::signin::SignIn;
use service::store::StoreError;
use service::{AddressLimit, Clock, Metrics, Problem};
use tokio::sync::Mutex;
use url::Url;

use crate::attestation::{Attestations, AttestationsError};
use crate::authorization::CitizenSignIn;
use crate::config::{Settings, Trust};
use crate::description;
use crate::error::ApiError;
use crate::identity::{IdentityFiles, IdentityFilesError, Signing, SigningError};
use crate::issue::{authorization_server_metadata, issuer_metadata};
use crate::ledger::{LedgerClient, LedgerClientError, Standing};
use crate::metrics::IssuerMetrics;
use crate::routes::{self, Streams};
use crate::status::{StatusBits, StatusTokens};
use crate::store::{Store, snapshot};

/// For how many seconds a nonce for key proofs is good.
const NONCE_SECONDS: u64 = 300;
/// For how many seconds a nonce for DPoP proofs is good.
const DPOP_NONCE_SECONDS: u64 = 300;

/// Seconds that the clock of this machine may be behind before operators are told.
const CLOCK_TOLERANCE: u64 = 60;

/// The issuer. Cheap to clone.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) files: IdentityFiles,
    signing: RwLock<Arc<Signing>>,
    keys_gone: AtomicBool,
    pub(crate) nonces: ServerNonces,
    pub(crate) dpop_nonces: ServerNonces,
    pub(crate) challenges: ServerNonces,
    encryption_key: PrivateJwk,
    pub(crate) attestations: Attestations,
    pub(crate) tokens: StatusTokens,
    pub(crate) bits: StatusBits,
    pub(crate) ledger: Option<LedgerClient>,
    pub(crate) standing: Standing,
    pub(crate) citizens: Option<CitizenSignIn>,
    /// Pushed requests, by who sends them.
    pub(crate) pushes: AddressLimit,
    newest_seen: AtomicU64,
    pub(crate) last_hurry: Mutex<Option<Instant>>,
    pub(crate) metrics: IssuerMetrics,
    pub(crate) published: Published,
    pub(crate) sign_in: SignIn,
    pub(crate) idempotency: Idempotency,
    pub(crate) streams: Streams,
}

/// What is published and does not change while the service runs.
pub(crate) struct Published {
    pub(crate) issuer_metadata: serde_json::Value,
    pub(crate) server_metadata: serde_json::Value,
    pub(crate) par_url: Url,
    pub(crate) token_url: Url,
    pub(crate) credential_url: Url,
    pub(crate) deferred_url: Url,
    pub(crate) notification_url: Url,
}

/// Why the issuer does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Query(#[from] sqlx::Error),
    /// The identity.
    #[error(transparent)]
    Identity(#[from] IdentityFilesError),
    /// The keys.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerClientError),
    /// The HTTP client towards the ledger and the provider that people sign in at.
    #[error(transparent)]
    Http(#[from] BuildError),
    /// The nonce key.
    #[error(transparent)]
    NonceKey(#[from] PrivateFileError),
    /// The nonce key has another length.
    #[error("the nonce key is malformed")]
    NonceKeyLength,
    /// The trusted attesters.
    #[error(transparent)]
    Attestations(#[from] AttestationsError),
    /// An address of ours cannot be made.
    #[error("an address of this issuer is malformed")]
    Url(#[from] UrlError),
    /// The metadata cannot be written.
    #[error("the metadata cannot be written")]
    Metadata(#[from] serde_json::Error),
}

impl App {
    /// Opens the data folder and the identity in it.
    pub async fn open(settings: Settings, clock: Arc<dyn Clock>, metrics: &Metrics) -> Result<Self, OpenError> {
        let data_dir = &settings.common.data_dir;
        let files = IdentityFiles::new(data_dir);
        let (organisation, chain) = files.open()?;
        let signing = Signing::new(&organisation, &chain, &settings)?;
        let store = Store::open(data_dir).await?;
        let newest_seen = snapshot::newest_seen(store.reader()).await?;
        let key = nonce_key(&files)?;
        let nonces = |purpose, seconds| ServerNonces::new(&key, &settings.identifier, purpose, seconds);
        let encryption_key = derive_encryption_key(&key, &settings.identifier);
        let http = outbound_client(&settings.common, metrics)?;
        let ledger = match settings.own.trust {
            Trust::Ledger => Some(LedgerClient::new(&settings, http.clone(), clock.now())?),
            Trust::X5c => None,
        };
        let citizens = CitizenSignIn::new(&settings, http, Arc::clone(&clock));
        Ok(Self(Arc::new(Inner {
            nonces: nonces(NoncePurpose::KeyProof, NONCE_SECONDS),
            dpop_nonces: nonces(NoncePurpose::Dpop, DPOP_NONCE_SECONDS),
            challenges: nonces(NoncePurpose::ClientAttestation, NONCE_SECONDS),
            published: Published::new(&settings, &encryption_key)?,
            attestations: Attestations::open(&settings.own.attestation)?,
            pushes: AddressLimit::new(settings.own.pushed_per_address),
            encryption_key,
            sign_in: SignIn::new(store.file().clone(), Arc::clone(&clock), &settings.common.public_url),
            streams: Streams::default(),
            idempotency: Idempotency::new(store.file().clone(), Arc::clone(&clock)),
            settings,
            store,
            clock,
            files,
            signing: RwLock::new(Arc::new(signing)),
            keys_gone: AtomicBool::new(false),
            tokens: StatusTokens::default(),
            bits: StatusBits::default(),
            ledger,
            standing: Standing::default(),
            citizens,
            newest_seen: AtomicU64::new(newest_seen),
            last_hurry: Mutex::new(None),
            metrics: IssuerMetrics::new(metrics),
        })))
    }

    /// The routes of the issuer, without the status lists.
    pub fn router(&self) -> Router {
        routes::issuer(self.clone())
    }

    /// The routes of the status lists.
    pub fn status_router(&self) -> Router {
        routes::status_lists(self.clone())
    }

    /// What the routes of the issuer answer.
    #[must_use]
    pub fn description(&self) -> Description {
        description::issuer(self)
    }

    /// What the routes of the status lists answer.
    #[must_use]
    pub fn status_description() -> Description {
        description::status_lists()
    }

    /// Ends what pages follow, so that the service need not wait for them to stop.
    pub fn end_streams(&self) {
        self.0.streams.ended.cancel();
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The keys as they were read last.
    #[must_use]
    pub fn identity(&self) -> Arc<Signing> {
        Arc::clone(&self.0.signing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys, to sign with: a key that was taken away signs nothing more, though it was read once.
    pub fn signing(&self) -> Result<Arc<Signing>, ApiError> {
        if self.are_keys_gone() {
            return Err(SignError::KeyUnavailable.into());
        }
        Ok(self.identity())
    }

    /// Whether the keys were taken away since they were read.
    #[must_use]
    pub fn are_keys_gone(&self) -> bool {
        self.0.keys_gone.load(Ordering::SeqCst)
    }

    /// Reads the identity again, after a rotation, or when it is missing. While another process changes it, the keys
    /// read before stay in use.
    pub fn reload_identity(&self) -> Result<(), OpenError> {
        match self.read_identity() {
            Ok(signing) => {
                *self.0.signing.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signing);
                self.0.keys_gone.store(false, Ordering::SeqCst);
                Ok(())
            }
            Err(error) => {
                if !matches!(error, OpenError::Identity(IdentityFilesError::Changing)) {
                    self.0.keys_gone.store(true, Ordering::SeqCst);
                }
                Err(error)
            }
        }
    }

    fn read_identity(&self) -> Result<Signing, OpenError> {
        let (organisation, chain) = self.0.files.read()?;
        Ok(Signing::new(&organisation, &chain, &self.0.settings)?)
    }

    /// Keeps what a verified bundle says about this issuer, and when its quorum signed.
    pub async fn learn(&self, bundle: VerifiedBundle) -> Result<(), sqlx::Error> {
        let time = bundle.time();
        self.compare_clocks(time);
        if let Ok(seen) = self.ledger_clock().seen(time)
            && self.0.newest_seen.fetch_max(seen, Ordering::SeqCst) < seen
        {
            let mut write = self.0.store.begin().await?;
            snapshot::saw(&mut write, seen).await?;
            write.commit().await?;
        }
        self.0.standing.set(bundle);
        Ok(())
    }

    /// Tells operators how far the clock of this machine is behind what a quorum signed.
    fn compare_clocks(&self, signed: u64) {
        let behind = signed.saturating_sub(self.0.clock.now());
        if behind > CLOCK_TOLERANCE {
            tracing::error!(behind_s = behind, "the clock of this machine is behind the ledger's");
        }
        let behind = i64::try_from(behind).unwrap_or(i64::MAX);
        self.0.metrics.clock_behind.set(behind);
    }

    pub(crate) fn ledger_clock(&self) -> LedgerClock {
        LedgerClock {
            device: self.0.clock.now(),
            newest_seen: self.0.newest_seen.load(Ordering::SeqCst),
        }
    }

    /// Lets the agency's own systems in, and nobody else.
    pub(crate) fn authorise(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.0.settings.own.api_token.authorises(headers) {
            Ok(())
        } else {
            Err(Problem::unauthorised().into())
        }
    }

    /// What is done about encryption on top of TLS.
    pub(crate) fn encryption(&self) -> EncryptionPolicy<'_> {
        EncryptionPolicy {
            request: self.0.settings.own.request_encryption,
            response: self.0.settings.own.response_encryption,
            key: &self.0.encryption_key,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.clock.now()
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("issuer", &self.0.settings.identifier)
            .finish_non_exhaustive()
    }
}

impl Published {
    fn new(settings: &Settings, encryption_key: &PrivateJwk) -> Result<Self, OpenError> {
        let endpoint = |path: &str| settings.transport.endpoint(&format!("{}{path}", settings.identifier));
        let aggregation = settings.aggregation_uri();
        // draft-ietf-oauth-status-list §9.1: how the lists of an issuer are found that no ledger names.
        let with_aggregation = |mut metadata: serde_json::Value| {
            metadata["status_list_aggregation_endpoint"] = aggregation.as_str().into();
            metadata
        };
        Ok(Self {
            issuer_metadata: with_aggregation(serde_json::to_value(issuer_metadata(
                settings,
                encryption_key.public(),
            )?)?),
            server_metadata: with_aggregation(serde_json::to_value(authorization_server_metadata(settings)?)?),
            par_url: endpoint("/par")?,
            token_url: endpoint("/token")?,
            credential_url: endpoint("/credential")?,
            deferred_url: endpoint("/deferred")?,
            notification_url: endpoint("/notification")?,
        })
    }
}

/// The one client towards others, whose refusals are counted.
fn outbound_client(common: &Common, metrics: &Metrics) -> Result<Client, BuildError> {
    let client = Client::new(match common.profile {
        Profile::Production => Policy::Public,
        Profile::Development => Policy::Development {
            ports: common.outbound_ports.clone(),
        },
    })?;
    let blocked = client.clone();
    metrics.observe("ssrf_blocked", "Connections refused by address", move || {
        blocked.blocked_total()
    });
    Ok(client)
}

/// The key behind the nonces. It outlives a restart, so that a wallet in the middle of something can go on.
fn nonce_key(files: &IdentityFiles) -> Result<[u8; 32], OpenError> {
    read_private(&files.nonce_key())?
        .try_into()
        .map_err(|_| OpenError::NonceKeyLength)
}
