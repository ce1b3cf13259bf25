/// Where random bytes come from; the core crates have no source of their own.
///
/// A shell passes the operating system's generator, a test a counter. Implemented for every
/// `FnMut(&mut [u8])`.
pub trait RandomSource {
    /// Fills `out` with unpredictable bytes.
    fn fill(&mut self, out: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> RandomSource for F {
    fn fill(&mut self, out: &mut [u8]) {
        self(out);
    }
}
