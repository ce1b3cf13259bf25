//! A frame as the QR code that is shown. ISO/IEC 18004

use qrcode::bits::Bits;
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::ec::construct_codewords;
use qrcode::{Color, EcLevel, QrResult, Version};
use thiserror::Error;

use crate::FRAME_BYTES;

/// Byte mode of this version holds [`FRAME_BYTES`] at level L, and no more. ISO/IEC 18004 §7.4.10
const VERSION: Version = Version::Normal(15);
const LEVEL: EcLevel = EcLevel::L;
/// A reader takes the mask from the code itself, so each of the eight is good. Frames hold what was encrypted or packed,
/// for which all are alike; to try all (ISO/IEC 18004 §7.8.3) costs far more than the code.
const MASK: MaskPattern = MaskPattern::Meadow;
/// Modules of light around a code. ISO/IEC 18004 §6.3.8
const QUIET_ZONE: u32 = 4;

/// The code of one frame, not yet drawn: one picture of an animation, or a part of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameCode {
    modules: Vec<Color>,
}

/// There is no code of these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the frame does not fit into its code")]
pub struct FrameCodeError;

impl FrameCode {
    /// Modules of a side, without the quiet zone.
    pub const SIDE: usize = 77;
    /// Modules of a side, with the quiet zone at both ends. ISO/IEC 18004 §6.3.8
    pub const SIDE_WITH_QUIET_ZONE: u32 = Self::SIDE as u32 + 2 * QUIET_ZONE;

    /// A code of version 15 with error correction L that holds exactly the frame, in byte mode. ISO/IEC 18004 §7
    ///
    /// # Errors
    /// [`FrameCodeError`], where the frame does not fit; every frame does.
    pub fn new(frame: &[u8; FRAME_BYTES]) -> Result<Self, FrameCodeError> {
        let modules = modules(frame).map_err(|_| FrameCodeError)?;
        Ok(Self { modules })
    }

    /// The modules row by row, a bit each, dark is 1. The first of a row is the highest bit, and each row ends with a
    /// whole byte: 77 rows of 10 bytes.
    pub fn to_bits(&self) -> Vec<u8> {
        let byte = |eight: &[Color]| {
            let dark = eight.iter().enumerate().filter(|(_, module)| **module == Color::Dark);
            dark.fold(0_u8, |byte, (place, _)| byte | (0x80 >> place))
        };
        let rows = self.modules.chunks(Self::SIDE);
        rows.flat_map(|row| row.chunks(8).map(byte)).collect()
    }

    /// Whether a module is dark, for who draws a picture: `x` to the right and `y` down, in modules, from the corner of
    /// the quiet zone. All around the code is light.
    pub fn is_dark(&self, x: u32, y: u32) -> bool {
        let inside = |place: u32| {
            let place = place.checked_sub(QUIET_ZONE)? as usize;
            (place < Self::SIDE).then_some(place)
        };
        let place = inside(x).zip(inside(y)).map(|(column, row)| row * Self::SIDE + column);
        place.and_then(|place| self.modules.get(place)) == Some(&Color::Dark)
    }
}

/// All of it as bytes: parts in another mode may come out longer than what fits.
fn modules(frame: &[u8]) -> QrResult<Vec<Color>> {
    let mut bits = Bits::new(VERSION);
    bits.push_byte_data(frame)?;
    bits.push_terminator(LEVEL)?;
    let (data, correction) = construct_codewords(&bits.into_bytes(), VERSION, LEVEL)?;
    let mut canvas = Canvas::new(VERSION, LEVEL);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(&data, &correction);
    canvas.apply_mask(MASK);
    Ok(canvas.into_colors())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value of a byte, and digits and letters that would go into other modes.
    fn frame(seed: u8) -> [u8; FRAME_BYTES] {
        std::array::from_fn(|place| match place % 3 {
            0 => seed.wrapping_mul(31).wrapping_add(place.to_le_bytes()[0]),
            1 => b'0' + place.to_le_bytes()[0] % 10,
            _ => b'A',
        })
    }

    #[test]
    fn every_frame_is_a_code_of_77_modules_a_side() {
        for seed in 0..=255 {
            let code = FrameCode::new(&frame(seed)).expect("fits");
            assert_eq!(code.modules.len(), FrameCode::SIDE * FrameCode::SIDE);
            assert_eq!(code.to_bits().len(), 77 * 10);
        }
    }

    #[test]
    fn the_bits_of_a_code_are_its_modules() {
        let code = FrameCode::new(&frame(9)).expect("fits");
        let bits = code.to_bits();
        for (place, module) in code.modules.iter().enumerate() {
            let (row, column) = (place / 77, place % 77);
            let dark = bits[row * 10 + column / 8] & (0x80 >> (column % 8)) != 0;
            assert_eq!(dark, *module == Color::Dark, "{row} {column}");
        }
        assert!(
            bits.chunks(10).all(|row| row[9] & 0b111 == 0),
            "a row ends with what is no module"
        );
    }

    #[test]
    fn a_picture_shows_every_module_and_light_around_it() {
        let code = FrameCode::new(&frame(5)).expect("fits");
        assert_eq!(FrameCode::SIDE_WITH_QUIET_ZONE, 85);
        let inside = (4..81).flat_map(|y| (4..81).map(move |x| (x, y)));
        let drawn: Vec<bool> = inside.map(|(x, y)| code.is_dark(x, y)).collect();
        let dark: Vec<bool> = code.modules.iter().map(|module| *module == Color::Dark).collect();
        assert_eq!(drawn, dark);
        for edge in [0, 3, 81, 84, 85, u32::MAX] {
            for along in 0..85 {
                assert!(
                    !code.is_dark(edge, along) && !code.is_dark(along, edge),
                    "{edge} {along}"
                );
            }
        }
    }

    #[test]
    fn one_byte_more_does_not_fit() {
        assert!(modules(&frame(7)).is_ok());
        assert!(modules(&[0; FRAME_BYTES + 1]).is_err());
    }

    #[test]
    fn a_code_has_its_finders_in_three_corners() {
        let bits = FrameCode::new(&frame(0)).expect("fits").to_bits();
        assert_eq!((bits[0], bits[10]), (0b1111_1110, 0b1000_0010));
        assert_eq!(bits[76 * 10], 0b1111_1110);
    }
}
