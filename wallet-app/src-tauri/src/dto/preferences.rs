use crate::looks::{Language, Looks, Theme};
use serde::{Deserialize, Serialize};
use wallet::AutoLock;

/// What the person set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Preferences {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    #[serde(with = "minutes")]
    pub(crate) auto_lock_minutes: AutoLock,
    pub(crate) sample_card: bool,
}

impl Preferences {
    /// From what lies beside the wallet and what lies in it. Until a language was chosen it is
    /// English.
    pub(crate) fn of(looks: Looks, kept: &wallet::Preferences) -> Self {
        Self {
            language: looks.language.unwrap_or(Language::En),
            theme: looks.theme,
            auto_lock_minutes: kept.auto_lock,
            sample_card: kept.sample_card,
        }
    }

    /// What lies beside the wallet.
    pub(crate) fn looks(self) -> Looks {
        Looks {
            language: Some(self.language),
            theme: self.theme,
        }
    }

    /// What lies in it.
    pub(crate) fn kept(self) -> wallet::Preferences {
        wallet::Preferences {
            auto_lock: self.auto_lock_minutes,
            sample_card: self.sample_card,
        }
    }
}

mod minutes {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use wallet::AutoLock;

    pub(super) fn serialize<S: Serializer>(lock: &AutoLock, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(lock.minutes())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<AutoLock, D::Error> {
        let minutes = u8::deserialize(from)?;
        AutoLock::try_from(minutes).map_err(|_| serde::de::Error::custom("1, 5 or 15 minutes"))
    }
}

#[cfg(test)]
mod tests {
    use super::Preferences;

    #[test]
    fn only_the_three_times_are_taken() {
        let with = |minutes| {
            let text = format!(r#"{{"language":"de","theme":"dark","autoLockMinutes":{minutes},"sampleCard":false}}"#);
            serde_json::from_str::<Preferences>(&text)
        };
        assert!(with(15).is_ok());
        assert!(with(0).is_err() && with(60).is_err());
    }
}
