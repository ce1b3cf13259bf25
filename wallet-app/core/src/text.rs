//! Text by others, made fit to be shown.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Two lines on a small screen.
const LONGEST: usize = 160;

/// A name or sentence as somebody else wrote it, without control characters and marks that turn
/// the direction of writing, and not longer than two lines.
#[must_use]
pub fn plain(text: &str) -> String {
    plain_within(text, LONGEST)
}

/// The same with room for more.
pub(crate) fn plain_within(text: &str, longest: usize) -> String {
    let mut shown = text.chars().filter(|c| !c.is_control() && !is_invisible(*c));
    let mut out: String = shown.by_ref().take(longest).collect();
    if shown.next().is_some() {
        out.push('…');
    }
    out
}

/// Zero-width characters, marks and overrides of direction, tags. Unicode UAX #9, UTS #39 §5
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// A text by somebody else for each language, made plain; English is always among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Localized(BTreeMap<String, String>);

impl Localized {
    /// The text in this language, else in English.
    #[must_use]
    pub fn text(&self, language: &str) -> &str {
        let found = self.0.get(language).or_else(|| self.0.get("en"));
        found.map_or("", String::as_str)
    }

    /// Every language and its text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }
}

impl From<&ledger::Localized> for Localized {
    fn from(recorded: &ledger::Localized) -> Self {
        localized(recorded.iter(), "")
    }
}

/// A text of which only one form is known.
pub(crate) fn in_english(text: &str) -> Localized {
    localized(std::iter::empty(), text)
}

/// Texts by language tag, of which the first part counts (BCP 47). Where English is missing or empty
/// the first of the others stands for it, or else `otherwise`.
pub(crate) fn localized<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>, otherwise: &str) -> Localized {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut first = None;
    for (tag, text) in texts {
        let text = plain(text);
        if let Some(language) = language(tag)
            && !text.trim().is_empty()
        {
            first.get_or_insert_with(|| text.clone());
            found.entry(language).or_insert(text);
        }
    }
    if !found.contains_key("en") {
        let stand_in = first.unwrap_or_else(|| plain(otherwise));
        found.insert("en".to_owned(), stand_in);
    }
    Localized(found)
}

/// The first part of a language tag; `None` where that is no language. BCP 47
pub(crate) fn language(tag: &str) -> Option<String> {
    let language = tag.split(['-', '_']).next().unwrap_or(tag).to_ascii_lowercase();
    let is_language = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    is_language.then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("Riverside Pharmacy" => "Riverside Pharmacy" ; "ordinary")]
    #[test_case("Bank\u{202E}knaB" => "BankknaB" ; "direction override")]
    #[test_case("A\u{200B}B\nC\u{1b}[31m" => "ABC[31m" ; "invisible and control")]
    #[test_case("A\u{2066}B\u{2069}\u{FE0F}\u{E0041}" => "AB" ; "isolates, variants and tags")]
    fn f14_shown(text: &str) -> String {
        plain(text)
    }

    #[test]
    fn f14_five_thousand_characters_are_clamped() {
        assert_eq!(plain(&"x".repeat(5_000)).chars().count(), 161);
    }

    #[test_case(&[("en", "Office"), ("de", "Amt")], "x" => "Office Amt Office" ; "two languages")]
    #[test_case(&[("de-CH", "Amt")], "x" => "Amt Amt Amt" ; "another language stands for english")]
    #[test_case(&[("en", "\u{200b}"), ("de", "Amt")], "x" => "Amt Amt Amt" ; "an invisible text is none")]
    #[test_case(&[("<b>", "Amt")], "x" => "x x x" ; "what is no language")]
    fn languages(texts: &[(&str, &str)], otherwise: &str) -> String {
        let texts = localized(texts.iter().copied(), otherwise);
        format!("{} {} {}", texts.text("en"), texts.text("de"), texts.text("fr"))
    }
}
