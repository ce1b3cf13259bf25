//! Services on real sockets, and a log that can be made to lie.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anchor::landmarks::StoredLandmark;
use anchor::read::{Attachment, ReadError, ReadStore, routes};
use anchor::source::LogSource;
use axum::Router;
use axum::http::StatusCode;
use ledger::Family;
use outbound::{Client, Limits, Policy};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use testkit::Ledger;
use tlog::{
    AddCheckpoint, HashSource, NodeId, Tile, TileContent, Tree, UnverifiedCheckpoint, encode_entries, leaf_hash,
    prove_consistency,
};
use url::Url;

/// A time on a full day.
pub(crate) const NOW: u64 = 1_763_596_800;

/// A fault from outside: SQL run on a store while a service works.
pub(crate) async fn fault(store: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(store);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Serves routes on a free port of this machine until the test ends.
pub(crate) async fn listen(routes: Router) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://localhost:{port}/").parse().unwrap()
}

/// A client that reaches exactly this address.
pub(crate) fn client(url: &Url) -> Client {
    let ports = vec![url.port().unwrap()];
    Client::new(Policy::Development { ports }).unwrap()
}

/// What came back.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Status and stable code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.content_type, "application/problem+json", "{}", self.text());
        let document: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        (self.status, document["code"].as_str().unwrap().to_owned())
    }
}

pub(crate) async fn get(base: &Url, path: &str) -> Answer {
    let url = base.join(path).unwrap();
    let limits = Limits::MESSAGE.with_body(32 * 1024 * 1024);
    answer(client(base).get(&url, &limits).await.unwrap())
}

pub(crate) async fn post(base: &Url, body: impl Into<Vec<u8>>) -> Answer {
    let request = outbound::Request::post(base.join("add-checkpoint").unwrap(), "text/plain", body);
    answer(client(base).send(request, &Limits::MESSAGE).await.unwrap())
}

fn answer(response: outbound::Response) -> Answer {
    Answer {
        status: response.status().as_u16(),
        content_type: response.content_type().unwrap_or_default(),
        body: response.into_body(),
    }
}

/// What a log serves: a copy of a ledger's entries, and a checkpoint. Tests change it.
#[derive(Clone, Default)]
pub(crate) struct LogServer(Arc<Mutex<Content>>);

#[derive(Clone, Default)]
pub(crate) struct Content {
    pub(crate) entries: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) note: Option<String>,
    /// The payload of this entry cannot be had.
    pub(crate) hidden: Option<usize>,
    /// The hash tiles have other bytes.
    pub(crate) false_tiles: bool,
    /// Whoever asks for a hash tile waits for ever.
    pub(crate) hanging_tiles: bool,
    /// What it says are its newest landmarks.
    pub(crate) landmarks: Vec<StoredLandmark>,
}

impl LogServer {
    /// Starts serving what the ledger has, without a checkpoint.
    pub(crate) async fn start(ledger: &Ledger) -> (Self, Url) {
        let server = Self::default();
        server.load(ledger);
        let url = listen(routes(server.clone())).await;
        (server, url)
    }

    /// Takes over the ledger's entries.
    pub(crate) fn load(&self, ledger: &Ledger) {
        self.change(|content| content.entries = ledger.entries().to_vec());
    }

    /// Takes over the ledger's entries, and publishes this checkpoint.
    pub(crate) fn publish(&self, ledger: &Ledger, note: &UnverifiedCheckpoint) {
        self.load(ledger);
        self.change(|content| content.note = Some(note.to_string()));
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Content)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn content(&self) -> Content {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Content {
    pub(crate) fn tile(&self, tile: Tile) -> Option<Vec<u8>> {
        if !tile.is_in(self.entries.len() as u64) {
            return None;
        }
        let positions = tile.positions();
        match tile.content() {
            TileContent::Entries => {
                let entries = &self.entries[positions.start as usize..positions.end as usize];
                Some(encode_entries(entries.iter().map(|(leaf, _)| leaf.as_slice())).unwrap())
            }
            TileContent::Hashes { level } => {
                let mut bytes = hash_tile(&tree(&self.entries), tile, level);
                bytes[0] ^= u8::from(self.false_tiles);
                Some(bytes)
            }
        }
    }

    pub(crate) fn blob(&self, hash: &[u8; 32]) -> Option<Vec<u8>> {
        let named = |payload: &[u8]| ledger::BlobRef::of(payload).hash == *hash;
        let found = self.entries.iter().position(|(_, payload)| named(payload))?;
        (self.hidden != Some(found)).then(|| self.entries[found].1.clone())
    }
}

impl ReadStore for LogServer {
    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.content().note.map(String::into_bytes))
    }

    async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, ReadError> {
        let content = self.content();
        if content.hanging_tiles && matches!(tile.content(), TileContent::Hashes { .. }) {
            std::future::pending::<()>().await;
        }
        Ok(content.tile(tile))
    }

    async fn blob(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.content().blob(&hash))
    }

    async fn payloads(&self, _: Range<u64>) -> Result<Option<Vec<Vec<u8>>>, ReadError> {
        Ok(None)
    }

    async fn bundle(&self, _: &str, _: &[Attachment]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn object(&self, _: Family, _: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn objects(&self, _: Family) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn accredited(&self) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    async fn landmarks(&self) -> Result<Vec<StoredLandmark>, ReadError> {
        Ok(self.content().landmarks)
    }

    async fn landmark_file(&self, _: u64) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }
}

pub(crate) fn tree(entries: &[(Vec<u8>, Vec<u8>)]) -> Tree {
    let mut tree = Tree::default();
    entries.iter().for_each(|(leaf, _)| tree.append(leaf_hash(leaf)));
    tree
}

/// A tile of hashes of this tree.
pub(crate) fn hash_tile(tree: &Tree, tile: Tile, level: u8) -> Vec<u8> {
    let hash = |index| {
        tree.hash(NodeId {
            level: level * 8,
            index,
        })
        .unwrap()
    };
    tile.positions().flat_map(|index| *hash(index).as_bytes()).collect()
}

/// The request that the log sends when it has grown from `old_size` to what the note says.
pub(crate) fn request(ledger: &Ledger, old_size: u64, note: &UnverifiedCheckpoint) -> AddCheckpoint {
    let tree = tree(ledger.entries());
    let size = note.dangerous_checkpoint().size();
    let proof = prove_consistency(old_size, size, &tree).unwrap();
    AddCheckpoint {
        old_size,
        proof,
        checkpoint: note.clone(),
    }
}

pub(crate) fn source(url: &Url) -> LogSource {
    LogSource::http(client(url), url.clone())
}

pub(crate) const OK: u16 = StatusCode::OK.as_u16();
