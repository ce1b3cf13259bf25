//! Videos, by the program `ffmpeg`.

use crate::failure::{Exit, Failure};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const FFMPEG: &str = "ffmpeg";
/// Pictures taken of a second: more than twice of what is shown.
const TAKEN: &str = "fps=20";
/// Seconds of a video that are looked at.
const LONGEST: &str = "60";

/// Whether a name is that of a video.
pub(super) fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        ["mp4", "m4v", "mov", "webm", "mkv", "avi", "y4m"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Whether videos can be made and read here at all.
pub(super) fn is_there() -> Result<(), Failure> {
    run(Command::new(FFMPEG).arg("-version"), "video_failed")
}

/// The pictures of a video, in a folder of their own.
pub(super) fn take_apart(video: &Path) -> Result<TempDir, Failure> {
    let folder = folder()?;
    let mut command = quiet();
    command.args(["-t", LONGEST, "-i"]).arg(video);
    command.args(["-vf", TAKEN]).arg(folder.path().join("%06d.png"));
    run(&mut command, "video_unreadable")?;
    Ok(folder)
}

/// A video of the numbered pictures in a folder.
pub(super) fn put_together(folder: &Path, frames_a_second: u32, video: &Path) -> Result<(), Failure> {
    let mut command = quiet();
    command.args(["-y", "-framerate", &frames_a_second.to_string(), "-i"]);
    command.arg(folder.join(super::write::NAMES));
    // Players want an even number of pixels.
    command.args([
        "-vf",
        "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white",
        "-pix_fmt",
        "yuv420p",
    ]);
    command.arg(video);
    run(&mut command, "video_failed")
}

/// A folder that is gone when it is dropped.
pub(super) fn folder() -> Result<TempDir, Failure> {
    tempfile::tempdir().map_err(|_| Failure::new(Exit::WalletRefused, "file_unwritable"))
}

fn quiet() -> Command {
    let mut command = Command::new(FFMPEG);
    command.args(["-nostdin", "-v", "error"]);
    command
}

fn run(command: &mut Command, otherwise: &'static str) -> Result<(), Failure> {
    let ended = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(Exit::Usage, "ffmpeg_missing")),
        _ => Err(Failure::new(Exit::Usage, otherwise)),
    }
}
