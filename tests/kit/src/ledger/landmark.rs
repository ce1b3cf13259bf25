//! Landmarks of a ledger in process.

use ::ledger::{OrganisationRecord, UnverifiedLandmark};
use tlog::{Checkpoint, UnverifiedCheckpoint};

use super::Ledger;
use super::setup::origin;

impl Ledger {
    /// The landmark of the newest checkpoint, cosigned by everybody now, and its landmark file.
    pub fn landmark(&mut self) -> (UnverifiedLandmark, Vec<u8>) {
        let note = self.publish();
        self.landmark_of(&note)
    }

    /// The landmark of a checkpoint that the ledger stands at, and its landmark file.
    pub fn landmark_of(&self, note: &UnverifiedCheckpoint) -> (UnverifiedLandmark, Vec<u8>) {
        let landmark = UnverifiedLandmark::from_note(note).expect("a note that the log signed");
        let payloads = |record: &OrganisationRecord| self.landmark_payloads(record);
        let file = self.replica.landmark_file(&landmark, payloads);
        (landmark, file.expect("a landmark file"))
    }

    /// A checkpoint of any tree, signed by the log and by nobody else: what a log that shows two faces hands out.
    pub fn signed_landmark(&self, size: u64, root: tlog::Hash) -> UnverifiedLandmark {
        let checkpoint = Checkpoint::new(origin(), size, root);
        let line = self.log.sign(&checkpoint).expect("a log signature");
        let note = UnverifiedCheckpoint::new(checkpoint, vec![line]);
        UnverifiedLandmark::from_note(&note).expect("a note that the log signed")
    }

    fn landmark_payloads(&self, record: &OrganisationRecord) -> Vec<Vec<u8>> {
        let named = [
            record.accreditation_entry().map(|entry| entry.payload().hash),
            record.status_snapshot().map(|entry| entry.payload.hash),
        ];
        let blobs = named.iter().flatten().filter_map(|hash| self.blobs.get(hash).cloned());
        blobs.collect()
    }
}
