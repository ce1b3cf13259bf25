//! How the log is doing, on the first page.

use ledger::TrustPack;
use maud::{Markup, html};

use crate::pages::address;
use crate::pages::health::{Cosigner, Health, Needed, State};
use crate::pages::icons::Tone;
use crate::pages::parts::{badge, fact, notice, table};
use crate::pages::plain::plain;
use crate::pages::reader::Reader;

/// State, reasons, facts and cosigners. `listed` entries are in the pages' lists; `alarm` is the
/// newest entry that changed nothing.
pub(super) fn health_section(
    reader: &Reader<'_>,
    health: &Health,
    pack: &TrustPack,
    listed: u64,
    alarm: Option<u64>,
) -> Markup {
    html! {
        section aria-labelledby="health" {
            div.line { h2 #health { (reader.t("health.title")) } (badge(health.tone, reader.t(health.word))) }
            @for reason in &health.reasons {
                (notice(health.tone, &html! { p { (reader.t(reason)) } }))
            }
            @if let Some(number) = alarm { (alarm_notice(reader, number)) }
            @if let Some(state) = health.state.as_ref().filter(|state| listed < state.size) {
                (reading_notice(reader, listed, state.size))
            }
            (facts(reader, health))
            h3 { (reader.t("health.cosigners")) }
            p { (reader.t("health.cosigners_why")) " " (needed(reader, pack)) }
            @if let Some(state) = &health.state {
                (cosigners(reader, &state.cosigners))
                (fingerprint(reader, state))
            }
        }
    }
}

fn alarm_notice(reader: &Reader<'_>, number: u64) -> Markup {
    let link = html! {
        a href=(reader.href(&address::entry(number), &[])) {
            (reader.say("entry.number", &[("number", &reader.number(number))]))
        }
    };
    notice(
        Tone::Bad,
        &html! { p { (reader.fill("health.alarm", &[("entry", link)])) } },
    )
}

fn reading_notice(reader: &Reader<'_>, listed: u64, size: u64) -> Markup {
    let (listed, size) = (reader.number(listed), reader.number(size));
    let words = reader.say("health.reading", &[("listed", &listed), ("size", &size)]);
    notice(Tone::Info, &html! { p { (words) } })
}

fn facts(reader: &Reader<'_>, health: &Health) -> Markup {
    let quorum = if health.is_quorum_met {
        reader.t("health.quorum_met")
    } else {
        reader.t("health.quorum_not_met")
    };
    html! {
        dl.facts.wide {
            @if let Some(state) = &health.state {
                (fact(reader.t("health.size"), &html! { (reader.number(state.size)) }))
                (fact(reader.t("health.confirmed"), &reader.moment_ago(state.time)))
            }
            (fact(reader.t("health.quorum"), &html! { (quorum) }))
            @if let Some(waiting) = health.waiting {
                (fact(reader.t("health.waiting"), &html! { (reader.number(waiting)) }))
            }
        }
    }
}

/// How many must confirm a state, in words.
pub(super) fn needed(reader: &Reader<'_>, pack: &TrustPack) -> Markup {
    html! {
        @if let Some(needed) = Needed::by(pack) {
            (reader.say("health.needed", &[
                ("witnesses", &needed.witnesses.to_string()),
                ("all_witnesses", &needed.all_witnesses.to_string()),
                ("mirrors", &needed.mirrors.to_string()),
                ("all_mirrors", &needed.all_mirrors.to_string()),
            ]))
        }
    }
}

fn cosigners(reader: &Reader<'_>, cosigners: &[Cosigner]) -> Markup {
    let row = |cosigner: &Cosigner| {
        let role = if cosigner.is_mirror {
            reader.t("health.mirror")
        } else {
            reader.t("health.witness")
        };
        let when = match cosigner.time {
            Some(time) => html! { (badge(Tone::Good, reader.t("health.cosigned"))) " " (reader.ago(time)) },
            None => badge(Tone::Unsure, reader.t("health.not_cosigned")),
        };
        vec![html! { code { (plain(&cosigner.name)) } }, html! { (role) }, when]
    };
    let rows: Vec<_> = cosigners.iter().map(row).collect();
    let heads = [
        reader.t("health.who"),
        reader.t("health.role"),
        reader.t("health.state"),
    ];
    table(reader.t("health.cosigners"), &heads, &rows)
}

fn fingerprint(reader: &Reader<'_>, state: &State) -> Markup {
    html! { p.quiet { (reader.t("health.root")) ": " code { (hex::encode(state.root.as_bytes())) } } }
}
