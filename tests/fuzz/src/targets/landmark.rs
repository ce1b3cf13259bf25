//! Landmarks, landmark files and evidence of a split view. docs/ledger.md §12

use std::collections::HashSet;
use std::sync::LazyLock;

use ledger::{
    Hash, Landmark, SplitEvidence, TrustPack, UnverifiedBundle, UnverifiedLandmark, UnverifiedLandmarkFile,
    UnverifiedSplitEvidence, VerifiedLandmarkFile,
};
use testkit::Ledger;

use super::Target;
use crate::Reached;
use crate::keys::NOW;

pub(super) const TARGET: Target = Target {
    name: "landmark",
    asserts: "a landmark file is read in one way, and with a byte more or less not at all; whatever verifies says of \
              each organisation what the ledger says, as does the bundle taken out of it; landmarks and evidence are \
              written as they came, and none verifies but of checkpoints that the log signed",
    body,
    seeds: inputs,
};

const VCT: &str = "urn:holdfast:vct:person-identification:1";

struct Scene {
    pack: TrustPack,
    inputs: Vec<Vec<u8>>,
    file: VerifiedLandmarkFile,
    /// Size and root of every checkpoint that the log signed.
    signed: HashSet<(u64, Hash)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let mut ledger = Ledger::new(NOW);
    for host in ["first.example", "second.example"] {
        let agency = ledger.create(host);
        ledger.accredit(&agency, "Agency", &[VCT]);
    }
    let (landmark, bytes) = ledger.landmark();
    let pack = ledger.trust_pack();
    let file = UnverifiedLandmarkFile::parse(&bytes).unwrap().verify(&pack).unwrap();
    let verified = |landmark: &UnverifiedLandmark| landmark.clone().verify(&pack).unwrap();
    let own = verified(&landmark);
    let same_size = verified(&ledger.signed_landmark(own.size(), [7; 32].into()));
    let smaller = verified(&ledger.signed_landmark(3, [8; 32].into()));
    let one_size = SplitEvidence::of_one_size(&own, &same_size).unwrap();
    let two_sizes = SplitEvidence::in_tree(&smaller, &own, ledger.replica().tree())
        .unwrap()
        .unwrap();
    let alone = landmark.clone().without_cosignatures();
    let checkpoints = [&own, &same_size, &smaller].map(|landmark| (landmark.size(), landmark.root()));
    Scene {
        inputs: vec![
            bytes,
            UnverifiedLandmark::encode_list(&[landmark, alone]),
            one_size.encode(),
            two_sizes.encode(),
        ],
        signed: checkpoints.into_iter().collect(),
        file,
        pack,
    }
});

fn inputs() -> Vec<Vec<u8>> {
    SCENE.inputs.clone()
}

fn body(input: &[u8]) -> Reached {
    if let Ok(read) = UnverifiedLandmarkFile::parse(input) {
        assert!(UnverifiedLandmarkFile::parse(&input[..input.len() - 1]).is_err());
        assert!(UnverifiedLandmarkFile::parse(&[input, &[0]].concat()).is_err());
        return read.verify(&SCENE.pack).map_or(Reached::Read, |file| check_file(&file));
    }
    if let Ok(read) = UnverifiedSplitEvidence::parse(input) {
        return read.verify(&SCENE.pack).map_or(Reached::Read, |evidence| {
            assert_eq!(evidence.encode(), input);
            assert_ne!(evidence.older(), evidence.newer());
            check_signed(evidence.older());
            check_signed(evidence.newer());
            Reached::Accepted
        });
    }
    let Ok(list) = UnverifiedLandmark::parse_list(input) else {
        return Reached::Refused;
    };
    assert_eq!(UnverifiedLandmark::encode_list(&list), input);
    let mut reached = Reached::Read;
    for landmark in list {
        if let Ok(landmark) = landmark.verify(&SCENE.pack) {
            check_signed(&landmark);
            reached = Reached::Accepted;
        }
    }
    reached
}

fn check_signed(landmark: &Landmark) {
    assert!(
        SCENE.signed.contains(&(landmark.size(), landmark.root())),
        "a checkpoint that the log did not sign"
    );
}

fn check_file(file: &VerifiedLandmarkFile) -> Reached {
    check_signed(&file.landmark());
    assert_eq!(file.map_head(), SCENE.file.map_head());
    for (did, bundle) in file.iter() {
        let truth = SCENE.file.bundle(did).expect("an accredited organisation");
        assert_eq!(
            bundle.record(),
            truth.record(),
            "says of {did} what the ledger does not"
        );
        let taken_out = file.bundle_bytes(did, true).expect("an organisation of the file");
        let taken_out = UnverifiedBundle::parse(&taken_out).expect("a bundle");
        assert_eq!(taken_out.verify(&SCENE.pack, did).as_ref(), Ok(&bundle));
    }
    Reached::Accepted
}
