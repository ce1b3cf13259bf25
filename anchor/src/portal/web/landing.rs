//! `/portal`: what do you want to check?

use axum::extract::State;
use maud::{Markup, html};

use super::error::Answer;
use super::visitor::Visitor;
use crate::pages::parts::ways;
use crate::pages::reader::Reader;
use crate::portal::Portal;

pub(super) async fn landing(State(portal): State<Portal>, visitor: Visitor) -> Answer {
    let reader = portal.reader(&visitor);
    let body = html! {
        h1 { (reader.t("portal.landing.title")) }
        p.lead { (reader.t("portal.landing.lead")) }
        (try_it(&reader, portal.inner.settings.try_address().as_ref()))
        (apply(&reader))
        (others(&reader))
    };
    Ok(portal.titled(&visitor, reader.t("portal.landing.title"), body))
}

/// Step one needs no account.
fn try_it(reader: &Reader<'_>, address: Option<&url::Url>) -> Markup {
    html! {
        @if let Some(address) = address {
            section aria-labelledby="trial" {
                h2 #trial { (reader.t("portal.landing.try_title")) }
                p { (reader.t("portal.landing.try_what")) }
                p { a.button.primary href=(address.as_str()) { (reader.t("portal.landing.try")) } }
                p.quiet { (reader.t("portal.landing.try_note")) }
            }
        }
    }
}

fn apply(reader: &Reader<'_>) -> Markup {
    let steps = [
        "portal.landing.step_sign_in",
        "portal.landing.step_say",
        "portal.landing.step_wait",
        "portal.landing.step_use",
    ];
    html! {
        section aria-labelledby="apply" {
            h2 #apply { (reader.t("portal.landing.apply_title")) }
            p { (reader.t("portal.landing.apply_what")) }
            ol.steps { @for step in steps { li { (reader.t(step)) } } }
            div.actions {
                a.button.primary href=(reader.href("/portal/applications", &[])) { (reader.t("portal.landing.apply")) }
                a.button href=(reader.href("/portal/sign-in", &[])) { (reader.t("portal.landing.sign_in")) }
            }
        }
    }
}

fn others(reader: &Reader<'_>) -> Markup {
    let all = [
        (
            "/portal/complaints",
            "portal.landing.complain",
            "portal.landing.complain_what",
        ),
        ("/organisations", "portal.landing.look", "portal.landing.look_what"),
        (
            "/portal/registrar",
            "portal.landing.registrar",
            "portal.landing.registrar_what",
        ),
    ];
    html! {
        section aria-labelledby="more" {
            h2 #more { (reader.t("portal.landing.more")) }
            (ways(reader, &all))
        }
    }
}
