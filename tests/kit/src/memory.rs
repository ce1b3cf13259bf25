//! How much memory a piece of work takes at most: of this process, as Linux tells it. proc_pid_status(5),
//! proc_pid_clear_refs(5)
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

/// A moment from which on the memory of this process is watched.
pub struct Memory {
    before: u64,
}

impl Memory {
    /// From now on.
    ///
    /// # Panics
    /// The system does not tell.
    pub fn now() -> Self {
        std::fs::write("/proc/self/clear_refs", "5").expect("the highest level is forgotten");
        Self {
            before: bytes("VmRSS:"),
        }
    }

    /// Whether resident memory never rose by so much since then. Other tests in the same process would count too, so
    /// nothing is said where the process is not this test's own, as it is under nextest.
    ///
    /// # Panics
    /// The system does not tell.
    pub fn rose_less_than(&self, limit: u64) -> bool {
        let risen = bytes("VmHWM:").saturating_sub(self.before);
        std::env::var_os("NEXTEST").is_none() || risen < limit
    }
}

fn bytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")).expect("a size");
    kib.parse::<u64>().expect("a number") * 1024
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn what_was_held_for_a_moment_counts() {
        let memory = Memory::now();
        let held = vec![1_u8; 64 << 20];
        assert_eq!(held.iter().filter(|byte| **byte == 1).count(), held.len());
        drop(held);
        let alone = std::env::var_os("NEXTEST").is_some();
        assert_eq!(memory.rose_less_than(32 << 20), !alone);
        assert!(memory.rose_less_than(256 << 20));
    }
}
