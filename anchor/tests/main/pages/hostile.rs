//! What others wrote, and what nobody should ask.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anchor::pages::{Host, Standing, StoredEntry};
use anchor::read::ReadError;
use axum::Router;
use ledger::{Alarm, Kind, LeafBuilder, Localized, Submission};
use testkit::Ledger;
use tlog::{Checkpoint, UnverifiedCheckpoint};

use super::browser::{open, open_as};
use super::words::path;
use super::{Site, pages, shop_scope};
use crate::fixtures::{Content, LogServer, NOW};
use crate::mirror::setup;

/// Entries that no log would take, shown by a host that took them.
#[derive(Clone, Default)]
pub(super) struct Shelf {
    entries: Arc<Mutex<Vec<StoredEntry>>>,
    server: LogServer,
}

impl Shelf {
    pub(super) fn put(&self, submission: &Submission) {
        self.put_bytes(submission.leaf().encode(), submission.payload().to_vec());
    }

    pub(super) fn put_bytes(&self, leaf: Vec<u8>, payload: Vec<u8>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(StoredEntry { leaf, payload });
    }

    /// Its pages, in a folder that goes with the test process.
    pub(super) async fn router(&self) -> Router {
        let folder = tempfile::tempdir().unwrap().keep();
        self.router_in(&folder).await
    }

    pub(super) async fn router_in(&self, folder: &Path) -> Router {
        let ledger = Ledger::new(NOW);
        let size = self.entries.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
        let checkpoint = Checkpoint::new(testkit::ledger::ORIGIN.parse().unwrap(), size, tlog::Hash::EMPTY_TREE);
        let line = ledger.log_signer().sign(&checkpoint);
        let note = UnverifiedCheckpoint::new(checkpoint, line.into_iter().collect());
        self.server
            .change(|content: &mut Content| content.note = Some(note.to_string()));
        pages(self.clone(), folder, ledger.trust_pack_file(), NOW).await
    }
}

impl Host for Shelf {
    type Store = LogServer;

    fn store(&self) -> &LogServer {
        &self.server
    }

    async fn entry(&self, number: u64) -> Result<Option<StoredEntry>, ReadError> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(entries.get(usize::try_from(number).unwrap()).cloned())
    }

    async fn entries(&self, from: u64, end: u64) -> Result<Vec<StoredEntry>, ReadError> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, end) = (usize::try_from(from).unwrap(), usize::try_from(end).unwrap());
        Ok(entries.get(from..end).unwrap_or_default().to_vec())
    }

    async fn alarm(&self, _: u64) -> Option<Alarm> {
        None
    }

    fn standing(&self) -> Standing {
        Standing::Mirror {
            name: "shelf.example".to_owned(),
            is_following: true,
        }
    }
}

#[tokio::test]
async fn a_name_by_others_is_words_and_nothing_else() {
    let mut setup = setup().await;
    let hostile = "<script>alert(1)</script>\u{202E}\u{200B}\"'&";
    let agency = setup.ledger.create("agency.example");
    setup.ledger.accredit(&agency, hostile, &[super::PERSON]);
    let shop = setup.ledger.create("shop.example");
    let mut scope = shop_scope(&shop, hostile);
    scope.purposes[0].text = Localized::english(hostile).unwrap();
    scope.purposes[0].privacy_policy = "https://shop.example/\"><script>".to_owned();
    scope.purposes[0].credentials[0].needed = vec![ledger::ClaimPath::names(&["<img src=x>\u{2066}"])];
    setup.ledger.register(&scope, &shop);
    let nameless = setup.ledger.create("nameless.example");
    setup.ledger.accredit(&nameless, "\u{202E}\u{200B}", &[super::PERSON]);
    let site = Site::publish(setup, NOW).await;
    let (agency, shop) = (path(agency.did().as_str()), path(shop.did().as_str()));
    for path in [
        "/",
        "/entries",
        "/organisations",
        "/services",
        "/organisations?list=all",
        &agency,
        &shop,
        "/entries/4",
        "/entries/6",
    ] {
        let page = open(&site.router, path).await;
        assert_eq!(page.status, 200, "{path}");
        let html = page.html();
        for never in ["<script", "<img src=x", "\u{202E}", "\u{200B}", "\u{2066}"] {
            assert!(!html.contains(never), "{path}: {never:?}");
        }
    }
    let text = open(&site.router, &agency).await.text();
    assert!(text.contains("<script>alert(1)</script>\"'&"), "{text}");
    let text = open(&site.router, "/organisations?list=all").await.text();
    assert!(text.contains("nameless.example"), "a name of nothing is none: {text}");
}

#[tokio::test]
async fn an_entry_that_breaks_a_rule_is_shown_as_an_alarm() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("agency.example");
    let leaf = setup
        .ledger
        .next_leaf(Kind::DidUpdate, agency.did().as_str(), b"{}".to_vec());
    assert!(setup.ledger.try_write(&leaf.proved_by_payload()).is_err());
    let number = setup.ledger.entries().len() - 1;
    setup.ledger.accredit(&agency, "Agency", &[super::PERSON]);
    let site = Site::publish(setup, NOW).await;
    let page = open(&site.router, &format!("/entries/{number}")).await;
    page.check("/entries/");
    let text = page.text();
    for words in [
        "An entry that breaks a rule (Details changed). It changed nothing.",
        "This entry changed nothing. It breaks a rule of this ledger.",
        "The rule, in the words of the program: rejected:",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let home = open(&site.router, "/").await.text();
    let alarm = format!("The log has an entry that it should not have: Entry {number}.");
    assert!(home.contains(&alarm), "{home}");
}

#[tokio::test]
async fn kinds_that_are_unknown_are_said_plainly() {
    let shelf = Shelf::default();
    let leaf = LeafBuilder::new(Kind::DidCreate, "did:webvh:QmX:one.example", None, b"x".to_vec());
    let leaf = leaf.proved_by_payload().leaf().encode();
    let of_kind = |kind: u8| {
        let mut leaf = leaf.clone();
        leaf[2] = kind;
        leaf
    };
    shelf.put_bytes(of_kind(21), Vec::new());
    shelf.put_bytes(of_kind(22), Vec::new());
    shelf.put_bytes(b"rubbish \xff".to_vec(), Vec::new());
    let router = shelf.router().await;
    for (number, words) in [
        (0, "An entry of kind 21, which is unknown. It changed nothing."),
        (1, "An entry of kind 22, which is unknown. It changed nothing."),
        (2, "An entry that cannot be read. It changed nothing."),
    ] {
        let page = open(&router, &format!("/entries/{number}")).await;
        page.check("/entries/");
        assert!(page.text().contains(words), "{}", page.text());
        assert!(open(&router, "/entries").await.text().contains(words));
    }
}

#[tokio::test]
async fn m7_anchor_errors_are_pages_for_browsers_and_problems_for_others() {
    let story = super::story().await;
    let router = &story.site.router;
    let long = format!("/organisations/did:webvh:QmX:{}", "a".repeat(600));
    for (path, status, code) in [
        ("/nowhere", 404, "not_found"),
        ("/entries/99999", 404, "not_found"),
        ("/entries/-1", 400, "invalid_request"),
        ("/entries/18446744073709551616", 400, "invalid_request"),
        ("/entries?before=x", 400, "invalid_request"),
        ("/organisations?list=x", 400, "invalid_request"),
        ("/organisations/did:web:one.example", 404, "not_found"),
        ("/organisations/x/proof", 404, "not_found"),
        (&long, 404, "not_found"),
    ] {
        let page = open(router, path).await;
        assert_eq!(page.status, status, "{path}");
        page.check(path);
        let text = page.text();
        assert!(text.contains(&format!("Code {code}")), "{path}: {text}");
        let program = open_as(router, path, "application/json", "en").await;
        assert_eq!(program.status, status, "{path}");
        assert_eq!(program.header("content-type"), "application/problem+json", "{path}");
        let problem: serde_json::Value = serde_json::from_slice(&program.body).unwrap();
        assert_eq!(problem["code"], code, "{path}");
    }
}
