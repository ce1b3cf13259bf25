//! Reading the codes of a challenge: from one picture, which may hold several, from a folder of them, or from a video.

use super::video;
use crate::failure::{Exit, Failure};
use image::GrayImage;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use wallet::{FrameCollector, FrameKind};

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
        for code in qr_reader::codes(&picture(path)?) {
            codes += 1;
            // A code of another kind says nothing about this challenge.
            if let Ok(progress) = collector.accept(&code.bytes) {
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

fn picture(path: &Path) -> Result<GrayImage, Failure> {
    let unreadable = || Failure::new(Exit::Usage, "picture_unreadable").with_detail(path.display().to_string());
    let file = File::open(path).map_err(|_| unreadable())?;
    qr_reader::picture(BufReader::new(file)).map_err(|_| unreadable())
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
