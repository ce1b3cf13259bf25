//! Pictures that people bring, and the QR codes in them, for the window and the command line. ISO/IEC 18004

use image::{GrayImage, ImageFormat as FileFormat, ImageReader, Limits};
use std::io::{BufRead, Seek};
use thiserror::Error;
use zxingcpp::{BarcodeFormat, ImageFormat, ImageView};

/// More codes than this in one picture make no difference: a challenge on paper has as many.
const MOST: i32 = 16;
/// Pixels of one side.
const LONGEST_SIDE: u32 = 12_000;
/// Bytes that decoding may take.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// Neither PNG nor JPEG, damaged, or larger than any photograph of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no picture")]
pub struct Unreadable;

/// What a code holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// As text; garbage where it is none.
    pub text: String,
    /// As it is.
    pub bytes: Vec<u8>,
}

/// The picture in a file, which may come from anywhere.
///
/// # Errors
/// [`Unreadable`], where there is none of at most 12000 pixels a side that takes no more than 256 MiB to decode.
pub fn picture(file: impl BufRead + Seek) -> Result<GrayImage, Unreadable> {
    let mut reader = ImageReader::new(file).with_guessed_format().map_err(|_| Unreadable)?;
    if !matches!(reader.format(), Some(FileFormat::Png | FileFormat::Jpeg)) {
        return Err(Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| Unreadable)?;
    Ok(picture.into_luma8())
}

/// The codes in a picture, each once. What holds nothing is no code for us.
pub fn codes(picture: &GrayImage) -> Vec<Code> {
    let Ok(view) = ImageView::from_slice(picture.as_raw(), picture.width(), picture.height(), ImageFormat::Lum) else {
        return Vec::new();
    };
    let reader = zxingcpp::read()
        .formats([BarcodeFormat::QRCode])
        .try_harder(true)
        .try_rotate(true)
        .try_invert(true)
        .try_downscale(true)
        .max_number_of_symbols(MOST);
    let mut codes: Vec<Code> = Vec::new();
    for found in reader.from(&view).unwrap_or_default() {
        let (text, bytes) = (found.text(), found.bytes());
        let code = Code { text, bytes };
        if found.is_valid() && !code.bytes.is_empty() && !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::Unreadable;
    use image::{GrayImage, Luma, imageops};
    use proximity::FrameCode;
    use std::io::Cursor;
    use zxingcpp::BarcodeFormat;

    fn codes(picture: &GrayImage) -> Vec<String> {
        super::codes(picture).into_iter().map(|code| code.text).collect()
    }

    /// A picture of a code, with the quiet zone around it.
    fn code(text: &str) -> GrayImage {
        let made = zxingcpp::create(BarcodeFormat::QRCode).from_str(text).expect("fits");
        let options = zxingcpp::write().scale(4).add_quiet_zones(true);
        let made = made.to_image_with(&options).expect("a picture");
        let [width, height] = [made.width(), made.height()].map(i32::unsigned_abs);
        GrayImage::from_raw(width, height, made.data()).expect("as many bytes as pixels")
    }

    #[test]
    fn bytes_of_any_kind_come_as_they_are() {
        let frame = std::array::from_fn(|place| place.to_le_bytes()[0]);
        let code = FrameCode::new(&frame).expect("fits a code");
        let side = 4 * FrameCode::SIDE_WITH_QUIET_ZONE;
        let shade = |dark: bool| Luma([if dark { 0 } else { 255 }]);
        let found = super::codes(&GrayImage::from_fn(side, side, |x, y| {
            shade(code.is_dark(x / 4, y / 4))
        }));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].bytes, frame);
    }

    #[test]
    fn what_is_no_photograph_is_no_picture() {
        for file in [&b""[..], b"GIF89a\x01\x00\x01\x00", b"\x89PNG\r\n\x1a\n cut off"] {
            assert_eq!(super::picture(Cursor::new(file)), Err(Unreadable));
        }
    }

    #[test]
    fn the_text_of_a_code() {
        assert_eq!(codes(&code("openid4vp://?client_id=x")), ["openid4vp://?client_id=x"]);
    }

    #[test]
    fn a_turned_code_is_read() {
        assert_eq!(codes(&imageops::rotate90(&code("haip-vp://x"))), ["haip-vp://x"]);
    }

    #[test]
    fn the_largest_code_is_read() {
        let long = "a".repeat(2_900);
        assert_eq!(codes(&code(&long)), [long]);
    }

    #[test]
    fn two_codes_are_two() {
        let (left, right) = (code("openid4vp://a"), code("openid4vp://b"));
        let mut both = GrayImage::from_pixel(left.width() * 2, left.height(), Luma([255]));
        imageops::overlay(&mut both, &left, 0, 0);
        imageops::overlay(&mut both, &right, i64::from(left.width()), 0);
        let mut texts = codes(&both);
        texts.sort();
        assert_eq!(texts, ["openid4vp://a", "openid4vp://b"]);
    }

    #[test]
    fn an_empty_picture_has_none() {
        assert!(codes(&GrayImage::new(0, 0)).is_empty());
        assert!(codes(&GrayImage::new(64, 64)).is_empty());
    }
}
