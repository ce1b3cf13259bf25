//! Pictures that a camera reads.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The text does not fit into a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit into a QR code")]
pub struct TooLong;

/// A QR code in SVG, dark on light with its quiet zone. ISO/IEC 18004
///
/// # Errors
/// [`TooLong`], from about 2300 bytes.
pub fn qr_svg(text: &str) -> Result<String, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let picture = code
        .render()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::{TooLong, qr_svg};

    #[test]
    fn a_link_is_a_picture_and_a_book_is_not() {
        let picture = qr_svg("openid-credential-offer://?credential_offer_uri=x").unwrap();
        assert!(picture.contains("<svg") && picture.contains("#000000"));
        assert_eq!(qr_svg(&"x".repeat(4000)), Err(TooLong));
    }
}
