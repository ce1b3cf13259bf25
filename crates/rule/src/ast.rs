/// An expression. Each value of this type is one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    Literal(Literal),
    List(Vec<Expression>),
    /// `today`
    Today,
    /// `query.claim`
    Claim(Claim),
    /// `has(query.claim)`
    Has(Claim),
    Not(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Bool(bool),
    Int(i64),
    String(String),
}

/// A claim of what answered one query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) query: String,
    pub(crate) name: String,
}

impl Claim {
    /// The name under which it is declared.
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.query, self.name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}
