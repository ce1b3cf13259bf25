//! Chance that can be repeated: the same seed rolls the same.

use std::time::Duration;

/// A small generator (SplitMix64); nothing secret comes from it.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that roll as this seed says.
    #[must_use]
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of several.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let count = u64::try_from(from.len()).ok().filter(|count| *count > 0)?;
        usize::try_from(self.roll() % count)
            .ok()
            .and_then(|place| from.get(place).copied())
    }

    /// A moment within a duration, to the thousandth of it.
    pub(super) fn moment(&mut self, within: Duration) -> Duration {
        within * u32::try_from(self.roll() % 1_000).unwrap_or_default() / 1_000
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;
    use std::time::Duration;

    #[test]
    fn a_seed_repeats_itself_and_stays_within() {
        let within = Duration::from_secs(2);
        let rolls = |seed| {
            let mut dice = Dice::new(seed);
            (0..100).map(|_| dice.moment(within)).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
        assert!(rolls(7).iter().all(|moment| *moment < within));
        assert_eq!(Dice::new(1).pick::<u8>(&[]), None);
    }
}
