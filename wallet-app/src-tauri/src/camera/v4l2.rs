//! Cameras on Linux, read by ioctl alone. Linux Media Subsystem Documentation, part I

use super::{CameraFailure, Frames};
use image::{ImageFormat, RgbImage};
use linuxvideo::format::{PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{CapabilityFlags, VideoCaptureDevice};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Pictures of this size show a code well, and every camera gives them.
const SIZE: (u32, u32) = (640, 480);
/// A camera that gives nothing for so long is gone.
const LONGEST_WAIT: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// Whether there is a device that may be a camera. It is not opened: its light would go on.
pub(super) fn is_there() -> bool {
    !nodes().is_empty()
}

/// A camera that gives pictures.
pub(super) struct Device {
    stream: ReadStream,
    format: Layout,
}

/// How a frame's bytes lie.
#[derive(Clone, Copy)]
struct Layout {
    code: PixelFormat,
    width: u32,
    height: u32,
    /// Bytes from one row to the next.
    stride: u32,
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
        let device = match capturing(path, PixelFormat::YUYV)? {
            Some(device) => device,
            None => capturing(path, PixelFormat::MJPG)?.ok_or(CameraFailure::Missing)?,
        };
        let format = Layout {
            code: device.format().pixel_format(),
            width: device.format().width(),
            height: device.format().height(),
            stride: device.format().bytes_per_line(),
        };
        let mut stream = device.into_stream().map_err(|error| opening(&error))?;
        // Some cameras that another program has say so only now.
        next_frame(&mut stream, |_| ()).map_err(|error| opening(&error))?;
        Ok(Self { stream, format })
    }
}

/// What `read` makes of the next frame's bytes, once the camera has one.
fn next_frame<T>(stream: &mut ReadStream, read: impl FnOnce(&[u8]) -> T) -> Result<T, Error> {
    let mut waiting = [PollFd::new(&*stream, PollFlags::IN)];
    if retry_on_intr(|| poll(&mut waiting, Some(&LONGEST_WAIT)))? == 0 {
        return Err(ErrorKind::TimedOut.into());
    }
    // How much of its buffer a driver says to have filled is not read: where that is more than there is, `linuxvideo`
    // panics. A picture ends where its size or its last marker says.
    stream.dequeue(|frame| {
        let filled: &[u8] = if frame.is_error() { &[] } else { frame.raw_buffer() };
        Ok(read(filled))
    })
}

/// The device at `path`, set to give pictures of this format; none where it gives others only.
fn capturing(path: &Path, format: PixelFormat) -> Result<Option<VideoCaptureDevice>, CameraFailure> {
    let device = linuxvideo::Device::open(path).map_err(|error| opening(&error))?;
    let abilities = device
        .capabilities()
        .map_err(|error| opening(&error))?
        .device_capabilities();
    if !abilities.contains(CapabilityFlags::VIDEO_CAPTURE | CapabilityFlags::STREAMING) {
        return Err(CameraFailure::Missing);
    }
    match device.video_capture(PixFormat::new(SIZE.0, SIZE.1, format)) {
        Ok(device) if device.format().pixel_format() == format => Ok(Some(device)),
        Err(error) if error.kind() == ErrorKind::ResourceBusy => Err(CameraFailure::Busy),
        // A driver answers with what it can give instead, or refuses.
        Ok(_) | Err(_) => Ok(None),
    }
}

impl Frames for Device {
    fn next(&mut self) -> Result<RgbImage, CameraFailure> {
        let Layout {
            code,
            width,
            height,
            stride,
        } = self.format;
        let picture = next_frame(&mut self.stream, |bytes| {
            if code == PixelFormat::YUYV {
                from_yuyv(bytes, width, height, stride)
            } else {
                from_jpeg(bytes)
            }
        })
        .map_err(|_| CameraFailure::Lost)?;
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

fn from_jpeg(bytes: &[u8]) -> Option<RgbImage> {
    let picture = image::load_from_memory_with_format(bytes, ImageFormat::Jpeg);
    picture.ok().map(|picture| picture.into_rgb8())
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
        assert!(from_jpeg(&[]).is_none());
    }

    #[test]
    fn what_a_buffer_holds_behind_a_picture_is_not_part_of_it() {
        let behind = [7_u8; 5_000];
        let rows: [u8; 8] = [10, 128, 200, 128, 0, 128, 255, 128];
        assert_eq!(
            from_yuyv(&[rows.as_slice(), &behind].concat(), 2, 2, 4),
            from_yuyv(&rows, 2, 2, 4)
        );
        let mut jpeg = std::io::Cursor::new(Vec::new());
        let grey = RgbImage::from_pixel(16, 16, image::Rgb([90; 3]));
        grey.write_to(&mut jpeg, ImageFormat::Jpeg).expect("encoded");
        let alone = jpeg.into_inner();
        let picture = from_jpeg(&alone).expect("a picture");
        assert_eq!(from_jpeg(&[alone.as_slice(), &behind].concat()), Some(picture));
    }
}
