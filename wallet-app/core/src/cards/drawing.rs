//! Pictures of a card as its issuer wants it drawn, with what the card says filled in.

use super::store::{from_json, json};
use super::{Card, CardId};
use crate::text::language;
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A picture of a card for each language, as `data:` URI of an SVG that runs and fetches nothing; English is
/// always among them. To be shown as an image and in no other way.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Drawing(BTreeMap<String, String>);

/// What a card says about a person is in no log.
impl std::fmt::Debug for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Drawing(…)")
    }
}

impl Drawing {
    /// Pictures by language tag; the first stands for English where that is missing. `None` where there is none.
    pub(crate) fn new<'t>(pictures: impl Iterator<Item = (&'t str, String)>) -> Option<Self> {
        let mut found = BTreeMap::new();
        let mut first = None;
        for (tag, svg) in pictures {
            let Some(language) = language(tag) else { continue };
            let source = format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg));
            first.get_or_insert_with(|| source.clone());
            found.entry(language).or_insert(source);
        }
        found.entry("en".to_owned()).or_insert(first?);
        Some(Self(found))
    }

    /// The picture in this language, else in English.
    #[must_use]
    pub fn source(&self, language: &str) -> &str {
        let found = self.0.get(language).or_else(|| self.0.get("en"));
        found.map_or("", String::as_str)
    }

    /// Keeps the pictures of a card in the place of those before; where there are none, it has none any more.
    pub(super) fn keep(drawing: Option<&Self>, transaction: &Transaction<'_>, card: &CardId) -> Result<(), VaultError> {
        transaction.execute("DELETE FROM card_drawing WHERE card_id = ?1", [card.as_str()])?;
        if let Some(drawing) = drawing {
            transaction.execute(
                "INSERT INTO card_drawing (card_id, body) VALUES (?1, ?2)",
                params![card.as_str(), json(drawing)?],
            )?;
        }
        Ok(())
    }
}

impl Vault {
    fn drawing(&self, card: &CardId) -> Result<Option<Drawing>, VaultError> {
        let body: Option<String> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT body FROM card_drawing WHERE card_id = ?1",
                    [card.as_str()],
                    |row| row.get(0),
                )
                .optional()
        })?;
        body.map(|body| from_json(&body)).transpose()
    }
}

impl Wallet {
    /// The card as its issuer wants it drawn, where its type says so and nothing speaks against it.
    ///
    /// # Errors
    /// [`VaultError`]
    pub fn drawing(&self, card: &Card) -> Result<Option<Drawing>, VaultError> {
        self.vault.drawing(&card.id)
    }
}

#[cfg(test)]
mod tests {
    use super::Drawing;

    #[test]
    fn the_first_picture_stands_for_english() {
        let pictures = [
            ("de-AT", "<svg/>".to_owned()),
            ("de", "<svg></svg>".to_owned()),
            ("<b>", String::new()),
        ];
        let drawing = Drawing::new(pictures.into_iter()).expect("pictures");
        let german = "data:image/svg+xml;base64,PHN2Zy8+";
        assert_eq!((drawing.source("de"), drawing.source("fr")), (german, german));
        assert_eq!(format!("{drawing:?}"), "Drawing(…)");
        assert_eq!(Drawing::new(std::iter::empty()), None);
    }
}
