//! Pictures of codes, for tests.

use image::{GrayImage, Luma};
use wallet::{FRAME_BYTES, FrameCode};

/// A picture of a code, with the quiet zone around it.
pub(super) fn code(text: &str) -> GrayImage {
    let made = zxingcpp::create(zxingcpp::BarcodeFormat::QRCode)
        .from_str(text)
        .expect("fits a code")
        .to_image_with(&zxingcpp::write().scale(4).add_quiet_zones(true))
        .expect("a picture");
    let (width, height) = (made.width().unsigned_abs(), made.height().unsigned_abs());
    GrayImage::from_raw(width, height, made.data()).expect("as many bytes as pixels")
}

/// The picture of a frame, with the quiet zone around it.
pub(super) fn frame_picture(frame: &[u8; FRAME_BYTES]) -> GrayImage {
    const PIXELS: u32 = 4;
    let code = FrameCode::new(frame).expect("fits a code");
    let side = FrameCode::SIDE_WITH_QUIET_ZONE * PIXELS;
    GrayImage::from_fn(side, side, |x, y| {
        Luma([if code.is_dark(x / PIXELS, y / PIXELS) { 0 } else { 255 }])
    })
}
