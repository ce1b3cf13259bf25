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

impl Expression {
    /// Every claim that is named, in the order in which they are written.
    pub(crate) fn for_each_claim(&self, visit: &mut dyn FnMut(&Claim)) {
        match self {
            Self::Literal(_) | Self::Today => {}
            Self::Claim(claim) | Self::Has(claim) => visit(claim),
            Self::Not(inner) => inner.for_each_claim(visit),
            Self::List(members) => members.iter().for_each(|member| member.for_each_claim(visit)),
            Self::Binary(_, left, right) => {
                left.for_each_claim(visit);
                right.for_each_claim(visit);
            }
        }
    }
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
