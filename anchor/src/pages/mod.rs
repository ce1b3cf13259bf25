//! The pages of the ledger: what it holds, in words, for whoever wants to look.
//!
//! HTML without script, the same from the log and from its mirrors. What a page says about an
//! organisation is what the proof says that can be downloaded from it: it is made from the same
//! bundle, and checked against the trust pack before it is shown.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod asked;
mod assets;
pub(crate) mod card_types;
mod changes;
mod directory;
mod download;
mod event;
mod fill;
pub(crate) mod frame;
mod health;
mod host;
pub(crate) mod icons;
pub(crate) mod messages;
pub(crate) mod parts;
pub(crate) mod plain;
mod publication;
pub(crate) mod reader;
mod scope;
mod time;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, any, get};
use sd_jwt::type_metadata::TypeMetadataError;
use service::Clock;
use url::Url;

use crate::pack::PackFile;
use crate::portal::Counts;
pub use directory::{Directory, DirectoryError};
pub use host::{Host, Standing, StoredEntry};

use card_types::CardTypes;
use messages::Catalogue;

/// What is built into the program for the pages is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadablePages {
    /// The words.
    #[error("the words of the pages cannot be read")]
    Words(#[from] serde_json::Error),
    /// The card types.
    #[error("a built-in card type cannot be read")]
    CardTypes(#[from] TypeMetadataError),
}

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
    /// What people complained of, where the registrar's portal is beside these pages.
    complaints: Option<Counts>,
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
    ) -> Result<Self, UnreadablePages> {
        let inner = Inner {
            host,
            directory,
            pack,
            address,
            clock,
            catalogue: Catalogue::load()?,
            card_types: CardTypes::load()?,
            complaints: None,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The same, beside a registrar's portal: with a way there, and the number of complaints about each business.
    /// To be called before the pages are shared; afterwards it changes nothing.
    #[must_use]
    pub fn with_portal(mut self, complaints: Counts) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.complaints = Some(complaints);
        }
        self
    }

    /// The pages, and an answer to every address that nobody else answers.
    pub fn router(self) -> Router {
        Self::places()
            .into_iter()
            .fold(Router::new(), |router, place| router.route(place.path, place.answer))
            .with_state(self)
            .merge(assets::routes())
    }

    /// Every address that answers, in one list. Their names and paths stand in `places.json` too, for
    /// those who look at every page in a browser.
    fn places() -> [Place<Self>; 12] {
        [
            Place::new("home", "/", get(view::home::<H>)),
            Place::new("entries", "/entries", get(view::entries::<H>)),
            Place::new("entry", "/entries/{number}", get(view::entry::<H>)),
            Place::new("entry_proof", "/entries/{number}/proof", get(view::entry_proof::<H>)),
            Place::new("organisations", "/organisations", get(view::organisations::<H>)),
            Place::new("organisation", "/organisations/{did}", get(view::organisation::<H>)),
            Place::new("proof", "/organisations/{did}/proof", get(view::proof::<H>)),
            Place::new("services", "/services", get(view::services::<H>)),
            Place::new("search", "/search", get(view::search::<H>)),
            Place::new("about", "/about", get(view::about::<H>)),
            Place::new("trust_pack", "/about/trust-pack.json", get(view::trust_pack::<H>)),
            Place::new("nowhere", "/{*path}", any(view::nowhere::<H>)),
        ]
    }
}

/// An address of the pages, and what answers there.
struct Place<S> {
    #[cfg_attr(not(test), expect(dead_code, reason = "the name by which tests know the place"))]
    name: &'static str,
    path: &'static str,
    answer: MethodRouter<S>,
}

impl<S> Place<S> {
    fn new(name: &'static str, path: &'static str, answer: MethodRouter<S>) -> Self {
        Self { name, path, answer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;
    use std::collections::BTreeMap;

    #[test]
    fn the_list_that_browsers_go_by_is_that_of_the_router() {
        let listed: BTreeMap<String, String> = serde_json::from_str(include_str!("places.json")).unwrap();
        let places = Pages::<Log>::places().map(|place| (place.name.to_owned(), place.path.to_owned()));
        assert_eq!(listed, BTreeMap::from(places));
    }
}
