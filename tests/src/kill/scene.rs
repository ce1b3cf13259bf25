//! Where the workload happens: a stack with one agency, one shop and one wallet.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jose::{PrivateJwk, strict_json};
use ledger::{Kind, OrganisationRecord, TrustPack, UnverifiedBundle, UnverifiedTrustPack};
use service::{Clock, SystemClock};
use sqlx::Row;
use toml::Table;

use super::journal::Journal;
use super::target::Target;
use super::wire::Wire;
use crate::stack::{Agency, Business, Stack, WITNESSES, generate_people, open};
use crate::story::{Session, World};
use crate::wallet::Exit;

/// How many people the agency's register gets.
const PEOPLE: usize = 20;

/// The parties, as those see them who use them. The processes are held apart
/// ([`found`]), so that they can be killed while a step is under way.
pub(super) struct Scene {
    /// Wallet, register, and the commands of the stack.
    pub(super) world: World,
    /// What goes from wallet to shop; nobody stands between them where the shop is
    /// what is killed, so that a refused connection is one.
    pub(super) wire: Option<Wire>,
    /// What everybody is configured with.
    pub(super) pack: TrustPack,
    /// The agency's DID.
    pub(super) agency: String,
    /// The shop's DID.
    pub(super) shop: String,
}

/// Founds everything in a folder and starts it; the receipts go into the journal.
///
/// # Errors
/// A party does not come up.
pub(super) async fn found(folder: &Path, target: Target, journal: &mut Journal) -> Result<(Scene, Stack)> {
    let mut world = World::prepare(folder).await?;
    let mut services = Stack::on(folder)?;
    let stack = &world.stack;
    stack.found_ledger().await?;
    services
        .start_all(&[&WITNESSES[..], &["mirror", "log"]].concat())
        .await?;
    stack
        .found_agency(Agency::Population, Agency::Population.types())
        .await?;
    let application = stack.agency_application(Agency::Population);
    let done = stack
        .registrar(&["accredit", "--application", &text(&application)])
        .await?;
    let agency = journal.decided(&done.success()?.stdout, Kind::AccreditationGrant)?;
    stack.found_business(Business::Shop, &["accredited"]).await?;
    let application = stack.business_application(Business::Shop);
    let done = stack
        .registrar(&["register-business", "--application", &text(&application)])
        .await?;
    let shop = journal.decided(&done.success()?.stdout, Kind::RelyingPartyRegister)?;
    let people = generate_people(stack.layout(), PEOPLE).await?;
    let subject = stack.import_people(Agency::Population, &people).await?;
    let wire = match target {
        Target::Verifier => None,
        _ => Some(listen_in(stack).await?),
    };
    services.start_all(&["population", "population-status", "shop"]).await?;
    world.subject = subject;
    world.init_wallet().await?.expect(Exit::Done)?;
    let pack = std::fs::read(world.stack.layout().trust_pack())?;
    let pack = UnverifiedTrustPack::parse(&pack)?.verify(None, SystemClock.now())?;
    let scene = Scene {
        world,
        wire,
        pack,
        agency,
        shop,
    };
    Ok((scene, services))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Moves the shop to the spare port and listens in where it was.
async fn listen_in(stack: &Stack) -> Result<Wire> {
    let (public, spare) = (stack.port("shop")?, stack.port("proxy")?);
    let file = stack.layout().config("shop");
    let mut settings: Table = std::fs::read_to_string(&file)?.parse()?;
    settings.insert("listen".to_owned(), format!("127.0.0.1:{spare}").into());
    std::fs::write(&file, settings.to_string())?;
    Wire::start(public, spare).await
}

impl Scene {
    /// What the ledger says about an organisation now; nothing unproved.
    ///
    /// # Errors
    /// The log does not answer, or its bundle does not verify.
    pub(super) async fn record(&self, did: &str) -> Result<OrganisationRecord> {
        let mut url = url::Url::parse(&self.url("log")?)?;
        url.set_path("bundle");
        url.query_pairs_mut().append_pair("did", did);
        let bundle = self.world.stack.http().get(url.as_str()).await?.success()?;
        let bundle = UnverifiedBundle::parse(bundle.body())?.verify(&self.pack, did)?;
        bundle
            .record()
            .cloned()
            .with_context(|| format!("{did} is not on the ledger"))
    }

    /// The address of a listener.
    ///
    /// # Errors
    /// There is none of this name.
    pub(super) fn url(&self, listener: &str) -> Result<String> {
        self.world.stack.layout().url(listener)
    }

    /// The wallet's name for a session, and the key that opens its response, from
    /// the shop's own store.
    ///
    /// # Errors
    /// The session is not there.
    pub(super) async fn session_secrets(&self, session: &Session) -> Result<(String, PrivateJwk)> {
        let mut store = open(&self.store("shop", "verifier.sqlite")).await?;
        let row = sqlx::query("SELECT wallet_id, encryption_key FROM session WHERE id = ?")
            .bind(&session.id)
            .fetch_one(&mut store)
            .await?;
        let key: String = row.try_get("encryption_key")?;
        let key = strict_json::parse(key.as_bytes(), &strict_json::Limits::MESSAGE)?;
        Ok((row.try_get("wallet_id")?, PrivateJwk::from_value(&key)?))
    }

    /// List and place of every copy of a card, from the agency's own store.
    ///
    /// # Errors
    /// The card has none.
    pub(super) async fn places(&self, credential: &str) -> Result<Vec<(String, u64)>> {
        let mut store = open(&self.store("population", "issuer.sqlite")).await?;
        let rows = sqlx::query(
            "SELECT name, position FROM copies JOIN batches USING (notification_id) \
             JOIN status_lists ON status_lists.id = list_id WHERE credential_id = ?",
        )
        .bind(credential)
        .fetch_all(&mut store)
        .await?;
        ensure!(!rows.is_empty(), "the agency knows no copies of card {credential}");
        rows.iter()
            .map(|row| Ok((row.try_get("name")?, u64::try_from(row.try_get::<i64, _>("position")?)?)))
            .collect()
    }

    fn store(&self, service: &str, file: &str) -> PathBuf {
        self.world.stack.layout().of(service).join("data").join(file)
    }
}
