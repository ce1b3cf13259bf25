//! A ledger, a shop and a club, an agency, and a citizen with a card, all while there is a network.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use e2e::alone::{Alone, Tried};
use e2e::codes;
use e2e::kiosk::Kiosk;
use e2e::stack::{Agency, Business, Device, Stack, WITNESSES, generate_people};
use e2e::wallet::{Answer, Exit, Wallet};
use serde_json::json;
use tempfile::TempDir;

const FEW: usize = 100;
/// The kind of card that is shown.
const CARD: &str = "person-identification";
/// Nobody was asked for anything.
const NOTHING: Tried = Tried {
    connections: 0,
    failed: 0,
    datagrams: 0,
};

/// What was made while there was a network.
pub(super) struct Scene {
    pub(super) stack: Stack,
    pub(super) wallet: Wallet,
    /// A device of the shop, and one of the club.
    pub(super) shop: Device,
    pub(super) club: Device,
    /// Where the wallet is from now on.
    pub(super) nowhere: Alone,
    credential: String,
    drawn: usize,
    // Last, so that what runs in it is gone before.
    folder: TempDir,
}

/// An answer as a camera sees it.
pub(super) struct Seen {
    /// The session that it answers.
    pub(super) session: String,
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) needed: usize,
}

/// A scene; `None`, with a visible line, where this machine has no namespaces for us.
pub(super) async fn scene() -> Option<Scene> {
    match Alone::begin().await {
        Ok(nowhere) => Some(Scene::begin(nowhere).await.unwrap()),
        Err(error) => {
            println!("SKIPPED: network namespaces: {error:#}");
            None
        }
    }
}

impl Scene {
    async fn begin(nowhere: Alone) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut stack = Stack::on(folder.path())?;
        stack.found_ledger().await?;
        stack.start_all(&[&WITNESSES[..], &["mirror", "log"]].concat()).await?;
        let shop = device(&stack, Business::Shop).await?;
        let club = device(&stack, Business::Club).await?;
        stack.accredited_agency(Agency::Population, &[CARD]).await?;
        let people = generate_people(stack.layout(), FEW).await?;
        let subject = stack.import_people(Agency::Population, &people).await?;
        stack.start_all(&["population", "population-status"]).await?;
        // The story shows a card without a network by a wallet with a keyring.
        let wallet = Wallet::by_passphrase(&folder.path().join("wallet"))?;
        wallet.init(&stack).await?.expect(Exit::Done)?;
        let credential = accept(&stack, &wallet, &subject).await?;
        stack.recorded(Agency::Population).await?;
        stack.begin_hour().await?;
        wallet.run(&["refresh"]).await?.expect(Exit::Done)?;
        Ok(Self {
            stack,
            wallet,
            shop,
            club,
            nowhere,
            credential,
            drawn: 0,
            folder,
        })
    }

    /// A folder that nobody has used.
    pub(super) fn fresh(&mut self, name: &str) -> PathBuf {
        self.drawn += 1;
        self.folder.path().join(format!("{name}-{}", self.drawn))
    }

    /// The desk of the shop, without a network.
    pub(super) async fn kiosk(&self) -> Result<Kiosk> {
        Kiosk::start(&self.stack, &self.shop, Alone::begin().await?).await
    }

    /// The shop's device is back where there is a network, for a moment.
    pub(super) async fn sync(&self) -> Result<()> {
        self.stack.sync(&self.shop).await.map(drop)
    }

    /// Asks at a desk, and lets the wallet answer. Nothing leaves the wallet but what a camera sees.
    pub(super) async fn answered(&mut self, kiosk: &mut Kiosk, check: &str) -> Result<Seen> {
        let (challenge, out) = (self.fresh("challenge"), self.fresh("answer"));
        let session = kiosk.ask(check, &challenge).await?;
        let answer = self
            .wallet
            .answer(&self.nowhere, &challenge, &out)
            .await?
            .expect(Exit::Done)?;
        self.nobody_was_asked()?;
        let needed = answer.json["needed"].as_u64().context("needed")?;
        Ok(Seen {
            session,
            frames: codes::read(&out)?,
            needed: usize::try_from(needed)?,
        })
    }

    /// The agency takes the card back.
    pub(super) async fn revoke(&self) -> Result<()> {
        self.stack
            .change_status(Agency::Population, &self.credential, "revoke")
            .await
    }

    /// The wallet's answer to pictures of somebody's.
    pub(super) async fn tries(&mut self, frames: &[Vec<u8>]) -> Result<(Answer, PathBuf)> {
        let (challenge, out) = (self.fresh("challenge"), self.fresh("answer"));
        codes::draw(frames, &challenge)?;
        let answer = self.wallet.answer(&self.nowhere, &challenge, &out).await?;
        self.nobody_was_asked()?;
        Ok((answer, out))
    }

    /// The wallet has asked nobody since it is nowhere.
    fn nobody_was_asked(&self) -> Result<()> {
        let tried = self.nowhere.tried()?;
        ensure!(tried == NOTHING, "the wallet asked somebody: {tried:?}");
        Ok(())
    }
}

/// A device of a registered business that has been online once, before there was an agency.
async fn device(stack: &Stack, business: Business) -> Result<Device> {
    stack.registered_business(business, &["accredited"]).await?;
    let device = stack.device(business).await?;
    stack.sync(&device).await?;
    Ok(device)
}

/// The agency's name of a card that the wallet got.
async fn accept(stack: &Stack, wallet: &Wallet, subject: &str) -> Result<String> {
    let wanted = json!({"credential_type": CARD, "subject": subject, "tx_code": false});
    let offer = stack.offer(Agency::Population, &wanted).await?;
    let uri = offer["offer_uri"].as_str().context("offer_uri")?;
    wallet.accept(uri, None).await?.expect(Exit::Done)?;
    stack.issued(Agency::Population, &offer).await
}
