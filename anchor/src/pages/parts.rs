//! Parts that several pages are made of.

use maud::{Markup, html};

use super::icons::{Tone, icon};
use super::reader::Reader;

/// A remark in the flow of a page.
pub(crate) fn notice(tone: Tone, words: &Markup) -> Markup {
    html! { div class={ "notice " (tone.class()) } { (icon(tone)) div { (words) } } }
}

/// A state in a word, with its icon.
pub(crate) fn badge(tone: Tone, word: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (icon(tone)) (word) } }
}

/// A name and what it is, in a list of facts.
pub(crate) fn fact(name: &str, what: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (what) } } }
}

/// A table that becomes a list where there is no room. The roles are said again, because a
/// table that is shown as blocks is none to a screen reader.
pub(crate) fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        table role="table" {
            caption.unseen { (caption) }
            thead role="rowgroup" {
                tr role="row" { @for head in heads { th scope="col" role="columnheader" { (head) } } }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        @for (head, cell) in heads.iter().zip(row) {
                            td role="cell" data-head=(head) { (cell) }
                        }
                    }
                }
            }
        }
    }
}

/// Where a long list goes on.
pub(crate) fn pager(reader: &Reader<'_>, first: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav.pager aria-label=(reader.t("common.pages")) {
                @if let Some(first) = first { a.button href=(first) { (reader.t("common.first_page")) } }
                @if let Some(next) = next { a.button href=(next) { (reader.t("common.next_page")) } }
            }
        }
    }
}

/// Where to go from here: address, name and what is there.
pub(crate) fn ways(reader: &Reader<'_>, ways: &[(&str, &str, &str)]) -> Markup {
    html! {
        ul.ways {
            @for (path, name, what) in ways {
                li { a href=(reader.href(path, &[])) { (reader.t(name)) } p { (reader.t(what)) } }
            }
        }
    }
}

/// More, for those who want it.
pub(crate) fn disclosure(summary: &str, more: &Markup) -> Markup {
    html! { details { summary { (summary) } div.more { (more) } } }
}
