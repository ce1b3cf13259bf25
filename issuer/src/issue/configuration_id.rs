//! Credential configuration ids: a type in a format, in copies for showing online or offline.

use std::fmt;

use card_formats::Format;

/// What a batch of copies is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Copies with the certificate chain, for both kinds of verifier.
    Online,
    /// Copies with `kid` alone: a QR code has no room for certificates.
    Offline,
}

/// `<type>` or `<type>.offline`; in a format that has a mark `<type>.<mark>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConfigurationId {
    /// The credential type's file name.
    pub credential_type: String,
    /// The format.
    pub format: Format,
    /// What the copies are for.
    pub channel: Channel,
}

impl ConfigurationId {
    /// The id of a type's copies in a format for a channel.
    #[must_use]
    pub fn new(credential_type: &str, format: Format, channel: Channel) -> Self {
        Self {
            credential_type: credential_type.to_owned(),
            format,
            channel,
        }
    }

    /// Reads an id; whether the type exists is for the catalogue to say.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (text, channel) = match text.strip_suffix(".offline") {
            Some(rest) => (rest, Channel::Offline),
            None => (text, Channel::Online),
        };
        let marked = Format::ALL.into_iter().find_map(|format| {
            let rest = text.strip_suffix(format.mark()?)?;
            Some((rest.strip_suffix('.')?, format))
        });
        let (credential_type, format) = marked.unwrap_or((text, Format::default()));
        Self::new(credential_type, format, channel)
    }

    /// The ids of a type in a format, in the order of an offer.
    pub fn all(credential_type: &str, format: Format) -> impl Iterator<Item = Self> {
        let channels = [Channel::Online, Channel::Offline].into_iter();
        channels
            .filter(move |channel| *channel == Channel::Online || format.shown_as_codes())
            .map(move |channel| Self::new(credential_type, format, channel))
    }
}

impl fmt::Display for ConfigurationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.credential_type)?;
        if let Some(mark) = self.format.mark() {
            write!(f, ".{mark}")?;
        }
        match self.channel {
            Channel::Online => Ok(()),
            Channel::Offline => f.write_str(".offline"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_as_written() {
        for text in ["residence", "residence.offline"] {
            assert_eq!(ConfigurationId::parse(text).to_string(), text);
        }
        for id in Format::ALL
            .into_iter()
            .flat_map(|format| ConfigurationId::all("residence", format))
        {
            assert_eq!(ConfigurationId::parse(&id.to_string()), id);
        }
        let channels = ConfigurationId::all("residence", Format::SD_JWT_VC).map(|id| id.channel);
        assert_eq!(channels.collect::<Vec<_>>(), [Channel::Online, Channel::Offline]);
    }
}
