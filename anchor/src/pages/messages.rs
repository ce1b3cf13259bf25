//! The words of the pages: `ui/src/messages/<language>/ledger.json`.

use std::collections::HashMap;

use serde_json::Value;

/// The languages there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    German,
    French,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::English, Self::German, Self::French];

    /// BCP 47
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
        }
    }

    /// Its own name for itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
        }
    }

    /// The language of a tag such as `de-CH`.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let base = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(base))
    }

    /// The words of the registrar's portal.
    fn portal_file(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../ui/src/messages/en/portal.json"),
            Self::German => include_str!("../../../ui/src/messages/de/portal.json"),
            Self::French => include_str!("../../../ui/src/messages/fr/portal.json"),
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../ui/src/messages/en/ledger.json"),
            Self::German => include_str!("../../../ui/src/messages/de/ledger.json"),
            Self::French => include_str!("../../../ui/src/messages/fr/ledger.json"),
        }
    }
}

/// The patterns of one language, by keys such as `home.title`.
pub(crate) type Messages = HashMap<String, String>;

/// The words in every language.
#[derive(Debug)]
pub(crate) struct Catalogue([Messages; 3]);

impl Catalogue {
    pub(crate) fn load() -> Result<Self, serde_json::Error> {
        let load = |language: Language| {
            let mut messages = Messages::new();
            flatten("", &serde_json::from_str(language.file())?, &mut messages);
            Ok(messages)
        };
        Ok(Self([
            load(Language::English)?,
            load(Language::German)?,
            load(Language::French)?,
        ]))
    }

    /// The same with the words of the registrar's portal, whose keys begin with `portal.`.
    pub(crate) fn load_with_portal() -> Result<Self, serde_json::Error> {
        let Self(mut all) = Self::load()?;
        for (language, messages) in Language::ALL.into_iter().zip(&mut all) {
            flatten("portal", &serde_json::from_str(language.portal_file())?, messages);
        }
        Ok(Self(all))
    }

    pub(crate) fn of(&self, language: Language) -> &Messages {
        let [english, german, french] = &self.0;
        match language {
            Language::English => english,
            Language::German => german,
            Language::French => french,
        }
    }
}

fn flatten(prefix: &str, value: &Value, messages: &mut Messages) {
    match value {
        Value::Object(group) => {
            for (name, value) in group {
                let key = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flatten(&key, value, messages);
            }
        }
        Value::String(pattern) => {
            messages.insert(prefix.to_owned(), pattern.clone());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::pages::fill::places;

    fn keys(messages: &Messages) -> BTreeSet<&str> {
        messages.keys().map(String::as_str).collect()
    }

    #[test]
    fn every_language_has_the_same_keys_and_places() {
        let catalogue = Catalogue::load().unwrap();
        let english = catalogue.of(Language::English);
        for language in Language::ALL {
            let messages = catalogue.of(language);
            assert_eq!(keys(messages), keys(english), "{language:?}");
            for (key, pattern) in messages {
                assert!(!pattern.trim().is_empty(), "{language:?} {key}");
                assert_eq!(places(pattern), places(&english[key]), "{language:?} {key}");
                assert!(!pattern.contains('!'), "{language:?} {key}");
            }
        }
    }

    #[test]
    fn every_key_is_used_and_every_key_used_is_there() {
        let catalogue = Catalogue::load().unwrap();
        let there = keys(catalogue.of(Language::English));
        let mut sources = String::new();
        read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages"), &mut sources);
        let literals: BTreeSet<&str> = sources.split('"').collect();
        let unused: Vec<_> = there.iter().filter(|key| !is_used(key, &literals)).collect();
        assert!(unused.is_empty(), "{unused:?}");
        let calls = [".t(", ".say(", ".fill(", ".count("];
        let used = calls.iter().flat_map(|call| sources.split(call).skip(1));
        for key in used.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()) {
            let counted = format!("{key}.other");
            // What is no key is a call in this file.
            let is_key = key.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '_'));
            assert!(
                !is_key || there.contains(key) || there.contains(counted.as_str()),
                "{key}"
            );
        }
    }

    #[test]
    fn the_portal_has_the_same_keys_and_places_in_every_language_and_uses_them_all() {
        let catalogue = Catalogue::load_with_portal().unwrap();
        let english = catalogue.of(Language::English);
        for language in Language::ALL {
            let messages = catalogue.of(language);
            assert_eq!(keys(messages), keys(english), "{language:?}");
            for (key, pattern) in messages {
                assert_eq!(places(pattern), places(&english[key]), "{language:?} {key}");
            }
        }
        let mut sources = String::new();
        read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/portal"), &mut sources);
        let literals: BTreeSet<&str> = sources.split('"').filter(|text| text.starts_with("portal.")).collect();
        let there: BTreeSet<&str> = keys(english)
            .into_iter()
            .filter(|key| key.starts_with("portal."))
            .collect();
        // The one that is no key is the name of a file.
        let used: BTreeSet<&str> = literals.into_iter().filter(|text| *text != "portal.db").collect();
        assert_eq!(used, there);
    }

    fn is_used(key: &str, literals: &BTreeSet<&str>) -> bool {
        let counted = key.strip_suffix(".one").or_else(|| key.strip_suffix(".other"));
        literals.contains(key) || counted.is_some_and(|key| literals.contains(key))
    }

    fn read_all(folder: &Path, sources: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
}
