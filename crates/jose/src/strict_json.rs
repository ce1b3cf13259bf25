//! JSON from outside: one meaning or none.
//!
//! `serde_json` keeps the last of two equal names and has no limit on work. This pass refuses
//! duplicate names at every depth (RFC 8259 §4 leaves their meaning open), a byte order mark,
//! bytes after the value, and everything beyond the given [`Limits`] or [`Budget`]. `NaN`, unpaired
//! surrogates and broken UTF-8 are refused by `serde_json` itself.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{Budget, OverBudget, Work as Kind};

/// How much work one document may cause by itself: the JSON part of a [`Budget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Arrays and objects inside one another; the outermost counts as one.
    pub depth: usize,
    /// Values in all: every object, array, member value and element.
    pub nodes: usize,
    /// Length of one string or name in bytes, escapes resolved.
    pub string: usize,
}

impl Limits {
    /// A protocol message, a token header, a disclosure: 64 KiB.
    pub const MESSAGE: Self = Self::of(64 * 1024, 16 * 1024);
    /// Issuer, server and type metadata: 256 KiB.
    pub const METADATA: Self = Self::of(256 * 1024, 64 * 1024);
    /// A `vp_token` or the payload of a credential: 1 MiB.
    pub const VP_TOKEN: Self = Self::of(1024 * 1024, 256 * 1024);

    const fn of(bytes: usize, nodes: usize) -> Self {
        Self {
            bytes,
            depth: 32,
            nodes,
            string: bytes,
        }
    }

    /// A budget for one document within these limits.
    #[must_use]
    pub const fn budget(&self) -> Budget {
        self.add_to(Budget::NOTHING.allow(Kind::Bytes, self.bytes))
    }

    /// The same budget with as many values, levels and bytes in a string.
    #[must_use]
    pub const fn add_to(&self, budget: Budget) -> Budget {
        budget
            .allow(Kind::Values, self.nodes)
            .allow(Kind::Depth, self.depth)
            .allow(Kind::StringBytes, self.string)
    }
}

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StrictJsonError {
    /// More bytes, levels or values, or a longer string, than is allowed.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Two members of one object have the same name.
    #[error("a name is used twice in one object")]
    DuplicateName,
    /// The text begins with U+FEFF. RFC 8259 §8.1.
    #[error("begins with a byte order mark")]
    ByteOrderMark,
    /// Something other than white space follows the value.
    #[error("bytes after the value")]
    TrailingBytes,
    /// Not JSON at all: RFC 8259 §2.
    #[error("not JSON")]
    Syntax,
    /// JSON, but not of the type that was asked for.
    #[error("JSON of another shape")]
    Shape,
}

/// Parses a text strictly.
pub fn parse(text: &[u8], limits: &Limits) -> Result<Value, StrictJsonError> {
    let mut budget = limits.budget();
    budget.spend(Kind::Bytes, text.len())?;
    parse_within(text, &mut budget)
}

/// Parses a text strictly within a budget, of which values and levels are spent. Its bytes have
/// been paid for by whoever received them.
pub fn parse_within(text: &[u8], budget: &mut Budget) -> Result<Value, StrictJsonError> {
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(StrictJsonError::ByteOrderMark);
    }
    let work = Work {
        values: budget.left(Kind::Values),
        depth: budget.allowed(Kind::Depth),
        string: budget.allowed(Kind::StringBytes),
        counted: Cell::new(0),
        deepest: Cell::new(0),
        broken: Cell::new(None),
    };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = Node { work: &work, depth: 0 }.deserialize(&mut deserializer);
    budget.spend(Kind::Values, work.counted.get())?;
    budget.reach(Kind::Depth, work.deepest.get())?;
    let value = read.map_err(|_| work.broken.get().unwrap_or(StrictJsonError::Syntax))?;
    deserializer.end().map_err(|_| StrictJsonError::TrailingBytes)?;
    Ok(value)
}

/// Parses a text strictly into a type. Errors never quote the text.
pub fn from_slice<T: DeserializeOwned>(text: &[u8], limits: &Limits) -> Result<T, StrictJsonError> {
    serde_json::from_value(parse(text, limits)?).map_err(|_| StrictJsonError::Shape)
}

/// What a parse may do and has done. Counted here and accounted for once, at the end.
struct Work {
    values: usize,
    depth: usize,
    string: usize,
    counted: Cell<usize>,
    deepest: Cell<usize>,
    /// Which rule of ours was broken; serde errors carry only text.
    broken: Cell<Option<StrictJsonError>>,
}

impl Work {
    fn refuse<E: de::Error>(&self, rule: StrictJsonError) -> E {
        self.broken.set(Some(rule));
        E::custom(rule)
    }

    fn over<E: de::Error>(&self, kind: Kind) -> E {
        self.refuse(OverBudget(kind).into())
    }

    fn count<E: de::Error>(&self) -> Result<(), E> {
        let counted = self.counted.get();
        if counted >= self.values {
            return Err(self.over(Kind::Values));
        }
        self.counted.set(counted + 1);
        Ok(())
    }

    fn string<E: de::Error>(&self, text: &str) -> Result<(), E> {
        if text.len() > self.string {
            return Err(self.over(Kind::StringBytes));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Node<'a> {
    work: &'a Work,
    depth: usize,
}

impl Node<'_> {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > self.work.depth {
            return Err(self.work.over(Kind::Depth));
        }
        if depth > self.work.deepest.get() {
            self.work.deepest.set(depth);
        }
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.work.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| self.work.refuse(StrictJsonError::Syntax))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        self.work.string(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        self.work.string(&text)?;
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(Name { work: self.work })? {
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(self.work.refuse(StrictJsonError::DuplicateName));
            }
        }
        Ok(Value::Object(object))
    }
}

struct Name<'a> {
    work: &'a Work,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = String;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        self.work.string(text)?;
        Ok(text.to_owned())
    }
}
