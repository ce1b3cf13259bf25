use crate::ast::Operator;
use crate::parse_error::ParseError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Name(String),
    Int(i64),
    String(String),
    Operator(Operator),
    Not,
    Dot,
    Comma,
    Open,
    Close,
    OpenList,
    CloseList,
}

/// Splits an expression into tokens.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { rest: text };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    rest: &'a str,
}

const SYMBOLS: [(&str, Token); 15] = [
    ("&&", Token::Operator(Operator::And)),
    ("||", Token::Operator(Operator::Or)),
    ("==", Token::Operator(Operator::Equal)),
    ("!=", Token::Operator(Operator::NotEqual)),
    ("<=", Token::Operator(Operator::LessOrEqual)),
    (">=", Token::Operator(Operator::GreaterOrEqual)),
    ("<", Token::Operator(Operator::Less)),
    (">", Token::Operator(Operator::Greater)),
    ("!", Token::Not),
    (".", Token::Dot),
    (",", Token::Comma),
    ("(", Token::Open),
    (")", Token::Close),
    ("[", Token::OpenList),
    ("]", Token::CloseList),
];

impl Lexer<'_> {
    fn next(&mut self) -> Result<Option<Token>, ParseError> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        if first == '"' || first == '\'' {
            return self.string(first).map(Some);
        }
        if first.is_ascii_digit() || first == '-' {
            return self.int().map(Some);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(Some(self.word()));
        }
        for (symbol, token) in SYMBOLS {
            if let Some(rest) = self.rest.strip_prefix(symbol) {
                self.rest = rest;
                return Ok(Some(token));
            }
        }
        Err(ParseError::UnexpectedCharacter(first))
    }

    fn take(&mut self, length: usize) -> &str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn word(&mut self) -> Token {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        match self.take(end) {
            "in" => Token::Operator(Operator::In),
            word => Token::Name(word.to_owned()),
        }
    }

    /// A decimal number. What CEL would read as a double, an unsigned or a
    /// hexadecimal number is not in the subset.
    fn int(&mut self) -> Result<Token, ParseError> {
        let digits = self.rest[1..]
            .find(|c: char| !c.is_ascii_digit())
            .map_or(self.rest.len(), |at| at + 1);
        let text = self.take(digits);
        let leading_zero = text.trim_start_matches('-').len() > 1 && text.trim_start_matches('-').starts_with('0');
        let value = text.parse().ok().filter(|_| !leading_zero).ok_or(ParseError::Number)?;
        let follows = self.rest.chars().next();
        if follows.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
            return Err(ParseError::Number);
        }
        Ok(Token::Int(value))
    }

    fn string(&mut self, quote: char) -> Result<Token, ParseError> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                c if c == quote => {
                    self.take(at + 1);
                    return Ok(Token::String(value));
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('\\' | '"' | '\''))) => value.push(escaped),
                    _ => return Err(ParseError::Escape),
                },
                c if c.is_control() => return Err(ParseError::UnexpectedCharacter(c)),
                c => value.push(c),
            }
        }
        Err(ParseError::UnterminatedString)
    }
}
