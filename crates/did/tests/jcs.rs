//! The canonical form that hashes and proofs rest on, against the vectors of RFC 8785.

use std::fs;

use crate::vectors::folder;

#[test]
fn rfc_8785_vectors() {
    let Some(folder) = folder("jcs") else { return };
    let mut count = 0;
    for file in fs::read_dir(folder.join("input")).unwrap() {
        let path = file.unwrap().path();
        let output = folder.join("output").join(path.file_name().unwrap());
        let json: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let canonical = serde_jcs::to_string(&json).unwrap();
        assert_eq!(canonical, fs::read_to_string(output).unwrap().trim_end(), "{path:?}");
        count += 1;
    }
    println!("jcs: {count} vectors");
    assert_eq!(count, 2);
}
