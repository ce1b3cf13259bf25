//! Names and texts by others, made fit to be shown.

/// Longest text in a line.
const LONGEST: usize = 120;
/// Marks stacked on one letter.
const MARKS: usize = 2;

/// A text without control characters, invisible ones and those that turn the direction of
/// writing; white space in one piece, at most 120 characters. It may be empty.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::new();
    let (mut length, mut marks) = (0, 0);
    for word in text.split_whitespace() {
        let before = out.len();
        for c in word.chars().filter(|c| !c.is_control() && !is_invisible(*c)) {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            if marks > MARKS {
                continue;
            }
            if length == LONGEST {
                out.push('…');
                return out;
            }
            if before != 0 && out.len() == before {
                out.push(' ');
            }
            out.push(c);
            length += 1;
        }
    }
    out
}

/// Zero-width characters, marks and overrides of direction, tags. Unicode UAX #9, UTS #39 §5
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Combining marks: a pile of them covers the lines above and below.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("Bürgeramt Köln" => "Bürgeramt Köln"; "plain already")]
    #[test_case("Bank\u{202E}knaB" => "BankknaB"; "direction override")]
    #[test_case(" A\t\u{200B}\n  B " => "A B"; "white space and nothing visible")]
    #[test_case("Z\u{0301}\u{0302}\u{0303}\u{0304}a" => "Z\u{0301}\u{0302}a"; "pile of marks")]
    #[test_case("\u{2066}\u{FEFF}" => ""; "nothing left")]
    #[test_case(&"x".repeat(121) => format!("{}…", "x".repeat(120)); "too long")]
    fn texts(text: &str) -> String {
        plain(text)
    }
}
