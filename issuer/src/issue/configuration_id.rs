//! Credential configuration ids: a type, in copies for showing online or offline.

use std::fmt;

/// What a batch of copies is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Copies with the certificate chain, for both kinds of verifier.
    Online,
    /// Copies with `kid` alone: a QR code has no room for certificates.
    Offline,
}

/// `<type>` or `<type>.offline`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConfigurationId {
    /// The credential type's file name.
    pub credential_type: String,
    /// What the copies are for.
    pub channel: Channel,
}

impl ConfigurationId {
    /// The id of a type's copies for a channel.
    #[must_use]
    pub fn new(credential_type: &str, channel: Channel) -> Self {
        Self {
            credential_type: credential_type.to_owned(),
            channel,
        }
    }

    /// Reads an id; whether the type exists is for the catalogue to say.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_suffix(".offline") {
            Some(credential_type) => Self::new(credential_type, Channel::Offline),
            None => Self::new(text, Channel::Online),
        }
    }

    /// Both ids of a type, in the order of an offer.
    #[must_use]
    pub fn both(credential_type: &str) -> [Self; 2] {
        [Channel::Online, Channel::Offline].map(|channel| Self::new(credential_type, channel))
    }
}

impl fmt::Display for ConfigurationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = match self.channel {
            Channel::Online => "",
            Channel::Offline => ".offline",
        };
        write!(f, "{}{suffix}", self.credential_type)
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
        let [online, offline] = ConfigurationId::both("residence");
        assert_eq!((online.channel, offline.channel), (Channel::Online, Channel::Offline));
    }
}
