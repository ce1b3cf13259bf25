//! An SVG taken apart as far as it must be to tell text from markup. XML 1.0 §2, §3.
//!
//! Not a renderer: what is drawn, and that nothing is fetched or run, is decided again by the one
//! who draws. Anything unclear is refused, and so is every element that is not known to draw once
//! what stands in it: those that repeat or filter make much work of few bytes.

use jose::{Budget, Work};

use super::SvgTemplateError;
use super::raster::raster_size;

/// A stretch of an SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Tags, comments, declarations and CDATA.
    Markup(&'t str),
    /// Text inside an element in which text is drawn or read out.
    Text(&'t str),
}

/// Takes an SVG apart; every byte is in exactly one piece.
pub(super) fn scan<'t>(svg: &'t str, budget: &mut Budget) -> Result<Vec<Piece<'t>>, SvgTemplateError> {
    let mut scan = Scan {
        pieces: Vec::new(),
        open: Vec::new(),
        sheet: String::new(),
        rest: svg,
        root_seen: false,
    };
    while !scan.rest.is_empty() {
        scan.step(budget)?;
    }
    match scan.open.is_empty() && scan.root_seen {
        true => Ok(scan.pieces),
        false => Err(SvgTemplateError::NotSvg),
    }
}

struct Scan<'t> {
    pieces: Vec<Piece<'t>>,
    open: Vec<&'t str>,
    /// The style sheet that is open: what stands in it in pieces counts as one.
    sheet: String,
    rest: &'t str,
    root_seen: bool,
}

impl<'t> Scan<'t> {
    fn step(&mut self, budget: &mut Budget) -> Result<(), SvgTemplateError> {
        if !self.rest.starts_with('<') {
            return self.text();
        }
        if self.rest.starts_with("<![CDATA[") && !self.open.is_empty() {
            let markup = self.markup_until("<![CDATA[", "]]>")?;
            let inside = markup
                .strip_prefix("<![CDATA[")
                .and_then(|inside| inside.strip_suffix("]]>"));
            self.style(inside.unwrap_or(markup));
            return Ok(());
        }
        // Who draws may read over what stands between the pieces of a style sheet.
        if self.open.last() == Some(&"style") && !self.rest.starts_with("</") {
            return Err(SvgTemplateError::ActiveContent);
        }
        if self.rest.starts_with("<!--") {
            return self.markup_until("<!--", "-->").map(drop);
        }
        let is_first = self.pieces.iter().all(|piece| *piece == Piece::Markup("\u{feff}"));
        if self.rest.starts_with("<?xml ") && is_first {
            return self.markup_until("<?xml ", "?>").map(drop);
        }
        match self.rest.as_bytes().get(1) {
            // A document type could define entities; other instructions could name style sheets.
            Some(b'!' | b'?') => Err(SvgTemplateError::Declaration),
            Some(b'/') => self.end_tag(),
            _ => self.start_tag(budget),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'t str, SvgTemplateError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(SvgTemplateError::NotSvg)?;
        self.rest = rest;
        Ok(taken)
    }

    fn markup(&mut self, length: usize) -> Result<&'t str, SvgTemplateError> {
        let markup = self.take(length)?;
        if markup.contains("{{") {
            return Err(SvgTemplateError::PlaceholderInMarkup);
        }
        self.pieces.push(Piece::Markup(markup));
        Ok(markup)
    }

    fn markup_until(&mut self, start: &str, end: &str) -> Result<&'t str, SvgTemplateError> {
        let inside = self.rest.get(start.len()..).ok_or(SvgTemplateError::NotSvg)?;
        let length = inside.find(end).ok_or(SvgTemplateError::NotSvg)?;
        self.markup(start.len() + length + end.len())
    }

    fn text(&mut self) -> Result<(), SvgTemplateError> {
        let length = self.rest.find('<').unwrap_or(self.rest.len());
        match self.open.last().copied() {
            Some(element) if TEXT_ELEMENTS.contains(&element) => {
                let text = self.take(length)?;
                self.pieces.push(Piece::Text(text));
                Ok(())
            }
            Some(_) => {
                let text = self.markup(length)?;
                self.style(text);
                Ok(())
            }
            None => match self.markup(length)?.trim_start_matches('\u{feff}').trim() {
                "" => Ok(()),
                _ => Err(SvgTemplateError::NotSvg),
            },
        }
    }

    /// Text that is not drawn; that of a style sheet is looked at once it is whole.
    fn style(&mut self, text: &str) {
        if self.open.last() == Some(&"style") {
            self.sheet.push_str(text);
        }
    }

    fn end_tag(&mut self) -> Result<(), SvgTemplateError> {
        let length = self.rest.find('>').ok_or(SvgTemplateError::NotSvg)? + 1;
        let tag = self.markup(length)?;
        let name = tag.strip_prefix("</").unwrap_or(tag).trim_end_matches('>').trim_end();
        check_style(&std::mem::take(&mut self.sheet))?;
        match self.open.pop() == Some(name) {
            true => Ok(()),
            false => Err(SvgTemplateError::NotSvg),
        }
    }

    fn start_tag(&mut self, budget: &mut Budget) -> Result<(), SvgTemplateError> {
        let length = tag_length(self.rest).ok_or(SvgTemplateError::NotSvg)?;
        let tag = self.markup(length)?;
        let inner = tag.strip_prefix('<').unwrap_or(tag).trim_end_matches('>');
        let (inner, is_empty) = match inner.strip_suffix('/') {
            Some(inner) => (inner, true),
            None => (inner, false),
        };
        let end = inner.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(end);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
        let is_second_root = self.open.is_empty() && (self.root_seen || name != "svg");
        if name.is_empty() || !name.chars().all(is_name) || is_second_root {
            return Err(SvgTemplateError::NotSvg);
        }
        if !ELEMENTS.contains(&name) {
            return Err(SvgTemplateError::ActiveContent);
        }
        let is_clip = name == "clipPath" || self.open.contains(&"clipPath");
        check_repeating(name, attributes, is_clip, budget)?;
        check_attributes(attributes, budget)?;
        self.root_seen = true;
        if !is_empty {
            self.open.push(name);
            budget.reach(Work::Depth, self.open.len())?;
        }
        Ok(())
    }
}

/// The length of a start tag; a `>` inside quotes does not end it.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (position, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(position + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), b'<') => return None,
            _ => {}
        }
    }
    None
}

/// What draws the same again counts as many elements: a clip is drawn for each element that it clips, a path for each
/// text along it. A clip inside a clip is one clip for each clip that there is.
fn check_repeating(name: &str, attributes: &str, is_clip: bool, budget: &mut Budget) -> Result<(), SvgTemplateError> {
    let attributes = attributes.to_ascii_lowercase();
    if is_clip && attributes.contains("url(") {
        return Err(SvgTemplateError::ActiveContent);
    }
    let repeats = name == "textPath" || attributes.contains("clip-path");
    Ok(budget.spend(Work::Values, if repeats { REPEATED } else { 1 })?)
}

/// Each attribute has a quoted value, runs nothing, and refers to nothing outside.
fn check_attributes(mut rest: &str, budget: &mut Budget) -> Result<(), SvgTemplateError> {
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(());
        }
        let (name, value) = rest.split_once('=').ok_or(SvgTemplateError::NotSvg)?;
        let (name, value) = (name.trim_end(), value.trim_start());
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let quote = quote.ok_or(SvgTemplateError::NotSvg)?;
        let (value, after) = value[1..].split_once(quote).ok_or(SvgTemplateError::NotSvg)?;
        if name.is_empty() || name.contains(|c: char| c.is_ascii_whitespace() || "\"'<>/".contains(c)) {
            return Err(SvgTemplateError::NotSvg);
        }
        let local = local(name).to_ascii_lowercase();
        if local.starts_with("on") || local == "base" || fetches(&local) || fetches(value) {
            return Err(SvgTemplateError::ActiveContent);
        }
        if matches!(local.as_str(), "href" | "src") {
            check_reference(value.trim(), budget)?;
        }
        rest = after;
    }
}

/// A reference inside the picture, or a picture that it carries along, with room for all its points.
fn check_reference(reference: &str, budget: &mut Budget) -> Result<(), SvgTemplateError> {
    if reference.starts_with('#') {
        return Ok(());
    }
    let (width, height) = raster_size(reference).ok_or(SvgTemplateError::ActiveContent)?;
    let points = u64::from(width).saturating_mul(u64::from(height));
    let bytes = usize::try_from(points.saturating_mul(4)).unwrap_or(usize::MAX);
    Ok(budget.spend(Work::Inflated, bytes)?)
}

/// A style sheet. Rules with an `@` fetch, or set something in motion.
fn check_style(sheet: &str) -> Result<(), SvgTemplateError> {
    let style = sheet.to_ascii_lowercase();
    let is_refused = fetches(&style) || ["@", "clip-path", "animation"].iter().any(|sign| style.contains(sign));
    match is_refused {
        true => Err(SvgTemplateError::ActiveContent),
        false => Ok(()),
    }
}

/// CSS that refers to something outside, calls what is not known to draw once, takes over the clip of what it stands in,
/// cuts a line into pieces without end, or blurs. Escapes could hide it.
fn fetches(css: &str) -> bool {
    let css = css.to_ascii_lowercase();
    let refers = css.match_indices("url(").any(|(place, found)| {
        let target = css[place + found.len()..].trim_start_matches([' ', '"', '\'']);
        !target.starts_with('#')
    });
    let calls = css
        .match_indices('(')
        .any(|(place, _)| !FUNCTIONS.contains(&called(&css[..place])));
    refers
        || calls
        || ["\\", "&#", "inherit", "dasharray", "shadow"]
            .iter()
            .any(|sign| css.contains(sign))
}

/// The name of a function that is called where this ends; empty where it is none.
fn called(before: &str) -> &str {
    let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || "-_".contains(c));
    before.get(name.len()..).unwrap_or_default()
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// As many elements what is drawn over and over counts.
const REPEATED: usize = 64;
/// Elements whose text is drawn or read out. Everywhere else, as in `style`, text is markup.
const TEXT_ELEMENTS: [&str; 5] = ["text", "tspan", "textPath", "title", "desc"];
/// What may be called: a part of the picture, colours, and where something stands. None filters, fetches, or hides what
/// is meant in a variable. In words a bracket follows a space.
const FUNCTIONS: [&str; 17] = [
    "",
    "url",
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "matrix",
    "translate",
    "translatex",
    "translatey",
    "scale",
    "scalex",
    "scaley",
    "rotate",
    "skewx",
    "skewy",
    "skew",
];
/// Elements that draw once what stands in them, or say how. None runs, fetches, repeats, filters or changes later.
const ELEMENTS: [&str; 21] = [
    "svg",
    "g",
    "defs",
    "title",
    "desc",
    "style",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "textPath",
    "image",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
];
