//! Chance that is the same for the same seed.

use sha2::{Digest, Sha256};

/// SHA-256 of a seed and a counter.
pub(super) struct Dice {
    seed: u64,
    rolled: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, rolled: 0 }
    }

    /// A number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.rolled += 1;
        let rolled = [self.seed, self.rolled].map(u64::to_be_bytes).concat();
        // One byte: nothing that is chosen from here has more than a few dozen.
        usize::from(Sha256::digest(rolled)[0]) % end
    }

    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
