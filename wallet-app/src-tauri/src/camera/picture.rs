//! Reading the code in a picture that the person chose.

use super::decode::codes;
use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

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
/// Pixels of one side.
const LONGEST_SIDE: u32 = 12_000;
/// Bytes that decoding may take.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// The text of the one code in a picture.
pub(crate) fn read_picture(bytes: &[u8]) -> Result<String, PictureProblem> {
    if bytes.len() > MOST_BYTES {
        return Err(PictureProblem::Unreadable);
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| PictureProblem::Unreadable)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(PictureProblem::Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| PictureProblem::Unreadable)?;
    let mut texts = codes(&picture.into_luma8());
    match (texts.pop(), texts.is_empty()) {
        (Some(text), true) => Ok(text),
        (Some(_), false) => Err(PictureProblem::TwoCodes),
        (None, _) => Err(PictureProblem::NoCode),
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::tests::code;
    use super::{PictureProblem, read_picture};
    use image::{GrayImage, ImageFormat, Luma, imageops};
    use std::io::Cursor;
    use test_case::test_case;

    fn file(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("written");
        bytes.into_inner()
    }

    #[test_case(ImageFormat::Png ; "png")]
    #[test_case(ImageFormat::Jpeg ; "jpeg")]
    fn a_picture_with_one_code(format: ImageFormat) {
        let bytes = file(&code("openid4vp://x"), format);
        assert_eq!(read_picture(&bytes).as_deref(), Ok("openid4vp://x"));
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
