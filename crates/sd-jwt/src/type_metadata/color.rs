use std::fmt;

/// An RGB colour. draft-ietf-oauth-sd-jwt-vc §5.5.1.1, W3C CSS Color Level 3 §4.2.1.
///
/// Shown as six hexadecimal digits whatever it was written as: what else CSS takes for a colour
/// may fetch or hide something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

impl Color {
    /// Reads `#rgb`, `#rrggbb`, `rgb(0, 128, 255)` or `rgb(0%, 50%, 100%)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('#') {
            Some(digits) => hexadecimal(digits),
            None => functional(text),
        }
    }
}

fn hexadecimal(digits: &str) -> Option<Color> {
    let digits: Vec<u8> = digits
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect::<Option<_>>()?;
    match *digits.as_slice() {
        [r, g, b] => Some(Color([r * 17, g * 17, b * 17])),
        [r, s, g, h, b, c] => Some(Color([r * 16 + s, g * 16 + h, b * 16 + c])),
        _ => None,
    }
}

fn functional(text: &str) -> Option<Color> {
    let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
    let parts: Vec<&str> = inner.split(',').map(str::trim).collect();
    let are_percentages = inner.contains('%');
    let parts: Vec<u8> = parts
        .into_iter()
        .map(|part| match are_percentages {
            true => percentage(part.strip_suffix('%')?),
            false => part.parse().ok(),
        })
        .collect::<Option<_>>()?;
    match *parts.as_slice() {
        [r, g, b] => Some(Color([r, g, b])),
        _ => None,
    }
}

/// A whole percentage of 255, rounded.
fn percentage(text: &str) -> Option<u8> {
    let percent: u16 = text.parse().ok().filter(|percent| *percent <= 100)?;
    u8::try_from((percent * 255 + 50) / 100).ok()
}

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(formatter, "#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("#12107c" => Some("#12107c".to_owned()); "six digits")]
    #[test_case("#FFFFFF" => Some("#ffffff".to_owned()); "capitals")]
    #[test_case("#1af" => Some("#11aaff".to_owned()); "three digits")]
    #[test_case("rgb(0, 128,255)" => Some("#0080ff".to_owned()); "numbers")]
    #[test_case("rgb(0%,50%,100%)" => Some("#0080ff".to_owned()); "percentages")]
    #[test_case("rgb(0%,50,100%)" => None; "mixed")]
    #[test_case("rgb(0,256,0)" => None; "beyond 255")]
    #[test_case("rgb(1,2)" => None; "two numbers")]
    #[test_case("#12107" => None; "five digits")]
    #[test_case("#12107g" => None; "no digit")]
    #[test_case("red" => None; "a name")]
    #[test_case("url(https://evil.example/)" => None; "an address")]
    #[test_case("#fff;background:url(//evil)" => None; "more than a colour")]
    #[test_case("" => None; "empty")]
    fn read(text: &str) -> Option<String> {
        Color::parse(text).map(|color| color.to_string())
    }
}
