//! `/entries/{number}/proof`: that the entry is in the log, as a text. `c2sp.org/tlog-proof`

use axum::extract::{Path, State};
use axum::response::Response;
use tlog::{TileHashes, TransparencyProof, UnverifiedCheckpoint, inclusion_nodes};

use crate::audit::prove_entry;
use crate::pages::Pages;
use crate::pages::answer::PageError;
use crate::pages::asked::Asked;
use crate::pages::directory::DirectoryError;
use crate::pages::download::download;
use crate::pages::host::Host;
use crate::read::ReadStore;
use crate::source::tiles_of;

/// The proof of an entry, as a file.
pub(in crate::pages) async fn entry_proof<H: Host>(
    State(pages): State<Pages<H>>,
    Path(number): Path<String>,
    asked: Asked,
) -> Response {
    match proof(&pages, &number).await {
        Ok(proof) => {
            let text = proof.to_string().into_bytes();
            download(text, "text/plain; charset=utf-8", &file_name(proof.index))
        }
        Err(error) => pages.refuse(&asked, &error),
    }
}

/// "holdfast-entry-42.tlog-proof"
pub(super) fn file_name(number: u64) -> String {
    format!("holdfast-entry-{number}.tlog-proof")
}

/// Made from the same tiles as everybody's, and checked before it is given away.
async fn proof<H: Host>(pages: &Pages<H>, number: &str) -> Result<TransparencyProof, PageError> {
    let number: u64 = number.parse()?;
    let (host, policy) = (&pages.inner.host, pages.inner.pack.pack.policy());
    let note = host.store().checkpoint().await?.ok_or(PageError::Unpublished)?;
    let note = UnverifiedCheckpoint::parse(&note).map_err(|_| DirectoryError::Damaged)?;
    let size = note.dangerous_checkpoint().size();
    let nodes = inclusion_nodes(number, size).map_err(|_| PageError::NotFound)?;
    let mut hashes = TileHashes::default();
    for tile in tiles_of(&nodes, size) {
        let bytes = host.store().tile(tile).await?.ok_or(DirectoryError::Damaged)?;
        hashes.insert(tile, &bytes).map_err(|_| DirectoryError::Damaged)?;
    }
    let entry = host.entry(number).await?.ok_or(PageError::NotFound)?;
    Ok(prove_entry(number, &entry.leaf, note, &hashes, policy)?)
}
