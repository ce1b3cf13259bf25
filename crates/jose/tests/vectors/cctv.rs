//! The edge cases of Ed25519 in C2SP's CCTV: points of low order, encodings that are not canonical.

use jose::{PublicJwk, VerifyingKey};
use testkit::vectors::{Table, folder, json};

use super::{hex, text};

/// RFC 8032 §5.1.7 decodes canonical encodings only. It lets a verifier multiply by the cofactor or not;
/// aws-lc does not, so that a residue of low order is refused, and everything else holds.
#[test]
fn cctv_ed25519() {
    let Some(folder) = folder("cctv") else { return };
    let mut table = Table::new("cctv");
    for case in json(&folder.join("ed25519vectors.json")).as_array().unwrap() {
        let key = PublicJwk::from_ed25519(&hex(text(case, "key")).try_into().unwrap());
        let accepted = VerifyingKey::new(&key).is_ok_and(|key| {
            key.verify(text(case, "msg").as_bytes(), &hex(text(case, "sig")))
                .is_ok()
        });
        let flags: Vec<&str> = case["flags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|flag| flag.as_str())
            .collect();
        let has = |flag| flags.contains(&flag);
        let row = match () {
            () if has("non_canonical_A") || has("non_canonical_R") => "not canonical",
            () if has("low_order_residue") => "residue of low order",
            () => "everything else",
        };
        assert_eq!(accepted, row == "everything else", "{case}");
        table.agrees(row, accepted);
    }
    table.check(&[
        ("everything else", [172, 0, 0, 0]),
        ("not canonical", [0, 490, 0, 0]),
        ("residue of low order", [0, 252, 0, 0]),
    ]);
}
