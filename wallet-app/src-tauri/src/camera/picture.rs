//! Reading the codes in a picture that the person chose.

use super::gathering::{Found, Gathering};
use crate::dto::Seen;
use image::GrayImage;
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

/// Why a picture gives no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureProblem {
    /// Neither PNG nor JPEG, damaged, or larger than any photograph of a code.
    #[error("this is no picture")]
    Unreadable,
    /// There is no code in it.
    #[error("there is no code in the picture")]
    NoCode,
    /// More than one: which is meant?
    #[error("there are two codes in the picture")]
    TwoCodes,
}

impl PictureProblem {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "picture_unreadable",
            Self::NoCode => "no_code_found",
            Self::TwoCodes => "two_codes",
        }
    }
}

/// A photograph of a good telephone has 12 megabytes.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The text of the one code in a picture, or the parts of a challenge, together with those of the pictures before.
pub(crate) fn read_picture(bytes: &[u8], gathering: &Mutex<Gathering>) -> Result<Seen, PictureProblem> {
    let codes = qr_reader::codes(&decoded(bytes)?);
    let mut gathering = gathering.lock().unwrap_or_else(PoisonError::into_inner);
    match gathering.take(&codes) {
        Found::One(seen) => {
            if matches!(seen, Seen::Challenge { .. }) {
                gathering.forget();
            }
            Ok(seen)
        }
        Found::Several => Err(PictureProblem::TwoCodes),
        Found::Nothing => Err(PictureProblem::NoCode),
    }
}

fn decoded(bytes: &[u8]) -> Result<GrayImage, PictureProblem> {
    if bytes.len() > MOST_BYTES {
        return Err(PictureProblem::Unreadable);
    }
    qr_reader::picture(Cursor::new(bytes)).map_err(|_| PictureProblem::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::super::drawn::{code, frame_picture};
    use super::super::gathering::tests::frames;
    use super::{PictureProblem, Seen};
    use image::{GrayImage, ImageFormat, Luma, imageops};
    use std::io::Cursor;
    use std::sync::Mutex;
    use test_case::test_case;
    use wallet::FrameKind;

    fn read_picture(bytes: &[u8]) -> Result<Seen, PictureProblem> {
        super::read_picture(bytes, &Mutex::default())
    }

    fn file(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("written");
        bytes.into_inner()
    }

    #[test_case(ImageFormat::Png ; "png")]
    #[test_case(ImageFormat::Jpeg ; "jpeg")]
    fn a_picture_with_one_code(format: ImageFormat) {
        let bytes = file(&code("openid4vp://x"), format);
        let text = "openid4vp://x".to_owned();
        assert_eq!(read_picture(&bytes), Ok(Seen::Code { text }));
    }

    /// All codes of a challenge side by side, two in a row, as on paper.
    #[test]
    fn a_sheet_is_a_whole_challenge() {
        let codes: Vec<GrayImage> = frames(FrameKind::Challenge, 1_900)[..4]
            .iter()
            .map(frame_picture)
            .collect();
        let side = codes[0].width();
        let mut sheet = GrayImage::from_pixel(2 * side, 2 * side, Luma([255]));
        for (code, (x, y)) in codes.iter().zip([(0, 0), (side, 0), (0, side), (side, side)]) {
            imageops::overlay(&mut sheet, code, i64::from(x), i64::from(y));
        }
        let seen = read_picture(&file(&sheet, ImageFormat::Png)).expect("read");
        assert!(matches!(seen, Seen::Challenge { .. }), "{seen:?}");
    }

    #[test]
    fn parts_in_several_pictures_come_together_and_the_next_challenge_begins_anew() {
        let gathering = Mutex::default();
        let frames = frames(FrameKind::Challenge, 900);
        let kinds = [0, 1, 0].map(|place| {
            let picture = file(&frame_picture(&frames[place]), ImageFormat::Png);
            super::read_picture(&picture, &gathering).expect("read")
        });
        assert!(matches!(&kinds[0], Seen::Parts { parts } if (parts.received, parts.needed) == (1, 2)));
        assert!(matches!(kinds[1], Seen::Challenge { .. }), "{kinds:?}");
        assert!(
            matches!(&kinds[2], Seen::Parts { parts } if parts.received == 1),
            "{kinds:?}"
        );
    }

    #[test]
    fn two_codes_are_refused() {
        let (left, right) = (code("a"), code("b"));
        let mut both = GrayImage::from_pixel(left.width() * 2, left.height(), Luma([255]));
        imageops::overlay(&mut both, &left, 0, 0);
        imageops::overlay(&mut both, &right, i64::from(left.width()), 0);
        assert_eq!(
            read_picture(&file(&both, ImageFormat::Png)),
            Err(PictureProblem::TwoCodes)
        );
    }

    #[test]
    fn a_picture_without_code() {
        let empty = GrayImage::from_pixel(200, 200, Luma([200]));
        assert_eq!(
            read_picture(&file(&empty, ImageFormat::Png)),
            Err(PictureProblem::NoCode)
        );
    }

    #[test_case(b"" ; "nothing")]
    #[test_case(b"GIF89a\x01\x00\x01\x00" ; "another kind of picture")]
    #[test_case(b"\x89PNG\r\n\x1a\n cut off" ; "a damaged picture")]
    #[test_case(b"<svg xmlns='http://www.w3.org/2000/svg'/>" ; "a drawing with scripts")]
    fn no_picture(bytes: &[u8]) {
        assert_eq!(read_picture(bytes), Err(PictureProblem::Unreadable));
    }

    #[test]
    fn a_picture_of_a_million_rows_is_not_decoded() {
        let mut header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
        header.extend([
            0x00, 0x0f, 0x42, 0x40, 0x00, 0x0f, 0x42, 0x40, 8, 0, 0, 0, 0, 0, 0, 0, 0,
        ]);
        assert_eq!(read_picture(&header), Err(PictureProblem::Unreadable));
    }
}
