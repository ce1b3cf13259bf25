//! Certificates of an `x5c` chain. RFC 7515 §4.1.6, RFC 5280

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate, to_value};
use serde_json::Value;
use testkit::certificates::{Authority, Name};

use super::Target;
use crate::keys::{NOW, TRUSTED_P256};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "x5c",
    asserts: "names and hash are the same read alone and in a chain; no chain verifies but with the key and the names \
              that the authority certified, and none is taken for the listed one but that itself",
    body,
    seeds: inputs,
};

/// A leaf and the authority between it and the anchor. Signatures differ from run to run, so that they are kept.
pub(super) const LEAF: &[u8] = include_bytes!("../../seeds/x5c/leaf");
pub(super) const BETWEEN: &[u8] = include_bytes!("../../seeds/x5c/between");
pub(super) const ANCHOR: &str = include_str!("../../seeds/x5c/anchor.pem");

static TRUSTED: LazyLock<(TrustAnchors, VerifiedCertificate)> = LazyLock::new(|| {
    let anchors = TrustAnchors::from_pem([ANCHOR]).unwrap();
    let chain = UnverifiedChain::parse(&to_value([LEAF, BETWEEN])).unwrap();
    let leaf = chain.verify(&anchors, NOW, Purpose::Credential).unwrap();
    (anchors, leaf)
});

/// Makes the kept files anew: leaf, authority, anchor.
pub(crate) fn make() -> [(&'static str, Vec<u8>); 3] {
    let root = Authority::new("root");
    let names = [Name::Uri("did:web:agency.example"), Name::Dns("agency.example")];
    let mut chain = root
        .intermediate("between")
        .certify(TRUSTED_P256.public(), &names)
        .certificates
        .into_iter();
    let mut next = || chain.next().expect("two certificates");
    [
        ("leaf", next()),
        ("between", next()),
        ("anchor.pem", root.pem().as_bytes().to_vec()),
    ]
}

fn inputs() -> Vec<Vec<u8>> {
    let pem = seeds::texts("x509-limbo", |text| text.starts_with("-----BEGIN CERTIFICATE-----"));
    let der = pem.iter().filter_map(|pem| {
        let text = std::str::from_utf8(pem)
            .ok()?
            .lines()
            .filter(|line| !line.starts_with('-'));
        STANDARD.decode(text.collect::<String>()).ok()
    });
    der.filter(|der| der.len() < 2048).collect()
}

/// The input is a leaf, or the authority above the leaf.
fn body(input: &[u8]) -> Reached {
    let (anchors, certified) = &*TRUSTED;
    let mut reached = Reached::Refused;
    if let Ok(alone) = UnverifiedChain::parse(&to_value([input])) {
        reached = Reached::Read;
        let above = UnverifiedChain::parse(&to_value([input, BETWEEN])).expect("each certificate is read alone");
        assert_eq!(alone.dangerous_leaf_sha256(), above.dangerous_leaf_sha256());
        assert_eq!(alone.dangerous_leaf_uri_names(), above.dangerous_leaf_uri_names());
        if let Ok(listed) = alone.clone().verify_listed(&[*certified.sha256()], NOW) {
            assert_eq!(
                (input, listed.sha256()),
                (LEAF, certified.sha256()),
                "another certificate passes for the listed"
            );
        }
    } else {
        assert!(UnverifiedChain::parse(&to_value([LEAF, input])).is_err());
    }
    for chain in [to_value([input]), to_value([input, BETWEEN]), to_value([LEAF, input])] {
        reached = reached.max(chained(&chain, anchors, certified));
    }
    reached
}

fn chained(chain: &Value, anchors: &TrustAnchors, certified: &VerifiedCertificate) -> Reached {
    let Ok(chain) = UnverifiedChain::parse(chain) else {
        return Reached::Refused;
    };
    let mut reached = Reached::Read;
    for purpose in [Purpose::Credential, Purpose::Request, Purpose::StatusList] {
        let read = chain.clone();
        let Ok(verified) = chain.clone().verify(anchors, NOW, purpose) else {
            continue;
        };
        assert_eq!(read.dangerous_leaf_sha256(), verified.sha256());
        assert!(
            verified.public_jwk().same_key(certified.public_jwk()),
            "a key that nobody certified"
        );
        assert_eq!(verified.uri_names(), certified.uri_names());
        assert_eq!(
            (verified.dns_names(), verified.not_after()),
            (certified.dns_names(), certified.not_after())
        );
        reached = Reached::Accepted;
    }
    reached
}
