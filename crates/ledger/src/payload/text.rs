//! Texts in several languages. docs/ledger.md §4.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PayloadError;

/// Digits in one stretch of a label, at most: a date passes, a telephone or identity number does not.
const IMPERSONAL_DIGITS: u32 = 8;

/// A text for each language, English always among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Localized(BTreeMap<String, String>);

impl Localized {
    /// Texts by language code.
    pub fn new(texts: BTreeMap<String, String>) -> Result<Self, PayloadError> {
        let languages_are_codes = texts.keys().all(|language| is_language(language));
        if !texts.contains_key("en") || !languages_are_codes || !texts.values().all(|text| is_text(text)) {
            return Err(PayloadError::Text("name or text"));
        }
        Ok(Self(texts))
    }

    /// The English text alone.
    pub fn english(text: &str) -> Result<Self, PayloadError> {
        Self::new(BTreeMap::from([("en".to_owned(), text.to_owned())]))
    }

    /// The text in this language, else in English.
    pub fn text(&self, language: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get("en"))
            .map_or("", String::as_str)
    }

    /// Every language and its text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()))
    }
}

impl TryFrom<BTreeMap<String, String>> for Localized {
    type Error = PayloadError;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, PayloadError> {
        Self::new(texts)
    }
}

impl From<Localized> for BTreeMap<String, String> {
    fn from(texts: Localized) -> Self {
        texts.0
    }
}

fn is_language(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_text(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A name of a card type or purpose: 1 to 200 printable ASCII characters without space.
pub(crate) fn check_token(name: &'static str, text: &str) -> Result<(), PayloadError> {
    let fits = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(PayloadError::Text(name)) }
}

/// An https link, or http to `localhost` and the names under it (development).
pub(crate) fn check_link(name: &'static str, text: &str) -> Result<(), PayloadError> {
    check_token(name, text)?;
    let url = url::Url::parse(text).map_err(|_| PayloadError::Text(name))?;
    let local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
    match url.scheme() {
        "https" => Ok(()),
        "http" if local => Ok(()),
        _ => Err(PayloadError::Text(name)),
    }
}

/// A link that names no person. docs/ledger.md §4
pub(crate) fn check_public_link(name: &'static str, text: &str) -> Result<(), PayloadError> {
    if text.contains('@') {
        return Err(PayloadError::Personal(name));
    }
    check_link(name, text)
}

/// Words of which every text is impersonal: a label. docs/ledger.md §4
pub(crate) fn check_impersonal(name: &'static str, texts: &Localized) -> Result<(), PayloadError> {
    texts.iter().try_for_each(|(_, text)| check_impersonal_text(name, text))
}

/// Refuses what looks like the address or number of a person. docs/ledger.md §4
pub(crate) fn check_impersonal_text(name: &'static str, text: &str) -> Result<(), PayloadError> {
    let mut digits = 0;
    for character in text.chars() {
        match character {
            '@' => return Err(PayloadError::Personal(name)),
            '0'..='9' => digits += 1,
            ' ' | '-' | '.' | '(' | ')' | '+' => {}
            _ => digits = 0,
        }
        if digits > IMPERSONAL_DIGITS {
            return Err(PayloadError::Personal(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("en", "" => false ; "empty")]
    #[test_case("de", "Amt" => false ; "without_english")]
    #[test_case("EN", "Office" => false ; "upper_case_code")]
    #[test_case("en", "a\nb" => false ; "control_character")]
    #[test_case("en", "Office" => true ; "plain")]
    fn texts(language: &str, text: &str) -> bool {
        Localized::new(BTreeMap::from([(language.to_owned(), text.to_owned())])).is_ok()
    }

    #[test]
    fn another_language_falls_back_to_english() {
        assert_eq!(Localized::english("Office").unwrap().text("fr"), "Office");
    }

    #[test_case("Housing Act of 18.06.2009" => Ok(()) ; "a_date")]
    #[test_case("Regulation (EU) 2024/1183" => Ok(()) ; "a_law")]
    #[test_case("Ask j.doe@office.example" => Err(PayloadError::Personal("name")) ; "a_mail_address")]
    #[test_case("Call +49 (30) 123-4567" => Err(PayloadError::Personal("name")) ; "a_telephone_number")]
    #[test_case("Holder 850601.1234.5" => Err(PayloadError::Personal("name")) ; "an_identity_number")]
    fn impersonal(text: &str) -> Result<(), PayloadError> {
        check_impersonal("name", &Localized::english(text).unwrap())
    }

    #[test_case("https://a.example/p" => true ; "public")]
    #[test_case("https://j.doe@a.example/p" => false ; "with_a_user")]
    fn public_links(text: &str) -> bool {
        check_public_link("link", text).is_ok()
    }

    #[test_case("https://a.example/p" => true ; "https")]
    #[test_case("http://shop.localhost:8080/p" => true ; "local_http")]
    #[test_case("http://a.example/p" => false ; "http")]
    #[test_case("javascript:alert(1)" => false ; "script")]
    #[test_case("http://localhost.a.example/" => false ; "looks_local")]
    fn links(text: &str) -> bool {
        check_link("link", text).is_ok()
    }
}
