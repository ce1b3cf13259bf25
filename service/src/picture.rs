//! Pictures that a camera reads.

use std::fmt::Write;

use qrcode::bits::encode_auto;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::{Color, EcLevel, QrResult};

/// Modules of light around a code. ISO/IEC 18004 §6.3.8
const QUIET: usize = 4;
/// Fewest pixels of a side, where nothing else is said.
const SMALLEST: usize = 240;
/// The mask of every code. Readers take it from the code itself, so each of the eight is good. Which of them looks best
/// is seen by trying all (ISO/IEC 18004 §7.8.3), which costs far more than the code: for the random text that is shown
/// here they are alike, and this one is as good as any.
const MASK: MaskPattern = MaskPattern::Meadow;

/// The text does not fit into a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit into a QR code")]
pub struct TooLong;

/// A QR code in SVG, dark on light with its quiet zone. ISO/IEC 18004
///
/// # Errors
/// [`TooLong`], from about 2300 bytes.
pub fn qr_svg(text: &str) -> Result<String, TooLong> {
    let (width, modules) = modules(text).map_err(|_| TooLong)?;
    Ok(drawn(width, &modules))
}

/// The modules of a side, and all of them, row by row.
fn modules(text: &str) -> QrResult<(usize, Vec<Color>)> {
    let level = EcLevel::M;
    let bits = encode_auto(text.as_bytes(), level)?;
    let version = bits.version();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MASK);
    let modules = canvas.into_colors();
    Ok((modules.len().isqrt(), modules))
}

/// One module is one unit; what is dark side by side is one rectangle.
fn drawn(width: usize, modules: &[Color]) -> String {
    let size = width + 2 * QUIET;
    let pixels = SMALLEST.div_ceil(size) * size;
    let mut svg = String::with_capacity(16 * 1024);
    // Writing to a string does not fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{pixels}\" height=\"{pixels}\" \
         viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{size}\" height=\"{size}\" fill=\"#ffffff\"/><path fill=\"#000000\" d=\""
    );
    for (y, row) in modules.chunks(width.max(1)).enumerate() {
        let mut x = QUIET;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                rectangle(&mut svg, x, QUIET + y, run.len());
            }
            x += run.len();
        }
    }
    svg.push_str("\"/></svg>");
    svg
}

/// A rectangle one high.
fn rectangle(path: &mut String, x: usize, y: usize, width: usize) {
    path.push('M');
    number(path, x);
    path.push(' ');
    number(path, y);
    path.push('h');
    number(path, width);
    path.push_str("v1h-");
    number(path, width);
    path.push('z');
}

/// The digits of a number; there are thousands in a picture, and formatting each costs more than the code.
fn number(text: &mut String, value: usize) {
    const DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
    if value >= 10 {
        number(text, value / 10);
    }
    text.push(DIGITS[value % 10]);
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    use super::{QUIET, TooLong, modules, qr_svg};

    #[test]
    fn a_link_is_a_picture_and_a_book_is_not() {
        let picture = qr_svg("openid-credential-offer://?credential_offer_uri=x").unwrap();
        assert!(picture.contains("<svg") && picture.contains("#000000"));
        assert_eq!(qr_svg(&"x".repeat(4000)), Err(TooLong));
    }

    #[test]
    fn a_code_is_that_of_the_standard_wherever_the_choice_falls_on_the_same_mask() {
        let same = |number: u32| {
            let text = format!("openid4vp://?client_id=x509_hash%3A{number}");
            let chosen = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
            let (width, modules) = modules(&text).unwrap();
            assert_eq!(width, chosen.width());
            modules == chosen.to_colors()
        };
        assert!((0..200).any(same));
    }

    #[test]
    fn the_picture_shows_every_module() {
        let text = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fagency.example%2Foffers%2F1234567890";
        let (width, modules) = modules(text).unwrap();
        let mut seen = vec![Color::Light; width * width];
        let picture = qr_svg(text).unwrap();
        let (_, path) = picture.split_once(" d=\"M").unwrap();
        let (path, _) = path.split_once("z\"").unwrap();
        for rectangle in path.split("zM") {
            let (x, rest) = rectangle.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, back) = rest.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
            let first = (y - QUIET) * width + (x - QUIET);
            seen[first..first + length].fill(Color::Dark);
        }
        assert_eq!(seen, modules);
    }
}
