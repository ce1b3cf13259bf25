//! Answers to offline checks. docs/offline-qr.md §3

use std::sync::LazyLock;

use cbor::Writer;
use jose::jwe::BareJwe;
use oid4vp::{QueryId, VpToken};
use proximity::{AnswerError, Challenge, MakeAnswerError, NewAnswer, OpenedAnswer, SealedAnswer, UnverifiedAnswer};
use sd_jwt::{ClaimPath, UnverifiedSdJwt};
use testkit::credential::{Agency, person_identification, status};

use super::Target;
use crate::keys::{HOLDER, NOW, TRUSTED, signer};
use crate::offline::{LIST, SCENE, VCT};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "answer",
    asserts: "an answer has one encoding, and with a byte more or less none; nothing opens but what was sealed, and \
              not for another challenge; what is sealed comes back byte for byte; what opens of any content, sealed \
              again, opens to the same",
    body,
    seeds: inputs,
};

/// No answer is longer.
const LONGEST: usize = 8160;
/// First bytes: an answer, and a content, which the body encrypts itself. Everything else is the text of a
/// presentation.
const ANSWER: u8 = 0x86;
const CONTENT: u8 = 0x85;
const KEY_BINDING: &str = r#"{"alg":"ES256","typ":"kb+jwt"}"#;

/// Answers that were sealed, to a key drawn for each, so that they are kept.
static SEALED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let files = seeds::files(&seeds::folder("seeds", "answer")).into_iter();
    files.map(|(_, answer)| answer).collect()
});

/// A presentation to the shop. Ed25519 everywhere: the same in every run.
static PRESENTED: LazyLock<String> = LazyLock::new(|| {
    let agency = Agency::new(&SCENE.agency, &format!("{}#assert-1", SCENE.agency), TRUSTED.clone());
    let mut draft = agency.draft(VCT, person_identification(), HOLDER.public(), NOW);
    draft.status = Some(status(LIST, 7));
    let issued = agency.issue(draft);
    let held = UnverifiedSdJwt::parse(&issued)
        .unwrap()
        .dangerous_from_storage()
        .unwrap();
    let audience = SCENE.challenges[0].client_id().to_string();
    let challenge = sd_jwt::Challenge {
        audience: &audience,
        nonce: SCENE.challenges[0].nonce().as_str(),
    };
    let shown = held.select(&[ClaimPath::from("age_over_18"), ClaimPath::from("portrait")]);
    shown.unwrap().bind(challenge, NOW, &signer(&HOLDER)).unwrap()
});

/// Makes [`SEALED`] anew.
pub(crate) fn make() -> Vec<u8> {
    let answer = NewAnswer {
        token: &token(&PRESENTED),
        bundles: std::slice::from_ref(&SCENE.agency_bundle),
        status_proofs: std::slice::from_ref(&SCENE.status_proof),
    };
    answer.seal(&SCENE.verified).unwrap().message().to_vec()
}

fn token(presentation: &str) -> VpToken {
    let mut token = VpToken::new();
    token.insert(query_id(), presentation.to_owned());
    token
}

fn query_id() -> QueryId {
    SCENE.challenges[0].query().credentials()[0].id().clone()
}

fn inputs() -> Vec<Vec<u8>> {
    let bundle = stored(&[&SCENE.agency_bundle]);
    let proof = stored(&[&SCENE.status_proof.encode()]);
    let values = [[5; 64], [6; 64]].concat();
    vec![
        PRESENTED.clone().into_bytes(),
        content(r#"{"alg":"ES256"}"#, &values, None, None),
        content(r#"{"alg":"ES256"}"#, &values, Some(&bundle), Some(&proof)),
        content(
            "{\"hash\":\"\u{1}\"}",
            &[[7; 32].as_slice(), &values].concat(),
            None,
            None,
        ),
    ]
}

/// A content in stored blocks, so that changes are of what is inside. RFC 1951 §3.2.4
fn content(header: &str, values: &[u8], bundles: Option<&[u8]>, proofs: Option<&[u8]>) -> Vec<u8> {
    let mut texts = Writer::new();
    texts
        .array(1)
        .array(5)
        .text("card")
        .text(header)
        .text(r#"{"iss":"did:example:a"}"#);
    texts.array(1).text(r#"["salt","age_over_18",true]"#);
    texts
        .array(2)
        .text(KEY_BINDING)
        .text("{\"nonce\":\"\u{4}\",\"sd_hash\":\"\u{5}\"}");
    let mut writer = Writer::new();
    writer.array(5).uint(1).bytes(&block(&texts.into_bytes())).bytes(values);
    for packed in [bundles, proofs] {
        match packed {
            Some(packed) => writer.bytes(packed),
            None => writer.null(),
        };
    }
    writer.into_bytes()
}

fn stored(items: &[&[u8]]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(items.len());
    for item in items {
        writer.bytes(item);
    }
    block(&writer.into_bytes())
}

fn block(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut block = vec![1];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(bytes);
    block
}

fn body(input: &[u8]) -> Reached {
    match (input.first(), std::str::from_utf8(input)) {
        (Some(&ANSWER), _) => answer(input),
        (Some(&CONTENT), _) => opened(input),
        (_, Ok(text)) => presentation(text),
        _ => Reached::Refused,
    }
}

fn answer(input: &[u8]) -> Reached {
    let Ok(answer) = UnverifiedAnswer::parse(input) else {
        return Reached::Refused;
    };
    assert!(input.len() <= LONGEST);
    assert_eq!(answer.encode(), input);
    assert!(UnverifiedAnswer::parse(&input[..input.len() - 1]).is_err());
    assert!(UnverifiedAnswer::parse(&[input, &[0]].concat()).is_err());
    let [challenge, other] = SCENE.challenges.as_slice() else {
        panic!("the shop asks twice");
    };
    assert!(open(answer.clone(), other).is_err(), "opened for another challenge");
    match open(answer, challenge) {
        Ok(opened) => {
            assert!(SEALED.iter().any(|sealed| sealed == input), "opened what nobody sealed");
            assert!(opened.token().presentations().eq(token(&PRESENTED).presentations()));
            Reached::Accepted
        }
        Err(_) => Reached::Read,
    }
}

fn open(answer: UnverifiedAnswer, challenge: &Challenge) -> Result<OpenedAnswer, AnswerError> {
    answer.open(challenge, &SCENE.key, NOW)
}

/// Any content, encrypted as it should be.
fn opened(content: &[u8]) -> Reached {
    let challenge = &SCENE.challenges[0];
    let hash = challenge.hash();
    let jwe = BareJwe::encrypt(content, SCENE.key.public(), hash).unwrap();
    let mut writer = Writer::new();
    writer.array(6).uint(1).bytes(&hash[..8]).bytes(&jwe.epk).bytes(&jwe.iv);
    writer.bytes(&jwe.ciphertext).bytes(&jwe.tag);
    let Ok(answer) = UnverifiedAnswer::parse(&writer.into_bytes()) else {
        return Reached::Refused;
    };
    let opened = match open(answer, challenge) {
        Ok(opened) => opened,
        Err(AnswerError::Undecryptable | AnswerError::OtherChallenge | AnswerError::Expired) => {
            panic!("what was encrypted opens")
        }
        Err(_) => return Reached::Refused,
    };
    let mut token = VpToken::new();
    for (id, text) in opened.token().presentations() {
        token.insert(id.clone(), text.to_owned());
    }
    let answer = NewAnswer {
        token: &token,
        bundles: &[],
        status_proofs: opened.status_proofs(),
    };
    let Some(sealed) = sealed(&answer) else {
        return Reached::Read;
    };
    let again = open(UnverifiedAnswer::parse(sealed.message()).unwrap(), challenge).unwrap();
    assert_eq!(again.token(), opened.token());
    assert_eq!(again.status_proofs(), opened.status_proofs());
    Reached::Accepted
}

/// The answer, where it is one that can be sent.
fn sealed(answer: &NewAnswer<'_>) -> Option<SealedAnswer> {
    match answer.seal(&SCENE.verified) {
        Ok(sealed) => {
            assert!(sealed.message().len() <= LONGEST);
            assert_eq!(sealed.budget().after(), sealed.message().len() + 32);
            Some(sealed)
        }
        Err(MakeAnswerError::NotAPresentation | MakeAnswerError::NotReversible | MakeAnswerError::TooLong) => None,
        Err(error) => panic!("one presentation, and few proofs: {error}"),
    }
}

fn presentation(text: &str) -> Reached {
    let token = token(text);
    let answer = NewAnswer {
        token: &token,
        bundles: &[],
        status_proofs: &[],
    };
    let Some(sealed) = sealed(&answer) else {
        return Reached::Refused;
    };
    let answer = UnverifiedAnswer::parse(sealed.message()).unwrap();
    let opened = open(answer, &SCENE.challenges[0]).unwrap();
    assert!(
        opened.token().presentations().eq(token.presentations()),
        "comes back as another text"
    );
    Reached::Accepted
}
