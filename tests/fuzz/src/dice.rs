use testkit::credential::random;

/// Chance that can be repeated: the same seed rolls the same.
pub struct Dice(Box<dyn FnMut(&mut [u8])>);

impl Dice {
    /// Dice that roll as this seed says.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Box::new(random(seed)))
    }

    /// A whole number below `end`, 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let mut bytes = [0; 8];
        (self.0)(&mut bytes);
        // Half the width: what is taken modulo a small number is even enough.
        let number = usize::try_from(u64::from_be_bytes(bytes) >> 16).unwrap_or_default();
        number.checked_rem(end).unwrap_or_default()
    }

    /// One of several; `None` of none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or_default()
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}
