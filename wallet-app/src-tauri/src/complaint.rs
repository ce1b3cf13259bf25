//! A complaint, as a file that the person gives on. Whoever asked can recognise the visit in it.

use crate::error::WalletError;
use std::path::Path;

/// Writes it into a folder; where it is.
pub(crate) fn save(file: &[u8], entry: i64, folder: Option<&Path>) -> Result<String, WalletError> {
    let unwritable = || WalletError::new("complaint_unwritable");
    let path = folder.ok_or_else(unwritable)?.join(format!("complaint-{entry}.cbor"));
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&path, file));
    written.map_err(|_| unwritable())?;
    Ok(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_file_named_by_its_entry() {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = save(&[1, 2], 7, Some(&folder.path().join("new"))).expect("saved");
        assert!(saved.ends_with("complaint-7.cbor"));
        assert_eq!(std::fs::read(saved).expect("there"), [1, 2]);
    }

    #[test]
    fn where_nothing_can_be_written_it_says_so() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for folder in [Some(file.path()), None] {
            assert_eq!(
                save(&[1], 7, folder).expect_err("refused").code(),
                "complaint_unwritable"
            );
        }
    }
}
