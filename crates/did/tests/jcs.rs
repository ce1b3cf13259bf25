//! The canonical form that hashes and proofs rest on, against the vectors of RFC 8785.

use std::fs;

use testkit::vectors::{Table, files, folder, json};

#[test]
fn rfc_8785_vectors() {
    let Some(folder) = folder("jcs") else { return };
    let mut table = Table::new("jcs");
    for path in files(&folder.join("input")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let canonical = serde_jcs::to_string(&json(&path)).unwrap();
        let output = fs::read_to_string(folder.join("output").join(name)).unwrap();
        assert_eq!(canonical, output.trim_end(), "{name}");
        let bytes = fs::read_to_string(folder.join("outhex").join(name.replace(".json", ".txt"))).unwrap();
        let bytes = bytes
            .split_whitespace()
            .map(|byte| u8::from_str_radix(byte, 16).unwrap());
        assert_eq!(canonical.as_bytes(), bytes.collect::<Vec<_>>(), "{name}");
        table.agrees(name, true);
    }
    table.check(&[("arrays.json", [1, 0, 0, 0]), ("values.json", [1, 0, 0, 0])]);
}
