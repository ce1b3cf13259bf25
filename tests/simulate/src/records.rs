//! What a witness keeps, on a simulated disk: the tables of `anchor/src/witness/store.rs`.

use anchor::witness::WitnessRecords;
use tlog::{LogCheckpoint, SignatureLine, UnixTime};

use crate::disk::{Change, Disk, Drive, Table};
use crate::fields::{number, pack, unpack};

/// A witness's store.
#[derive(Clone, Debug)]
pub(crate) struct SimRecords(pub(crate) Drive);

/// The size that is recorded of the log with this name, as a row says.
pub(crate) fn recorded_size(row: Option<&Vec<u8>>) -> u64 {
    let fields = row.and_then(|row| unpack::<2>(row));
    fields.and_then(|[size, _]| number(&size)).unwrap_or(0)
}

impl SimRecords {
    async fn put(&self, table: Table, key: &str, row: Vec<u8>) -> Result<(), sqlx::Error> {
        let writer = self.0.writer().await;
        let change = Change::from([((table, key.as_bytes().to_vec()), Some(row))]);
        Ok(self.0.commit(&writer, change).await?)
    }
}

impl WitnessRecords for SimRecords {
    async fn newest(&self) -> Result<Vec<String>, sqlx::Error> {
        let read = |disk: &Disk| -> Vec<String> {
            let rows = disk.rows().iter().filter(|((table, _), _)| *table == Table::Newest);
            let note = |row: &Vec<u8>| String::from_utf8(unpack::<2>(row).map(|[_, note]| note)?).ok();
            rows.filter_map(|(_, row)| note(row)).collect()
        };
        Ok(self.0.read(read).await)
    }

    async fn replace(&self, checkpoint: &LogCheckpoint, previous_size: u64) -> Result<bool, sqlx::Error> {
        let new = checkpoint.checkpoint();
        let origin = new.origin().as_str().as_bytes().to_vec();
        let note = checkpoint.to_note(&[]).to_string();
        let row = pack(&[&new.size().to_be_bytes(), note.as_bytes()]);
        let writer = self.0.writer().await;
        let found = self
            .0
            .read(|disk| recorded_size(disk.get(Table::Newest, &origin)))
            .await;
        if found != previous_size {
            return Ok(false);
        }
        let change = Change::from([((Table::Newest, origin), Some(row))]);
        self.0.commit(&writer, change).await?;
        Ok(true)
    }

    async fn keep_cosigned(&self, checkpoint: &LogCheckpoint, cosignature: &SignatureLine) -> Result<(), sqlx::Error> {
        let note = checkpoint.to_note(std::slice::from_ref(cosignature)).to_string();
        let origin = checkpoint.checkpoint().origin().as_str();
        self.put(Table::Cosigned, origin, note.into_bytes()).await
    }

    async fn keep_evidence(
        &self,
        refused: &LogCheckpoint,
        _recorded: Option<&LogCheckpoint>,
        reason: &str,
        _now: UnixTime,
    ) -> Result<(), sqlx::Error> {
        let note = refused.to_note(&[]).to_string();
        self.put(Table::Evidence, &note, reason.as_bytes().to_vec()).await
    }
}
