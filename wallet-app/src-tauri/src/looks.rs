//! Language and theme. They are needed before the wallet is open, so they lie beside it, in the
//! clear; nothing else does.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Languages of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
}

impl Language {
    /// As texts by others are tagged.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How the window looks before anything is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Looks {
    /// `None` until the person chose one.
    pub(crate) language: Option<Language>,
    /// The theme.
    #[serde(default)]
    pub(crate) theme: Theme,
}

const FILE: &str = "window.json";

impl Looks {
    /// What was chosen; what cannot be read was not chosen.
    pub(crate) fn load(profile: &Path) -> Self {
        std::fs::read(profile.join(FILE))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Keeps it. A folder that is made here is the person's alone, as the wallet's own would be.
    pub(crate) fn store(self, profile: &Path) -> std::io::Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(profile)?;
        let new: PathBuf = profile.join(format!("{FILE}.new"));
        std::fs::write(&new, serde_json::to_vec(&self)?)?;
        std::fs::rename(new, profile.join(FILE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let profile = folder.path().join("profile");
        assert_eq!(Looks::load(&profile), Looks::default());
        let chosen = Looks {
            language: Some(Language::De),
            theme: Theme::Dark,
        };
        chosen.store(&profile).expect("stored");
        assert_eq!(Looks::load(&profile), chosen);
    }

    #[test]
    fn a_damaged_file_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FILE), "{").expect("written");
        assert_eq!(Looks::load(folder.path()), Looks::default());
    }
}
