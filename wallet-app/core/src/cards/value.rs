//! The value of a claim, as a person reads it.

use crate::text::plain_within;
use serde::Serialize;
use serde_json::Value;

/// What a claim says.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClaimValue {
    /// In words.
    Text {
        /// Without control characters, bounded.
        text: String,
    },
    /// Yes or no.
    YesNo {
        /// Which.
        yes: bool,
    },
    /// A day.
    Date {
        /// As `2001-12-31`.
        date: String,
    },
    /// Several texts.
    List {
        /// In their order.
        items: Vec<String>,
    },
    /// A picture.
    Picture {
        /// As a `data:` URI of a PNG or a JPEG.
        source: String,
    },
}

/// What a card says about a person is in no log.
impl std::fmt::Debug for ClaimValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClaimValue(…)")
    }
}

/// Longest text of a value.
const LONGEST: usize = 1_000;
/// Most elements of a list.
const MOST_ITEMS: usize = 100;
/// Longest `data:` URI of a picture: a portrait in print quality and more.
const LARGEST_PICTURE: usize = 2 * 1024 * 1024;

impl ClaimValue {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Bool(yes) => Self::YesNo { yes: *yes },
            Value::String(text) if is_date(text) => Self::Date { date: text.clone() },
            Value::String(text) if is_picture(text) => Self::Picture { source: text.clone() },
            Value::Array(items) => Self::List {
                items: items.iter().take(MOST_ITEMS).map(in_words).collect(),
            },
            other => Self::Text { text: in_words(other) },
        }
    }
}

/// A value in one line; the members of an object one after the other.
fn in_words(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        // The bytes of something that is not shown as a picture say nothing to anybody.
        Value::String(text) if text.starts_with("data:") => text.split(',').next().unwrap_or_default().to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.values().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    plain_within(&text, LONGEST)
}

/// `YYYY-MM-DD` of a day that exists. ISO 8601 §5.2.2
fn is_date(text: &str) -> bool {
    let digits = |part: &str, length: usize| {
        let fits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let mut parts = text.split('-');
    let date = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(day), None) = date else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=longest).contains(&day)
}

/// A PNG or JPEG by its name and by its first bytes: neither can carry a script or fetch anything.
fn is_picture(text: &str) -> bool {
    if text.len() > LARGEST_PICTURE {
        return false;
    }
    let starts = [
        ("data:image/png;base64,", "iVBORw0KGgo"),
        ("data:image/jpeg;base64,", "/9j/"),
    ];
    starts.iter().any(|(name, magic)| {
        text.strip_prefix(name).is_some_and(|body| {
            body.starts_with(magic)
                && body
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    fn text(text: &str) -> ClaimValue {
        ClaimValue::Text { text: text.to_owned() }
    }

    #[test_case(json!("Köln") => text("Köln") ; "words")]
    #[test_case(json!("K\u{202e}öln\u{0}") => text("Köln") ; "with a turned direction")]
    #[test_case(json!(42) => text("42") ; "a number")]
    #[test_case(json!(null) => text("") ; "nothing")]
    #[test_case(json!(true) => ClaimValue::YesNo { yes: true } ; "yes")]
    #[test_case(json!("1990-05-17") => ClaimValue::Date { date: "1990-05-17".into() } ; "a day")]
    #[test_case(json!("2000-02-29") => ClaimValue::Date { date: "2000-02-29".into() } ; "a leap day")]
    #[test_case(json!("1900-02-29") => text("1900-02-29") ; "a day that never was")]
    #[test_case(json!("1990-13-01") => text("1990-13-01") ; "a month that is none")]
    #[test_case(json!("1990-05-17-1") => text("1990-05-17-1") ; "a number that begins like a day")]
    #[test_case(json!(["AM", "B"]) => ClaimValue::List { items: vec!["AM".into(), "B".into()] } ; "a list")]
    #[test_case(json!([{"code": "B", "from": "2012"}]) => ClaimValue::List { items: vec!["B, 2012".into()] } ; "a list of objects")]
    #[test_case(json!("data:image/png;base64,iVBORw0KGgo=") => ClaimValue::Picture { source: "data:image/png;base64,iVBORw0KGgo=".into() } ; "a png")]
    #[test_case(json!("data:image/jpeg;base64,/9j/4AAQ") => ClaimValue::Picture { source: "data:image/jpeg;base64,/9j/4AAQ".into() } ; "a jpeg")]
    #[test_case(json!("data:image/svg+xml;base64,PHN2Zz4=") => text("data:image/svg+xml;base64") ; "an svg")]
    #[test_case(json!("data:image/png;base64,PHNjcmlwdD4=") => text("data:image/png;base64") ; "a script by the name of a png")]
    #[test_case(json!("data:image/png;base64,iVBORw0KGgo\" onload=x") => text("data:image/png;base64") ; "a png that breaks out")]
    fn shown(value: Value) -> ClaimValue {
        ClaimValue::of(&value)
    }

    #[test]
    fn what_is_too_long_is_clamped() {
        let ClaimValue::Text { text } = ClaimValue::of(&json!("x".repeat(5_000))) else {
            panic!("a text")
        };
        assert_eq!(text.chars().count(), LONGEST + 1);
        let large = format!("data:image/png;base64,iVBORw0KGgo{}", "A".repeat(LARGEST_PICTURE));
        assert!(matches!(ClaimValue::of(&json!(large)), ClaimValue::Text { .. }));
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", text("Köln")), "ClaimValue(…)");
    }
}
