use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::error::ApiError;

/// A link as a QR code in SVG, dark on light with the quiet zone.
pub(super) fn qr_svg(link: &str) -> Result<String, ApiError> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M)
        .map_err(|_| ApiError::Internal("the link does not fit into a QR code"))?;
    let picture = code
        .render()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Ok(picture)
}
