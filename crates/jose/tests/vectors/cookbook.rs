//! The JOSE cookbook, RFC 7520. Nearly all of it uses what is refused here; each refusal is the right one.

use jose::jwe::{JweError, UnverifiedJwe};
use jose::{JwkError, JwsError, PublicJwk, UnverifiedJws, VerifyingKey};
use serde_json::Value;
use testkit::vectors::{Table, files, folder, json};

use super::{holds, public};

#[test]
fn cookbook() {
    let Some(root) = folder("jose-cookbook-rfc7520") else {
        return;
    };
    let mut table = Table::new("jose-cookbook-rfc7520");
    for path in files(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let folder = name.split_once('/').map_or("", |(folder, _)| folder);
        match folder {
            "" if name.ends_with(".txt") || name == "package.json" => {}
            "" => {
                let file = json(&path);
                token("nesting", &file["sign"], &mut table);
                token("nesting", &file["encrypt"], &mut table);
            }
            "jwk" => key(folder, &json(&path), &mut table),
            "rfc7797" => unencoded(folder, &json(&path), &mut table),
            _ => token(folder, &json(&path), &mut table),
        }
    }
    table.check(&[
        ("curve25519", [1, 0, 0, 1]),
        ("jwe", [0, 0, 0, 13]),
        ("jwk", [0, 0, 0, 6]),
        ("jws", [0, 0, 0, 8]),
        ("nesting", [0, 0, 0, 2]),
        ("rfc7797", [0, 0, 0, 2]),
    ]);
}

/// P-521, RSA and symmetric keys.
fn key(row: &str, file: &Value, table: &mut Table) {
    let refused = PublicJwk::parse(file).unwrap_err();
    assert!(
        matches!(refused, JwkError::UnsupportedKey | JwkError::PrivateMember),
        "{refused}: {file}"
    );
    table.out_of_scope(row, 1, "P-521, RSA or symmetric: refused by name");
}

/// RFC 7797 §3: `b64` with a MAC.
fn unencoded(row: &str, file: &Value, table: &mut Table) {
    if let Some(compact) = file["output"]["compact"].as_str() {
        let refused = UnverifiedJws::parse(compact).unwrap_err();
        let named = matches!(refused, JwsError::AlgorithmNotAllowed | JwsError::NotThreeParts);
        assert!(named, "{refused}: {compact}");
    }
    table.out_of_scope(row, 1, "an unencoded payload under a MAC: refused by name");
}

fn token(row: &str, file: &Value, table: &mut Table) {
    let Some(compact) = file["output"]["compact"].as_str() else {
        table.out_of_scope(row, 1, "JSON serialisation only");
        return;
    };
    if compact.split('.').count() == 5 {
        let refused = UnverifiedJwe::parse(compact).map(|jwe| jwe.enc());
        let algorithm = matches!(
            refused,
            Err(JweError::AlgorithmNotAllowed | JweError::EncryptionNotAllowed)
        );
        // X25519 is an ephemeral key of another kind, which only the recipient's key shows.
        assert!(
            algorithm || file["input"]["key"]["crv"] == "X25519",
            "{refused:?}: {compact}"
        );
        table.out_of_scope(
            row,
            1,
            "RSA, key wrap, a password, dir, CBC, P-384 or X25519: refused by name",
        );
        return;
    }
    match public(&file["input"]["key"]).map(|key| VerifyingKey::new(&key).unwrap()) {
        Some(key) => {
            assert_eq!(holds(compact, &key), Ok(true));
            table.agrees(row, true);
        }
        None => {
            let refused = UnverifiedJws::parse(compact).unwrap_err();
            assert!(
                matches!(refused, JwsError::AlgorithmNotAllowed | JwsError::Base64(_)),
                "{refused}: {compact}"
            );
            table.out_of_scope(row, 1, "RSA, a MAC, P-521 or a detached payload: refused");
        }
    }
}
