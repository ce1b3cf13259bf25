//! Small pictures for the viewfinder.

use crate::dto::Frame;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;

const WIDEST: u32 = 480;
const HIGHEST: u32 = 480;
const QUALITY: u8 = 60;

/// A picture as the window shows it; `None` for one without pixels.
pub(super) fn frame(picture: &DynamicImage) -> Option<Frame> {
    if picture.width() == 0 || picture.height() == 0 {
        return None;
    }
    let small = if picture.width() > WIDEST || picture.height() > HIGHEST {
        &picture.resize(WIDEST, HIGHEST, FilterType::Nearest)
    } else {
        picture
    };
    let mut bytes = Vec::new();
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))
        .ok()?;
    Some(Frame {
        width: small.width(),
        height: small.height(),
        source: format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes)),
    })
}

#[cfg(test)]
mod tests {
    use super::frame;
    use image::{DynamicImage, RgbImage};

    #[test]
    fn a_large_picture_becomes_a_small_one_of_the_same_form() {
        let small = frame(&DynamicImage::from(RgbImage::new(1280, 720))).expect("a frame");
        assert_eq!((small.width, small.height), (480, 270));
        assert!(small.source.starts_with("data:image/jpeg;base64,/9j/"));
    }

    #[test]
    fn no_pixels_are_no_picture() {
        assert!(frame(&DynamicImage::from(RgbImage::new(0, 0))).is_none());
    }
}
