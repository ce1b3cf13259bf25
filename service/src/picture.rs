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
/// Pixels of a module's side in a PNG.
const PRINTED: usize = 8;
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
    let modules = modules(text).map_err(|_| TooLong)?;
    Ok(drawn(modules.len().isqrt(), &[modules], 1))
}

/// A QR code in PNG, to be printed: dark on light with its quiet zone, eight pixels a module. ISO/IEC 18004
///
/// # Errors
/// [`TooLong`], as [`qr_svg`].
pub fn qr_png(text: &str) -> Result<Vec<u8>, TooLong> {
    let modules = modules(text).map_err(|_| TooLong)?;
    let side = modules.len().isqrt();
    let size = (side + 2 * QUIET) * PRINTED;
    let mut gray = vec![u8::MAX; size * size];
    for (y, row) in gray.chunks_exact_mut(size).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let (x, y) = ((x / PRINTED).wrapping_sub(QUIET), (y / PRINTED).wrapping_sub(QUIET));
            if x < side && modules.get(y.saturating_mul(side).saturating_add(x)) == Some(&true) {
                *pixel = 0;
            }
        }
    }
    // What is written to memory and has a size of at most 1480 pixels is always written.
    encoded(size, &gray).map_err(|_| TooLong)
}

fn encoded(size: usize, gray: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let side = u32::try_from(size).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(gray)?;
    Ok(bytes)
}

/// Several codes of one size in one SVG, so many in a row, each with its quiet zone. `side` counts the modules of a
/// side; a code is its modules row by row, a bit each, dark is 1. The first of a row is the highest bit, and a row ends
/// with a whole byte. What is missing is light.
#[must_use]
pub fn sheet_svg(side: usize, codes: &[Vec<u8>], in_a_row: usize) -> String {
    let codes: Vec<Vec<bool>> = codes.iter().map(|bits| unpacked(side, bits)).collect();
    drawn(side, &codes, in_a_row.max(1))
}

/// Whether each module is dark, row by row.
fn unpacked(side: usize, bits: &[u8]) -> Vec<bool> {
    let dark = |row: &[u8], x: usize| row.get(x / 8).is_some_and(|byte| byte & (0x80_u8 >> (x % 8)) != 0);
    let rows = bits.chunks(side.div_ceil(8).max(1)).take(side);
    rows.flat_map(|row| (0..side).map(move |x| dark(row, x))).collect()
}

/// Whether each module is dark, row by row.
fn modules(text: &str) -> QrResult<Vec<bool>> {
    let level = EcLevel::M;
    let bits = encode_auto(text.as_bytes(), level)?;
    let version = bits.version();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MASK);
    let colors = canvas.into_colors();
    Ok(colors.into_iter().map(|color| color == Color::Dark).collect())
}

/// One module is one unit; what is dark side by side is one rectangle. The codes are of one size.
fn drawn(side: usize, codes: &[Vec<bool>], in_a_row: usize) -> String {
    let size = side + 2 * QUIET;
    let (across, down) = (size * in_a_row.min(codes.len()), size * codes.len().div_ceil(in_a_row));
    let pixels = SMALLEST.div_ceil(size);
    let mut svg = String::with_capacity(16 * 1024 * codes.len());
    // Writing to a string does not fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {across} {down}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{across}\" height=\"{down}\" fill=\"#ffffff\"/><path fill=\"#000000\" d=\"",
        pixels * across,
        pixels * down
    );
    for (place, modules) in codes.iter().enumerate() {
        let (left, top) = (place % in_a_row * size + QUIET, place / in_a_row * size + QUIET);
        for (y, row) in modules.chunks(side.max(1)).enumerate() {
            let mut x = left;
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&true) {
                    rectangle(&mut svg, x, top + y, run.len());
                }
                x += run.len();
            }
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

    use super::{PRINTED, QUIET, TooLong, modules, qr_png, qr_svg, sheet_svg};

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
            let colors = chosen.to_colors();
            let dark: Vec<bool> = colors.iter().map(|color| *color == Color::Dark).collect();
            let modules = modules(&text).unwrap();
            assert_eq!(modules.len(), dark.len());
            modules == dark
        };
        assert!((0..200).any(same));
    }

    #[test]
    fn the_picture_shows_every_module() {
        let text = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fagency.example%2Foffers%2F1234567890";
        let modules = modules(text).unwrap();
        let width = modules.len().isqrt();
        let mut seen = vec![false; width * width];
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
            seen[first..first + length].fill(true);
        }
        assert_eq!(seen, modules);
    }

    #[test]
    fn a_printed_code_shows_every_module_and_light_around_it() {
        let text = "holdfast-ecosystem://add?pack=https%3A%2F%2Fledger.example&sha256=00";
        let bytes = qr_png(text).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let size = usize::try_from(reader.next_frame(&mut pixels).unwrap().width).unwrap();
        let modules = modules(text).unwrap();
        let side = modules.len().isqrt();
        assert_eq!(size, (side + 2 * QUIET) * PRINTED);
        let dark = |x: usize, y: usize| pixels[(y * PRINTED + PRINTED / 2) * size + x * PRINTED + PRINTED / 2] == 0;
        for y in 0..side + 2 * QUIET {
            for x in 0..side + 2 * QUIET {
                let inside = (QUIET..QUIET + side).contains(&x) && (QUIET..QUIET + side).contains(&y);
                assert_eq!(dark(x, y), inside && modules[(y - QUIET) * side + x - QUIET], "{x} {y}");
            }
        }
        assert_eq!(qr_png(&"x".repeat(4000)), Err(TooLong));
    }

    /// Ten modules a side. Dark are the first seven and the last of the first row, and the last of all.
    fn code() -> Vec<u8> {
        let mut bits = vec![0; 20];
        // Six bits of the second byte are no modules.
        bits[..2].copy_from_slice(&[0b1111_1110, 0b0111_1111]);
        bits[18..].copy_from_slice(&[0, 0b0100_0000]);
        bits
    }

    #[test]
    fn a_sheet_has_every_code_beside_the_others() {
        let sheet = sheet_svg(10, &[code(), code(), code()], 2);
        assert!(sheet.contains("viewBox=\"0 0 36 36\""), "two in a row, the third below");
        let (_, path) = sheet.split_once(" d=\"").unwrap();
        let (path, _) = path.split_once('"').unwrap();
        let expected: Vec<String> = [(4, 4), (22, 4), (4, 22)]
            .iter()
            .flat_map(|(x, y)| [(*x, *y, 7), (x + 9, *y, 1), (x + 9, y + 9, 1)])
            .map(|(x, y, length)| format!("M{x} {y}h{length}v1h-{length}z"))
            .collect();
        assert_eq!(path, expected.concat());
    }

    #[test]
    fn codes_cut_short_and_of_no_size_are_drawn_as_far_as_they_go() {
        assert!(sheet_svg(10, &[code()[..1].to_vec()], 0).contains("d=\"M4 4h7v1h-7z\""));
        assert!(sheet_svg(0, &[code()], 1).contains("d=\"\""));
        assert!(sheet_svg(10, &[], 2).contains("d=\"\""));
    }
}
