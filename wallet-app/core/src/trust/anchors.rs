//! Trust anchors from a configured folder of PEM files.

use super::TrustError;
use jose::x5c::TrustAnchors;
use std::path::Path;

/// Reads every `.pem` file of the folder; without a folder there are no anchors.
pub(crate) fn load_anchors(folder: Option<&Path>) -> Result<TrustAnchors, TrustError> {
    let Some(folder) = folder else {
        return Ok(TrustAnchors::default());
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(TrustError::Anchors)? {
        let path = entry.map_err(TrustError::Anchors)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            files.push(std::fs::read(path).map_err(TrustError::Anchors)?);
        }
    }
    Ok(TrustAnchors::from_pem(files)?)
}
