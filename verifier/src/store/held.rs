//! Bytes that were fetched, kept so that a restart begins with them. They are
//! verified again when they are read.

use jose::UnixTime;

use super::{Store, StoreFailure, restored, stored};
use crate::trust::{HeldKeys, ListOwner};

/// Something that was held before a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// The business's own bundle.
    Own(Vec<u8>),
    /// The bundle of another business that this service asks for.
    Business {
        /// Its DID.
        did: String,
        /// The bundle.
        bytes: Vec<u8>,
    },
    /// The last bundle of a business, the own one or another, from before it might ask more.
    Earlier {
        /// Its DID.
        did: String,
        /// The bundle.
        bytes: Vec<u8>,
    },
    /// The bundles of all accredited organisations.
    Accredited(Vec<u8>),
    /// The newest landmarks.
    Landmarks(Vec<u8>),
    /// The keys that an issuer publishes; nobody signed them, they came from its
    /// address.
    Keys {
        /// The issuer's URL.
        issuer: String,
        /// The JWK Set.
        keys: String,
        /// The `kid` of each key that was taken out.
        taken_out: String,
        /// When they came.
        fetched_at: UnixTime,
    },
    /// Metadata of a card type; nobody signed them, they came from the address that it is.
    Type {
        /// The type.
        vct: String,
        /// The document, as it came.
        document: Vec<u8>,
    },
    /// A status list token.
    List {
        /// Whose.
        owner: ListOwner,
        /// Its URI.
        uri: String,
        /// The compact token.
        token: String,
        /// When it came.
        fetched_at: UnixTime,
    },
}

impl Store {
    /// Everything held: bundles, the own one first, and keys before lists, which need them.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn held(&self) -> Result<Vec<Held>, StoreFailure> {
        let bundles: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT name, bytes FROM held_bundles ORDER BY name DESC")
            .fetch_all(self.reader())
            .await?;
        let keys: Vec<(String, String, String, i64)> =
            sqlx::query_as("SELECT issuer, keys, taken_out, fetched_at FROM held_keys")
                .fetch_all(self.reader())
                .await?;
        let lists: Vec<(String, String, String, i64)> =
            sqlx::query_as("SELECT organisation, uri, token, fetched_at FROM held_list")
                .fetch_all(self.reader())
                .await?;
        let types: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT vct, document FROM held_type")
            .fetch_all(self.reader())
            .await?;
        let mut held = Vec::with_capacity(bundles.len() + keys.len() + types.len() + lists.len());
        for (name, bytes) in bundles {
            match name.as_str() {
                OWN => held.push(Held::Own(bytes)),
                ACCREDITED => held.push(Held::Accredited(bytes)),
                LANDMARKS => held.push(Held::Landmarks(bytes)),
                name => held.push(of_business(name, bytes)?),
            }
        }
        for (issuer, keys, taken_out, fetched_at) in keys {
            held.push(Held::Keys {
                issuer,
                keys,
                taken_out,
                fetched_at: restored(fetched_at)?,
            });
        }
        held.extend(types.into_iter().map(|(vct, document)| Held::Type { vct, document }));
        for (organisation, uri, token, fetched_at) in lists {
            held.push(Held::List {
                owner: owner(organisation),
                uri,
                token,
                fetched_at: restored(fetched_at)?,
            });
        }
        Ok(held)
    }

    /// Keeps the business's own bundle.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_own(&self, bytes: &[u8]) -> Result<(), StoreFailure> {
        self.hold_bundles(OWN, bytes).await
    }

    /// Keeps the bundle of another business.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_business(&self, did: &str, bytes: &[u8]) -> Result<(), StoreFailure> {
        self.hold_bundles(&format!("{BUSINESS}{did}"), bytes).await
    }

    /// Keeps the last bundle of a business from before it might ask more.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_earlier(&self, did: &str, bytes: &[u8]) -> Result<(), StoreFailure> {
        self.hold_bundles(&format!("{EARLIER}{did}"), bytes).await
    }

    /// Keeps the bundles of all accredited organisations.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_accredited(&self, bytes: &[u8]) -> Result<(), StoreFailure> {
        self.hold_bundles(ACCREDITED, bytes).await
    }

    /// Keeps the newest landmarks.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_landmarks(&self, bytes: &[u8]) -> Result<(), StoreFailure> {
        self.hold_bundles(LANDMARKS, bytes).await
    }

    async fn hold_bundles(&self, name: &str, bytes: &[u8]) -> Result<(), StoreFailure> {
        sqlx::query("INSERT INTO held_bundles (name, bytes) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes")
            .bind(name)
            .bind(bytes)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Keeps the keys that an issuer publishes.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_keys(&self, issuer: &str, held: &HeldKeys) -> Result<(), StoreFailure> {
        let (keys, taken_out) = held.stored();
        sqlx::query(
            "INSERT INTO held_keys (issuer, keys, taken_out, fetched_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (issuer) DO UPDATE SET keys = excluded.keys, taken_out = excluded.taken_out, \
             fetched_at = excluded.fetched_at",
        )
        .bind(issuer)
        .bind(keys)
        .bind(taken_out)
        .bind(stored(held.fetched_at()))
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Keeps the document of a card type.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_type(&self, vct: &str, document: &[u8]) -> Result<(), StoreFailure> {
        sqlx::query("INSERT INTO held_type (vct, document) VALUES (?, ?) ON CONFLICT (vct) DO UPDATE SET document = excluded.document")
            .bind(vct)
            .bind(document)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Keeps a status list token.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn hold_list(
        &self,
        owner: &ListOwner,
        uri: &str,
        token: &str,
        fetched_at: UnixTime,
    ) -> Result<(), StoreFailure> {
        let organisation = match owner {
            ListOwner::Organisation(name) | ListOwner::Issuer(name) => name.as_str(),
            ListOwner::Foreign => FOREIGN,
        };
        sqlx::query(
            "INSERT INTO held_list (organisation, uri, token, fetched_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (organisation, uri) DO UPDATE SET token = excluded.token, fetched_at = excluded.fetched_at",
        )
        .bind(organisation)
        .bind(uri)
        .bind(token)
        .bind(stored(fetched_at))
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// The newest quorum time ever accepted; 0 at first.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn newest_seen(&self) -> Result<UnixTime, StoreFailure> {
        let time: Option<i64> = sqlx::query_scalar("SELECT time FROM newest_seen")
            .fetch_optional(self.reader())
            .await?;
        restored(time.unwrap_or(0))
    }

    /// Raises the newest quorum time; it is never lowered.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn raise_newest_seen(&self, time: UnixTime) -> Result<(), StoreFailure> {
        sqlx::query(
            "INSERT INTO newest_seen (one, time) VALUES (1, ?) \
             ON CONFLICT (one) DO UPDATE SET time = max(time, excluded.time)",
        )
        .bind(stored(time))
        .execute(self.writer())
        .await?;
        Ok(())
    }
}

/// A bundle whose name says of which business it is.
fn of_business(name: &str, bytes: Vec<u8>) -> Result<Held, StoreFailure> {
    if let Some(did) = name.strip_prefix(BUSINESS) {
        let did = did.to_owned();
        return Ok(Held::Business { did, bytes });
    }
    let did = name.strip_prefix(EARLIER).ok_or(StoreFailure::Malformed("bundle"))?;
    let did = did.to_owned();
    Ok(Held::Earlier { did, bytes })
}

fn owner(organisation: String) -> ListOwner {
    if organisation == FOREIGN {
        ListOwner::Foreign
    } else if organisation.starts_with(ISSUER) {
        ListOwner::Issuer(organisation)
    } else {
        ListOwner::Organisation(organisation)
    }
}

const OWN: &str = "own";
/// Before the DID of another business.
const BUSINESS: &str = "business:";
/// Before the DID of a business that might ask less once.
const EARLIER: &str = "earlier:";
const ACCREDITED: &str = "accredited";
const LANDMARKS: &str = "landmarks";
/// No DID is empty.
const FOREIGN: &str = "";
/// The URL of an issuer begins so, and no DID.
const ISSUER: &str = "https://";
