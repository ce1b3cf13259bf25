//! Landmarks, and whether two of them contradict each other. docs/ledger.md §12

use ledger::{Landmark, SplitEvidence, TrustPack, UnverifiedLandmark, VerifiedBundle};
use tlog::UnverifiedCheckpoint;

/// Landmarks that are held, and go into challenges. docs/offline-qr.md §2
const NEWEST: usize = 2;

/// Verifies a landmark. Where its cosignatures make no quorum the log's signature still says what the log showed: it is
/// compared with others, and never held.
pub(crate) fn verify(landmark: UnverifiedLandmark, pack: &TrustPack) -> Option<Landmark> {
    let alone = landmark.clone().without_cosignatures();
    landmark.verify(pack).or_else(|_| alone.verify(pack)).ok()
}

/// The checkpoint that a bundle rests on, to be compared.
pub(crate) fn under(bundle: &VerifiedBundle, pack: &TrustPack) -> Option<Landmark> {
    let note = UnverifiedCheckpoint::parse(bundle.note().as_bytes()).ok()?;
    verify(UnverifiedLandmark::from_note(&note).ok()?, pack)
}

/// Two of one size with different roots. Those of two sizes are no evidence without a proof, which nobody here has.
pub(crate) fn contradiction(landmarks: &[Landmark]) -> Option<SplitEvidence> {
    landmarks.iter().enumerate().find_map(|(place, one)| {
        let mut later = landmarks.iter().skip(place + 1);
        later.find_map(|other| SplitEvidence::of_one_size(one, other))
    })
}

/// The newest that a quorum cosigned, newest first, none twice.
pub(crate) fn newest(landmarks: impl IntoIterator<Item = Landmark>) -> Vec<Landmark> {
    let quorate = landmarks.into_iter().filter(|one| one.quorum_time().is_some());
    let mut newest: Vec<Landmark> = quorate.collect();
    newest.sort_by_key(|one| std::cmp::Reverse((one.size(), one.quorum_time())));
    newest.dedup_by_key(|one| one.size());
    newest.truncate(NEWEST);
    newest
}
