//! What one Rust file holds. The sources are formatted, so a block ends at the first closing brace
//! that stands as far in as the line it began on.

use crate::catalogue::function;

/// A file, measured.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) path: String,
    pub(super) lines: usize,
    pub(super) functions: Vec<Function>,
    /// Items that others can use, outside tests.
    pub(super) public_items: usize,
    /// Lines of those without a word of documentation.
    pub(super) bare: Vec<usize>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) lines: usize,
}

pub(super) fn measure(path: &str, text: &str, is_test: bool) -> Measured {
    let lines: Vec<&str> = text.lines().collect();
    let mut measured = Measured {
        path: path.to_owned(),
        lines: lines.len(),
        functions: Vec::new(),
        public_items: 0,
        bare: Vec::new(),
    };
    let mut in_raw_string = false;
    for (place, line) in lines.iter().enumerate() {
        if in_raw_string {
            in_raw_string = !line.contains("\"#");
            continue;
        }
        if !is_test && is_public_item(line) {
            measured.public_items += 1;
            if !is_documented(&lines[..place]) {
                measured.bare.push(place + 1);
            }
        }
        measured.functions.extend(function_at(&lines, place));
        in_raw_string = line.matches("r#\"").count() > line.matches("\"#").count();
    }
    measured
}

fn function_at(lines: &[&str], place: usize) -> Option<Function> {
    let line = lines[place];
    let name = function(line.trim_start())?;
    let indent = &line[..line.len() - line.trim_start().len()];
    if line.ends_with('}') && line.contains('{') {
        return Some(Function {
            name: name.to_owned(),
            at: place + 1,
            lines: 1,
        });
    }
    let mut has_body = false;
    for (length, line) in lines[place..].iter().enumerate() {
        let outermost = line.strip_prefix(indent).is_some_and(|rest| !rest.starts_with(' '));
        has_body |= line.ends_with('{');
        if outermost && !has_body && line.ends_with(';') {
            return None;
        }
        if has_body && length > 0 && line.strip_prefix(indent) == Some("}") {
            return Some(Function {
                name: name.to_owned(),
                at: place + 1,
                lines: length + 1,
            });
        }
    }
    None
}

/// `pub` and nothing narrower. Fields and variants are left to the compiler, which knows whether
/// anybody else sees them; a module has its documentation inside.
fn is_public_item(line: &str) -> bool {
    const KINDS: [&str; 8] = [
        "fn ",
        "async fn ",
        "const ",
        "static ",
        "struct ",
        "enum ",
        "trait ",
        "type ",
    ];
    let item = line.trim_start().strip_prefix("pub ");
    item.is_some_and(|rest| KINDS.iter().any(|kind| rest.starts_with(kind)))
}

/// Whether the lines before an item, attributes aside, end with documentation.
fn is_documented(before: &[&str]) -> bool {
    let mut in_attribute = false;
    for line in before.iter().rev().map(|line| line.trim()) {
        // In a macro the documentation comes from whoever calls it.
        if ["///", "#[doc", "$(#["]
            .iter()
            .any(|beginning| line.starts_with(beginning))
        {
            return true;
        }
        let ends_attribute = line.ends_with(")]") || line == "]";
        if line.starts_with("#[") {
            in_attribute = false;
        } else if ends_attribute {
            in_attribute = true;
        } else if !in_attribute {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "/// Documented.\n#[must_use]\npub fn one() -> u8 {\n    1\n}\n\npub fn bare(\n    a: u8,\n) -> u8 {\n    a\n}\n\ntrait T {\n    fn none(&self);\n}\n";

    #[test]
    fn functions_are_measured_from_their_first_line_to_their_brace() {
        let measured = measure("x.rs", TEXT, false);
        let lengths: Vec<_> = measured
            .functions
            .iter()
            .map(|f| (f.name.as_str(), f.at, f.lines))
            .collect();
        assert_eq!(lengths, [("one", 3, 3), ("bare", 7, 5)]);
    }

    #[test]
    fn a_public_item_without_a_word_is_found() {
        let measured = measure("x.rs", TEXT, false);
        assert_eq!((measured.public_items, measured.bare), (2, vec![7]));
    }
}
