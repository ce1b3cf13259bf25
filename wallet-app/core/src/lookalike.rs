//! Names that are easily taken for another. Unicode UTS #39

use crate::text::is_invisible;
use unicode_security::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _};

/// Punctuation that names have, beside that of ASCII.
const PUNCTUATION: &str = "’‘“”„«»–—·…°®™№";

/// Whether a name, as it was written, is made to look like something else: letters of several
/// scripts, marks that cannot be seen, symbols and flags beside letters, or another script
/// throughout of which every letter looks Latin.
pub(crate) fn looks_odd(name: &str) -> bool {
    name.chars().any(|c| !belongs_in_a_name(c)) || mixes_scripts(name) || looks_latin_and_is_not(name)
}

/// Whether two names are taken for each other: equal to the eye as they are written, or without
/// regard to case. UTS #39 §4
pub(crate) fn taken_for_each_other(one: &str, other: &str) -> bool {
    let (one, other) = (in_words(one), in_words(other));
    let as_written = |name: &str| in_one_case(&skeleton(name).collect::<String>());
    let folded = |name: &str| in_one_case(&name.to_lowercase());
    as_written(&one) == as_written(&other) || folded(&one) == folded(&other)
}

/// What it looks like in either case. An I is taken for an l, so without regard to case an i is one too.
fn in_one_case(name: &str) -> String {
    let seen: String = skeleton(&name.to_lowercase()).collect();
    seen.to_lowercase().replace('i', "l")
}

/// What can be seen of it, with one space between words.
fn in_words(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn belongs_in_a_name(c: char) -> bool {
    let is_written = c.is_alphanumeric() || c == ' ' || c.is_ascii_punctuation();
    is_written || is_combining(c) || PUNCTUATION.contains(c)
}

/// Accents of letters that are written in two parts.
fn is_combining(c: char) -> bool {
    ('\u{0300}'..='\u{036F}').contains(&c)
}

/// UTS #39 §5.2: letters of one script, or of those that are written together.
fn mixes_scripts(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    !letters.is_empty()
        && !letters
            .as_str()
            .check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

fn looks_latin_and_is_not(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    let is_latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{00AA}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}');
    !letters.is_empty() && !letters.chars().any(is_latin) && skeleton(&letters).all(|c| c.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("Riverside Pharmacy" => false ; "ordinary")]
    #[test_case("Müller & Söhne GmbH" => false ; "german")]
    #[test_case("Café de l’Étoile" => false ; "french")]
    #[test_case("Cafe\u{301}" => false ; "an accent in two parts")]
    #[test_case("Аптека" => false ; "cyrillic throughout")]
    #[test_case("東京銀行" => false ; "han")]
    #[test_case("Shop 24/7 (Köln)" => false ; "digits and brackets")]
    #[test_case("Cоrner Shop" => true ; "a cyrillic letter among latin ones")]
    #[test_case("Соор" => true ; "cyrillic that looks latin throughout")]
    #[test_case("Corner\u{202e}pohS" => true ; "a turned direction")]
    #[test_case("Corner\u{200b}Shop" => true ; "a space that cannot be seen")]
    #[test_case("City Office ✓" => true ; "a tick beside the name")]
    #[test_case("🇩🇪 Amt" => true ; "a flag")]
    fn f14_odd(name: &str) -> bool {
        looks_odd(name)
    }

    #[test_case("Corner Shop", "Cоrner  Shop" => true ; "another script and two spaces")]
    #[test_case("Corner Shop", "corner shop" => true ; "case")]
    #[test_case("Bill", "BiII" => true ; "a capital i for an l")]
    #[test_case("City Office", "CITY 0FFICE" => true ; "case and a nought")]
    #[test_case("City Office", "CITY OFFlCE" => true ; "case and an l for a capital i")]
    #[test_case("Museum", "MUSEUM" => true ; "case of a letter that looks like two")]
    #[test_case("Corner Shop", "Corner Store" => false ; "another word")]
    fn f14_taken_for_each_other(one: &str, other: &str) -> bool {
        taken_for_each_other(one, other)
    }
}
