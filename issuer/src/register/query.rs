//! What somebody types to find a person.

/// Fewest letters and digits that are searched for.
const FEWEST: usize = 2;
/// Most words that are searched for.
const MOST_WORDS: usize = 8;
/// Longest text in characters.
const LONGEST: usize = 100;

/// Words, each the beginning of a part of a person's id, name or date of birth; all of them must be found.
#[derive(Clone, PartialEq, Eq)]
pub struct Query(Vec<String>);

/// Why nothing is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Fewer than two letters or digits.
    #[error("fewer than {FEWEST} letters or digits")]
    TooShort,
    /// More than a hundred characters.
    #[error("more than {LONGEST} characters")]
    TooLong,
}

impl Query {
    /// Reads what was typed. A date may be written `1985-03-12`, `12.3.1985` or `12/03/1985`.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > LONGEST {
            return Err(QueryError::TooLong);
        }
        if text.chars().filter(|letter| letter.is_alphanumeric()).count() < FEWEST {
            return Err(QueryError::TooShort);
        }
        let words = text
            .split_whitespace()
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .take(MOST_WORDS)
            .map(|word| day_month_year(word).unwrap_or_else(|| word.to_owned()));
        Ok(Self(words.collect()))
    }

    /// The words as SQLite FTS5 takes them: each a phrase whose last part may be longer.
    #[must_use]
    pub fn to_fts5(&self) -> String {
        let phrases: Vec<String> = self
            .0
            .iter()
            .map(|word| format!("\"{}\"*", word.replace('"', " ")))
            .collect();
        phrases.join(" ")
    }
}

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Query(…)")
    }
}

/// `12.3.1985` as the register writes it.
fn day_month_year(word: &str) -> Option<String> {
    let mut parts = word.split(['.', '/']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| text.parse::<u16>().ok();
    let (day, month, year) = (number(day)?, number(month)?, (year.len() == 4).then(|| number(year))??);
    parts.next().is_none().then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("müller" => "\"müller\"*"; "a name")]
    #[test_case("  Ada   L " => "\"Ada\"* \"L\"*"; "two words")]
    #[test_case("SYN-000001" => "\"SYN-000001\"*"; "an id")]
    #[test_case("12.3.1985" => "\"1985-03-12\"*"; "a date with dots")]
    #[test_case("12/03/1985" => "\"1985-03-12\"*"; "a date with slashes")]
    #[test_case("12.3.85" => "\"12.3.85\"*"; "no date")]
    #[test_case("a\" OR b" => "\"a \"* \"OR\"* \"b\"*"; "no operators get through")]
    #[test_case("- ab *" => "\"ab\"*"; "signs alone are no words")]
    fn words(text: &str) -> String {
        Query::parse(text).unwrap().to_fts5()
    }

    #[test_case("" => QueryError::TooShort; "nothing")]
    #[test_case(" a- " => QueryError::TooShort; "one letter")]
    #[test_case(&"a".repeat(101) => QueryError::TooLong; "a book")]
    fn refused(text: &str) -> QueryError {
        Query::parse(text).unwrap_err()
    }
}
