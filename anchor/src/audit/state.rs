//! The state of an audit as a file, so that one that was interrupted goes on.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use cbor::{CborError, Reader, Writer};
use ledger::{PayloadError, Replica, SnapshotError, TrustPack};
use service::files::write_atomically;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tlog::{CheckpointError, UnverifiedCheckpoint};

use super::summary::NumberedAlarm;

/// The first bytes of the file.
const MAGIC: &[u8] = b"holdfast audit state 1\n";
/// Between two times that a run writes its state.
const EVERY: Duration = Duration::from_secs(20);

/// How far an audit has come.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(super) replica: Replica,
    pub(super) alarms: Vec<NumberedAlarm>,
    /// The checkpoint that it went for last.
    pub(super) seen: Option<UnverifiedCheckpoint>,
    /// The hash tiles of so many entries were looked at.
    pub(super) tiles: u64,
}

/// Where the state of an audit is kept. Written whole or not at all; read only if it is what was written, for the log
/// and the trust pack that it was written for.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    written: Mutex<Instant>,
}

/// Why a state file cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// It cannot be read or written.
    #[error("the state file {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Its hash is not that of its content, or it is no such file.
    #[error("the state file is not what was written: begin from scratch")]
    Altered,
    /// It was written for another log or with another trust pack.
    #[error("the state file is of another log or trust pack: begin from scratch, or name another file")]
    OtherLog,
    /// Its content does not fit together.
    #[error("the state file: {0}")]
    Content(#[from] CborError),
    /// The replica in it.
    #[error("the state file: {0}")]
    Replica(#[from] SnapshotError),
    /// The checkpoint in it.
    #[error("the state file: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The state cannot be written.
    #[error("the state cannot be written: {0}")]
    Write(#[from] PayloadError),
}

impl Run {
    /// Before the first entry.
    pub(crate) fn begin(pack: &TrustPack) -> Self {
        Self {
            replica: Replica::new(pack.origin()),
            alarms: Vec::new(),
            seen: None,
            tiles: 0,
        }
    }

    /// The same log from its first entry on; what it showed is not forgotten.
    pub(crate) fn again(&self, pack: &TrustPack) -> Self {
        Self {
            seen: self.seen.clone(),
            ..Self::begin(pack)
        }
    }

    /// How many entries were replayed.
    pub(crate) fn size(&self) -> u64 {
        self.replica.size()
    }

    /// The state after them.
    pub(crate) fn replica(&self) -> &Replica {
        &self.replica
    }

    fn encode(&self, pack: &TrustPack) -> Result<Vec<u8>, PayloadError> {
        let mut writer = Writer::new();
        writer.array(6).text(pack.origin()).bytes(&pack.sha256());
        match &self.seen {
            Some(note) => writer.bytes(note.to_string().as_bytes()),
            None => writer.null(),
        };
        writer.array(self.alarms.len());
        for alarm in &self.alarms {
            writer.array(2).uint(alarm.number).text(&alarm.alarm);
        }
        writer.uint(self.tiles).bytes(&self.replica.to_bytes()?);
        let content = writer.into_bytes();
        let mut file = [MAGIC, content.as_slice()].concat();
        let hash: [u8; 32] = Sha256::digest(&file).into();
        file.extend(hash);
        Ok(file)
    }

    fn decode(file: &[u8], pack: &TrustPack) -> Result<Self, StateError> {
        let (signed, hash) = file.split_last_chunk::<32>().ok_or(StateError::Altered)?;
        let computed: [u8; 32] = Sha256::digest(signed).into();
        let content = signed.strip_prefix(MAGIC).ok_or(StateError::Altered)?;
        if computed != *hash {
            return Err(StateError::Altered);
        }
        cbor::decode(content, |reader: &mut Reader<'_>| {
            reader.array_of(6)?;
            let is_ours = reader.text()? == pack.origin() && reader.bytes_of::<32>()? == pack.sha256();
            if !is_ours {
                return Err(StateError::OtherLog);
            }
            let seen = if reader.skip_null()? {
                None
            } else {
                Some(UnverifiedCheckpoint::parse(reader.bytes()?)?)
            };
            let alarms = reader.list(usize::MAX, |reader| {
                reader.array_of(2)?;
                let number = reader.uint()?;
                let alarm = reader.text()?.to_owned();
                Ok::<_, CborError>(NumberedAlarm { number, alarm })
            })?;
            let tiles = reader.uint()?;
            Ok(Self {
                replica: Replica::from_bytes(reader.bytes()?)?,
                alarms,
                seen,
                tiles,
            })
        })
    }
}

impl StateFile {
    /// The state is kept here, whether there is one or not.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            written: Mutex::new(Instant::now()),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets what is there.
    ///
    /// # Errors
    /// [`StateError::Io`]
    pub fn forget(&self) -> Result<(), StateError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.io(error)),
            _ => Ok(()),
        }
    }

    /// What is there; `None` where there is no file.
    pub(crate) fn read(&self, pack: &TrustPack) -> Result<Option<Run>, StateError> {
        match std::fs::read(&self.path) {
            Ok(file) => Run::decode(&file, pack).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    pub(crate) fn write(&self, pack: &TrustPack, run: &Run) -> Result<(), StateError> {
        write_atomically(&self.path, &run.encode(pack)?).map_err(|error| self.io(error))?;
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Ok(())
    }

    /// Enough was done since it was written last that it should not be lost.
    pub(crate) fn is_due(&self) -> bool {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= EVERY
    }

    fn io(&self, source: std::io::Error) -> StateError {
        StateError::Io {
            path: self.path.display().to_string(),
            source,
        }
    }
}
