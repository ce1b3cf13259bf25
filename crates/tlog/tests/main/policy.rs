use test_case::test_case;
use tlog::{BadSignature, CosignatureError, Policy, PolicyError, QuorumError, UnverifiedCheckpoint, VerifierKeyError};

use crate::fixtures::{checkpoint, cosign, cosigned, cosigner, edit, log, other_log, policy, policy_text, signed};

#[test]
fn reads_what_it_defines() {
    let text = policy_text().replace("witness w1 ", "  # a comment\n\twitness  w1\t");
    let text = text.replace("witness w2 ", "\n \nwitness w2 ");
    let w3 = cosigner("w3").verifier_key().to_string();
    let text = text.replace(&w3, &format!("{w3} https://w3.example/submit"));
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert_eq!(policy.text(), text.as_bytes());
    assert_eq!(policy.logs()[0].key(), log().verifier_key());
    assert_eq!(policy.logs()[0].url(), None);
    let names: Vec<_> = policy.witnesses().iter().map(|witness| witness.name()).collect();
    assert_eq!(names, [b"w1", b"w2", b"w3", b"m1"]);
    assert_eq!(policy.witnesses()[2].url(), Some("https://w3.example/submit"));
}

#[test]
fn names_are_opaque_bytes() {
    let key = cosigner("w1").verifier_key().to_string();
    let text = [b"witness \xff ", key.as_bytes(), b"\nquorum \xff\n"].concat();
    assert!(Policy::parse(&text).unwrap().needs(b"\xff"));
}

#[test]
fn a_mirror_is_needed_when_no_quorum_does_without() {
    assert!(policy().needs(b"mirrors"));
    let either = policy_text().replace("group both all", "group both any");
    assert!(!Policy::parse(either.as_bytes()).unwrap().needs(b"mirrors"));
}

#[test]
fn at_least_32_of_each_are_taken_and_more_than_64_are_not() {
    let with = |count: u8| {
        let mut text = String::new();
        for i in 0..count {
            let name = format!("w{i}.example").parse().unwrap();
            let key = tlog::Cosigner::from_seed(name, &[i; 32]).unwrap();
            text += &format!("witness w{i} {}\ngroup g{i} 1 w{i}\n", key.verifier_key());
            let name = format!("l{i}.example").parse().unwrap();
            let key = tlog::LogSigner::from_seed(name, &[i; 32]).unwrap();
            text += &format!("log {}\n", key.verifier_key());
        }
        Policy::parse((text + "quorum g0\n").as_bytes())
    };
    assert_eq!(with(64).unwrap().logs().len(), 64);
    assert_eq!(with(65), Err(PolicyError::TooComplex));
    assert_eq!(
        Policy::parse(&vec![b'\n'; 256 * 1024 + 1]),
        Err(PolicyError::TooComplex)
    );
}

#[test_case("quorum both\n", "quorum both", PolicyError::NoFinalNewline; "no final newline")]
#[test_case("quorum both\n", "quorum both\r\n", PolicyError::ControlCharacter; "carriage return")]
#[test_case("quorum both\n", "quorum both\x7f\n", PolicyError::ControlCharacter; "delete")]
#[test_case("quorum both\n", "", PolicyError::NoQuorum; "no quorum")]
#[test_case("quorum both\n", "quorum w1\nquorum w1\n", PolicyError::SecondQuorum { line: 10 }; "two quorums")]
#[test_case("quorum both\n", "quorum\n", PolicyError::Items { line: 9 }; "quorum without a name")]
#[test_case("quorum both\n", "quorum w9\n", PolicyError::UndefinedName { line: 9 }; "undefined quorum")]
#[test_case("quorum both\n", "threshold 2\n", PolicyError::Keyword { line: 9 }; "unknown keyword")]
#[test_case("any m1", "any", PolicyError::Items { line: 7 }; "no members")]
#[test_case("any m1", "any w1", PolicyError::MemberTwice { line: 7 }; "member of two groups")]
#[test_case("any m1", "any m1 m1", PolicyError::MemberTwice { line: 7 }; "member twice")]
#[test_case("any m1", "any none", PolicyError::UndefinedName { line: 7 }; "none as a member")]
#[test_case("any m1", "any mirrors", PolicyError::UndefinedName { line: 7 }; "itself as a member")]
#[test_case("any m1", "0 m1", PolicyError::Threshold { line: 7 }; "threshold zero")]
#[test_case("any m1", "2 m1", PolicyError::Threshold { line: 7 }; "threshold above the members")]
#[test_case("any m1", "01 m1", PolicyError::Threshold { line: 7 }; "threshold with a leading zero")]
#[test_case("any m1", "some m1", PolicyError::Threshold { line: 7 }; "threshold in words")]
#[test_case("group mirrors", "group w1", PolicyError::DuplicateName { line: 7 }; "name of a witness")]
#[test_case("group mirrors", "group none", PolicyError::DuplicateName { line: 7 }; "reserved name")]
fn refused(from: &str, to: &str, error: PolicyError) {
    let text = policy_text();
    assert!(text.contains(from));
    assert_eq!(Policy::parse(text.replace(from, to).as_bytes()), Err(error));
}

#[test]
fn keys_refused() {
    let (log_key, witness) = (log().verifier_key().to_string(), cosigner("w1"));
    let witness = witness.verifier_key().to_string();
    let parse = |text: String| Policy::parse(text.as_bytes()).unwrap_err();
    let wrong_type = PolicyError::Key {
        line: 1,
        source: VerifierKeyError::WrongType,
    };
    assert_eq!(parse(format!("log {witness}\n")), wrong_type);
    assert_eq!(parse(format!("witness w {log_key}\n")), wrong_type);
    let shape = PolicyError::Key {
        line: 1,
        source: VerifierKeyError::Shape,
    };
    assert_eq!(parse("log a\n".to_owned()), shape);
    assert_eq!(
        parse(format!("log {log_key}\nlog {log_key}\n")),
        PolicyError::DuplicateKey { line: 2 }
    );
    // The same public key under another name is still the same witness.
    let renamed = tlog::Cosigner::from_seed("b.example".parse().unwrap(), &[4; 32]).unwrap();
    let named = tlog::Cosigner::from_seed("a.example".parse().unwrap(), &[4; 32]).unwrap();
    let (a, b) = (named.verifier_key(), renamed.verifier_key());
    assert_eq!(
        parse(format!("witness a {a}\nwitness b {b}\n")),
        PolicyError::DuplicateKey { line: 2 }
    );
    let url = [b"log ", log_key.as_bytes(), b" \xff\n"].concat();
    assert_eq!(Policy::parse(&url), Err(PolicyError::Url { line: 1 }));
}

/// Whether the checkpoint with these cosignatures is accepted, and its time.
fn verify(times: &[(&str, u64)]) -> Result<u64, QuorumError> {
    let note = cosigned(&checkpoint(11), times).to_string();
    let note = UnverifiedCheckpoint::parse(note.as_bytes()).unwrap();
    note.verify(&policy()).map(|checkpoint| checkpoint.time())
}

#[test_case(&[("w1", 10), ("w3", 20), ("m1", 30)] => Ok(10); "two witnesses and the mirror")]
#[test_case(&[("w1", 10), ("w2", 20), ("w3", 30), ("m1", 40)] => Ok(20); "three witnesses: second newest")]
#[test_case(&[("w1", 10), ("w1", 50), ("w2", 20), ("m1", 40)] => Ok(20); "newest of one witness counts once")]
#[test_case(&[] => Err(QuorumError::NotReached); "none")]
#[test_case(&[("w1", 10), ("w2", 20), ("w3", 30)] => Err(QuorumError::NotReached); "no mirror")]
#[test_case(&[("w1", 10), ("w1", 20), ("m1", 30)] => Err(QuorumError::NotReached); "one witness twice")]
#[test_case(&[("w1", 10), ("x1", 20), ("m1", 30)] => Err(QuorumError::NotReached); "unknown witness is ignored")]
#[test_case(&[("w1", 10), ("w2", 20), ("x1", 99), ("m1", 30)] => Ok(10); "unknown witness changes nothing")]
fn k15_quorum(times: &[(&str, u64)]) -> Result<u64, QuorumError> {
    verify(times)
}

#[test]
fn k15_one_cosignature_in_the_future_changes_nothing() {
    let far = (1 << 63) - 1;
    let without = verify(&[("w1", 10), ("w2", 20), ("m1", 30)]);
    assert_eq!(without, Ok(10));
    assert_eq!(verify(&[("w1", 10), ("w2", 20), ("w3", far), ("m1", 30)]), Ok(20));
    assert_eq!(verify(&[("w1", 10), ("w2", far), ("m1", 30)]), without);
    assert_eq!(verify(&[("w1", 10), ("w2", 20), ("m1", far)]), without);
}

#[test]
fn k15_a_cosignature_over_another_checkpoint_refuses_the_note() {
    let (wanted, other) = (checkpoint(11), checkpoint(12));
    let note = cosigned(&wanted, &[("w1", 10), ("w2", 20), ("m1", 30)]);
    let lines = [note.signatures(), &[cosign(&other, "w3", 40)]].concat();
    let error = UnverifiedCheckpoint::new(wanted, lines).verify(&policy()).unwrap_err();
    let name = "w3.example".parse().unwrap();
    let source = CosignatureError::Signature(BadSignature);
    assert_eq!(error, QuorumError::Cosignature { name, source });
}

#[test]
fn the_logs_own_signature_is_needed() {
    let checkpoint = checkpoint(11);
    let all = cosigned(&checkpoint, &[("w1", 10), ("w2", 20), ("m1", 30)]);
    let cosignatures = all.signatures()[1..].to_vec();
    let without = UnverifiedCheckpoint::new(checkpoint.clone(), cosignatures.clone());
    assert_eq!(without.verify(&policy()), Err(QuorumError::NotSignedByLog));
    let other = [&[other_log().sign(&checkpoint).unwrap()], cosignatures.as_slice()].concat();
    let by_other = UnverifiedCheckpoint::new(checkpoint, other);
    assert_eq!(by_other.verify(&policy()), Err(QuorumError::NotSignedByLog));

    let changed = UnverifiedCheckpoint::parse(&edit(&all, "\n11\n", "\n12\n")).unwrap();
    assert_eq!(changed.verify(&policy()), Err(QuorumError::LogSignature));
    let renamed = edit(&all, "log.example/holdfast\n", "log.example/x\n");
    let renamed = UnverifiedCheckpoint::parse(&renamed).unwrap();
    assert_eq!(renamed.verify(&policy()), Err(QuorumError::UnknownOrigin));
}

#[test]
fn quorum_none_says_nothing_about_time() {
    let text = format!("log {}\nquorum none\n", log().verifier_key());
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert!(policy.is_satisfied_by(|_| false));
    assert_eq!(signed(&checkpoint(11)).verify(&policy), Err(QuorumError::NoQuorumAsked));
}

#[test]
fn satisfied_by_a_set() {
    let by = |names: &[&str]| {
        let keys: Vec<_> = names.iter().map(|name| cosigner(name).verifier_key().clone()).collect();
        policy().is_satisfied_by(|key| keys.contains(key))
    };
    assert!(by(&["w1", "w2", "m1"]));
    assert!(!by(&["w1", "m1"]));
    assert!(!by(&["w1", "w2", "w3"]));
}
