//! The pages of the ledger: what it holds, in words, for whoever wants to look.
//!
//! HTML without script, the same from the log and from its mirrors. What a page says about an
//! organisation is what the proof says that can be downloaded from it: it is made from the same
//! bundle, and checked against the trust pack before it is shown.

mod address;
mod answer;
mod asked;
mod assets;
mod card_types;
mod changes;
mod directory;
mod event;
mod fill;
mod frame;
mod health;
mod host;
mod icons;
mod messages;
mod parts;
mod plain;
mod reader;
mod scope;
mod time;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use service::Clock;
use url::Url;

use crate::pack::PackFile;
pub use directory::{Directory, DirectoryError};
pub use host::{Host, Standing, StoredEntry};

use card_types::CardTypes;
use messages::Catalogue;

/// The pages of a log or a mirror. Cheap to clone.
#[derive(Clone)]
pub struct Pages<H> {
    inner: Arc<Inner<H>>,
}

struct Inner<H> {
    host: H,
    directory: Directory,
    pack: PackFile,
    /// Where the pages are reached, for the commands they print.
    address: Url,
    clock: Arc<dyn Clock>,
    catalogue: Catalogue,
    card_types: CardTypes,
}

impl<H: Host> Pages<H> {
    /// Pages for a log or mirror.
    ///
    /// # Errors
    /// When the words or card types built into the program cannot be read.
    pub fn new(
        host: H,
        directory: Directory,
        pack: PackFile,
        address: Url,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, serde_json::Error> {
        let inner = Inner {
            host,
            directory,
            pack,
            address,
            clock,
            catalogue: Catalogue::load()?,
            card_types: CardTypes::load()?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The pages, and an answer to every address that nobody else answers.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(view::home::<H>))
            .route("/entries", get(view::entries::<H>))
            .route("/entries/{number}", get(view::entry::<H>))
            .route("/organisations", get(view::organisations::<H>))
            .route("/organisations/{did}", get(view::organisation::<H>))
            .route("/organisations/{did}/proof", get(view::proof::<H>))
            .route("/about", get(view::about::<H>))
            .route("/about/trust-pack.json", get(view::trust_pack::<H>))
            .route("/{*path}", any(view::nowhere::<H>))
            .with_state(self)
            .merge(assets::routes())
    }
}
