//! How large a PNG or a JPEG becomes once it is drawn, read from its head: a few bytes can stand for
//! thousands of millions of points.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Width and height in points of the picture that a `data:` URI carries; `None` where it is neither PNG
/// nor JPEG, or says no size.
pub(super) fn raster_size(uri: &str) -> Option<(u32, u32)> {
    let (kind, body) = uri.strip_prefix("data:image/")?.split_once(";base64,")?;
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(body).ok()?;
    let (width, height) = match kind {
        "png" => png_size(&bytes)?,
        "jpeg" => jpeg_size(&bytes)?,
        _ => return None,
    };
    (width > 0 && height > 0).then_some((width, height))
}

/// W3C PNG §5.2, §11.2.2: the signature, and the header as the first chunk. One that moves (§11.3.6.1) has none.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let (width, rest) = header.split_first_chunk::<4>()?;
    let (height, rest) = rest.split_first_chunk::<4>()?;
    let moves = rest.windows(4).any(|kind| kind == b"acTL");
    (!moves).then_some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// ITU-T T.81 §B.1.1, §B.2.2: segments up to the first frame header.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let ([mark, marker, high, low], _) = rest.split_first_chunk::<4>()?;
        if *mark != 0xff {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // Others have no length, as those that fill: whoever reads on after one of them reads something else.
        if length < 2 || !matches!(marker, 0xc0..=0xcf | 0xdb | 0xdd | 0xe0..=0xef | 0xfe) {
            return None;
        }
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let [height_high, height_low, width_high, width_low] = *rest.get(5..)?.first_chunk::<4>()?;
            let height = u16::from_be_bytes([height_high, height_low]);
            return Some((u16::from_be_bytes([width_high, width_low]).into(), height.into()));
        }
        rest = rest.get(2 + length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAYAAACZgbYnAAAAAElFTkSuQmCC";

    fn jpeg(bytes: &[u8]) -> String {
        format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes))
    }

    #[test_case(PNG => Some((1, 2)); "a png")]
    #[test_case(&PNG.replace("AAAAEAAAAC", "\nAAAAEAAAA\nC") => Some((1, 2)); "folded")]
    #[test_case(&PNG.replace("image/png", "image/gif") => None; "another kind")]
    #[test_case(&PNG.replace(";base64", "") => None; "not base64")]
    #[test_case(&PNG.replace("AAAAAElFTkSuQmCC", "AAAACGFjVEwAAAAC") => None; "one that moves")]
    #[test_case("data:image/png;base64,iVBORw0KGgo=" => None; "cut off")]
    #[test_case("https://a.example/a.png" => None; "an address")]
    fn size(uri: &str) -> Option<(u32, u32)> {
        raster_size(uri)
    }

    #[test]
    fn a_jpeg_says_its_size_in_its_frame_header() {
        let frame = [0xff, 0xc2, 0, 11, 8, 0x03, 0xe8, 0x07, 0xd0, 1, 1, 0x11, 0];
        let comment = [0xff, 0xfe, 0, 4, 1, 2];
        let whole = [[0xff, 0xd8].as_slice(), &comment, &frame].concat();
        assert_eq!(raster_size(&jpeg(&whole)), Some((2_000, 1_000)));
        for cut in 0..whole.len() - 5 {
            assert_eq!(raster_size(&jpeg(&whole[..cut])), None, "{cut}");
        }
        for without_length in [0xff, 0x01, 0xd0] {
            let start = [0xff, 0xd8, 0xff, without_length, 0xff, 0xfe, 0, 4, 1, 2];
            let hidden = [start.as_slice(), &frame].concat();
            assert_eq!(raster_size(&jpeg(&hidden)), None, "{without_length:x}");
        }
        let empty = [[0xff, 0xd8].as_slice(), &[0xff, 0xc0, 0, 11, 8, 0, 0, 0, 9]].concat();
        assert_eq!(raster_size(&jpeg(&empty)), None, "a height that comes later");
        assert_eq!(
            raster_size(&jpeg(&[0xff, 0xd8, 0xff, 0xfe, 0, 0, 0xff])),
            None,
            "a segment of no length"
        );
    }
}
