//! Codes as pictures: what a screen shows and a camera sees.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use image::{GrayImage, Luma};
use proximity::{FRAME_BYTES, FrameCode};

/// Modules of white around a code. ISO/IEC 18004 §6.3.8
const QUIET_ZONE: usize = 4;
/// Pixels of a module.
const PIXELS: u32 = 4;

/// Draws codes into a folder: each as rows of bits that end with whole bytes, dark is 1.
///
/// # Errors
/// The folder cannot be written.
pub fn draw_bits(codes: &[Vec<u8>], side: usize, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for (number, bits) in codes.iter().enumerate() {
        picture(bits, side)?.save(folder.join(format!("code-{number:02}.png")))?;
    }
    Ok(())
}

/// Draws frames into a folder.
///
/// # Errors
/// A frame is not as long as frames are, or the folder cannot be written.
pub fn draw(frames: &[Vec<u8>], folder: &Path) -> Result<()> {
    let bits = |frame: &Vec<u8>| -> Result<Vec<u8>> {
        let frame: &[u8; FRAME_BYTES] = frame.as_slice().try_into()?;
        Ok(FrameCode::new(frame)?.to_bits())
    };
    let codes: Vec<Vec<u8>> = frames.iter().map(bits).collect::<Result<_>>()?;
    draw_bits(&codes, FrameCode::SIDE, folder)
}

fn picture(bits: &[u8], side: usize) -> Result<GrayImage> {
    let row = side.div_ceil(8);
    ensure!(bits.len() == row * side, "{} bytes for {side} rows", bits.len());
    let dark = |x: usize, y: usize| {
        let byte = bits.get(y * row + x / 8).copied().unwrap_or_default();
        (byte >> (7 - x % 8)) & 1 == 1
    };
    let pixels = u32::try_from(side + 2 * QUIET_ZONE)? * PIXELS;
    Ok(GrayImage::from_fn(pixels, pixels, |x, y| {
        let [x, y] = [x, y].map(|at| (at / PIXELS) as usize);
        let inside = |at: usize| (QUIET_ZONE..side + QUIET_ZONE).contains(&at);
        let is_dark = inside(x) && inside(y) && dark(x - QUIET_ZONE, y - QUIET_ZONE);
        Luma([if is_dark { 0 } else { 255 }])
    }))
}

/// What the codes in the pictures of a folder hold, in the order of the names.
///
/// # Errors
/// A picture cannot be read, or shows no code.
pub fn read(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut files: Vec<PathBuf> = entries.collect::<Result<_>>()?;
    files.sort();
    files.iter().map(|file| code_in(file)).collect()
}

/// Whether films can be made and taken apart here.
#[must_use]
pub fn can_film() -> bool {
    let asked = Command::new("ffmpeg").arg("-version").output();
    asked.is_ok_and(|told| told.status.success())
}

/// Takes the pictures of a film into a folder.
///
/// # Errors
/// There is no `ffmpeg`, or it is no film.
pub fn take_apart(film: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(film);
    let status = command.arg(folder.join("%03d.png")).status();
    let status = status.context("cannot start ffmpeg")?;
    ensure!(status.success(), "{} cannot be taken apart", film.display());
    Ok(())
}

fn code_in(file: &Path) -> Result<Vec<u8>> {
    let picture = image::open(file)?.into_luma8();
    let code = qr_reader::codes(&picture).into_iter().next();
    let code = code.with_context(|| format!("no code in {}", file.display()))?;
    Ok(code.bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_drawn_is_read() {
        let folder = std::env::temp_dir().join(format!("holdfast-codes-{}", std::process::id()));
        let frames: Vec<Vec<u8>> = [1_u8, 0, 255].map(|byte| vec![byte; 520]).to_vec();
        super::draw(&frames, &folder).unwrap();
        let read = super::read(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(read.unwrap(), frames);
    }
}
