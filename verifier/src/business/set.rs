//! All businesses of a service.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jose::UnixTime;
use tokio::sync::Mutex;

use super::home::stored_checks;
use super::{ANONYMOUS, Business, Home, MAIN};
use crate::check::types_in_bits;
use crate::store::{Store, StoreFailure};
use crate::trust::Trust;

/// The businesses, by id.
#[derive(Debug)]
pub struct Businesses {
    main: Arc<Business>,
    anonymous: Option<Arc<Business>>,
    at_the_desk: Option<Arc<Business>>,
    added: RwLock<BTreeMap<String, Arc<Business>>>,
    home: Home,
    /// Held while a business is added or changed.
    changing: Mutex<()>,
}

impl Businesses {
    /// The business of the configuration, and those that were added. What the ledger says of these
    /// is looked after from now on. One whose files cannot be read is left out.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn load(
        main: Business,
        home: Home,
        store: &Store,
        trust: &Trust,
        now: UnixTime,
    ) -> Result<Self, StoreFailure> {
        let mut added = BTreeMap::new();
        watch_registrar(&main, trust);
        watch_lists(&main, trust, now);
        for row in store.businesses().await? {
            match home.open(&row.id, stored_checks(&row.id, &row.checks), now) {
                Ok(business) => {
                    let business = business.with_registration(row.registration.as_deref(), now);
                    trust.update(|view| view.watch_business(business.did()));
                    watch_registrar(&business, trust);
                    watch_lists(&business, trust, now);
                    added.insert(row.id, Arc::new(business));
                }
                Err(error) => tracing::error!(business = row.id.as_str(), %error, "a business cannot be opened"),
            }
        }
        Ok(Self {
            main: Arc::new(main),
            anonymous: None,
            at_the_desk: None,
            added: RwLock::new(added),
            home,
            changing: Mutex::default(),
        })
    }

    /// The same with one that anybody may ask for. See [`Business::anonymous`].
    #[must_use]
    pub fn with_anonymous(mut self, business: Business) -> Self {
        self.anonymous = Some(Arc::new(business));
        self
    }

    /// The same with another business than that of the configuration at the desk of the kiosk;
    /// `None` where there is none of this id.
    #[must_use]
    pub fn at_the_desk_of(mut self, id: &str) -> Option<Self> {
        self.at_the_desk = Some(self.get(id).filter(|business| business.id() != ANONYMOUS)?);
        Some(self)
    }

    /// The business of the configuration.
    pub fn main(&self) -> &Arc<Business> {
        &self.main
    }

    /// Whose desk is at the address without a name.
    pub fn desk(&self) -> &Arc<Business> {
        self.at_the_desk.as_ref().unwrap_or(&self.main)
    }

    /// The one that anybody may ask for, where there is one.
    pub(crate) fn anonymous(&self) -> Option<&Arc<Business>> {
        self.anonymous.as_ref()
    }

    /// The business of this id.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Business>> {
        match id {
            MAIN => Some(Arc::clone(&self.main)),
            ANONYMOUS => self.anonymous.clone(),
            id => {
                let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
                added.get(id).cloned()
            }
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Business>> {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        let others = self.anonymous.iter().chain(added.values());
        std::iter::once(&self.main).chain(others).cloned().collect()
    }

    /// Takes a business that was added or changed.
    pub(super) fn put(&self, business: Business) {
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        added.insert(business.id.clone(), Arc::new(business));
    }

    /// Where they are kept.
    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    /// Held while one is added or changed, so that nothing is lost between two who do.
    pub(super) fn changing(&self) -> &Mutex<()> {
        &self.changing
    }
}

/// Looks after the lists that the checks of a business need, and has those fetched that nobody needed before.
pub(super) fn watch_lists(business: &Business, trust: &Trust, now: UnixTime) {
    let in_bits = types_in_bits(business.checks());
    trust.update_wanted(now, |view| view.watch_in_bits(business.id(), in_bits));
}

/// Looks after the registrar whose certificate a business has.
pub(super) fn watch_registrar(business: &Business, trust: &Trust) {
    if let Some(registrar) = business.registrar() {
        trust.update(|view| view.registrars_mut().watch(registrar));
    }
}
