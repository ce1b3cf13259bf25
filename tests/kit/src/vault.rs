//! Rows of a wallet's vault, for tests that have no issuer.

/// A driving licence from an office that is known by its certificate, as SD-JWT VC (`one`, of which there is one copy)
/// and as ISO mdoc (`two`, of which there are two). Where the status is told, the mdocs alone say; that list is not held.
/// The licence had another number before its copies were got again.
pub const LICENCE_IN_TWO_FORMATS: &str = r#"
    INSERT INTO card (id, format, vct, issuer, issuer_host, display, claims, received_at,
                      came_with) VALUES
        ('one', 'dc+sd-jwt', 'urn:holdfast:vct:driving-licence:1', '{"known_by": "certificate", "name": "Office"}',
         'office.example', '{}', '{"licence_number": "A1"}', 1, 'an offer'),
        ('two', 'mso_mdoc', 'org.iso.18013.5.1.mDL', '{"known_by": "certificate", "name": "Office"}',
         'office.example', '{}', '{"org.iso.18013.5.1": {"document_number": "A1"}}', 1, 'an offer');
    INSERT INTO holder_key (id, private_jwk) VALUES ('a', X'7b7d'), ('b', X'7b7d'), ('c', X'7b7d');
    INSERT INTO copy (card_id, kind, key_id, credential, status_uri, status_index) VALUES
        ('one', 'online', 'a', '', NULL, NULL),
        ('two', 'online', 'b', '', 'https://office.example/list', 1),
        ('two', 'online', 'c', '', 'https://office.example/list', 2);
    INSERT INTO changed_card (card_id, claims, at) VALUES ('one', '{"licence_number": "A0"}', 2);
"#;
