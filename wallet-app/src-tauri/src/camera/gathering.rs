//! What codes come to, picture after picture: a text, or the parts of a challenge until it is whole.
//! docs/offline-qr.md §4

use crate::dto::{Parts, Seen};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use qr_reader::Code;
use wallet::{FrameCollector, FrameKind};

/// The parts seen so far.
#[derive(Debug)]
pub(crate) struct Gathering {
    collector: FrameCollector,
}

/// What the codes of one picture come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// There is none.
    Nothing,
    /// More than one text: which is meant?
    Several,
    /// One text, or parts of a challenge.
    One(Seen),
}

impl Default for Gathering {
    fn default() -> Self {
        Self {
            collector: FrameCollector::new(FrameKind::Challenge),
        }
    }
}

impl Gathering {
    /// Takes the codes of one picture. Whoever shows parts of a challenge is answered as one who does.
    pub(super) fn take(&mut self, codes: &[Code]) -> Found {
        let mut progress = None;
        for code in codes {
            progress = self.collector.accept(&code.bytes).ok().or(progress);
        }
        if let Some(progress) = progress {
            let whole = self.collector.complete().map(|message| URL_SAFE_NO_PAD.encode(message));
            return Found::One(match whole {
                Ok(challenge) => Seen::Challenge { challenge },
                Err(_) => Seen::Parts {
                    parts: Parts::of(&progress),
                },
            });
        }
        let mut texts = codes.iter().map(|code| &code.text).filter(|text| !text.is_empty());
        match (texts.next(), texts.next()) {
            (Some(text), None) => Found::One(Seen::Code { text: text.clone() }),
            (Some(_), Some(_)) => Found::Several,
            (None, _) => Found::Nothing,
        }
    }

    /// Forgets all parts.
    pub(crate) fn forget(&mut self) {
        self.collector.reset();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use wallet::{FRAME_BYTES, FrameSource};

    /// The frames of a message of this many bytes. (What is in it is none of the collector's business.)
    pub(in crate::camera) fn frames(kind: FrameKind, bytes: usize) -> Vec<[u8; FRAME_BYTES]> {
        let message: Vec<u8> = (0..bytes).map(|place| place.wrapping_mul(7).to_le_bytes()[0]).collect();
        FrameSource::new(kind, &message).expect("fits").frames().to_vec()
    }

    fn code(bytes: &[u8]) -> Code {
        Code {
            text: String::from_utf8_lossy(bytes).into_owned(),
            bytes: bytes.to_vec(),
        }
    }

    fn parts(received: usize, needed: usize) -> Found {
        Found::One(Seen::Parts {
            parts: Parts {
                received,
                needed,
                altered: false,
            },
        })
    }

    #[test]
    fn parts_are_counted_until_the_challenge_is_whole() {
        let frames = frames(FrameKind::Challenge, 1_100);
        let mut gathering = Gathering::default();
        assert_eq!(gathering.take(&[code(&frames[7])]), parts(1, 3));
        assert_eq!(gathering.take(&[code(&frames[7])]), parts(1, 3));
        assert_eq!(gathering.take(&[code(&frames[20])]), parts(2, 3));
        let whole = gathering.take(&[code(&frames[0])]);
        assert!(matches!(whole, Found::One(Seen::Challenge { .. })), "{whole:?}");
        gathering.forget();
        assert_eq!(gathering.take(&[code(&frames[0])]), parts(1, 3));
    }

    #[test]
    fn a_sheet_with_all_parts_is_whole_at_once_whatever_lies_beside_it() {
        let frames = frames(FrameKind::Challenge, 1_100);
        let mut seen: Vec<Code> = frames[..3].iter().map(|frame| code(frame)).collect();
        seen.push(code(b"https://menu.example/"));
        let whole = Gathering::default().take(&seen);
        assert!(matches!(whole, Found::One(Seen::Challenge { .. })), "{whole:?}");
    }

    #[test]
    fn an_altered_part_is_said_and_more_parts_mend_it() {
        let mut frames = frames(FrameKind::Challenge, 1_100);
        frames[1][100] ^= 1;
        let mut gathering = Gathering::default();
        gathering.take(&[code(&frames[0]), code(&frames[1])]);
        let altered = gathering.take(&[code(&frames[2])]);
        assert!(
            matches!(&altered, Found::One(Seen::Parts { parts }) if parts.altered),
            "{altered:?}"
        );
        let mended = gathering.take(&[code(&frames[3]), code(&frames[4])]);
        assert!(matches!(mended, Found::One(Seen::Challenge { .. })), "{mended:?}");
    }

    #[test]
    fn an_answer_of_somebody_is_no_part_of_a_challenge() {
        let frames = frames(FrameKind::Answer, 600);
        let found = Gathering::default().take(&[code(&frames[0])]);
        assert!(matches!(found, Found::One(Seen::Code { .. })), "{found:?}");
    }

    #[test]
    fn one_text_is_one_and_two_are_several() {
        let mut gathering = Gathering::default();
        let (a, b) = (code(b"openid4vp://a"), code(b"openid4vp://b"));
        let text = Seen::Code {
            text: "openid4vp://a".to_owned(),
        };
        assert_eq!(gathering.take(std::slice::from_ref(&a)), Found::One(text));
        assert_eq!(gathering.take(&[a, b]), Found::Several);
        assert_eq!(gathering.take(&[]), Found::Nothing);
    }
}
