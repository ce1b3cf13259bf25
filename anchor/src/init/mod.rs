//! `holdfast-anchor init`: keys, quorum, registrar, trust pack, and the first entries.

mod answers;
mod asking;
mod cosigners;
mod plan;
mod quorum;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use did::identity::{IdentityError, Organisation};
use jose::{PrivateJwk, Signer, SigningKey, UnixTime};
use ledger::{
    Governance, Kind, LeafBuilder, Limits, Mode, PackContent, PackSignError, PayloadError, Policy, ReleaseKeys,
    TrustPackError, UnverifiedTrustPack,
};
use serde_json::{Value, json};
use service::config::Common;
use service::files::{write_atomically, write_private};
use service::{Clock, InstanceLock, InstanceLockError, SystemClock};
use tlog::{LogSigner, SecretKeyError};
use zeroize::Zeroizing;

pub use answers::Answers;
pub use quorum::{CosignerArg, QuorumArgError};

use asking::Asker;
use plan::Plan;

use crate::config::{self, Files};
use crate::cosigner::KeyFileError;
use crate::log::{AppendError, first_batch};
use crate::store::{CommitError, ReadError, Store};

/// How long a trust pack lives.
const PACK_LIFETIME: UnixTime = 2 * 365 * 24 * 3600;

/// What a new ledger is.
#[derive(Clone, Debug)]
pub struct NewLedger {
    /// Name of the ecosystem, as people see it.
    pub name: String,
    /// Name of the log; the first line of every checkpoint. `<host>/log` where nothing is said.
    pub origin: Option<String>,
    /// The witnesses.
    pub witnesses: Vec<CosignerArg>,
    /// The verifying mirrors; one must always cosign.
    pub mirrors: Vec<CosignerArg>,
    /// How many witnesses must cosign; more than half where nothing is said.
    pub threshold: Option<usize>,
    /// How many status snapshots an agency may write in an hour; six where nothing is said.
    pub snapshots_per_hour: Option<u32>,
    /// A ledger for real; else a test ledger that no live wallet accepts.
    pub live: bool,
}

/// What `init` made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The log's verifier key.
    pub vkey: String,
    /// The log's name.
    pub origin: String,
    /// The registrar's DID.
    pub registrar: String,
    /// The signed trust pack.
    pub trust_pack: PathBuf,
    /// The quorum as tlog-policy text.
    pub policy_file: PathBuf,
    /// The configuration of each witness and mirror whose key was made along with the ledger.
    pub cosigners: Vec<PathBuf>,
}

impl Made {
    /// One JSON object for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "ok": true,
            "vkey": self.vkey,
            "origin": self.origin,
            "registrar_did": self.registrar,
            "trust_pack": self.trust_pack,
            "policy_file": self.policy_file,
            "cosigners": self.cosigners,
        })
    }
}

/// Why no ledger was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// Something is not said, and there is nobody to ask.
    #[error("{0} is missing: give it, or be asked for everything with --ask")]
    Missing(&'static str),
    /// The person did not agree to the summary.
    #[error("nothing was written")]
    Declined,
    /// The configuration is there, and says something else than was asked for.
    #[error("{0} is there already: leave out --host and --folder, or name another file with --config")]
    ConfigExists(String),
    /// Questions cannot be put, or answers cannot be read.
    #[error("the terminal cannot be used")]
    Terminal(#[source] std::io::Error),
    /// A key of a witness or mirror cannot be made.
    #[error(transparent)]
    CosignerKey(#[from] KeyFileError),
    /// The host of a witness or mirror is no key name.
    #[error("the name of a witness or mirror: {0}")]
    CosignerName(#[source] tlog::KeyNameError),
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] service::config::ConfigError),
    /// Another process uses the data folder.
    #[error(transparent)]
    Instance(#[from] InstanceLockError),
    /// There is a log already; it is never overwritten.
    #[error("{0} has a log already")]
    Exists(String),
    /// The public address has no host that a DID can name.
    #[error("the public address needs a host with at least two labels, such as ledger.localhost")]
    Host,
    /// The cosigners make no quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumArgError),
    /// The log's key cannot be made, or its name is no key name.
    #[error("the log key: {0}")]
    Key(#[from] SecretKeyError),
    /// The origin is no key name.
    #[error("the origin: {0}")]
    Origin(#[from] tlog::KeyNameError),
    /// The registrar's identity cannot be made.
    #[error("the registrar: {0}")]
    Registrar(#[from] IdentityError),
    /// Policy or pack break a rule.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The pack cannot be signed.
    #[error(transparent)]
    Sign(#[from] PackSignError),
    /// The pack that was made does not verify.
    #[error(transparent)]
    Pack(#[from] TrustPackError),
    /// A governance key cannot sign.
    #[error("the governance key cannot sign")]
    Governance,
    /// A file cannot be written.
    #[error("a file cannot be written")]
    Write(#[from] std::io::Error),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] service::store::StoreError),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The first entries are refused.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The first entries cannot be committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Makes a ledger from what the command line says; asks for what it does not say, where somebody is there.
///
/// # Errors
/// [`InitError`]; where it is [`InitError::Missing`] or [`InitError::Declined`], nothing was written.
pub async fn run(answers: &Answers) -> Result<Made, InitError> {
    let somebody = answers.ask || (answers.lacks_something() && std::io::stdin().is_terminal());
    let mut asker = if somebody { Asker::terminal() } else { Asker::nobody() };
    let plan = answers.complete(&mut asker)?;
    plan.confirm(&mut asker)?;
    carry_out(plan).await
}

/// The keys of the cosigners are written before the ledger that names them, their settings after it. A key that an
/// attempt before this one left is used: nothing names it yet.
async fn carry_out(plan: Plan) -> Result<Made, InitError> {
    plan.write_settings()?;
    let settings = config::load(plan.config())?;
    let common = &settings.common;
    let _instance = InstanceLock::acquire(&common.data_dir)?;
    refuse_existing(common)?;
    let (ledger, new) = plan.with_keys(&common.data_dir)?;
    let mut made = make(common, &ledger, SystemClock.now()).await?;
    for cosigner in &new {
        let settings = cosigner.write_settings(common, &made)?;
        made.cosigners.push(settings);
    }
    Ok(made)
}

/// A log is never overwritten.
fn refuse_existing(common: &Common) -> Result<(), InitError> {
    let files = Files::new(&common.data_dir);
    if files.store().exists() || files.log_key().exists() {
        return Err(InitError::Exists(common.data_dir.display().to_string()));
    }
    Ok(())
}

/// Makes a ledger with settings at hand, at a given time.
///
/// # Errors
/// [`InitError`]
pub async fn make(common: &Common, ledger: &NewLedger, now: UnixTime) -> Result<Made, InitError> {
    refuse_existing(common)?;
    let files = Files::new(&common.data_dir);
    let host = common.public_url.host_str().ok_or(InitError::Host)?;
    let origin = ledger.origin.clone().unwrap_or_else(|| format!("{host}/log"));
    let mut seed = Zeroizing::new([0; 32]);
    service::random::fill(seed.as_mut());
    let log = LogSigner::from_seed(origin.parse()?, &seed)?;
    let vkey = log.verifier_key().to_string();
    let quorum = quorum::text(&vkey, common.public_url.as_str(), ledger)?;
    let governance = PrivateJwk::generate_ed25519(&mut service::random::fill);
    let registrar = make_registrar(common, host, now)?;

    let pack = PackContent {
        expires: now.saturating_add(PACK_LIFETIME),
        governance: Governance::new(vec![governance.public().clone()], Vec::new(), 1)?,
        log_key: vkey.clone(),
        mirrors: ledger.mirrors.iter().map(|mirror| mirror.vkey.clone()).collect(),
        mode: if ledger.live { Mode::Live } else { Mode::Test },
        name: ledger.name.clone(),
        origin: origin.clone(),
        policy: quorum.clone(),
        predecessor: None,
        previous_log_key: None,
        version: 1,
    };
    let signer = SigningKey::new(&governance).map_err(|_| InitError::Governance)?;
    let signed = pack.sign(&[&signer])?;
    UnverifiedTrustPack::parse(&signed)?.verify(None, now)?;

    write_files(&files, &log, &governance, &registrar, &quorum, &signed)?;
    let usual = Limits::default();
    let limits = Limits {
        snapshots_per_hour: ledger.snapshots_per_hour.unwrap_or(usual.snapshots_per_hour),
        ..usual
    };
    first_entries(&files, &pack, limits, &signer, &registrar, now).await?;
    Ok(Made {
        vkey,
        origin,
        registrar: registrar.did().to_string(),
        trust_pack: files.trust_pack(),
        policy_file: files.policy(),
        cosigners: Vec::new(),
    })
}

fn make_registrar(common: &Common, host: &str, now: UnixTime) -> Result<Organisation, InitError> {
    if !host.contains('.') {
        return Err(InitError::Host);
    }
    let port = common
        .public_url
        .port()
        .map(|port| format!("%3A{port}"))
        .unwrap_or_default();
    let location = format!("{host}{port}:registrar");
    Ok(Organisation::create(&location, now, &mut service::random::fill)?)
}

/// Keys first: a store without its key would be of no use to anybody.
fn write_files(
    files: &Files,
    log: &LogSigner,
    governance: &PrivateJwk,
    registrar: &Organisation,
    quorum: &str,
    pack: &[u8],
) -> Result<(), InitError> {
    let secret = log.dangerous_secret_text()?;
    let text = Zeroizing::new(format!("{}\n", secret.dangerous_as_str()));
    write_private(&files.log_key(), text.as_bytes())?;
    let text = Zeroizing::new(governance.dangerous_to_value().to_string());
    write_private(&files.governance(), text.as_bytes())?;
    let text = Zeroizing::new(registrar.keys().dangerous_to_json().to_string());
    write_private(&files.registrar_keys(), text.as_bytes())?;
    write_atomically(&files.registrar_log(), registrar.log_file().as_bytes())?;
    write_atomically(&files.log_vkey(), format!("{}\n", log.verifier_key()).as_bytes())?;
    write_atomically(&files.policy(), quorum.as_bytes())?;
    write_atomically(&files.trust_pack(), pack)?;
    Ok(())
}

/// Entry 0 is the policy, entry 1 the registrar it names, entry 2 the map head.
async fn first_entries(
    files: &Files,
    pack: &PackContent,
    limits: Limits,
    governance: &dyn Signer,
    registrar: &Organisation,
    now: UnixTime,
) -> Result<(), InitError> {
    let policy = Policy {
        governance: pack.governance.clone(),
        limits,
        mirrors: pack.mirrors.clone(),
        origin: pack.origin.clone(),
        predecessor: None,
        quorum: pack.policy.clone(),
        registrars: vec![registrar.did().clone()],
        release_keys: ReleaseKeys::default(),
        successor: None,
        trust_pack: pack.reference()?,
        version: 1,
    };
    let thumbprint = jose::base64url::encode(governance.public_jwk().thumbprint());
    let policy = LeafBuilder::new(Kind::Policy, &pack.origin, None, policy.encode()?)
        .signed_by(&pack.origin, &[(thumbprint.as_str(), governance)])
        .map_err(|_| InitError::Governance)?;
    let line = registrar.lines().first().cloned().unwrap_or_default().into_bytes();
    let create = LeafBuilder::new(Kind::DidCreate, registrar.did().as_str(), None, line).proved_by_payload();

    let store = Store::open(&files.store()).await?;
    let batch = first_batch(&store, &pack.origin, &[policy, create], now).await?;
    store.commit(&batch).await?;
    store.close().await;
    Ok(())
}
