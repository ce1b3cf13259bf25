//! Sentences with places in them: `{name}`, as in ICU patterns without arguments.

use maud::{Markup, html};

enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
}

/// A sentence, with markup in its places. A place that is not given stays empty.
pub(crate) fn fill(pattern: &str, parts: &[(&str, Markup)]) -> Markup {
    html! {
        @for piece in pieces(pattern) {
            @match piece {
                Piece::Text(text) => (text),
                Piece::Place(name) => @if let Some((_, part)) = parts.iter().find(|(place, _)| *place == name) { (part) },
            }
        }
    }
}

/// The same with texts.
pub(crate) fn fill_text(pattern: &str, parts: &[(&str, &str)]) -> String {
    let text = |piece| match piece {
        Piece::Text(text) => text,
        Piece::Place(name) => parts
            .iter()
            .find(|(place, _)| *place == name)
            .map_or("", |(_, text)| text),
    };
    pieces(pattern).into_iter().map(text).collect()
}

/// The names of the places of a sentence.
#[cfg(test)]
pub(crate) fn places(pattern: &str) -> std::collections::BTreeSet<&str> {
    let place = |piece| match piece {
        Piece::Place(name) => Some(name),
        Piece::Text(_) => None,
    };
    pieces(pattern).into_iter().filter_map(place).collect()
}

fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        pieces.extend([Piece::Text(before), Piece::Place(name)]);
        rest = tail;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_everything_is_escaped() {
        let link = html! { a href="/x" { "A & B" } };
        let filled = fill("<{who}> asks {what}.", &[("who", link)]).into_string();
        assert_eq!(filled, "&lt;<a href=\"/x\">A &amp; B</a>&gt; asks .");
        assert_eq!(fill_text("{a}-{b} {", &[("a", "1"), ("b", "2")]), "1-2 {");
    }
}
