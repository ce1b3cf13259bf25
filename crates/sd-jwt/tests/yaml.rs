//! As much YAML as the `specification.yml` of the vectors need: maps and lists by indentation, flow
//! lists, plain and quoted scalars, and the tag `!sd`.

use sd_jwt::{ClaimPath, PathElement};
use serde_json::{Map, Value};

/// A value in which places are tagged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tagged {
    pub(crate) value: Value,
    /// The places tagged `!sd`.
    pub(crate) tagged: Vec<ClaimPath>,
}

impl Tagged {
    fn plain(value: Value) -> Self {
        Self { value, tagged: vec![] }
    }

    /// The member of that name as a value of its own.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let inside = self.tagged.iter().filter(|path| path.root() == Some(name));
        Some(Self {
            value: self.value.get(name)?.clone(),
            tagged: inside
                .map(|path| ClaimPath::new(path.elements()[1..].to_vec()))
                .collect(),
        })
    }
}

/// Reads a document whose top level is a map.
pub(crate) fn parse(text: &str) -> Tagged {
    let lines: Vec<Line> = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|line| Line {
            indent: line.len() - line.trim_start().len(),
            text: line.trim().to_owned(),
        })
        .collect();
    Reader { lines, at: 0 }.block(0)
}

#[derive(Clone)]
struct Line {
    indent: usize,
    text: String,
}

struct Reader {
    lines: Vec<Line>,
    at: usize,
}

impl Reader {
    fn next_at(&self, indent: usize) -> Option<Line> {
        self.lines.get(self.at).filter(|line| line.indent == indent).cloned()
    }

    /// The map or list whose lines have this indentation.
    fn block(&mut self, indent: usize) -> Tagged {
        match self.next_at(indent) {
            Some(line) if is_item(&line.text) => self.list(indent),
            _ => self.map(indent),
        }
    }

    fn map(&mut self, indent: usize) -> Tagged {
        let mut members = Map::new();
        let mut tagged = vec![];
        while let Some(line) = self.next_at(indent).filter(|line| !is_item(&line.text)) {
            self.at += 1;
            let (is_tagged, text) = untag(&line.text);
            let (name, rest) = key(text).unwrap_or_else(|| panic!("no key in {text}"));
            let value = match rest {
                "" => self.nested(indent),
                rest => scalar(rest),
            };
            let here = PathElement::Name(name.clone());
            add(&mut tagged, is_tagged, &here, &value);
            members.insert(name, value.value);
        }
        Tagged {
            value: Value::Object(members),
            tagged,
        }
    }

    fn list(&mut self, indent: usize) -> Tagged {
        let mut elements = vec![];
        let mut tagged = vec![];
        while let Some(line) = self.next_at(indent).filter(|line| is_item(&line.text)) {
            let (is_tagged, rest) = untag(line.text[1..].trim_start());
            let value = if rest.is_empty() {
                self.at += 1;
                self.nested(indent)
            } else if key(rest).is_some() {
                // The first member of a map stands beside the dash.
                let inner = indent + 2;
                self.lines[self.at] = Line {
                    indent: inner,
                    text: rest.to_owned(),
                };
                self.block(inner)
            } else {
                self.at += 1;
                scalar(rest)
            };
            add(&mut tagged, is_tagged, &PathElement::Index(elements.len()), &value);
            elements.push(value.value);
        }
        Tagged {
            value: Value::Array(elements),
            tagged,
        }
    }

    /// What is indented further, or a list that is not.
    fn nested(&mut self, indent: usize) -> Tagged {
        match self.lines.get(self.at).cloned() {
            Some(line) if line.indent > indent => self.block(line.indent),
            Some(line) if line.indent == indent && is_item(&line.text) => self.list(indent),
            _ => Tagged::plain(Value::Null),
        }
    }
}

fn add(tagged: &mut Vec<ClaimPath>, is_tagged: bool, here: &PathElement, value: &Tagged) {
    let outer = ClaimPath::default().child(here.clone());
    for inner in &value.tagged {
        let mut elements = outer.elements().to_vec();
        elements.extend(inner.elements().iter().cloned());
        tagged.push(ClaimPath::new(elements));
    }
    if is_tagged {
        tagged.push(outer);
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

fn untag(text: &str) -> (bool, &str) {
    match text.strip_prefix("!sd") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

/// The name of a member and what follows its colon.
fn key(text: &str) -> Option<(String, &str)> {
    if text.starts_with('[') {
        return None;
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, rest) = quoted.split_once('"')?;
        return Some((name.to_owned(), rest.strip_prefix(':')?.trim()));
    }
    match (text.split_once(": "), text.strip_suffix(':')) {
        (Some((name, rest)), _) => Some((name.to_owned(), rest.trim())),
        (None, Some(name)) => Some((name.to_owned(), "")),
        (None, None) => None,
    }
}

fn scalar(text: &str) -> Tagged {
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return flow(inner);
    }
    let quoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    Tagged::plain(match (quoted('"').or_else(|| quoted('\'')), text) {
        (Some(text), _) => text.into(),
        (None, "{}") => Map::new().into(),
        (None, "null") => Value::Null,
        (None, "true" | "True") => true.into(),
        (None, "false" | "False" | "None") => false.into(),
        (None, text) => text
            .parse::<i64>()
            .ok()
            .filter(|_| !text.starts_with('+'))
            .map_or_else(|| text.into(), Value::from),
    })
}

/// A list in brackets.
fn flow(inner: &str) -> Tagged {
    let mut elements = vec![];
    let mut tagged = vec![];
    let (mut depth, mut start) = (0, 0);
    let mut parts = vec![];
    for (position, character) in inner.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        let (is_tagged, text) = untag(part);
        let value = scalar(text);
        add(&mut tagged, is_tagged, &PathElement::Index(elements.len()), &value);
        elements.push(value.value);
    }
    Tagged {
        value: Value::Array(elements),
        tagged,
    }
}
