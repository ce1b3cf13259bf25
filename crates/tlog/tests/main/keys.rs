use test_case::test_case;
use tlog::{
    BadSignature, Cosigner, CosignerKey, KeyNameError, LogKey, LogSigner, SecretKeyError, SignError, SignatureType,
    VerifierKey, VerifierKeyError,
};

use crate::fixtures::{checkpoint, cosigner, log};

/// signed-note, "Example"
const EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

#[test]
fn vkey_of_the_specification() {
    let key: VerifierKey = EXAMPLE.parse().unwrap();
    assert_eq!(key.name().as_str(), "example.com/foo");
    assert_eq!(key.id().to_string(), "530d903a");
    assert_eq!(key.signature_type(), SignatureType::Ed25519);
    assert_eq!(key.to_string(), EXAMPLE);
}

#[test_case("example.com/foo+530d903a", VerifierKeyError::Shape; "two parts")]
#[test_case("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::Name(KeyNameError::Empty); "no name")]
#[test_case("a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::Name(KeyNameError::ForbiddenCharacter); "space in the name")]
#[test_case("a\u{2003}b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::Name(KeyNameError::ForbiddenCharacter); "unicode space in the name")]
#[test_case("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::KeyId; "upper case id")]
#[test_case("example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::KeyId; "short id")]
#[test_case("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::KeyIdMismatch; "wrong id")]
#[test_case("example.com/fob+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::KeyIdMismatch; "wrong name")]
#[test_case("example.com/foo+530d903a+AekyeRrm", VerifierKeyError::KeyLength; "short key")]
#[test_case("example.com/foo+530d903a+", VerifierKeyError::KeyLength; "no key")]
#[test_case("example.com/foo+530d903a+A*kyeRrm", VerifierKeyError::Base64; "not base64")]
#[test_case("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", VerifierKeyError::UnsupportedType { byte: 2 }; "ecdsa")]
fn vkey_refused(text: &str, error: VerifierKeyError) {
    assert_eq!(text.parse::<VerifierKey>(), Err(error));
}

#[test]
fn a_key_serves_one_purpose() {
    let log_key = log().verifier_key().to_string();
    let witness_key = cosigner("w1").verifier_key().to_string();
    assert_eq!(log_key.parse::<CosignerKey>(), Err(VerifierKeyError::WrongType));
    assert_eq!(witness_key.parse::<LogKey>(), Err(VerifierKeyError::WrongType));
}

#[test]
fn one_public_key_has_another_id_for_another_type() {
    let log = LogSigner::from_seed("a.example".parse().unwrap(), &[3; 32]).unwrap();
    let witness = Cosigner::from_seed("a.example".parse().unwrap(), &[3; 32]).unwrap();
    let (log, witness) = (log.verifier_key().verifier_key(), witness.verifier_key().verifier_key());
    assert_eq!(log.public_key(), witness.public_key());
    assert_ne!(log.id(), witness.id());
}

#[test]
fn secret_text_round_trip() {
    let (log, witness) = (log(), cosigner("w1"));
    let log_secret = log.dangerous_secret_text().unwrap();
    let again = LogSigner::from_secret_text(log_secret.dangerous_as_str()).unwrap();
    assert_eq!(again.verifier_key(), log.verifier_key());
    let secret = witness.dangerous_secret_text().unwrap();
    let with_newline = format!("{}\n", secret.dangerous_as_str());
    let again = Cosigner::from_secret_text(&with_newline).unwrap();
    assert_eq!(again.verifier_key(), witness.verifier_key());
}

#[test]
fn secret_text_refused() {
    let secret = log().dangerous_secret_text().unwrap().dangerous_as_str().to_owned();
    let log = |text: &str| LogSigner::from_secret_text(text).unwrap_err();
    assert_eq!(log("no key"), SecretKeyError::Shape);
    assert_eq!(log("PRIVATE+KEY+a"), SecretKeyError::Shape);
    assert_eq!(log("PRIVATE+KEY+a+00000000+AQ=="), SecretKeyError::Material);
    assert_eq!(log("PRIVATE+KEY+a+00000000+?"), SecretKeyError::Material);
    let renamed = secret.replace("log.example", "lag.example");
    assert_eq!(log(&renamed), SecretKeyError::KeyIdMismatch);
    assert_eq!(
        Cosigner::from_secret_text(&secret).unwrap_err(),
        SecretKeyError::WrongType
    );
}

#[test]
fn secrets_are_not_shown() {
    let secret = log().dangerous_secret_text().unwrap();
    let material = secret.dangerous_as_str().rsplit('+').next().unwrap().to_owned();
    for shown in [
        format!("{secret:?}"),
        format!("{:?}", log()),
        format!("{:?}", cosigner("w1")),
    ] {
        assert!(!shown.contains(&material) && !shown.contains("PRIVATE"), "{shown}");
    }
}

#[test]
fn signing_again_gives_the_same_bytes() {
    let checkpoint = checkpoint(5);
    assert_eq!(log().sign(&checkpoint), log().sign(&checkpoint));
    assert_eq!(
        cosigner("w1").cosign(&checkpoint, 7),
        cosigner("w1").cosign(&checkpoint, 7)
    );
}

#[test]
fn a_statement_that_could_be_a_note_is_neither_signed_nor_verified() {
    let note = checkpoint(5).text();
    assert_eq!(log().sign_statement(note.as_bytes()), Err(SignError::Text));
    let line = log().sign(&checkpoint(5)).unwrap();
    let key = log().verifier_key().clone();
    assert_eq!(
        key.verify_statement(note.as_bytes(), line.signature()),
        Err(BadSignature)
    );
    let statement = [0x85, 1];
    let signature = log().sign_statement(&statement).unwrap();
    assert_eq!(key.verify_statement(&statement, &signature), Ok(()));
    assert_eq!(key.verify_statement(&[0x85, 2], &signature), Err(BadSignature));
}

#[test]
fn k18_a_key_signs_its_own_log_only() {
    let other = LogSigner::from_seed("other.example".parse().unwrap(), &[1; 32]).unwrap();
    assert_eq!(other.sign(&checkpoint(5)), Err(SignError::OtherOrigin));
}

#[test_case(0 ; "zero")]
#[test_case(1 << 63 ; "above 2^63 - 1")]
fn cosigning_states_a_time(time: u64) {
    assert_eq!(cosigner("w1").cosign(&checkpoint(5), time), Err(SignError::Time));
}
