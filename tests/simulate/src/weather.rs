//! What may go wrong in a run. Not everything in every run: faults that always come together hide each other.

use crate::chance::Chance;

/// Kinds of faults, and whether a run has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Processes are killed, and the power is cut.
    pub(crate) crashes: bool,
    /// The log's disk is full, or does not sync.
    pub(crate) disk: bool,
    /// Bits flip on the log's disk.
    pub(crate) flips: bool,
    /// Messages are lost, doubled, late.
    pub(crate) network: bool,
    /// Cosigners are away for a while, or start again.
    pub(crate) away: bool,
    /// One cosigner lies.
    pub(crate) liar: bool,
    /// A second instance runs on the store of the first.
    pub(crate) race: bool,
    /// An old copy of the log's disk is put back.
    pub(crate) rollback: bool,
    /// Clocks jump.
    pub(crate) clocks: bool,
}

impl Weather {
    pub(crate) fn of(chance: &Chance) -> Self {
        let race = chance.one_in(3);
        Self {
            crashes: chance.one_in(2),
            disk: chance.one_in(2),
            flips: chance.one_in(4),
            network: chance.one_in(3),
            away: chance.one_in(2),
            liar: chance.one_in(3),
            race,
            // Who put a copy back while another instance runs has two disks.
            rollback: !race && chance.one_in(3),
            clocks: chance.one_in(3),
        }
    }
}
