//! What the story has at hand: the running services, the wallet, and what was issued so far.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use tokio::time::Instant;

use super::offline::Offline;
use super::people::People;
use crate::keyring::Keyring;
use crate::portal::Hosted;
use crate::proxy::Proxy;
use crate::stack::Stack;
use crate::wallet::{Answer, Wallet};

/// The running services, the wallet, and what was issued so far.
pub struct World {
    /// The services.
    pub stack: Stack,
    /// The citizen's wallet.
    pub wallet: Wallet,
    /// The wallet of another citizen, who deals with those known by certificate.
    pub other_wallet: Wallet,
    /// What was issued, by a name of the story's: `credential_id`, or the wallet's own name.
    pub cards: BTreeMap<&'static str, String>,
    /// The person in the register whose cards are issued.
    pub subject: String,
    /// When something was changed last that the timers of others will see.
    pub changed: Instant,
    /// When the status listener was stopped.
    pub lists_stopped: Option<Instant>,
    /// The people of the register.
    pub people: Arc<People>,
    /// The business that came in by the registrar's portal, once it has.
    pub hosted: Arc<OnceLock<Hosted>>,
    /// Those who stand between two parties.
    pub proxies: Vec<Proxy>,
    /// The check without a network that is under way.
    pub offline: Option<Offline>,
    /// The private keyring of the wallets.
    pub keyring: Option<Keyring>,
}

impl World {
    /// Empties the folder and prepares everything that needs no running service.
    ///
    /// # Errors
    /// The folder, the ports or the private keyring are not to be had.
    pub async fn prepare(folder: &Path) -> Result<Self> {
        crate::stack::clear(folder)?;
        let stack = Stack::on(folder)?;
        let people = Arc::new(People::begin(stack.layout()));
        let keyring = Keyring::start(&folder.join("keyring")).await?;
        let wallet = Wallet::new(&folder.join("wallet"), &keyring)?;
        let other_wallet = Wallet::new(&folder.join("other-wallet"), &keyring)?;
        Ok(Self {
            stack,
            wallet,
            other_wallet,
            cards: BTreeMap::new(),
            subject: String::new(),
            changed: Instant::now(),
            lists_stopped: None,
            hosted: Arc::default(),
            proxies: Vec::new(),
            people,
            offline: None,
            keyring: Some(keyring),
        })
    }

    /// The same world for those who act beside the story, with what they start
    /// and remember themselves.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn beside(&self) -> Result<Self> {
        Ok(Self {
            stack: Stack::on(self.stack.layout().folder())?,
            wallet: self.wallet.clone(),
            other_wallet: self.other_wallet.clone(),
            cards: BTreeMap::new(),
            subject: String::new(),
            changed: Instant::now(),
            lists_stopped: None,
            hosted: Arc::clone(&self.hosted),
            proxies: Vec::new(),
            people: Arc::clone(&self.people),
            offline: None,
            keyring: None,
        })
    }

    /// From now on the wallets stay open between two commands, as a person's does.
    pub fn keep_wallets_open(&mut self) {
        self.wallet = self.wallet.clone().staying_open();
        self.other_wallet = self.other_wallet.clone().staying_open();
    }

    /// Stops everything.
    ///
    /// # Errors
    /// A service does not stop.
    pub async fn stop(&mut self) -> Result<()> {
        self.wallet.close().await?;
        self.other_wallet.close().await?;
        self.stack.stop_all().await
    }

    /// Sets the wallet up.
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn init_wallet(&self) -> Result<Answer> {
        self.wallet.init(&self.stack).await
    }

    /// Sets the wallet of the other citizen up.
    ///
    /// # Errors
    /// As [`Wallet::run`].
    pub async fn init_other_wallet(&self) -> Result<Answer> {
        self.other_wallet.init(&self.stack).await
    }
}
