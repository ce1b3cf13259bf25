//! Pictures that a camera reads.

use std::fmt::Write;

use qrcode::bits::{Bits, encode_auto};
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::{Color, EcLevel, QrResult, Version};

/// Modules of light around a code. ISO/IEC 18004 §6.3.8
const QUIET: usize = 4;
/// Fewest pixels of a side, where nothing else is said.
const SMALLEST: usize = 240;
/// The mask of every code. Readers take it from the code itself, so each of the eight is good. Which of them looks best
/// is seen by trying all (ISO/IEC 18004 §7.8.3), which costs far more than the code: for the random text that is shown
/// here they are alike, and this one is as good as any.
const MASK: MaskPattern = MaskPattern::Meadow;

/// The version whose byte mode holds 520 bytes at level L, and no more. ISO/IEC 18004, table 7
const FRAME: Version = Version::Normal(15);

/// The text does not fit into a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit into a QR code")]
pub struct TooLong;

/// A QR code that holds bytes, not yet drawn: one picture of an animation, or a part of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrFrame {
    side: usize,
    modules: Vec<Color>,
}

impl QrFrame {
    /// A code of version 15 with error correction L that holds exactly these bytes in byte mode. ISO/IEC 18004 §7
    ///
    /// # Errors
    /// [`TooLong`], from 521 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        let level = EcLevel::L;
        let mut bits = Bits::new(FRAME);
        // All of it as bytes: parts in another mode may come out longer than what fits.
        let pushed = bits.push_byte_data(bytes).and_then(|()| bits.push_terminator(level));
        let arranged = pushed.and_then(|()| arranged(bits, level)).map_err(|_| TooLong)?;
        let (side, modules) = arranged;
        Ok(Self { side, modules })
    }

    /// Modules of a side, without the quiet zone.
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
    }

    /// The modules row by row, a bit each, dark is 1. The first of a row is the highest bit, and a row ends with a
    /// whole byte.
    #[must_use]
    pub fn to_bits(&self) -> Vec<u8> {
        let byte = |eight: &[Color]| {
            let bits = eight.iter().enumerate();
            let dark = bits.filter(|(_, module)| **module == Color::Dark);
            dark.fold(0_u8, |byte, (place, _)| byte | (0x80 >> place))
        };
        let rows = self.modules.chunks(self.side.max(1));
        rows.flat_map(|row| row.chunks(8).map(byte)).collect()
    }

    /// Several codes in one SVG, so many in a row, each with its quiet zone. They are of one size.
    #[must_use]
    pub fn sheet_svg(codes: &[Self], in_a_row: usize) -> String {
        let codes: Vec<(usize, &[Color])> = codes.iter().map(|code| (code.side, code.modules.as_slice())).collect();
        drawn(&codes, in_a_row.max(1))
    }
}

/// A QR code in SVG, dark on light with its quiet zone. ISO/IEC 18004
///
/// # Errors
/// [`TooLong`], from about 2300 bytes.
pub fn qr_svg(text: &str) -> Result<String, TooLong> {
    let (width, modules) = modules(text).map_err(|_| TooLong)?;
    Ok(drawn(&[(width, modules.as_slice())], 1))
}

/// The modules of a side, and all of them, row by row.
fn modules(text: &str) -> QrResult<(usize, Vec<Color>)> {
    let level = EcLevel::M;
    arranged(encode_auto(text.as_bytes(), level)?, level)
}

fn arranged(bits: Bits, level: EcLevel) -> QrResult<(usize, Vec<Color>)> {
    let version = bits.version();
    let (data, correction) = construct_codewords(&bits.into_bytes(), version, level)?;
    let mut canvas = Canvas::new(version, level);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MASK);
    let modules = canvas.into_colors();
    Ok((modules.len().isqrt(), modules))
}

/// One module is one unit; what is dark side by side is one rectangle. The codes are of one size.
fn drawn(codes: &[(usize, &[Color])], in_a_row: usize) -> String {
    let size = codes.first().map_or(0, |(width, _)| *width) + 2 * QUIET;
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
    for (place, (width, modules)) in codes.iter().enumerate() {
        let (left, top) = (place % in_a_row * size + QUIET, place / in_a_row * size + QUIET);
        for (y, row) in modules.chunks((*width).max(1)).enumerate() {
            let mut x = left;
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
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

    use super::{QUIET, QrFrame, TooLong, modules, qr_svg};

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

    /// Every value of a byte, some of them digits and letters that would go into other modes.
    fn frame(seed: u8) -> Vec<u8> {
        let texts = b"0123456789ABCDEFG".iter().copied().cycle();
        let bytes = (0..=255_u8).cycle().zip(texts);
        let mixed = bytes.map(|(number, text)| {
            if number < seed {
                text
            } else {
                number.wrapping_mul(seed | 1)
            }
        });
        mixed.take(520).collect()
    }

    #[test]
    fn a_frame_takes_520_bytes_of_any_kind_and_no_more() {
        for seed in 0..=255 {
            let code = QrFrame::new(&frame(seed)).unwrap();
            assert_eq!(code.side(), 77, "version 15");
            assert_eq!(code.to_bits().len(), 77 * 10);
        }
        assert_eq!(QrFrame::new(&[0; 521]), Err(TooLong));
    }

    #[test]
    fn the_bits_of_a_frame_are_its_modules() {
        let code = QrFrame::new(&frame(9)).unwrap();
        let bits = code.to_bits();
        for (place, module) in code.modules.iter().enumerate() {
            let (row, column) = (place / 77, place % 77);
            let dark = bits[row * 10 + column / 8] & (0x80 >> (column % 8)) != 0;
            assert_eq!(dark, *module == Color::Dark, "{row} {column}");
        }
    }

    #[test]
    fn a_sheet_has_every_code_beside_the_others() {
        let codes: Vec<QrFrame> = (1..4).map(|seed| QrFrame::new(&frame(seed)).unwrap()).collect();
        let sheet = QrFrame::sheet_svg(&codes, 2);
        assert!(
            sheet.contains("viewBox=\"0 0 170 170\""),
            "two in a row, the third below"
        );
        // The finder in the upper left corner of each.
        for corner in ["M4 4h7v1", "M89 4h7v1", "M4 89h7v1"] {
            assert!(sheet.contains(corner), "{corner}");
        }
    }
}
