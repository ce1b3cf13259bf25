//! Landmarks, and whether two of them contradict each other. docs/ledger.md §12

use ledger::{Landmark, SplitEvidence, TrustPack, UnverifiedLandmark, VerifiedBundle};
use tlog::UnverifiedCheckpoint;

/// Landmarks that are held, and go into challenges. docs/offline-qr.md §2
const NEWEST: usize = 2;

/// The checkpoint that a bundle rests on, to be compared.
pub(crate) fn under(bundle: &VerifiedBundle, pack: &TrustPack) -> Option<Landmark> {
    let note = UnverifiedCheckpoint::parse(bundle.note().as_bytes()).ok()?;
    let landmark = UnverifiedLandmark::from_note(&note).ok()?;
    landmark.verify_to_compare(pack).ok()
}

/// Two of one size with different roots. Those of two sizes are no evidence without a proof, which nobody here has.
pub(crate) fn contradiction(landmarks: &[Landmark]) -> Option<SplitEvidence> {
    landmarks.iter().enumerate().find_map(|(place, one)| {
        let mut later = landmarks.iter().skip(place + 1);
        later.find_map(|other| SplitEvidence::of_one_size(one, other))
    })
}

/// The newest that a quorum cosigned, newest first, none twice. Without a quorum one is compared, and never held.
pub(crate) fn newest(landmarks: impl IntoIterator<Item = Landmark>) -> Vec<Landmark> {
    let quorate = landmarks.into_iter().filter(|one| one.quorum_time().is_some());
    let mut newest: Vec<Landmark> = quorate.collect();
    newest.sort_by_key(|one| std::cmp::Reverse((one.size(), one.quorum_time())));
    newest.dedup_by_key(|one| one.size());
    newest.truncate(NEWEST);
    newest
}
