//! The front of a card.

use super::{Card, names};
use crate::text::Localized;
use oid4vci::metadata::CredentialMetadata;
use serde::Serialize;

/// What stands on the front of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardFace {
    /// What it is called.
    pub title: Localized,
    /// Whose it is.
    pub issuer: Localized,
    /// The colour behind it, as `#rrggbb`.
    pub background: Option<String>,
    /// The colour of the text, as `#rrggbb`.
    pub text: Option<String>,
}

impl CardFace {
    pub(crate) fn new(metadata: &CredentialMetadata, vct: &str, issuer: Localized) -> Self {
        let shown = metadata.display.iter();
        Self {
            title: names::title(metadata, vct),
            issuer,
            background: shown.clone().find_map(|d| colour(d.background_color.as_deref()?)),
            text: shown.clone().find_map(|d| colour(d.text_color.as_deref()?)),
        }
    }
}

impl Card {
    /// What stands on its front.
    #[must_use]
    pub fn face(&self) -> CardFace {
        CardFace::new(&self.display, &self.vct, self.issuer.names())
    }

    /// What its format is called, where it is another than that of most cards: a person may hold one card in two.
    #[must_use]
    pub fn format_name(&self) -> Option<&'static str> {
        match self.format.name() {
            "mso_mdoc" => Some("ISO mdoc"),
            "ldp_vc" => Some("W3C"),
            _ => None,
        }
    }

    /// What a claim is called, by its path with dots.
    #[must_use]
    pub fn label(&self, name: &str) -> Localized {
        names::label(&self.display, name)
    }
}

/// Six hexadecimal digits and nothing else: what else CSS takes for a colour may fetch or hide.
fn colour(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?;
    let is_colour = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_colour.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::colour;
    use test_case::test_case;

    #[test_case("#1F3a5f" => Some("#1f3a5f".to_owned()) ; "six digits")]
    #[test_case("#fff" => None ; "three digits")]
    #[test_case("red" => None ; "a name")]
    #[test_case("#1f3a5f;background:url(x)" => None ; "more than a colour")]
    #[test_case("url(https://x.example)" => None ; "an address")]
    fn colours(text: &str) -> Option<String> {
        colour(text)
    }
}
