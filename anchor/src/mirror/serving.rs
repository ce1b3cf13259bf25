use std::collections::BTreeMap;

use ledger::{Alarm, Replica, TrustPack};
use tlog::{QuorateCheckpoint, UnverifiedCheckpoint};

use super::error::{DamagedError, MirrorError, StartError};
use super::store::MirrorStore;
use super::working::replay_stored;

/// What is served: a replica that stands at a checkpoint with a quorum.
pub(super) struct Served {
    replica: Replica,
    published: Option<Published>,
    /// Entries up to the checkpoint that changed nothing, and why.
    alarms: BTreeMap<u64, Alarm>,
}

/// A checkpoint with a quorum, and the note that says so.
pub(super) struct Published {
    pub(super) note: UnverifiedCheckpoint,
    pub(super) checkpoint: QuorateCheckpoint,
}

impl Served {
    /// Takes up what the store holds.
    pub(super) async fn load(pack: &TrustPack, store: &MirrorStore) -> Result<Self, StartError> {
        let mut replica = Replica::new(pack.origin());
        let Some(note) = store.published().await? else {
            return Ok(Self {
                replica,
                published: None,
                alarms: BTreeMap::new(),
            });
        };
        let note = UnverifiedCheckpoint::parse(note.as_bytes()).map_err(DamagedError::Checkpoint)?;
        let checkpoint = note.clone().verify(pack.policy()).map_err(DamagedError::Quorum)?;
        let alarms = replay_stored(&mut replica, store, checkpoint.size()).await?;
        replica
            .endorse(checkpoint.checkpoint())
            .map_err(DamagedError::Endorse)?;
        Ok(Self {
            replica,
            published: Some(Published { note, checkpoint }),
            alarms: alarms.into_iter().collect(),
        })
    }

    pub(super) fn replica(&self) -> &Replica {
        &self.replica
    }

    pub(super) fn published(&self) -> Option<&Published> {
        self.published.as_ref()
    }

    /// Why an entry changed nothing.
    pub(super) fn alarm(&self, number: u64) -> Option<&Alarm> {
        self.alarms.get(&number)
    }

    /// Whether this says something that is not served yet: more entries, or a later time.
    pub(super) fn is_news(&self, checkpoint: &QuorateCheckpoint) -> bool {
        self.published.as_ref().is_none_or(|published| {
            let served = (published.checkpoint.size(), published.checkpoint.time());
            (checkpoint.size(), checkpoint.time()) > served
        })
    }

    /// Serves a newer checkpoint, whose entries are all in the store. After an error what is served is as it was.
    pub(super) async fn publish(&mut self, new: Published, store: &MirrorStore) -> Result<(), MirrorError> {
        // Whoever gave up before may have left it further on.
        self.replica.take_back();
        self.replica.mark();
        let advanced = self.advance(&new, store).await;
        let alarms = advanced.inspect_err(|_| self.replica.take_back())?;
        self.replica.keep();
        self.alarms.extend(alarms);
        self.published = Some(new);
        Ok(())
    }

    async fn advance(&mut self, new: &Published, store: &MirrorStore) -> Result<Vec<(u64, Alarm)>, MirrorError> {
        let alarms = replay_stored(&mut self.replica, store, new.checkpoint.size()).await?;
        self.replica.endorse(new.checkpoint.checkpoint())?;
        store.publish(&new.note).await?;
        Ok(alarms)
    }
}
