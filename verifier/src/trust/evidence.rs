//! Evidence that the log showed two histories: files that anybody with the trust pack can check.
//! docs/ledger.md §12.3

use std::io;
use std::path::{Path, PathBuf};

use ledger::{SplitEvidence, TrustPack, UnverifiedSplitEvidence};
use service::files::write_private;
use sha2::{Digest, Sha256};

/// The folder with the evidence files.
#[derive(Debug, Clone)]
pub struct EvidenceFolder(PathBuf);

impl EvidenceFolder {
    /// Below the data folder.
    pub fn below(data_dir: &Path) -> Self {
        Self(data_dir.join("evidence"))
    }

    /// Keeps evidence, and says so in the log. What is there already is not written again.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn keep(&self, evidence: &SplitEvidence) -> io::Result<()> {
        let bytes = evidence.encode();
        let name: String = Sha256::digest(&bytes)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let file = self.0.join(format!("split-{name}.cbor"));
        std::fs::create_dir_all(&self.0)?;
        if !file.exists() {
            write_private(&file, &bytes)?;
        }
        tracing::error!(file = %file.display(), "the log showed two histories and is not trusted any more");
        Ok(())
    }

    /// Whether there is evidence against the log of this trust pack. A file that proves nothing
    /// under it, as after the log got another key, says nothing.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn convicts(&self, pack: &TrustPack) -> io::Result<bool> {
        let files = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other?,
        };
        for file in files {
            let evidence = UnverifiedSplitEvidence::parse(&std::fs::read(file?.path())?);
            if evidence.and_then(|evidence| evidence.verify(pack)).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
