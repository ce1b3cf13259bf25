use test_case::test_case;
use tlog::{CheckpointError, NoteError, NoteSignatureError, OriginError, SignatureLine, UnverifiedCheckpoint};

use crate::fixtures::{checkpoint, cosigned, edit, log, other_log, signed};

const SIGNATURE: &str = "\n— a.example AAAAAAE=\n";
const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

#[test]
fn round_trip() {
    let note = signed(&checkpoint(11));
    assert_eq!(UnverifiedCheckpoint::parse(note.to_string().as_bytes()), Ok(note));
}

#[test_case(&format!("a\n0\n{ROOT}\n") => Ok(0); "empty tree")]
#[test_case(&format!("a\n18446744073709551615\n{ROOT}\n") => Ok(u64::MAX); "largest")]
#[test_case("a\n1\n" => Err(CheckpointError::MissingLine); "two lines")]
#[test_case(&format!("\n1\n{ROOT}\n") => Err(CheckpointError::Origin(OriginError::Empty)); "empty origin")]
#[test_case(&format!("a\n01\n{ROOT}\n") => Err(CheckpointError::Size); "leading zero")]
#[test_case(&format!("a\n18446744073709551616\n{ROOT}\n") => Err(CheckpointError::Size); "too large")]
#[test_case(&format!("a\n-1\n{ROOT}\n") => Err(CheckpointError::Size); "negative")]
#[test_case("a\n1\nAA==\n" => Err(CheckpointError::RootHash); "short root")]
#[test_case(&format!("a\n1\n{ROOT}\nmore\n") => Err(CheckpointError::ExtensionLine); "extension line")]
#[test_case(&format!("a\n1\n{ROOT}\n\n") => Err(CheckpointError::ExtensionLine); "empty extension line")]
fn text(text: &str) -> Result<u64, CheckpointError> {
    let note = UnverifiedCheckpoint::parse(format!("{text}{SIGNATURE}").as_bytes())?;
    Ok(note.dangerous_checkpoint().size())
}

#[test]
fn not_a_note() {
    assert_eq!(
        UnverifiedCheckpoint::parse(b"a\n1\n"),
        Err(CheckpointError::Note(NoteError::NoBlankLine))
    );
}

#[test]
fn the_logs_signature_makes_a_log_checkpoint() {
    let checkpoint = checkpoint(11);
    let note = cosigned(&checkpoint, &[("w1", 5)]);
    let verified = note.verify_log(&[log().verifier_key().clone()]).unwrap();
    assert_eq!(verified.checkpoint(), &checkpoint);
    let by_log = |line: &SignatureLine| line.is_by(log().verifier_key().verifier_key());
    assert!(verified.log_signatures().len() == 1 && verified.log_signatures().iter().all(by_log));
}

#[test]
fn one_of_two_log_keys_is_enough() {
    let note = signed(&checkpoint(11));
    let keys = [other_log().verifier_key().clone(), log().verifier_key().clone()];
    assert!(note.verify_log(&keys).is_ok());
}

#[test]
fn signature_of_another_key_is_ignored() {
    let keys = [other_log().verifier_key().clone()];
    assert_eq!(
        signed(&checkpoint(11)).verify_log(&keys),
        Err(NoteSignatureError::Missing)
    );
}

#[test]
fn signature_over_another_checkpoint_is_invalid() {
    let keys = [log().verifier_key().clone()];
    let bytes = edit(&signed(&checkpoint(11)), "\n11\n", "\n12\n");
    let note = UnverifiedCheckpoint::parse(&bytes).unwrap();
    assert_eq!(note.verify_log(&keys), Err(NoteSignatureError::Invalid));
}

#[test]
fn key_with_another_name_than_the_origin_does_not_count() {
    let bytes = edit(
        &signed(&checkpoint(11)),
        "log.example/holdfast\n",
        "log.example/other\n",
    );
    let note = UnverifiedCheckpoint::parse(&bytes).unwrap();
    assert_eq!(
        note.verify_log(&[log().verifier_key().clone()]),
        Err(NoteSignatureError::Missing)
    );
}
