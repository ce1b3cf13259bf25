//! Makes this app the one that opens our links for this person, and takes that back exactly.

use super::SCHEMES;
use super::defaults::{Before, choose, chosen};
use super::desktop_entry::{FILE, entry, mime_type};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Folders of the person's desktop.
#[derive(Clone, Debug)]
pub(crate) struct Desktop {
    /// `XDG_DATA_HOME`
    pub(crate) data: PathBuf,
    /// `XDG_CONFIG_HOME`
    pub(crate) config: PathBuf,
}

/// Why the links were not registered or not given back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistrationError {
    /// The person has no home.
    #[error("there is no folder for settings of this person")]
    NoHome,
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// What was remembered does not read.
    #[error("what was registered before cannot be read")]
    Memory(#[from] serde_json::Error),
}

/// How it was before.
#[derive(Debug, Serialize, Deserialize)]
struct Memory {
    /// The entry of an app of the same name.
    entry: Option<String>,
    /// The whole list; `None` where there was none.
    list: Option<String>,
    /// The list as registration left it.
    written: String,
    /// What opened each of our links.
    chosen: Before,
}

impl Desktop {
    /// The folders of whoever runs this.
    pub(crate) fn of_this_person() -> Result<Self, RegistrationError> {
        Ok(Self {
            data: dirs::data_dir().ok_or(RegistrationError::NoHome)?,
            config: dirs::config_dir().ok_or(RegistrationError::NoHome)?,
        })
    }

    fn entry(&self) -> PathBuf {
        self.data.join("applications").join(FILE)
    }

    fn list(&self) -> PathBuf {
        self.config.join("mimeapps.list")
    }

    fn memory(&self) -> PathBuf {
        self.data.join("holdfast-wallet").join("links-before.json")
    }

    /// Writes the entry and chooses it for all our links. Doing so twice remembers the first time.
    pub(crate) fn register(&self, program: &Path, arguments: &[String]) -> Result<(), RegistrationError> {
        let list = read(&self.list())?;
        let text = list.clone().unwrap_or_default();
        let types = SCHEMES.map(mime_type);
        let written = types
            .iter()
            .fold(text.clone(), |text, mime| choose(&text, mime, Some(FILE)));
        let memory = match self.remembered()? {
            Some(first) => Memory {
                written: written.clone(),
                ..first
            },
            None => Memory {
                entry: read(&self.entry())?,
                list,
                written: written.clone(),
                chosen: types.iter().map(|mime| (mime.clone(), chosen(&text, mime))).collect(),
            },
        };
        // What was there is safe before anything changes.
        write(&self.memory(), &serde_json::to_string_pretty(&memory)?)?;
        write(&self.entry(), &entry(program, arguments))?;
        write(&self.list(), &written)
    }

    /// Puts everything back as it was. Choices that were made in between stay.
    pub(crate) fn unregister(&self) -> Result<(), RegistrationError> {
        let Some(memory) = self.remembered()? else {
            return Ok(());
        };
        let now = read(&self.list())?;
        let list = match now {
            Some(text) if text != memory.written => Some(given_back(text, &memory.chosen)),
            _ => memory.list,
        };
        restore(&self.list(), list.as_deref())?;
        restore(&self.entry(), memory.entry.as_deref())?;
        restore(&self.memory(), None)
    }

    fn remembered(&self) -> Result<Option<Memory>, RegistrationError> {
        Ok(read(&self.memory())?
            .map(|text| serde_json::from_str(&text))
            .transpose()?)
    }
}

/// The list with only our own choices taken back.
fn given_back(text: String, before: &Before) -> String {
    before.iter().fold(text, |text, (mime, app)| {
        if chosen(&text, mime).as_deref() == Some(FILE) {
            choose(&text, mime, app.as_deref())
        } else {
            text
        }
    })
}

fn read(path: &Path) -> Result<Option<String>, RegistrationError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), RegistrationError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    }
    std::fs::write(path, text).map_err(|error| failed(path, error))
}

fn restore(path: &Path, text: Option<&str>) -> Result<(), RegistrationError> {
    match text {
        Some(text) => write(path, text),
        None => match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path, error)),
            _ => Ok(()),
        },
    }
}

fn failed(path: &Path, source: std::io::Error) -> RegistrationError {
    RegistrationError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "[Default Applications]\nx-scheme-handler/openid4vp=other.desktop\ntext/html=a.desktop";

    fn desktop() -> (tempfile::TempDir, Desktop) {
        let folder = tempfile::tempdir().expect("a folder");
        let desktop = Desktop {
            data: folder.path().join("share"),
            config: folder.path().join("config"),
        };
        (folder, desktop)
    }

    fn register(desktop: &Desktop) {
        desktop.register(Path::new("/opt/app"), &[]).expect("registered");
    }

    #[test]
    fn where_nothing_was_nothing_stays() {
        let (_folder, desktop) = desktop();
        register(&desktop);
        let list = read(&desktop.list()).expect("readable").expect("written");
        assert!(
            SCHEMES
                .iter()
                .all(|scheme| chosen(&list, &mime_type(scheme)).as_deref() == Some(FILE))
        );
        desktop.unregister().expect("given back");
        assert!(!desktop.list().exists() && !desktop.entry().exists() && !desktop.memory().exists());
    }

    #[test]
    fn what_was_there_comes_back_to_the_letter_even_after_registering_twice() {
        let (_folder, desktop) = desktop();
        write(&desktop.list(), LIST).expect("written");
        register(&desktop);
        register(&desktop);
        desktop.unregister().expect("given back");
        assert_eq!(read(&desktop.list()).expect("readable").as_deref(), Some(LIST));
    }

    #[test]
    fn choices_made_in_between_stay() {
        let (_folder, desktop) = desktop();
        write(&desktop.list(), LIST).expect("written");
        register(&desktop);
        let changed = read(&desktop.list()).expect("readable").expect("there");
        let changed = choose(&changed, "text/html", Some("b.desktop"));
        let changed = choose(&changed, "x-scheme-handler/haip-vp", Some("third.desktop"));
        write(&desktop.list(), &changed).expect("written");
        desktop.unregister().expect("given back");
        let list = read(&desktop.list()).expect("readable").expect("there");
        assert_eq!(chosen(&list, "text/html").as_deref(), Some("b.desktop"));
        assert_eq!(
            chosen(&list, "x-scheme-handler/haip-vp").as_deref(),
            Some("third.desktop")
        );
        assert_eq!(
            chosen(&list, "x-scheme-handler/openid4vp").as_deref(),
            Some("other.desktop")
        );
        assert_eq!(chosen(&list, "x-scheme-handler/haip-vci"), None);
    }

    #[test]
    fn giving_back_what_was_never_registered_changes_nothing() {
        let (_folder, desktop) = desktop();
        write(&desktop.list(), LIST).expect("written");
        desktop.unregister().expect("nothing to do");
        assert_eq!(read(&desktop.list()).expect("readable").as_deref(), Some(LIST));
    }
}
