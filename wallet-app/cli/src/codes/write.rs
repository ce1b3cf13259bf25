//! Codes as pictures, one a frame. ISO/IEC 18004, docs/offline-qr.md §4

use super::video;
use crate::failure::{Exit, Failure};
use image::{GrayImage, Luma};
use std::path::{Path, PathBuf};
use wallet::{FRAME_BYTES, FrameCode};

/// Names of the pictures, as `ffmpeg` counts them.
pub(super) const NAMES: &str = "frame-%02d.png";
/// More than an answer has.
const MOST_FRAMES: usize = 64;

/// How large and how fast codes are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Density {
    /// Pixels of a module.
    pub(crate) pixels: u32,
    /// Pictures a second, in a video.
    pub(crate) frames_a_second: u32,
}

/// Where an answer is written to. Made before there is an answer, so that what cannot be written costs no copy.
pub(crate) enum Target<'a> {
    /// A picture for each frame, in this folder.
    Folder(&'a Path),
    /// A video.
    Video(&'a Path),
}

impl<'a> Target<'a> {
    /// Finds out whether it can be written to.
    pub(crate) fn open(path: &'a Path) -> Result<Self, Failure> {
        if video::is_video(path) {
            video::is_there()?;
            std::fs::write(path, []).map_err(|_| unwritable(path))?;
            return Ok(Self::Video(path));
        }
        std::fs::create_dir_all(path).map_err(|_| unwritable(path))?;
        for number in 0..MOST_FRAMES {
            // Those of an earlier answer; what is not there need not go.
            let _ = std::fs::remove_file(path.join(name(number)));
        }
        let first = path.join(name(0));
        std::fs::write(&first, []).map_err(|_| unwritable(&first))?;
        Ok(Self::Folder(path))
    }

    /// Writes every frame.
    pub(crate) fn write(&self, frames: &[[u8; FRAME_BYTES]], density: Density) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => write_pictures(folder, frames, density.pixels),
            Self::Video(path) => {
                let folder = video::folder()?;
                write_pictures(folder.path(), frames, density.pixels)?;
                video::put_together(folder.path(), density.frames_a_second, path)
            }
        }
    }

    /// Takes back what [`Target::open`] made, where there is no answer after all.
    pub(crate) fn discard(&self) {
        // What is left behind is an empty file.
        let _ = match self {
            Self::Folder(folder) => std::fs::remove_file(folder.join(name(0))),
            Self::Video(path) => std::fs::remove_file(path),
        };
    }
}

fn write_pictures(folder: &Path, frames: &[[u8; FRAME_BYTES]], pixels: u32) -> Result<(), Failure> {
    for (number, frame) in frames.iter().enumerate() {
        let path: PathBuf = folder.join(name(number));
        let code = FrameCode::new(frame).map_err(|_| unwritable(&path))?;
        draw(&code, pixels).save(&path).map_err(|_| unwritable(&path))?;
    }
    Ok(())
}

fn name(number: usize) -> String {
    format!("frame-{number:02}.png")
}

/// With so many pixels for a side of a module.
fn draw(code: &FrameCode, pixels: u32) -> GrayImage {
    let side = FrameCode::SIDE_WITH_QUIET_ZONE * pixels;
    GrayImage::from_fn(side, side, |x, y| {
        Luma([if code.is_dark(x / pixels, y / pixels) { 0 } else { 255 }])
    })
}

fn unwritable(path: &Path) -> Failure {
    Failure::new(Exit::Usage, "file_unwritable").with_detail(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::{FRAME_BYTES, FrameCode, draw};
    use image::imageops;

    /// Bytes that are the same in every run, and of every value.
    fn frame(seed: u32) -> [u8; FRAME_BYTES] {
        let mut state = seed;
        std::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
    }

    #[test]
    fn every_byte_of_a_frame_comes_back_whichever_way_the_picture_is_turned() {
        for seed in 0..20 {
            let frame = frame(seed);
            let picture = draw(&FrameCode::new(&frame).expect("a full code"), 4);
            assert_eq!(picture.width(), (77 + 8) * 4);
            for picture in [imageops::rotate90(&picture), picture] {
                let read = qr_reader::codes(&picture).into_iter().map(|code| code.bytes);
                assert_eq!(read.collect::<Vec<_>>(), [frame.to_vec()], "frame {seed}");
            }
        }
    }
}
