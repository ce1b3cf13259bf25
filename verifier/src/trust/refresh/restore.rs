//! What was stored before a restart.

use jose::UnixTime;
use ledger::{UnverifiedLandmark, VerifiedBundle};

use super::{RefreshError, Refresher};
use crate::store::Held;
use crate::trust::{HeldKeys, HeldList, TrustView, ledger_client, lists, types};

impl Refresher {
    /// Takes what was stored before a restart. Everything is verified again;
    /// what no longer verifies is left out.
    ///
    /// # Errors
    /// [`RefreshError::Store`], [`RefreshError::Anchors`], [`RefreshError::Evidence`]
    pub async fn restore(&self) -> Result<(), RefreshError> {
        self.refresh_anchors()?;
        self.restore_split()?;
        let device = self.clock.now();
        let held = self.store.held().await?;
        self.trust.update(|view| {
            for item in &held {
                self.take(view, item, device);
            }
        });
        Ok(())
    }

    /// Takes one thing that was stored, where it still verifies.
    fn take(&self, view: &mut TrustView, item: &Held, device: UnixTime) {
        match item {
            Held::Own(bytes) => {
                if let Ok(bundle) = ledger_client::verify(bytes, view.pack(), &self.watch.own_did) {
                    view.hold_own_bundle(bytes.clone(), bundle.time(), device);
                }
            }
            Held::Business { did, bytes } => {
                if let Ok(bundle) = ledger_client::verify(bytes, view.pack(), did) {
                    view.hold_business(did, bytes.clone(), bundle, device);
                }
            }
            Held::Earlier { did, bytes } => {
                if ledger_client::verify(bytes, view.pack(), did).is_ok() {
                    view.hold_earlier(did, bytes);
                }
            }
            Held::Accredited(bytes) => {
                if let Ok(set) = ledger_client::verify_set(bytes, view.pack()) {
                    take_accredited(view, set, device);
                }
            }
            Held::Landmarks(bytes) => {
                let held = UnverifiedLandmark::parse_list(bytes).unwrap_or_default().into_iter();
                let held = held.filter_map(|one| one.verify_to_compare(view.pack()).ok()).collect();
                view.hold_landmarks(held, device);
            }
            Held::Keys {
                issuer,
                keys,
                taken_out,
                fetched_at,
            } => {
                let named = self.watch.issuers.iter().any(|named| named.as_str() == issuer);
                let held = HeldKeys::restored(keys, taken_out, *fetched_at).filter(|_| named);
                if let Some(held) = held {
                    view.hold_issuer_keys(issuer, held);
                }
            }
            Held::Type { vct, document } => {
                let mut types = view.types().clone();
                if types::address(vct).is_some() && types.hold(vct, document).is_ok() {
                    view.hold_types(types);
                }
            }
            Held::List {
                owner,
                uri,
                token,
                fetched_at,
            } => {
                if let Ok(verified) = lists::verify(token.clone(), view, owner, uri, device) {
                    let held = HeldList::fetched(verified.list, verified.chain, *fetched_at);
                    view.hold_list(owner.clone(), held);
                }
            }
        }
    }

    /// A log that showed two histories once is not trusted after a restart either.
    fn restore_split(&self) -> Result<(), RefreshError> {
        let convicted = self.watch.evidence.convicts(self.trust.view().pack());
        if convicted.map_err(RefreshError::Evidence)? {
            self.trust.update(|view| view.hold_split());
        }
        Ok(())
    }
}

/// Takes the set that was stored. Beside a kiosk that runs, `sync` may have stored one without an
/// organisation of the set before: the ledger has proved to it that it is not accredited any more.
fn take_accredited(view: &mut TrustView, set: Vec<(String, VerifiedBundle)>, device: UnixTime) {
    let earliest = set.iter().map(|(_, bundle)| bundle.time()).min();
    // Of a set that is empty nothing says how old it is; the own bundle was read just before.
    if let Some(as_of) = earliest.or(view.own_at()) {
        view.complete_as_of(as_of, device);
        view.hold_accredited(set, as_of, device);
    }
}
