//! What must survive: sessions, the newest quorum time ever accepted, and the
//! bytes of what was fetched. One SQLite file.

mod business;
mod fresh;
mod held;
mod invitation;
mod order;
mod past;
mod sandbox;
mod session;
mod token;
mod webhook;

pub use held::Held;
pub(crate) use invitation::{InvitationRow, NewInvitation};
pub(crate) use order::Order;
pub(crate) use past::Past;
pub(crate) use sandbox::{Rehearsal, SANDBOX, Turns};
pub use session::{Answer, NewSession, Room, SameDevice, Session};
pub(crate) use token::{NewToken, TokenRow};
pub(crate) use webhook::{Message, WebhookRow};

use std::path::Path;

use service::store::{Sqlite, StoreError};

use crate::session::Changes;
use fresh::Fresh;

/// The store of a verifier.
#[derive(Debug, Clone)]
pub struct Store {
    sqlite: Sqlite,
    fresh: Fresh,
    changes: Changes,
}

/// The store failed; the cause is for the log alone.
#[derive(Debug, thiserror::Error)]
pub enum StoreFailure {
    /// The database answered with an error.
    #[error("the store failed")]
    Database(#[from] sqlx::Error),
    /// A row holds what no version of this program writes.
    #[error("the store holds a malformed {0}")]
    Malformed(&'static str),
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let sqlite = Sqlite::open(path, MIGRATIONS).await?;
        Ok(Self {
            sqlite,
            fresh: Fresh::default(),
            changes: Changes::default(),
        })
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.sqlite.close().await;
    }

    /// The file, for what all services keep in theirs.
    pub fn sqlite(&self) -> &Sqlite {
        &self.sqlite
    }

    /// Who waits for a session to change.
    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    fn writer(&self) -> &sqlx::SqlitePool {
        self.sqlite.writer()
    }

    fn reader(&self) -> &sqlx::SqlitePool {
        self.sqlite.reader()
    }
}

/// A number as SQLite keeps it; times beyond its range do not occur.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn restored(number: i64) -> Result<u64, StoreFailure> {
    u64::try_from(number).map_err(|_| StoreFailure::Malformed("number"))
}

const MIGRATIONS: &[&str] = &[
    SESSIONS,
    DESK_AND_SHOP,
    service::signin::SCHEMA,
    service::idempotency::SCHEMA,
    OPEN_SESSIONS,
    ISSUERS_BY_METADATA,
    CARD_TYPES,
    WITHOUT_A_NETWORK,
    RULE_OF_A_VERDICT,
    RECEIPTS,
    OF_A_BUSINESS,
    include_str!("businesses.sql"),
    WHAT_WAS_AGREED,
    include_str!("invitation.sql"),
];

const SESSIONS: &str = "
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    wallet_id TEXT NOT NULL UNIQUE,
    check_id TEXT NOT NULL,
    state TEXT NOT NULL,
    nonce TEXT NOT NULL,
    encryption_key TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    browser_secret TEXT,
    browser_bound INTEGER NOT NULL DEFAULT 0,
    response_code TEXT,
    released INTEGER NOT NULL,
    reason TEXT,
    status_s INTEGER,
    ledger_s INTEGER,
    kept TEXT,
    fetched_list TEXT,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX session_expires ON session (expires_at);
CREATE TABLE newest_seen (one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL) STRICT;
CREATE TABLE held_bundles (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE held_list (
    organisation TEXT NOT NULL,
    uri TEXT NOT NULL,
    token TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, uri)
) STRICT, WITHOUT ROWID;
";

/// Who asked in person, where the browser goes afterwards, and what the example
/// shop knows: an order, named by the hash of what its browser holds.
const DESK_AND_SHOP: &str = "
ALTER TABLE session ADD COLUMN operator TEXT;
ALTER TABLE session ADD COLUMN return_url TEXT;
CREATE INDEX session_at_the_desk ON session (closed_at) WHERE operator IS NOT NULL;
CREATE TABLE shop_order (
    browser BLOB PRIMARY KEY,
    cross_device TEXT,
    same_device TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shop_order_created ON shop_order (created_at);
";

/// Sessions that nobody has answered are counted before every new one; all that
/// were answered lately stay out of that.
const OPEN_SESSIONS: &str = "
CREATE INDEX session_open ON session (expires_at) WHERE state IN ('open', 'scanned');
";

/// Keys of issuers that checks name by URL, and how old they were for a verdict.
const ISSUERS_BY_METADATA: &str = "
ALTER TABLE session ADD COLUMN metadata_s INTEGER;
CREATE TABLE held_keys (
    issuer TEXT PRIMARY KEY,
    keys TEXT NOT NULL,
    taken_out TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Metadata of card types whose name is an address.
const CARD_TYPES: &str = "
CREATE TABLE held_type (vct TEXT PRIMARY KEY, document BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// Sessions are of a business; those before there were several, of the one of the configuration.
const OF_A_BUSINESS: &str = "
ALTER TABLE session ADD COLUMN business TEXT NOT NULL DEFAULT 'main';
";

/// What is shown of a session without a network.
const WITHOUT_A_NETWORK: &str = "
ALTER TABLE session ADD COLUMN challenge BLOB;
";

/// By which rule a verdict came about.
const RULE_OF_A_VERDICT: &str = "
ALTER TABLE session ADD COLUMN rule BLOB;
";

/// What people were told who answer a session: the check by its hash, and how long claims are kept.
const WHAT_WAS_AGREED: &str = "
ALTER TABLE session ADD COLUMN agreed BLOB;
ALTER TABLE session ADD COLUMN retention_days INTEGER;
";

/// What the citizen was given of a session, without the salt.
const RECEIPTS: &str = "
ALTER TABLE session ADD COLUMN receipt TEXT;
";
