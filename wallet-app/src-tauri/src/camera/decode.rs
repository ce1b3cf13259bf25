//! Reading QR codes. ISO/IEC 18004

use image::GrayImage;
use zxingcpp::{BarcodeFormat, ImageFormat, ImageView};

/// More codes than this in one picture make no difference: a challenge on paper has as many.
const MOST: i32 = 16;

/// What a code holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// As text; garbage where it is none.
    pub(super) text: String,
    /// As it is.
    pub(super) bytes: Vec<u8>,
}

/// The codes in a picture, each once. What holds nothing is no code for us.
pub(super) fn codes(picture: &GrayImage) -> Vec<Code> {
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
pub(super) mod tests {
    use image::{GrayImage, Luma, imageops};
    use wallet::{FRAME_BYTES, FrameCode};

    fn codes(picture: &GrayImage) -> Vec<String> {
        super::codes(picture).into_iter().map(|code| code.text).collect()
    }

    /// A picture of a code, with the quiet zone around it.
    pub(in crate::camera) fn code(text: &str) -> GrayImage {
        let made = zxingcpp::create(zxingcpp::BarcodeFormat::QRCode)
            .from_str(text)
            .expect("fits a code")
            .to_image_with(&zxingcpp::write().scale(4).add_quiet_zones(true))
            .expect("a picture");
        let (width, height) = (made.width().unsigned_abs(), made.height().unsigned_abs());
        GrayImage::from_raw(width, height, made.data()).expect("as many bytes as pixels")
    }

    /// The picture of a frame, with the quiet zone around it.
    pub(in crate::camera) fn frame_picture(frame: &[u8; FRAME_BYTES]) -> GrayImage {
        const PIXELS: u32 = 4;
        let code = FrameCode::new(frame).expect("fits a code");
        let side = FrameCode::SIDE_WITH_QUIET_ZONE * PIXELS;
        GrayImage::from_fn(side, side, |x, y| {
            Luma([if code.is_dark(x / PIXELS, y / PIXELS) { 0 } else { 255 }])
        })
    }

    #[test]
    fn bytes_of_any_kind_come_as_they_are() {
        let frame = std::array::from_fn(|place| place.to_le_bytes()[0]);
        let found = super::codes(&frame_picture(&frame));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].bytes, frame);
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
