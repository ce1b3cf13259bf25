//! The landmark of each hour, made when its checkpoint is published. docs/ledger.md §12

use ledger::{AccreditedOrganisation, LandmarkFileParts, MemoryNodes, OrganisationRecord, UnverifiedLandmark, hour_of};
use sqlx::SqliteConnection;

use super::published::{Basis, accredited_subjects, attachments};
use super::{Published, ReadError, Store};
use crate::landmarks::{self, NewLandmark, StoredLandmark};
use crate::read::Attachment;

impl Store {
    /// The newest landmarks, at most two, newest first.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn landmarks(&self) -> Result<Vec<StoredLandmark>, ReadError> {
        let mut connection = self.sqlite.reader().acquire().await?;
        Ok(landmarks::newest(&mut connection).await?)
    }

    /// The landmark file of an hour.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn landmark_file(&self, hour: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let mut connection = self.sqlite.reader().acquire().await?;
        Ok(landmarks::file(&mut connection, hour).await?)
    }

    /// The landmark that a checkpoint is, before it is published: its map head is the first of its hour. The nodes of
    /// its map are there until a larger tree is published.
    ///
    /// A landmark that cannot be made does not hold the checkpoint up: the next one of the hour takes its place.
    pub(super) async fn landmark_of(&self, published: &Published) -> Option<NewLandmark> {
        match self.make_landmark(published).await {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(
                    size = published.size,
                    error = &error as &dyn std::error::Error,
                    "no landmark can be made"
                );
                None
            }
        }
    }

    async fn make_landmark(&self, published: &Published) -> Result<Option<NewLandmark>, LandmarkFailure> {
        // One read transaction: all of the map, or nothing.
        let mut transaction = self.sqlite.reader().begin().await.map_err(ReadError::from)?;
        let basis = Basis::load(&mut transaction, published).await?;
        let hour = hour_of(basis.time);
        let newest = landmarks::newest(&mut transaction).await.map_err(ReadError::from)?;
        if newest.first().is_some_and(|newest| newest.hour >= hour) {
            return Ok(None);
        }
        let landmark = UnverifiedLandmark::from_note(&basis.note).map_err(|_| ReadError::Damaged("note"))?;
        let parts = LandmarkFileParts {
            landmark: &landmark,
            map_head_leaf: &basis.leaf,
            map_head_payload: &basis.payload,
            inclusion: &basis.inclusion,
            organisations: accredited(&mut transaction, &basis).await?,
        };
        Ok(Some(NewLandmark {
            hour,
            checkpoint: landmark.encode(),
            file: parts.encode()?,
        }))
    }
}

/// Every organisation that is accredited as of the map head.
async fn accredited(
    connection: &mut SqliteConnection,
    basis: &Basis,
) -> Result<Vec<AccreditedOrganisation>, ReadError> {
    let mut nodes = MemoryNodes::default();
    let mut organisations = Vec::new();
    // Those of the newest committed state: it may be ahead of this map, and takes nobody out.
    for did in accredited_subjects(connection).await? {
        let (map_proof, record) = basis.state(connection, &mut nodes, &did).await?;
        let Some(record) = record else { continue };
        let parsed = OrganisationRecord::parse(&record).map_err(|_| ReadError::Damaged("record"))?;
        if !parsed.is_accredited(basis.time) {
            continue;
        }
        let blobs = attachments(connection, &parsed, &Attachment::ACCREDITED).await?;
        organisations.push(AccreditedOrganisation {
            did,
            map_proof,
            record,
            blobs,
        });
    }
    Ok(organisations)
}

/// Why no landmark was made.
#[derive(Debug, thiserror::Error)]
enum LandmarkFailure {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    File(#[from] ledger::MakeLandmarkError),
}
