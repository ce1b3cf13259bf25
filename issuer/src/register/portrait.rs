//! Small drawn faces for people who do not exist.

/// Width and height in pixels.
const SIDE: u32 = 40;

/// Skin, hair and clothes: the colours a face is drawn with.
const SKIN: [[u8; 3]; 4] = [[241, 207, 178], [222, 174, 136], [166, 116, 82], [104, 70, 50]];
const HAIR: [[u8; 3]; 4] = [[44, 33, 28], [110, 74, 42], [196, 160, 96], [150, 150, 150]];
const CLOTHES: [[u8; 3]; 4] = [[52, 86, 130], [120, 60, 70], [60, 110, 80], [90, 90, 100]];

/// How many different faces there are: what nine bits choose.
const FACES: u64 = 1 << 9;

/// All faces there are, drawn once: drawing costs more than everything else
/// about a person.
pub(super) struct Faces(Vec<Vec<u8>>);

impl Faces {
    /// Draws them.
    pub(super) fn draw() -> Result<Self, png::EncodingError> {
        (0..FACES).map(draw).collect::<Result<_, _>>().map(Self)
    }

    /// The face of a number; the same number has the same face.
    pub(super) fn of(&self, number: u64) -> &[u8] {
        let place = usize::try_from(number % FACES).unwrap_or_default();
        self.0.get(place).map(Vec::as_slice).unwrap_or_default()
    }
}

fn draw(number: u64) -> Result<Vec<u8>, png::EncodingError> {
    let pick = |shift: u32, table: &[[u8; 3]; 4]| table[usize::from((number >> shift) as u8 & 3)];
    let palette: Vec<u8> = [[224, 228, 232], pick(0, &SKIN), pick(2, &HAIR), pick(4, &CLOTHES)]
        .into_iter()
        .flatten()
        .collect();
    let shape = Shape {
        hair_to: 13 + i32::from((number >> 6) as u8 & 3),
        width: 9 + i32::from((number >> 8) as u8 & 1),
    };
    let mut rows = Vec::with_capacity((SIDE * SIDE / 4) as usize);
    for y in 0..SIDE as i32 {
        for group in 0..SIDE as i32 / 4 {
            // Four pixels of two bits a byte, leftmost highest. PNG §7.2
            rows.push((0..4).fold(0_u8, |byte, x| byte << 2 | shape.color(group * 4 + x, y)));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder.write_header()?.write_image_data(&rows)?;
    Ok(bytes)
}

struct Shape {
    hair_to: i32,
    width: i32,
}

impl Shape {
    /// 0 background, 1 skin, 2 hair and eyes, 3 clothes.
    fn color(&self, x: i32, y: i32) -> u8 {
        let (dx, dy) = (x - 20, y - 18);
        let inside = |a: i32, b: i32| dx * dx * b * b + dy * dy * a * a <= a * a * b * b;
        if inside(self.width, 11) {
            let eye = (y == 17 || y == 18) && (x == 16 || x == 24);
            return if y < self.hair_to || eye { 2 } else { 1 };
        }
        if inside(self.width + 2, 13) && y < 20 {
            return 2;
        }
        if y > 30 && dx.abs() < (y - 30) * 2 + 6 { 3 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::PORTRAIT_LIMIT;

    #[test]
    fn every_face_is_small() {
        let faces = Faces::draw().unwrap();
        assert_eq!(faces.0.len(), 512);
        assert!(
            faces
                .0
                .iter()
                .all(|face| !face.is_empty() && face.len() <= PORTRAIT_LIMIT)
        );
    }

    #[test]
    fn the_same_number_gives_the_same_face() {
        let faces = Faces::draw().unwrap();
        assert_eq!(faces.of(77), faces.of(77 + FACES));
        assert_eq!(faces.of(77), draw(77 + FACES).unwrap());
        assert_ne!(faces.of(77), faces.of(78));
    }
}
