use test_case::test_case;
use tlog::{
    KeyNameError, MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError, NoteSignatureError, SignatureLine, UnverifiedNote,
    VerifierKey,
};

/// signed-note, "Example"
const EXAMPLE: &str = "This is an example message.\n\n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

#[test]
fn note_of_the_specification() {
    let note = UnverifiedNote::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(note.dangerous_unverified_text(), "This is an example message.\n");
    let [line] = note.signatures() else {
        panic!("one signature")
    };
    let key: VerifierKey = KEY.parse().unwrap();
    assert!(line.is_by(&key));
    assert_eq!(line.signature().len(), 64);
    assert!(EXAMPLE.ends_with(&line.to_string()));
}

/// A signature that was made by somebody else.
#[test]
fn note_of_the_specification_verifies() {
    let key: VerifierKey = KEY.parse().unwrap();
    let parse = |text: &str| UnverifiedNote::parse(text.as_bytes()).unwrap();
    let note = parse(EXAMPLE).verify(std::slice::from_ref(&key)).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.signatures().len(), 1);
    let changed = EXAMPLE.replace("example message", "exemple message");
    assert_eq!(parse(&changed).verify(&[key]), Err(NoteSignatureError::Invalid));
    assert_eq!(parse(EXAMPLE).verify(&[]), Err(NoteSignatureError::Missing));
}

/// A cosigner's key signs no notes, even where name and key id were made to fit.
#[test]
fn a_key_of_another_type_does_not_count() {
    let cosigner = crate::fixtures::cosigner("w1");
    let key = cosigner.verifier_key().verifier_key().clone();
    let line = SignatureLine::new(key.name().clone(), key.id(), vec![0; 64]);
    let note = UnverifiedNote::parse(format!("text\n\n{line}").as_bytes()).unwrap();
    assert_eq!(note.verify(&[key]), Err(NoteSignatureError::Missing));
}

#[test]
fn text_ends_at_the_last_empty_line() {
    let text = "Ognuno sta solo\n\ned è subito sera.\n\n— a.example AAAAAAE=\n";
    let note = UnverifiedNote::parse(text.as_bytes()).unwrap();
    assert_eq!(
        note.dangerous_unverified_text(),
        "Ognuno sta solo\n\ned è subito sera.\n"
    );
}

#[test_case("text\n— a.example AAAAAAE=\n", NoteError::NoBlankLine; "no blank line")]
#[test_case("text\n\n", NoteError::NoFinalNewline; "no signature")]
#[test_case("text\n\n— a.example AAAAAAE=", NoteError::NoFinalNewline; "no final newline")]
#[test_case("text\r\n\n— a.example AAAAAAE=\n", NoteError::ControlCharacter; "carriage return")]
#[test_case("text\n\n- a.example AAAAAAE=\n", NoteError::SignatureLine; "hyphen")]
#[test_case("text\n\n— a.example\n", NoteError::SignatureLine; "no signature bytes")]
#[test_case("text\n\n—  AAAAAAE=\n", NoteError::KeyName(KeyNameError::Empty); "no name")]
#[test_case("text\n\n— a+b AAAAAAE=\n", NoteError::KeyName(KeyNameError::ForbiddenCharacter); "plus in the name")]
#[test_case("text\n\n— a.example AAAAAAE\n", NoteError::Base64; "no padding")]
#[test_case("text\n\n— a.example AAAAAAE= \n", NoteError::Base64; "space at the end")]
#[test_case("text\n\n— a.example AAAAAA==\n", NoteError::SignatureTooShort; "key id only")]
fn refused(note: &str, error: NoteError) {
    assert_eq!(UnverifiedNote::parse(note.as_bytes()), Err(error));
}

#[test]
fn limits() {
    let with = |lines: usize| format!("text\n\n{}", "— a.example AAAAAAE=\n".repeat(lines));
    let parse = |note: String| UnverifiedNote::parse(note.as_bytes());
    assert_eq!(parse(with(MAX_SIGNATURES)).unwrap().signatures().len(), MAX_SIGNATURES);
    assert_eq!(parse(with(MAX_SIGNATURES + 1)), Err(NoteError::TooManySignatures));
    assert_eq!(parse("x".repeat(MAX_NOTE_BYTES + 1)), Err(NoteError::TooLarge));
    assert_eq!(UnverifiedNote::parse(b"text\xff\n\n"), Err(NoteError::NotUtf8));
}
