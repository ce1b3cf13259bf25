use std::fmt;

use ledger::{Records, Replica};
use tlog::QuorateCheckpoint;

/// What an audit found. All of it follows from the log's own entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The log's name.
    pub origin: String,
    /// How many entries were replayed.
    pub size: u64,
    /// Root of the tree.
    pub root: tlog::Hash,
    /// Root of the map.
    pub map_root: ledger::Hash,
    /// The latest instant at which the cosignatures still satisfied the quorum.
    pub time: tlog::UnixTime,
    /// How many organisations have a record.
    pub organisations: usize,
    /// How many of them may issue something.
    pub accredited: usize,
    /// How many of them may ask for something.
    pub relying_parties: usize,
    /// How many of them are deactivated.
    pub deactivated: usize,
    /// Entries that should not be in the log and changed nothing.
    pub alarms: Vec<NumberedAlarm>,
}

/// An entry that should not be in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedAlarm {
    /// Number of the entry.
    pub number: u64,
    /// The rule that it breaks, in words.
    pub alarm: String,
}

impl Summary {
    pub(super) fn of(replica: &Replica, checkpoint: &QuorateCheckpoint, alarms: Vec<NumberedAlarm>) -> Self {
        let count = |holds: fn(&ledger::OrganisationRecord) -> bool| {
            replica.organisations().filter(|record| holds(record)).count()
        };
        Self {
            origin: checkpoint.origin().to_string(),
            size: replica.size(),
            root: *checkpoint.root(),
            map_root: replica.map_root(),
            time: checkpoint.time(),
            organisations: count(|_| true),
            accredited: count(|record| record.accreditation_entry().is_some()),
            relying_parties: count(|record| record.relying_party().is_some()),
            deactivated: count(ledger::OrganisationRecord::is_deactivated),
            alarms,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "log            {}", self.origin)?;
        writeln!(f, "entries        {}", self.size)?;
        writeln!(f, "tree root      {}", self.root)?;
        writeln!(f, "map root       {}", tlog::Hash::from_bytes(self.map_root))?;
        writeln!(f, "quorum time    {}", self.time)?;
        writeln!(
            f,
            "organisations  {} ({} accredited, {} relying parties, {} deactivated)",
            self.organisations, self.accredited, self.relying_parties, self.deactivated
        )?;
        writeln!(f, "alarms         {}", self.alarms.len())?;
        let mut alarms = self.alarms.iter();
        alarms.try_for_each(|found| writeln!(f, "  entry {}: {}", found.number, found.alarm))
    }
}
