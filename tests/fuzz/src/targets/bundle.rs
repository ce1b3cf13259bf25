//! Proof bundles and trust packs. docs/ledger.md §8, §9

use std::sync::LazyLock;

use ledger::{TrustPack, UnverifiedBundle, UnverifiedTrustPack, VerifiedBundle, encode_bundles};
use testkit::{Ledger, purpose, scope};

use super::Target;
use crate::Reached;
use crate::keys::NOW;

pub(super) const TARGET: Target = Target {
    name: "bundle",
    asserts: "a bundle is read alone as in a set, and with a byte more or less not at all; whatever verifies for an \
              organisation says what the ledger says of it; no trust pack verifies but the one that was signed",
    body,
    seeds: inputs,
};

const VCT: &str = "urn:holdfast:vct:person-identification:1";
const NOBODY: &str = "did:webvh:QmNobody:nobody.example";

struct Scene {
    pack: TrustPack,
    pack_file: Vec<u8>,
    dids: Vec<String>,
    bundles: Vec<Vec<u8>>,
    truth: Vec<VerifiedBundle>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Office of Residents", &[VCT]);
    let shop = ledger.create("shop.example");
    let wanted = scope(
        shop.did(),
        "Shop",
        &[[7; 32]],
        vec![purpose("age", VCT, &["age_over_18"], &[])],
        NOW + 1000,
    );
    ledger.register(&wanted, &shop);
    let list = ledger::ListContent {
        uri: "https://agency.example/status/1",
        bits: 2,
        bytes: &[0x24; 100],
    };
    ledger.snapshot(&agency, &[(list, b"a token")]);
    let dids = vec![agency.did().to_string(), shop.did().to_string(), NOBODY.to_owned()];
    let mut bundles: Vec<Vec<u8>> = dids.iter().map(|did| ledger.bundle(did)).collect();
    bundles.push(ledger.lean_bundle(&dids[0]));
    let pack = ledger.trust_pack();
    let verify =
        |(bundle, did): (&Vec<u8>, &String)| UnverifiedBundle::parse(bundle).unwrap().verify(&pack, did).unwrap();
    let truth = bundles.iter().zip(&dids).map(verify).collect();
    Scene {
        pack_file: ledger.trust_pack_file(),
        pack,
        dids,
        bundles,
        truth,
    }
});

fn inputs() -> Vec<Vec<u8>> {
    let mut all = SCENE.bundles.clone();
    all.push(SCENE.pack_file.clone());
    all
}

fn body(input: &[u8]) -> Reached {
    if input.first() == Some(&b'{') {
        return pack(input);
    }
    let Ok(bundle) = UnverifiedBundle::parse(input) else {
        return Reached::Refused;
    };
    let set = encode_bundles([input].into_iter());
    assert_eq!(
        UnverifiedBundle::parse_set(&set).as_deref(),
        Ok([bundle.clone()].as_slice()),
        "read otherwise in a set"
    );
    assert!(UnverifiedBundle::parse(&input[..input.len() - 1]).is_err());
    assert!(UnverifiedBundle::parse(&[input, &[0]].concat()).is_err());
    let claimed = bundle.dangerous_claimed_subject();
    let mut reached = Reached::Read;
    for (did, truth) in SCENE.dids.iter().zip(&SCENE.truth) {
        let Ok(verified) = bundle.clone().verify(&SCENE.pack, did) else {
            continue;
        };
        assert_eq!(
            verified.record(),
            truth.record(),
            "says of {did} what the ledger does not"
        );
        assert_eq!(
            (verified.checkpoint(), verified.time()),
            (truth.checkpoint(), truth.time())
        );
        assert_eq!(claimed.as_deref(), truth.record().map(|record| record.did()));
        if let Some(accreditation) = verified.accreditation() {
            assert_eq!(Some(accreditation), truth.accreditation());
        }
        if let Some(scope) = verified.scope() {
            assert_eq!(Some(scope), truth.scope());
        }
        reached = Reached::Accepted;
    }
    reached
}

fn pack(input: &[u8]) -> Reached {
    let Ok(pack) = UnverifiedTrustPack::parse(input) else {
        return Reached::Refused;
    };
    let Ok(pack) = pack.verify(None, NOW) else {
        return Reached::Read;
    };
    // Anybody can make a pack of its own keys; with ours it says what ours says.
    if pack.log_key() == SCENE.pack.log_key() {
        assert_eq!(pack, SCENE.pack, "a trust pack that nobody signed");
    }
    Reached::Accepted
}
