use std::collections::BTreeMap;

use ledger::{Alarm, Replica, TrustPack};
use tlog::{QuorateCheckpoint, UnverifiedCheckpoint};

use super::error::{DamagedError, MirrorError, StartError};
use super::store::MirrorStore;
use super::working::{Judged, replay_stored};

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
        let alarms = replay_stored(&mut replica, store, checkpoint.size(), Judged::default()).await?;
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

    /// Serves a newer checkpoint, whose entries are all in the store, and which of them are judged already. After an
    /// error what is served is as it was, and so it is where nobody waits for the end of it.
    pub(super) async fn publish(
        &mut self,
        new: Published,
        store: &MirrorStore,
        judged: Judged,
    ) -> Result<(), MirrorError> {
        let ahead = Ahead::of(&mut self.replica);
        let alarms = replay_stored(ahead.0, store, new.checkpoint.size(), judged).await?;
        ahead.0.endorse(new.checkpoint.checkpoint())?;
        store.publish(&new.note).await?;
        ahead.keep();
        self.alarms.extend(alarms);
        self.published = Some(new);
        Ok(())
    }
}

/// The replica on its way to a newer checkpoint. It goes back to where it was, unless it is kept.
struct Ahead<'a>(&'a mut Replica);

impl<'a> Ahead<'a> {
    fn of(replica: &'a mut Replica) -> Self {
        replica.mark();
        Self(replica)
    }

    fn keep(self) {
        self.0.keep();
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        self.0.take_back();
    }
}
