//! Reading the codes of a challenge: from one picture, which may hold several, from a folder of them, or from a video.

use super::video;
use crate::failure::{Exit, Failure};
use image::{GrayImage, ImageReader, Limits};
use std::path::{Path, PathBuf};
use wallet::{FrameCollector, FrameKind};
use zxingcpp::{BarcodeFormat, ImageFormat, ImageView};

/// The k codes of the largest challenge, on one sheet.
const MOST_CODES: i32 = 16;
/// Pixels of one side.
const LONGEST_SIDE: u32 = 12_000;
/// Bytes that decoding may take.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// Pictures of a folder or video that are looked at.
const MOST_PICTURES: usize = 1_200;

/// The challenge in a picture, a folder of pictures, or a video.
pub(crate) fn challenge_in(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.is_dir() {
        return collect(&pictures_in(path)?);
    }
    if video::is_video(path) {
        let taken = video::take_apart(path)?;
        return collect(&pictures_in(taken.path())?);
    }
    collect(&[path.to_owned()])
}

/// Takes codes from one picture after the other, until there are enough.
fn collect(pictures: &[PathBuf]) -> Result<Vec<u8>, Failure> {
    let mut collector = FrameCollector::new(FrameKind::Challenge);
    let (mut codes, mut received) = (0, None);
    for path in pictures.iter().take(MOST_PICTURES) {
        for bytes in codes_of(&picture(path)?) {
            codes += 1;
            // A code of another kind says nothing about this challenge.
            if let Ok(progress) = collector.accept(&bytes) {
                received = Some((progress.received, progress.needed));
            }
        }
        if let Ok(message) = collector.complete() {
            return Ok(message.to_vec());
        }
    }
    Err(match (received, codes) {
        (Some((received, needed)), _) => {
            let found = format!("{received} of {needed} codes");
            Failure::new(Exit::Usage, "codes_incomplete").with_detail(found)
        }
        (None, 0) => Failure::new(Exit::Usage, "no_code_found"),
        (None, _) => Failure::new(Exit::WalletRefused, "not_a_challenge"),
    })
}

/// What the codes of a picture hold, in bytes.
pub(super) fn codes_of(picture: &GrayImage) -> Vec<Vec<u8>> {
    let Ok(view) = ImageView::from_slice(picture.as_raw(), picture.width(), picture.height(), ImageFormat::Lum) else {
        return Vec::new();
    };
    let reader = zxingcpp::read()
        .formats([BarcodeFormat::QRCode])
        .try_harder(true)
        .try_rotate(true)
        .try_invert(true)
        .try_downscale(true)
        .max_number_of_symbols(MOST_CODES);
    let found = reader.from(&view).unwrap_or_default();
    let valid = found.iter().filter(|code| code.is_valid());
    valid.map(zxingcpp::Barcode::bytes).collect()
}

fn picture(path: &Path) -> Result<GrayImage, Failure> {
    let unreadable = || Failure::new(Exit::Usage, "picture_unreadable").with_detail(path.display().to_string());
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
    let mut reader = reader.map_err(|_| unreadable())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    Ok(reader.decode().map_err(|_| unreadable())?.into_luma8())
}

/// The pictures of a folder, in the order of their names.
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |_| Failure::new(Exit::Usage, "file_unreadable").with_detail(folder.display().to_string());
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.retain(|path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| {
            ["png", "jpg", "jpeg"]
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        })
    });
    paths.sort();
    Ok(paths)
}
