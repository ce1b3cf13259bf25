//! Who reads: words, numbers, names and links for one answer.

use jose::UnixTime;
use ledger::Localized;
use maud::{Markup, html};

use super::address;
use super::card_types::CardTypes;
use super::directory::OrganisationRow;
use super::fill::{fill, fill_text};
use super::messages::{Language, Messages};
use super::plain::plain;

/// What every part of a page is written with.
pub(crate) struct Reader<'a> {
    pub(crate) messages: &'a Messages,
    pub(crate) card_types: &'a CardTypes,
    pub(crate) language: Language,
    /// The language was chosen by a link: links of the page keep it.
    pub(crate) is_chosen: bool,
    /// The registrar's portal is beside these pages.
    pub(crate) has_portal: bool,
    pub(crate) now: UnixTime,
}

impl Reader<'_> {
    /// The message under a key. A missing one is a bug: the key is shown, and a test finds it.
    pub(crate) fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.messages.get(key).map_or(key, String::as_str)
    }

    /// A message with texts in its places.
    pub(crate) fn say(&self, key: &str, parts: &[(&str, &str)]) -> String {
        fill_text(self.t(key), parts)
    }

    /// A message with markup in its places.
    pub(crate) fn fill(&self, key: &str, parts: &[(&str, Markup)]) -> Markup {
        fill(self.t(key), parts)
    }

    /// A message that counts: `key.one` or `key.other`. Unicode CLDR plural rules
    pub(crate) fn count(&self, key: &str, number: u64) -> String {
        let is_one = match self.language {
            Language::French => number <= 1,
            Language::English | Language::German => number == 1,
        };
        let key = format!("{key}.{}", if is_one { "one" } else { "other" });
        self.say(&key, &[("count", &self.number(number))])
    }

    /// A number, in groups of three digits.
    pub(crate) fn number(&self, number: u64) -> String {
        let separator = match self.language {
            Language::English => ',',
            Language::German => '.',
            Language::French => '\u{202F}',
        };
        let digits = number.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// Things in a row: "a, b and c".
    pub(crate) fn list(&self, items: Vec<Markup>) -> Markup {
        let last = items.len().saturating_sub(1);
        html! {
            @for (place, item) in items.into_iter().enumerate() {
                @if place > 0 && place == last { (self.t("common.last_of_list")) }
                @else if place > 0 { ", " }
                (item)
            }
        }
    }

    /// An address within the pages, in the language that was chosen.
    pub(crate) fn href(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut query = query.to_vec();
        if self.is_chosen {
            query.push(("lang", self.language.tag()));
        }
        address::with_query(path, &query)
    }

    /// A text by others in the reader's language.
    pub(crate) fn localized(&self, text: &Localized) -> String {
        plain(text.text(self.language.tag()))
    }

    /// What an organisation is called; where nobody has named it, where it lives.
    pub(crate) fn name(&self, did: &str, name: Option<&Localized>) -> String {
        let name = name.map(|name| self.localized(name)).unwrap_or_default();
        if name.is_empty() { host_of(did) } else { name }
    }

    /// The same for an organisation in a list.
    pub(super) fn name_of(&self, row: &OrganisationRow) -> String {
        self.name(&row.did, row.name.as_ref())
    }

    /// A name as a link to the organisation's page.
    pub(crate) fn link(&self, did: &str, name: &str) -> Markup {
        html! { a href=(self.href(&address::organisation(did), &[])) { bdi { (name) } } }
    }
}

/// The host in a did:webvh DID, with its port; the whole text of anything else.
pub(crate) fn host_of(did: &str) -> String {
    let Ok(did) = did.parse::<did::webvh::WebvhDid>() else {
        return plain(did);
    };
    match did.port() {
        Some(port) => format!("{}:{port}", plain(did.host())),
        None => plain(did.host()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn number(language: Language, number: u64) -> String {
        let (messages, card_types) = (HashMap::new(), CardTypes::load().unwrap());
        let reader = Reader {
            messages: &messages,
            card_types: &card_types,
            language,
            is_chosen: false,
            has_portal: false,
            now: 0,
        };
        reader.number(number)
    }

    #[test]
    fn numbers_are_grouped_as_the_language_does() {
        assert_eq!(number(Language::English, 1_234_567), "1,234,567");
        assert_eq!(number(Language::German, 100), "100");
        assert_eq!(number(Language::French, 1000), "1\u{202F}000");
    }
}
