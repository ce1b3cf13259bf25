//! Claims path pointer: which claims of a credential a query means.
//! OpenID4VP 1.0 §7
//!
//! ```json
//! ["degrees", null, "type"]
//! ```

use std::fmt;

use serde_json::Value;

/// A non-empty pointer to one or more claims. OpenID4VP 1.0 §7
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimsPath(Vec<PathComponent>);

/// One step of a [`ClaimsPath`]. OpenID4VP 1.0 §7.1
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathComponent {
    /// The member of that name in the selected objects.
    Key(String),
    /// The element at that 0-based place in the selected arrays.
    Index(u64),
    /// Every element of the selected arrays (`null` in JSON).
    AllElements,
}

/// What a path is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathView {
    /// The whole credential, as its holder sees it: an index means that place.
    Credential,
    /// What was presented of it: elements that were kept back are gone, so
    /// that an index can only mean *some* element of the array.
    Presentation,
}

/// Why a claims path was refused, or selects nothing. OpenID4VP 1.0 §7
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsPathError {
    /// The pointer is not a JSON array.
    #[error("a claims path is an array")]
    NotAnArray,
    /// The pointer has no component.
    #[error("a claims path is not empty")]
    Empty,
    /// A component is neither a string, nor null, nor a non-negative integer.
    #[error("a claims path holds strings, nulls and non-negative integers")]
    BadComponent,
}

/// Why a path selects nothing in a credential. OpenID4VP 1.0 §7.1.1
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A name was looked up in something that is no object (step 2.1).
    #[error("a name was looked up in something that is not an object")]
    NotAnObject,
    /// An element was looked up in something that is no array (steps 2.2, 2.3).
    #[error("an element was looked up in something that is not an array")]
    NotAnArray,
    /// Nothing is left selected (step 3).
    #[error("the path selects nothing")]
    NothingSelected,
}

impl ClaimsPath {
    /// Reads the JSON form. OpenID4VP 1.0 §7
    pub fn parse(value: &Value) -> Result<Self, ClaimsPathError> {
        let items = value.as_array().ok_or(ClaimsPathError::NotAnArray)?;
        if items.is_empty() {
            return Err(ClaimsPathError::Empty);
        }
        items.iter().map(component).collect::<Result<_, _>>().map(Self)
    }

    /// The path to one member at the top level, as every claim of the
    /// Holdfast credential types is.
    pub fn top_level(name: &str) -> Self {
        Self(vec![PathComponent::Key(name.to_owned())])
    }

    /// The steps, first first; never empty.
    pub fn components(&self) -> &[PathComponent] {
        &self.0
    }

    /// The JSON form. OpenID4VP 1.0 §7
    pub fn to_value(&self) -> Value {
        let items = self.0.iter().map(|component| match component {
            PathComponent::Key(key) => Value::String(key.clone()),
            PathComponent::Index(index) => Value::from(*index),
            PathComponent::AllElements => Value::Null,
        });
        Value::Array(items.collect())
    }

    /// Applies the path from the root; never answers with an empty selection.
    /// OpenID4VP 1.0 §7.1.1
    pub fn select<'v>(&self, root: &'v Value, view: PathView) -> Result<Vec<&'v Value>, SelectError> {
        let mut selected = vec![root];
        for component in &self.0 {
            selected = step(&selected, component, view)?;
        }
        if selected.is_empty() {
            return Err(SelectError::NothingSelected);
        }
        Ok(selected)
    }

    /// Whether this path, or a claim above it, contains everything that
    /// `other` can select.
    pub fn covers(&self, other: &ClaimsPath) -> bool {
        self.0.len() <= other.0.len()
            && self.0.iter().zip(&other.0).all(|(mine, theirs)| {
                mine == theirs || matches!((mine, theirs), (PathComponent::AllElements, PathComponent::Index(_)))
            })
    }
}

impl fmt::Display for ClaimsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, component) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            match component {
                PathComponent::Key(key) => f.write_str(key)?,
                PathComponent::Index(index) => write!(f, "{index}")?,
                PathComponent::AllElements => f.write_str("*")?,
            }
        }
        Ok(())
    }
}

fn component(value: &Value) -> Result<PathComponent, ClaimsPathError> {
    match value {
        Value::String(key) => Ok(PathComponent::Key(key.clone())),
        Value::Null => Ok(PathComponent::AllElements),
        Value::Number(number) => number
            .as_u64()
            .map(PathComponent::Index)
            .ok_or(ClaimsPathError::BadComponent),
        _ => Err(ClaimsPathError::BadComponent),
    }
}

fn step<'v>(selected: &[&'v Value], component: &PathComponent, view: PathView) -> Result<Vec<&'v Value>, SelectError> {
    let mut next = Vec::with_capacity(selected.len());
    for value in selected {
        match component {
            PathComponent::Key(key) => {
                let object = value.as_object().ok_or(SelectError::NotAnObject)?;
                next.extend(object.get(key));
            }
            PathComponent::Index(index) if view == PathView::Credential => {
                let array = value.as_array().ok_or(SelectError::NotAnArray)?;
                next.extend(usize::try_from(*index).ok().and_then(|index| array.get(index)));
            }
            PathComponent::Index(_) | PathComponent::AllElements => {
                next.extend(value.as_array().ok_or(SelectError::NotAnArray)?);
            }
        }
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    /// The credential of OpenID4VP 1.0 §7.3.
    fn example() -> Value {
        json!({
            "name": "Arthur Dent",
            "address": { "street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345" },
            "degrees": [
                { "type": "Bachelor of Science", "university": "University of Betelgeuse" },
                { "type": "Master of Science", "university": "University of Betelgeuse" }
            ],
            "nationalities": ["British", "Betelgeusian"]
        })
    }

    #[test_case(json!(["name"]) => vec![json!("Arthur Dent")] ; "a member")]
    #[test_case(json!(["address", "street_address"]) => vec![json!("42 Market Street")] ; "a member of a member")]
    #[test_case(json!(["nationalities", 1]) => vec![json!("Betelgeusian")] ; "an element")]
    #[test_case(json!(["degrees", null, "type"]) => vec![json!("Bachelor of Science"), json!("Master of Science")] ; "a member of every element")]
    fn selects(path: Value) -> Vec<Value> {
        let path = ClaimsPath::parse(&path).unwrap();
        path.select(&example(), PathView::Credential)
            .unwrap()
            .into_iter()
            .cloned()
            .collect()
    }

    #[test_case(json!(["name", "first"]) => SelectError::NotAnObject ; "name in a string")]
    #[test_case(json!(["address", null]) => SelectError::NotAnArray ; "null in an object")]
    #[test_case(json!(["name", 0]) => SelectError::NotAnArray ; "index in a string")]
    #[test_case(json!(["nationalities", 2]) => SelectError::NothingSelected ; "index beyond the end")]
    #[test_case(json!(["nickname"]) => SelectError::NothingSelected ; "no such member")]
    fn selects_nothing(path: Value) -> SelectError {
        ClaimsPath::parse(&path)
            .unwrap()
            .select(&example(), PathView::Credential)
            .unwrap_err()
    }

    #[test]
    fn an_index_means_any_element_of_a_presentation() {
        let path = ClaimsPath::parse(&json!(["nationalities", 1])).unwrap();
        let presented = json!({ "nationalities": ["Betelgeusian"] });
        assert_eq!(
            path.select(&presented, PathView::Presentation),
            Ok(vec![&json!("Betelgeusian")])
        );
        assert_eq!(
            path.select(&presented, PathView::Credential),
            Err(SelectError::NothingSelected)
        );
    }

    #[test_case(json!("name") => ClaimsPathError::NotAnArray ; "a string")]
    #[test_case(json!([]) => ClaimsPathError::Empty ; "empty")]
    #[test_case(json!(["a", -1]) => ClaimsPathError::BadComponent ; "negative")]
    #[test_case(json!(["a", 1.0]) => ClaimsPathError::BadComponent ; "float")]
    #[test_case(json!(["a", true]) => ClaimsPathError::BadComponent ; "boolean")]
    #[test_case(json!([["a"]]) => ClaimsPathError::BadComponent ; "array")]
    fn refused(path: Value) -> ClaimsPathError {
        ClaimsPath::parse(&path).unwrap_err()
    }

    #[test]
    fn a_parent_covers_its_children() {
        let path = |value| ClaimsPath::parse(&value).unwrap();
        assert!(path(json!(["address"])).covers(&path(json!(["address", "locality"]))));
        assert!(path(json!(["a", null])).covers(&path(json!(["a", 3]))));
        assert!(!path(json!(["a", 3])).covers(&path(json!(["a", null]))));
        assert!(!path(json!(["address", "locality"])).covers(&path(json!(["address"]))));
    }
}
