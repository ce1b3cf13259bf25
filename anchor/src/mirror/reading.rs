use std::ops::Range;

use ledger::{BlobRef, Family, OrganisationRecord, Records, encode_bundles};
use tlog::{HashSource, NodeId, Tile, TileContent, encode_entries};

use super::cosigning::Mirror;
use super::error::MirrorError;
use super::serving::Served;
use crate::landmarks::StoredLandmark;
use crate::read::{Attachment, ReadError, ReadStore};

impl ReadStore for Mirror {
    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let served = self.inner.served.read().await;
        Ok(served
            .published()
            .map(|published| published.note.to_string().into_bytes()))
    }

    async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, ReadError> {
        let served = self.inner.served.read().await;
        if !tile.is_in(served.replica().size()) {
            return Ok(None);
        }
        match tile.content() {
            TileContent::Hashes { level } => Ok(hash_tile(&served, tile, level)),
            TileContent::Entries => {
                let positions = tile.positions();
                let entries = self.inner.store.entries(positions.start, positions.end).await;
                let entries = entries.map_err(failed)?;
                let bundle = encode_entries(entries.iter().map(|entry| entry.leaf.as_slice()));
                bundle.map(Some).map_err(failed)
            }
        }
    }

    async fn blob(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, ReadError> {
        self.inner.store.blob(&hash).await.map_err(failed)
    }

    async fn payloads(&self, entries: Range<u64>) -> Result<Option<Vec<Vec<u8>>>, ReadError> {
        let served = self.inner.served.read().await;
        if entries.end > served.replica().size() {
            return Ok(None);
        }
        self.inner.store.payloads(entries).await.map_err(failed)
    }

    async fn bundle(&self, did: &str, with: &[Attachment]) -> Result<Option<Vec<u8>>, ReadError> {
        let served = self.inner.served.read().await;
        self.bundle_of(&served, did, with).await.map_err(failed)
    }

    async fn object(&self, family: Family, subject: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let served = self.inner.served.read().await;
        self.object_bundle_of(&served, family, subject).await.map_err(failed)
    }

    async fn objects(&self, family: Family) -> Result<Option<Vec<u8>>, ReadError> {
        let served = self.inner.served.read().await;
        let mut bundles = Vec::new();
        for record in served.replica().objects().filter(|record| record.family == family) {
            let bundle = self.object_bundle_of(&served, family, &record.subject).await;
            bundles.extend(bundle.map_err(failed)?);
        }
        let set = || encode_bundles(bundles.iter().map(Vec::as_slice));
        Ok(served.published().map(|_| set()))
    }

    async fn accredited(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let served = self.inner.served.read().await;
        let accredited = |record: &&OrganisationRecord| record.accreditation_entry().is_some();
        let mut bundles = Vec::new();
        for record in served.replica().organisations().filter(accredited) {
            let bundle = self.bundle_of(&served, record.did(), &Attachment::ACCREDITED).await;
            bundles.extend(bundle.map_err(failed)?);
        }
        let set = || encode_bundles(bundles.iter().map(Vec::as_slice));
        Ok(served.published().map(|_| set()))
    }

    async fn landmarks(&self) -> Result<Vec<StoredLandmark>, ReadError> {
        self.inner.store.landmarks().await.map_err(failed)
    }

    async fn landmark_file(&self, hour: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.inner.store.landmark_file(hour).await.map_err(failed)
    }
}

impl Mirror {
    async fn object_bundle_of(
        &self,
        served: &Served,
        family: Family,
        subject: &str,
    ) -> Result<Option<Vec<u8>>, MirrorError> {
        let Some(published) = served.published() else {
            return Ok(None);
        };
        let replica = served.replica();
        let payload = match family {
            Family::Policy => replica.policy().map(|state| state.record.payload),
            _ => replica.object(subject).map(|record| record.payload),
        };
        let mut blobs = Vec::new();
        if let Some(payload) = payload {
            blobs.extend(self.inner.store.blob(&payload.hash).await?);
        }
        let blobs: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
        Ok(Some(match family {
            Family::Policy => replica.policy_bundle(&published.note, &blobs)?,
            _ => replica.object_bundle(&published.note, family, subject, &blobs)?,
        }))
    }

    async fn bundle_of(&self, served: &Served, did: &str, with: &[Attachment]) -> Result<Option<Vec<u8>>, MirrorError> {
        let Some(published) = served.published() else {
            return Ok(None);
        };
        let record = served.replica().organisation(did);
        let payloads: Vec<BlobRef> = record
            .map(|record| with.iter().filter_map(|name| name.payload(record)).collect())
            .unwrap_or_default();
        let mut blobs = Vec::new();
        for payload in payloads {
            blobs.extend(self.inner.store.blob(&payload.hash).await?);
        }
        let blobs: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
        Ok(Some(served.replica().bundle(&published.note, did, &blobs)?))
    }
}

fn hash_tile(served: &Served, tile: Tile, level: u8) -> Option<Vec<u8>> {
    let tree = served.replica().tree();
    let mut bytes = Vec::new();
    for index in tile.positions() {
        let hash = tree.hash(NodeId {
            level: level.checked_mul(8)?,
            index,
        })?;
        bytes.extend_from_slice(hash.as_bytes());
    }
    Some(bytes)
}

pub(super) fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ReadError {
    ReadError(Box::new(error))
}
