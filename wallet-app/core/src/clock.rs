//! Time and randomness of the shell, behind traits so that tests choose both.

use jose::UnixTime;
use serde::{Deserialize, Serialize};

/// A point in time as the device sees it.
///
/// `since_boot` counts seconds of one start of the machine, which nobody can set; two moments of
/// the same start are compared by it, all others by the wall clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970, as the device clock says.
    pub wall: UnixTime,
    /// Which start of the machine, and seconds since then.
    pub since_boot: Option<SinceBoot>,
}

/// Seconds since one particular start of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinceBoot {
    /// Names the start: another start, another id.
    pub boot_id: String,
    /// Seconds since it.
    pub seconds: u64,
}

impl Moment {
    /// Seconds from `self` to `later`, never negative: a clock set back counts as no time passed.
    #[must_use]
    pub fn seconds_until(&self, later: &Moment) -> u64 {
        match (&self.since_boot, &later.since_boot) {
            (Some(start), Some(end)) if start.boot_id == end.boot_id => end.seconds.saturating_sub(start.seconds),
            _ => later.wall.saturating_sub(self.wall),
        }
    }
}

/// Where the wallet reads the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn moment(&self) -> Moment;

    /// The wall clock alone.
    fn now(&self) -> UnixTime {
        self.moment().wall
    }
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn moment(&self) -> Moment {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
        Moment {
            wall,
            since_boot: since_boot(),
        }
    }
}

/// Linux tells both in `/proc`; elsewhere the wall clock has to do.
fn since_boot() -> Option<SinceBoot> {
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds = uptime.split('.').next()?.parse().ok()?;
    Some(SinceBoot {
        boot_id: boot_id.trim().to_owned(),
        seconds,
    })
}

/// Randomness of the operating system. Where it fails the process ends: a wallet without
/// randomness would make keys that others can guess.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl OsRandom {
    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>() -> [u8; N] {
        let mut out = [0; N];
        Self::fill_slice(&mut out);
        out
    }

    /// A random name for something in the wallet. It begins with a letter: no command line takes it for an option.
    pub(crate) fn name() -> String {
        format!("n{}", jose::base64url::encode(Self::bytes::<9>()))
    }

    /// Fills `out` with random bytes.
    pub fn fill_slice(out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            tracing::error!("the operating system gives no random bytes");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: u64, boot: Option<(&str, u64)>) -> Moment {
        Moment {
            wall,
            since_boot: boot.map(|(id, seconds)| SinceBoot {
                boot_id: id.into(),
                seconds,
            }),
        }
    }

    #[test]
    fn a_name_is_no_option_of_a_command() {
        // Of so many texts in base64url alone some would begin with a hyphen.
        let names: std::collections::BTreeSet<String> = (0..1_000).map(|_| OsRandom::name()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(
            names
                .iter()
                .all(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
        );
    }

    #[test]
    fn the_same_start_of_the_machine_ignores_the_wall_clock() {
        let start = moment(1000, Some(("a", 10)));
        assert_eq!(start.seconds_until(&moment(999_999, Some(("a", 15)))), 5);
        assert_eq!(start.seconds_until(&moment(0, Some(("a", 15)))), 5);
    }

    #[test]
    fn another_start_uses_the_wall_clock_and_never_runs_backwards() {
        let start = moment(1000, Some(("a", 10)));
        assert_eq!(start.seconds_until(&moment(1030, Some(("b", 1)))), 30);
        assert_eq!(start.seconds_until(&moment(900, Some(("b", 1)))), 0);
        assert_eq!(start.seconds_until(&moment(900, None)), 0);
    }
}
