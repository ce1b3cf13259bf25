//! Cameras on Linux, read by ioctl alone. Linux Media Subsystem Documentation, part I

use super::{CameraFailure, Frames};
use image::{ImageFormat, RgbImage};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use v4l::buffer::Type;
use v4l::capability::Flags;
use v4l::io::traits::CaptureStream as _;
use v4l::prelude::MmapStream;
use v4l::video::Capture as _;
use v4l::{Format, FourCC};

/// Pictures of this size show a code well, and every camera gives them.
const SIZE: (u32, u32) = (640, 480);
const YUYV: &[u8; 4] = b"YUYV";
const MJPG: &[u8; 4] = b"MJPG";
const BUFFERS: u32 = 4;
/// A camera that gives nothing for so long is gone.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Whether there is a device that may be a camera. It is not opened: its light would go on.
pub(super) fn is_there() -> bool {
    !nodes().is_empty()
}

/// A camera that gives pictures.
pub(super) struct Device {
    stream: MmapStream<'static>,
    format: Format,
}

impl Device {
    /// The first camera that gives pictures; else why the most promising one does not.
    pub(super) fn open() -> Result<Self, CameraFailure> {
        let mut why = CameraFailure::Missing;
        for node in nodes() {
            match Self::open_node(&node) {
                Ok(device) => return Ok(device),
                Err(CameraFailure::Missing) => {}
                Err(failure) => why = failure,
            }
        }
        Err(why)
    }

    fn open_node(path: &Path) -> Result<Self, CameraFailure> {
        let device = v4l::Device::with_path(path).map_err(|error| opening(&error))?;
        let abilities = device.query_caps().map_err(|error| opening(&error))?.capabilities;
        if !abilities.contains(Flags::VIDEO_CAPTURE | Flags::STREAMING) {
            return Err(CameraFailure::Missing);
        }
        let format = [YUYV, MJPG]
            .into_iter()
            .filter_map(|code| {
                let wanted = Format::new(SIZE.0, SIZE.1, FourCC::new(code));
                device
                    .set_format(&wanted)
                    .ok()
                    .filter(|got| got.fourcc == wanted.fourcc)
            })
            .next()
            .ok_or(CameraFailure::Missing)?;
        let mut stream =
            MmapStream::with_buffers(&device, Type::VideoCapture, BUFFERS).map_err(|error| opening(&error))?;
        stream.set_timeout(LONGEST_WAIT);
        // A camera that another program has says so only now.
        stream.next().map_err(|error| opening(&error))?;
        Ok(Self { stream, format })
    }
}

impl Frames for Device {
    fn next(&mut self) -> Result<RgbImage, CameraFailure> {
        let (buffer, about) = self.stream.next().map_err(|_| CameraFailure::Lost)?;
        let used = usize::try_from(about.bytesused).unwrap_or(usize::MAX).min(buffer.len());
        let bytes = &buffer[..used];
        let picture = if self.format.fourcc == FourCC::new(YUYV) {
            from_yuyv(bytes, self.format.width, self.format.height, self.format.stride)
        } else {
            image::load_from_memory_with_format(bytes, ImageFormat::Jpeg)
                .ok()
                .map(|picture| picture.into_rgb8())
        };
        // One bad frame is a flicker, not the end.
        Ok(picture.unwrap_or_default())
    }
}

fn nodes() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/dev") else {
        return Vec::new();
    };
    let mut nodes: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.strip_prefix("video")
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .collect();
    nodes.sort();
    nodes
}

fn opening(error: &Error) -> CameraFailure {
    match error.kind() {
        ErrorKind::PermissionDenied => CameraFailure::Denied,
        ErrorKind::ResourceBusy => CameraFailure::Busy,
        ErrorKind::TimedOut => CameraFailure::Lost,
        _ => CameraFailure::Missing,
    }
}

/// Two pixels in four bytes: Y0 U Y1 V. ITU-R BT.601, in 1/256
fn from_yuyv(bytes: &[u8], width: u32, height: u32, stride: u32) -> Option<RgbImage> {
    let (row_bytes, stride) = (usize::try_from(width).ok()? * 2, usize::try_from(stride).ok()?);
    let mut out = Vec::with_capacity(bytes.len() / 2 * 3);
    for row in bytes
        .chunks(stride.max(row_bytes).max(1))
        .take(usize::try_from(height).ok()?)
    {
        for pair in row.get(..row_bytes)?.chunks_exact(4) {
            let (blue, red) = (i32::from(pair[1]) - 128, i32::from(pair[3]) - 128);
            for luma in [pair[0], pair[2]] {
                let luma = i32::from(luma);
                let green = luma - ((88 * blue + 183 * red) >> 8);
                out.extend([luma + ((359 * red) >> 8), green, luma + ((454 * blue) >> 8)].map(clamped));
            }
        }
    }
    RgbImage::from_raw(width, height, out)
}

fn clamped(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(ErrorKind::PermissionDenied => CameraFailure::Denied ; "denied")]
    #[test_case(ErrorKind::ResourceBusy => CameraFailure::Busy ; "busy")]
    #[test_case(ErrorKind::NotFound => CameraFailure::Missing ; "missing")]
    fn why_it_does_not_open(kind: ErrorKind) -> CameraFailure {
        opening(&Error::from(kind))
    }

    #[test]
    fn grey_stays_grey_and_padding_is_left_out() {
        let rows = [[10, 128, 200, 128, 0, 0], [0, 128, 255, 128, 0, 0]].concat();
        let picture = from_yuyv(&rows, 2, 2, 6).expect("a picture");
        assert_eq!(
            picture.as_raw().as_slice(),
            [10, 10, 10, 200, 200, 200, 0, 0, 0, 255, 255, 255]
        );
    }

    #[test]
    fn a_frame_cut_off_is_none() {
        assert!(from_yuyv(&[0; 6], 2, 2, 4).is_none());
        assert!(from_yuyv(&[], 640, 480, 0).is_none());
    }
}
