//! The thread that reads the camera while somebody looks through it.

use super::gathering::{Found, Gathering};
use super::{CameraFailure, Frames, preview};
use crate::dto::CameraEvent;
use image::DynamicImage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Pictures for the viewfinder come no faster.
const BETWEEN_PREVIEWS: Duration = Duration::from_millis(100);

/// Reads until it is no longer wanted. Why it ended by itself is the last thing it says.
pub(super) fn run(
    open: impl FnOnce() -> Result<Box<dyn Frames>, CameraFailure>,
    wanted: &AtomicBool,
    sink: &dyn Fn(CameraEvent),
) {
    // The driver's library panics where a device does not stop in order; the device is gone then.
    let watched = catch_unwind(AssertUnwindSafe(|| watch(open()?.as_mut(), wanted, sink)));
    if let Err(failure) = watched.unwrap_or(Err(CameraFailure::Lost))
        && wanted.load(Ordering::Relaxed)
    {
        tracing::info!(code = failure.code(), "no pictures from the camera");
        sink(CameraEvent::failed(failure));
    }
}

fn watch(frames: &mut dyn Frames, wanted: &AtomicBool, sink: &dyn Fn(CameraEvent)) -> Result<(), CameraFailure> {
    let mut shown: Option<Instant> = None;
    let (mut gathering, mut told) = (Gathering::default(), None);
    while wanted.load(Ordering::Relaxed) {
        let picture = DynamicImage::from(frames.next()?);
        if shown.is_none_or(|at| at.elapsed() >= BETWEEN_PREVIEWS)
            && let Some(frame) = preview::frame(&picture)
        {
            shown = Some(Instant::now());
            sink(CameraEvent::Frame { frame });
        }
        // Two codes at once: the person decides by moving the camera.
        if let Found::One(seen) = gathering.take(&qr_reader::codes(&picture.into_luma8()))
            && told.as_ref() != Some(&seen)
        {
            told = Some(seen.clone());
            sink(seen.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::drawn::{code, frame_picture};
    use super::super::gathering::tests::frames;
    use super::*;
    use image::RgbImage;
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use wallet::FrameKind;

    struct Pictures(VecDeque<RgbImage>);

    impl Frames for Pictures {
        fn next(&mut self) -> Result<RgbImage, CameraFailure> {
            self.0.pop_front().ok_or(CameraFailure::Lost)
        }
    }

    fn seen(pictures: Vec<RgbImage>) -> Vec<String> {
        let events = Mutex::new(Vec::new());
        let frames = || Ok(Box::new(Pictures(pictures.into())) as Box<dyn Frames>);
        run(frames, &AtomicBool::new(true), &|event| {
            let said = match event {
                CameraEvent::Frame { frame } => format!("frame {}x{}", frame.width, frame.height),
                CameraEvent::Code { text } => text,
                CameraEvent::Parts { parts } => format!("{} of {}", parts.received, parts.needed),
                CameraEvent::Challenge { .. } => "a challenge".to_owned(),
                CameraEvent::Failed { error } => error.code().to_owned(),
            };
            events.lock().expect("events").push(said);
        });
        events.into_inner().expect("events")
    }

    #[test]
    fn a_code_is_told_once_and_its_end_is_told() {
        let picture = DynamicImage::from(code("openid4vp://a")).into_rgb8();
        let said = seen(vec![picture.clone(), picture]);
        assert!(said[0].starts_with("frame "), "{said:?}");
        assert_eq!(said[1..], ["openid4vp://a", "camera_lost"]);
    }

    #[test]
    fn the_parts_of_a_challenge_are_counted_whichever_come() {
        let frames = frames(FrameKind::Challenge, 1_500);
        let pictures = [9, 2, 2, 30].map(|place| DynamicImage::from(frame_picture(&frames[place])).into_rgb8());
        let said = seen(pictures.into());
        let of_codes: Vec<&String> = said.iter().filter(|said| !said.starts_with("frame ")).collect();
        assert_eq!(of_codes, ["1 of 3", "2 of 3", "a challenge", "camera_lost"]);
    }

    #[test]
    fn a_camera_that_does_not_open_says_why() {
        let events = Mutex::new(Vec::new());
        run(|| Err(CameraFailure::Denied), &AtomicBool::new(true), &|event| {
            events.lock().expect("events").push(format!("{event:?}"));
        });
        let said = events.into_inner().expect("events");
        assert!(said.len() == 1 && said[0].contains("camera_denied"), "{said:?}");
    }

    #[test]
    fn whoever_stopped_it_hears_nothing_more() {
        let frames = || Ok(Box::new(Pictures(VecDeque::new())) as Box<dyn Frames>);
        run(frames, &AtomicBool::new(false), &|event| panic!("{event:?}"));
    }
}
