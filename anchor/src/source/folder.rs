use std::io::ErrorKind;
use std::path::PathBuf;

use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::SourceError;

/// An export of a log: files named as the paths of the read API.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) async fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, SourceError> {
        let failed = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => SourceError::Missing { path: path.to_owned() },
            _ => SourceError::Io {
                path: path.to_owned(),
                source,
            },
        };
        let file = File::open(self.path.join(path)).await.map_err(failed)?;
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(most).read_to_end(&mut bytes).await.map_err(failed)?;
        if bytes.len() > limit {
            return Err(SourceError::TooLarge { path: path.to_owned() });
        }
        Ok(bytes)
    }
}
