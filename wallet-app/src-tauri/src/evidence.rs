//! What was found of a public record that shows two histories, as files that the person gives on. They say nothing of
//! the person.

use crate::error::WalletError;
use std::path::Path;
use wallet::KeptEvidence;

/// Writes them into a folder; where each is.
pub(crate) fn save(found: &[KeptEvidence], folder: Option<&Path>) -> Result<Vec<String>, WalletError> {
    let unwritable = || WalletError::new("evidence_unwritable");
    let folder = folder.ok_or_else(unwritable)?;
    let mut files = Vec::with_capacity(found.len());
    for (number, evidence) in (1..).zip(found) {
        std::fs::create_dir_all(folder).map_err(|_| unwritable())?;
        let file = folder.join(format!("two-histories-{}-{number}.cbor", evidence.found_at));
        std::fs::write(&file, &evidence.file).map_err(|_| unwritable())?;
        files.push(file.to_string_lossy().into_owned());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Vec<KeptEvidence> {
        let evidence = |found_at, byte| KeptEvidence {
            found_at,
            file: vec![byte; 3],
        };
        vec![evidence(1_800_000_000, 1), evidence(1_800_000_000, 2)]
    }

    #[test]
    fn each_is_a_file_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = save(&found(), Some(&folder.path().join("new"))).expect("saved");
        let bytes: Vec<Vec<u8>> = saved.iter().map(|file| std::fs::read(file).expect("there")).collect();
        assert_eq!(bytes, [vec![1; 3], vec![2; 3]]);
    }

    #[test]
    fn without_evidence_there_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let unused = folder.path().join("new");
        assert_eq!(save(&[], Some(&unused)), Ok(Vec::new()));
        assert!(!unused.exists());
    }

    #[test]
    fn where_nothing_can_be_written_it_says_so() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for folder in [Some(file.path()), None] {
            let error = save(&found(), folder).expect_err("refused");
            assert_eq!(error.code(), "evidence_unwritable");
        }
    }
}
