//! A folder that stands for a camera: its pictures one after the other, again and again. A picture
//! put there later is seen later; an empty folder is a camera that sees nothing.

use super::{CameraFailure, Frames};
use image::{Rgb, RgbImage};
use std::path::{Path, PathBuf};
use std::time::Duration;

const BETWEEN: Duration = Duration::from_millis(100);

/// Pictures from files.
pub(super) struct Folder {
    folder: PathBuf,
    waiting: Vec<PathBuf>,
}

impl Folder {
    pub(super) fn open(folder: &Path) -> Result<Self, CameraFailure> {
        if !folder.is_dir() {
            return Err(CameraFailure::Missing);
        }
        Ok(Self {
            folder: folder.to_owned(),
            waiting: Vec::new(),
        })
    }

    /// Files by name, the last one first.
    fn list(&self) -> Result<Vec<PathBuf>, CameraFailure> {
        let entries = std::fs::read_dir(&self.folder).map_err(|_| CameraFailure::Lost)?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.is_file())
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        Ok(files)
    }
}

impl Frames for Folder {
    fn next(&mut self) -> Result<RgbImage, CameraFailure> {
        std::thread::sleep(BETWEEN);
        if self.waiting.is_empty() {
            self.waiting = self.list()?;
        }
        // A file that is no picture, or not written to the end yet, is a dark moment.
        let picture = self.waiting.pop().and_then(|path| image::open(path).ok());
        Ok(picture.map_or_else(
            || RgbImage::from_pixel(640, 480, Rgb([32; 3])),
            |picture| picture.into_rgb8(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_in_the_order_of_their_names_and_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut camera = Folder::open(folder.path()).expect("open");
        assert_eq!(camera.next().expect("dark").width(), 640);
        for (name, width) in [("b.png", 2), ("a.png", 1)] {
            RgbImage::new(width, 1).save(folder.path().join(name)).expect("saved");
        }
        let widths = [(); 3].map(|()| camera.next().expect("a picture").width());
        assert_eq!(widths, [1, 2, 1]);
    }

    #[test]
    fn a_folder_that_goes_away_is_a_camera_that_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut camera = Folder::open(folder.path()).expect("open");
        drop(folder);
        assert_eq!(camera.next(), Err(CameraFailure::Lost));
    }

    #[test]
    fn no_folder_is_no_camera() {
        assert!(matches!(
            Folder::open(Path::new("/nowhere/at/all")),
            Err(CameraFailure::Missing)
        ));
    }
}
