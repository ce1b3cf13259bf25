use crate::ast::{Claim, Expression, Literal, Operator};
use crate::lex::{Token, tokens};
use crate::parse_error::{MAX_BYTES, MAX_DEPTH, MAX_NODES, ParseError};

/// Reads an expression; precedence from loose to tight: `||`, `&&`, relations, `!`.
pub(crate) fn parse(text: &str) -> Result<Expression, ParseError> {
    if text.len() > MAX_BYTES {
        return Err(ParseError::TooLong);
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        nodes: 0,
        depth: 0,
    };
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(ParseError::Unexpected(describe(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    nodes: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn advance(&mut self) -> Result<Token, ParseError> {
        let token = self.peek().cloned().ok_or(ParseError::UnexpectedEnd)?;
        self.at += 1;
        Ok(token)
    }

    fn accept(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token) -> Result<(), ParseError> {
        let found = self.advance()?;
        if found == *token {
            Ok(())
        } else {
            Err(ParseError::Unexpected(describe(&found)))
        }
    }

    fn node(&mut self, expression: Expression) -> Result<Expression, ParseError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            Err(ParseError::TooManyNodes)
        } else {
            Ok(expression)
        }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ParseError::TooDeep);
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn either(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.both()?;
        while self.accept(&Token::Operator(Operator::Or)) {
            let right = self.both()?;
            left = self.node(Expression::Binary(Operator::Or, left.into(), right.into()))?;
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.relation()?;
        while self.accept(&Token::Operator(Operator::And)) {
            let right = self.relation()?;
            left = self.node(Expression::Binary(Operator::And, left.into(), right.into()))?;
        }
        Ok(left)
    }

    fn relation(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.unary()?;
        while let Some(&Token::Operator(operator)) = self.peek() {
            if matches!(operator, Operator::And | Operator::Or) {
                break;
            }
            self.at += 1;
            let right = self.unary()?;
            left = self.node(Expression::Binary(operator, left.into(), right.into()))?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, ParseError> {
        if self.accept(&Token::Not) {
            let inner = self.nested(Self::unary)?;
            return self.node(Expression::Not(inner.into()));
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expression, ParseError> {
        match self.advance()? {
            Token::Int(value) => self.node(Expression::Literal(Literal::Int(value))),
            Token::String(value) => self.node(Expression::Literal(Literal::String(value))),
            Token::Name(name) => self.name(name),
            Token::OpenList => {
                let members = self.nested(Self::members)?;
                self.node(Expression::List(members))
            }
            Token::Open => {
                let inner = self.nested(Self::either)?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            token => Err(ParseError::Unexpected(describe(&token))),
        }
    }

    fn members(&mut self) -> Result<Vec<Expression>, ParseError> {
        let mut members = vec![self.either()?];
        while self.accept(&Token::Comma) {
            members.push(self.either()?);
        }
        self.expect(&Token::CloseList)?;
        Ok(members)
    }

    fn name(&mut self, name: String) -> Result<Expression, ParseError> {
        match name.as_str() {
            "true" => return self.node(Expression::Literal(Literal::Bool(true))),
            "false" => return self.node(Expression::Literal(Literal::Bool(false))),
            "today" if self.peek() != Some(&Token::Dot) => return self.node(Expression::Today),
            _ => {}
        }
        if self.accept(&Token::Open) {
            return self.call(name);
        }
        if !self.accept(&Token::Dot) {
            return Err(ParseError::NotAClaim(name));
        }
        let claim = self.claim(name)?;
        self.node(Expression::Claim(claim))
    }

    fn call(&mut self, function: String) -> Result<Expression, ParseError> {
        if function != "has" {
            return Err(ParseError::NoFunction(function));
        }
        let Token::Name(query) = self.advance()? else {
            return Err(ParseError::HasTakesAClaim);
        };
        if !self.accept(&Token::Dot) {
            return Err(ParseError::HasTakesAClaim);
        }
        let claim = self.claim(query)?;
        if !self.accept(&Token::Close) {
            return Err(ParseError::HasTakesAClaim);
        }
        self.node(Expression::Has(claim))
    }

    fn claim(&mut self, query: String) -> Result<Claim, ParseError> {
        let Token::Name(name) = self.advance()? else {
            return Err(ParseError::NotAClaim(query));
        };
        match self.peek() {
            Some(Token::Open) => Err(ParseError::NoFunction(name)),
            Some(Token::Dot) => Err(ParseError::NotAClaim(format!("{query}.{name}"))),
            _ => Ok(Claim { query, name }),
        }
    }
}

fn describe(token: &Token) -> String {
    match token {
        Token::Name(name) => name.clone(),
        Token::Int(value) => value.to_string(),
        Token::String(_) => "string".to_owned(),
        Token::Operator(operator) => format!("operator {operator:?}"),
        Token::Not => "!".to_owned(),
        Token::Dot => ".".to_owned(),
        Token::Comma => ",".to_owned(),
        Token::Open => "(".to_owned(),
        Token::Close => ")".to_owned(),
        Token::OpenList => "[".to_owned(),
        Token::CloseList => "]".to_owned(),
    }
}
