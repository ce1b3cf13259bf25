//! Parts that several pages are made of: forms, fields, states, histories.

use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::posted::{ONCE_FIELD, TOKEN_FIELD};
use super::visitor::Visitor;
use crate::pages::answer::Document;
use crate::pages::asked::Asked;
use crate::pages::frame::{Area, frame};
use crate::pages::icons::{Tone, icon};
use crate::pages::parts::badge;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::store::{Filed, Taken};
use crate::portal::{Portal, State, Step};

impl Portal {
    /// What a page is written with for this visitor.
    pub(super) fn reader(&self, visitor: &Visitor) -> Reader<'_> {
        self.reader_for(&visitor.asked)
    }

    /// The same for a request.
    pub(super) fn reader_for(&self, asked: &Asked) -> Reader<'_> {
        Reader {
            messages: self.inner.catalogue.of(asked.language),
            card_types: &self.inner.card_types,
            language: asked.language,
            is_chosen: asked.is_chosen,
            has_portal: true,
            now: self.now(),
        }
    }

    /// A page in the frame of the ledger's pages.
    pub(super) fn framed(&self, reader: &Reader<'_>, asked: &Asked, document: &Document) -> Markup {
        frame(reader, asked, &self.inner.pack, document)
    }

    /// To another page, in the language that was chosen.
    pub(super) fn to(&self, visitor: &Visitor, path: &str) -> Response {
        self.to_asking(visitor, path, &[])
    }

    /// The same with a query.
    pub(super) fn to_asking(&self, visitor: &Visitor, path: &str, query: &[(&str, &str)]) -> Response {
        let address = self.reader(visitor).href(path, query);
        let mut response = StatusCode::SEE_OTHER.into_response();
        if let Ok(address) = HeaderValue::from_str(&address) {
            response.headers_mut().insert(LOCATION, address);
        }
        visitor.remember(self, response)
    }

    /// To another page, with a cookie.
    pub(super) fn to_with(&self, visitor: &Visitor, path: &str, (_, cookie): (HeaderName, HeaderValue)) -> Response {
        let mut response = self.to(visitor, path);
        response.headers_mut().append(SET_COOKIE, cookie);
        response
    }

    /// A page of the portal with this title.
    pub(super) fn titled(&self, visitor: &Visitor, title: &str, body: Markup) -> Response {
        let document = Document {
            title: title.to_owned(),
            area: Area::Portal,
            body,
        };
        self.page(visitor, &document)
    }
}

/// A form of this portal: with what tells it from the forms of others.
pub(super) fn form(reader: &Reader<'_>, visitor: &Visitor, path: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(reader.href(path, &[])) {
            input type="hidden" name=(TOKEN_FIELD) value=(visitor.form_token());
            (fields)
        }
    }
}

/// The same with a file.
pub(super) fn upload(reader: &Reader<'_>, visitor: &Visitor, path: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" enctype="multipart/form-data" action=(reader.href(path, &[])) {
            input type="hidden" name=(TOKEN_FIELD) value=(visitor.form_token());
            (fields)
        }
    }
}

/// What lets a form have its effect once.
pub(super) fn once() -> Markup {
    html! { input type="hidden" name=(ONCE_FIELD) value=(service::random::id()); }
}

/// A hidden value.
pub(super) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A button that sends its form.
pub(super) fn submit(words: &str, is_main: bool) -> Markup {
    html! {
        div.actions {
            @if is_main { button.button.primary type="submit" { (words) } }
            @else { button.button type="submit" { (words) } }
        }
    }
}

/// One field with its label.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) hint: Option<&'a str>,
    pub(super) value: &'a str,
    pub(super) is_required: bool,
}

impl<'a> Field<'a> {
    pub(super) fn new(name: &'a str, label: &'a str, value: &'a str) -> Self {
        Self {
            name,
            label,
            hint: None,
            value,
            is_required: false,
        }
    }

    pub(super) fn hint(mut self, hint: &'a str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(super) fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// A line.
    pub(super) fn line(&self, kind: &str) -> Markup {
        self.labelled(&html! {
            input id=(self.name) type=(kind) name=(self.name) value=(self.value) required[self.is_required]
                autocomplete=(if kind == "password" { "current-password" } else { "off" })
                aria-describedby=[self.described()];
        })
    }

    /// Several lines.
    pub(super) fn area(&self, rows: u32) -> Markup {
        self.labelled(&html! {
            textarea id=(self.name) name=(self.name) rows=(rows) required[self.is_required]
                aria-describedby=[self.described()] { (self.value) }
        })
    }

    /// A file.
    pub(super) fn file(&self, accept: &str) -> Markup {
        self.labelled(&html! {
            input id=(self.name) type="file" name=(self.name) accept=(accept) required[self.is_required]
                aria-describedby=[self.described()];
        })
    }

    /// One of several.
    pub(super) fn choice(&self, options: &[(&str, &str)]) -> Markup {
        self.labelled(&html! {
            select id=(self.name) name=(self.name) aria-describedby=[self.described()] {
                @for (value, words) in options {
                    option value=(value) selected[*value == self.value] { (words) }
                }
            }
        })
    }

    fn described(&self) -> Option<String> {
        self.hint.map(|_| format!("{}-hint", self.name))
    }

    fn labelled(&self, control: &Markup) -> Markup {
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                @if let Some(hint) = self.hint { p.quiet id={ (self.name) "-hint" } { (hint) } }
                (control)
            }
        }
    }
}

/// Where an application stands, in a word.
pub(super) fn state_badge(reader: &Reader<'_>, state: State) -> Markup {
    let tone = match state {
        State::Registered => Tone::Good,
        State::Refused | State::Suspended | State::Revoked => Tone::Bad,
        State::Question | State::Expired => Tone::Unsure,
        _ => Tone::Info,
    };
    badge(tone, reader.t(state_key(state)))
}

/// Applications in a list: what they are called, since when they are there, and where they stand.
pub(super) fn filed_rows<'a>(
    reader: &Reader<'_>,
    filed: impl IntoIterator<Item = &'a Filed>,
    path: impl Fn(&Filed) -> String,
) -> Markup {
    html! {
        ul.rows {
            @for filed in filed {
                li.line {
                    a href=(reader.href(&path(filed), &[])) {
                        bdi { (plain(filed.name(reader.language.tag()))) } ", " (reader.day(filed.created_at))
                    }
                    (state_badge(reader, filed.state))
                }
            }
        }
    }
}

/// Key of a state in words.
fn state_key(state: State) -> &'static str {
    match state {
        State::Draft => "portal.state.draft",
        State::Submitted => "portal.state.submitted",
        State::Question => "portal.state.question",
        State::Answered => "portal.state.answered",
        State::ApprovedByOne => "portal.state.approved_by_one",
        State::RefusedByOne => "portal.state.refused_by_one",
        State::Approved => "portal.state.approved",
        State::Refused => "portal.state.refused",
        State::Registered => "portal.state.registered",
        State::Replaced => "portal.state.replaced",
        State::Suspended => "portal.state.suspended",
        State::Revoked => "portal.state.revoked",
        State::Expired => "portal.state.expired",
    }
}

/// Key of a step in words.
fn step_key(step: Step) -> &'static str {
    match step {
        Step::Submit => "portal.step.submit",
        Step::Pass => "portal.step.pass",
        Step::Ask => "portal.step.ask",
        Step::Answer => "portal.step.answer",
        Step::Approve => "portal.step.approve",
        Step::Refuse => "portal.step.refuse",
        Step::Anchor => "portal.step.anchor",
        Step::Suspend => "portal.step.suspend",
        Step::Confirm => "portal.step.confirm",
        Step::Lift => "portal.step.lift",
        Step::Revoke => "portal.step.revoke",
        Step::Expire => "portal.step.expire",
        Step::Replace => "portal.step.replace",
        Step::Close => "portal.step.close",
    }
}

/// What was done with an application, with days and words. Names of operators are for operators alone.
pub(super) fn history(reader: &Reader<'_>, filed: &Filed, steps: &[Taken], for_operators: bool) -> Markup {
    html! {
        section aria-labelledby="history" {
            h2 #history { (reader.t("portal.history.title")) }
            ol.events {
                li {
                    p { (reader.t("portal.history.begun")) }
                    p.quiet { (reader.moment(filed.created_at)) }
                }
                @for step in steps {
                    li {
                        p {
                            (reader.t(step_key(step.step)))
                            @if for_operators {
                                @if let Some(operator) = &step.operator { " (" bdi { (plain(operator)) } ")" }
                            }
                        }
                        @if !step.words.is_empty() { blockquote { p { bdi { (step.words) } } } }
                        p.quiet { (reader.moment(step.at)) " · " (reader.t(state_key(step.state))) }
                    }
                }
            }
        }
    }
}

/// A remark at the head of a page.
pub(super) fn remark(tone: Tone, words: &str) -> Markup {
    html! { div class={ "notice " (tone.class()) } { (icon(tone)) div { p { (words) } } } }
}
