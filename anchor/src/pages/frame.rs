//! What every page has around it.

use ledger::{Mode, TrustPack};
use maud::{DOCTYPE, Markup, html};

use super::address::with_query;
use super::answer::Document;
use super::asked::Asked;
use super::assets;
use super::messages::Language;
use super::plain::plain;
use super::reader::Reader;

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    Home,
    Entries,
    Organisations,
    Services,
    Search,
    About,
    Portal,
    None,
}

/// The whole HTML document.
pub(crate) fn frame(reader: &Reader<'_>, asked: &Asked, pack: &TrustPack, document: &Document) -> Markup {
    let name = plain(pack.name());
    html! {
        (DOCTYPE)
        html lang=(reader.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (document.title) " · " (reader.t("site.name")) " · " (name) }
                link rel="stylesheet" href=(assets::style_address());
                link rel="icon" type="image/svg+xml" href=(assets::MARK);
            }
            body {
                a.skip href="#content" { (reader.t("site.skip")) }
                header.top {
                    a.whose href=(reader.href("/", &[])) {
                        img.mark src=(assets::MARK) alt="";
                        span { (reader.t("site.name")) }
                    }
                    (navigation(reader, document.area))
                    (languages(reader, asked))
                }
                @if pack.mode() == Mode::Test {
                    aside.test aria-label=(reader.t("site.test_label")) { p { (reader.t("site.test")) } }
                }
                main #content tabindex="-1" { (document.body) }
                footer.foot {
                    p { (reader.say("site.foot", &[("name", &name), ("origin", &plain(pack.origin()))])) }
                    @if document.area == Area::Portal {
                        p { (reader.t("site.portal_cookies")) }
                    } @else {
                        p { (reader.t("site.no_people")) }
                    }
                }
            }
        }
    }
}

fn navigation(reader: &Reader<'_>, area: Area) -> Markup {
    let items = [
        (Area::Home, "/", "nav.home"),
        (Area::Entries, "/entries", "nav.entries"),
        (Area::Organisations, "/organisations", "nav.organisations"),
        (Area::Services, "/services", "nav.services"),
        (Area::Search, "/search", "nav.search"),
        (Area::About, "/about", "nav.about"),
    ];
    html! {
        nav.main aria-label=(reader.t("nav.label")) {
            @for (item, path, key) in items {
                a href=(reader.href(path, &[])) aria-current=[(item == area).then_some("page")] { (reader.t(key)) }
            }
            @if reader.has_portal {
                a href=(reader.href("/portal", &[])) aria-current=[(area == Area::Portal).then_some("page")] {
                    (reader.t("nav.portal"))
                }
            }
        }
    }
}

/// The same page in the other languages.
fn languages(reader: &Reader<'_>, asked: &Asked) -> Markup {
    let mut query: Vec<(&str, &str)> = asked
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    query.retain(|(name, _)| *name != "lang");
    query.sort_unstable();
    html! {
        nav.languages aria-label=(reader.t("nav.languages")) {
            @for language in Language::ALL {
                @let query = [query.as_slice(), &[("lang", language.tag())]].concat();
                a href=(with_query(&asked.path, &query)) lang=(language.tag()) hreflang=(language.tag())
                    aria-current=[(language == reader.language).then_some("true")] { (language.name()) }
            }
        }
    }
}
