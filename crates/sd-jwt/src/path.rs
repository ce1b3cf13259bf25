use std::fmt;

/// One step of a [`ClaimPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathElement {
    /// A member of an object.
    Name(String),
    /// An element of an array, from 0.
    Index(usize),
}

/// Where a claim stands in the processed payload: a claims path pointer without wildcards.
/// OpenID4VP 1.0 §7.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimPath(Vec<PathElement>);

impl ClaimPath {
    /// A path from its elements; the empty path is the whole payload.
    #[must_use]
    pub fn new(elements: Vec<PathElement>) -> Self {
        Self(elements)
    }

    /// The elements, outermost first.
    #[must_use]
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// The path one step further in.
    #[must_use]
    pub fn child(&self, element: PathElement) -> Self {
        let mut elements = self.0.clone();
        elements.push(element);
        Self(elements)
    }

    /// True when `other` is this claim or lies inside it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The outermost claim's name.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        match self.0.first() {
            Some(PathElement::Name(name)) => Some(name),
            _ => None,
        }
    }
}

impl From<&str> for ClaimPath {
    fn from(name: &str) -> Self {
        Self(vec![PathElement::Name(name.to_owned())])
    }
}

impl From<&[&str]> for ClaimPath {
    fn from(names: &[&str]) -> Self {
        Self(names.iter().map(|name| PathElement::Name((*name).to_owned())).collect())
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, element) in self.0.iter().enumerate() {
            match element {
                PathElement::Name(name) if position == 0 => formatter.write_str(name)?,
                PathElement::Name(name) => write!(formatter, ".{name}")?,
                PathElement::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}
