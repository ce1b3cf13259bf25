use jose::UnixTime;
use serde_json::Value;
use status_list::VerifiedList;

/// Whose list it is. A card's status counts only from a list of its issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListOwner {
    /// An organisation on the ledger, by its DID: the list is signed by its key.
    Organisation(String),
    /// An issuer that a check names by URL: the list is signed by a key that it
    /// publishes.
    Issuer(String),
    /// An issuer known by certificate: the list's chain leads to a trust anchor.
    Foreign,
}

/// A status list with what is known about its freshness.
#[derive(Debug, Clone)]
pub struct HeldList {
    list: VerifiedList,
    chain: Option<Value>,
    fetched_at: UnixTime,
    failing: bool,
}

impl HeldList {
    /// A list that was just fetched and verified, and the chain under which a
    /// foreign issuer signed it.
    pub fn fetched(list: VerifiedList, chain: Option<Value>, now: UnixTime) -> Self {
        Self {
            list,
            chain,
            fetched_at: now,
            failing: false,
        }
    }

    /// The list.
    pub fn list(&self) -> &VerifiedList {
        &self.list
    }

    /// The chain of the certificate that signed it. Whether that is the issuer
    /// of a card is asked for each card.
    pub fn chain(&self) -> Option<&Value> {
        self.chain.as_ref()
    }

    /// The same list after a refresh failed.
    #[must_use]
    pub fn after_failure(mut self) -> Self {
        self.failing = true;
        self
    }

    /// Whether the list may still be relied on: not after its `exp`, and not
    /// when its `ttl` is over and the refresh failed.
    pub fn is_usable(&self, now: UnixTime) -> bool {
        let ttl = self.time_to_live();
        let over = ttl.is_some_and(|ttl| now > self.fetched_at.saturating_add(ttl));
        self.list.is_current(now) && !(over && self.failing)
    }

    /// How long its issuer wants it to be kept, in seconds.
    pub fn time_to_live(&self) -> Option<u64> {
        self.list
            .refresh_at()
            .map(|end| end.saturating_sub(self.list.issued_at()))
    }
}
