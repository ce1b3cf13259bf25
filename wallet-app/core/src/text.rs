//! Text by others, made fit to be shown.

use ledger::Localized;

/// A name or sentence as somebody else wrote it, without control characters and marks that turn
/// the direction of writing, and not longer than two lines.
#[must_use]
pub fn plain(text: &str) -> String {
    const LONGEST: usize = 160;
    let mut out: String = text
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .take(LONGEST)
        .collect();
    if text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).count() > LONGEST {
        out.push('…');
    }
    out
}

/// The same for every language of a text.
pub(crate) fn plain_in_every_language(texts: &Localized) -> Localized {
    let plain = texts
        .iter()
        .map(|(language, text)| (language.to_owned(), plain(text)))
        .collect();
    // What is left of a text may be nothing at all; then the text as it was recorded is shown.
    Localized::new(plain).unwrap_or_else(|_| texts.clone())
}

/// Zero-width characters, marks and overrides of direction, tags. Unicode UAX #9, UTS #39 §5
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}'
    )
}

#[cfg(test)]
mod tests {
    use super::plain;
    use test_case::test_case;

    #[test_case("Riverside Pharmacy" => "Riverside Pharmacy" ; "ordinary")]
    #[test_case("Bank\u{202E}knaB" => "BankknaB" ; "direction override")]
    #[test_case("A\u{200B}B\nC\u{1b}[31m" => "ABC[31m" ; "invisible and control")]
    fn shown(text: &str) -> String {
        plain(text)
    }

    #[test]
    fn five_thousand_characters_are_clamped() {
        assert_eq!(plain(&"x".repeat(5_000)).chars().count(), 161);
    }
}
