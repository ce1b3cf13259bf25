//! Who signs in at the desk of a business that is hosted: listed, invited and taken away by whoever acts for it. The
//! portal keeps no name of them; the verifier has them.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::desk::{at, in_force, token_id, verifier};
use super::error::{Answer, PortalError};
use super::parts::{Field, form, once, remark, submit};
use super::posted::Posted;
use super::visitor::Visitor;
use crate::pages::answer::back;
use crate::pages::icons::Tone;
use crate::pages::parts::table;
use crate::pages::plain::plain;
use crate::pages::reader::Reader;
use crate::portal::content::Hosting;
use crate::portal::provision::{Invited, Member, Staff};
use crate::portal::{Portal, ProvisionError};

/// Roles at the desk, and the key of each in words. docs/businesses.md
const ROLES: [(&str, &str); 2] = [("staff", "portal.staff.staff"), ("owner", "portal.staff.owner")];
/// Longest name of somebody at the desk.
const NAME: usize = 64;

/// Who is there, who was invited, and the way to invite somebody.
pub(super) fn section(reader: &Reader<'_>, visitor: &Visitor, id: &str, staff: &Staff) -> Markup {
    let heads = ["portal.staff.name", "portal.staff.role", "portal.tokens.do"].map(|head| reader.t(head));
    let members = staff.operators.iter().map(|member| row(reader, visitor, id, member));
    let invited = staff
        .invitations
        .iter()
        .map(|invited| invited_row(reader, visitor, id, invited));
    let rows: Vec<Vec<Markup>> = members.chain(invited).collect();
    let name = Field::new("staff-name", reader.t("portal.staff.name"), "")
        .hint(reader.t("portal.staff.name_hint"))
        .required();
    let roles = ROLES.map(|(value, words)| (value, reader.t(words)));
    let fields = html! {
        (once())
        (name.line("text"))
        (Field::new("staff-role", reader.t("portal.staff.role"), "staff").choice(&roles))
        (submit(reader.t("portal.staff.invite"), false))
    };
    html! {
        section aria-labelledby="staff-title" {
            h2 #staff-title { (reader.t("portal.staff.title")) }
            p { (reader.t("portal.staff.what")) }
            @if rows.is_empty() { p.empty { (reader.t("portal.staff.empty")) } }
            @else { (table(reader.t("portal.staff.title"), &heads, &rows)) }
            (form(reader, visitor, &at(id, "/staff"), &fields))
        }
    }
}

fn role(reader: &Reader<'_>, name: &str) -> String {
    let known = ROLES.iter().find(|(role, _)| *role == name);
    known.map_or_else(|| plain(name), |(_, words)| reader.t(words).to_owned())
}

fn row(reader: &Reader<'_>, visitor: &Visitor, id: &str, member: &Member) -> Vec<Markup> {
    let path = at(id, &format!("/staff/{}/remove", member.name));
    vec![
        html! { bdi { (plain(&member.name)) } },
        html! { (role(reader, &member.role)) },
        form(reader, visitor, &path, &submit(reader.t("portal.tokens.revoke"), false)),
    ]
}

fn invited_row(reader: &Reader<'_>, visitor: &Visitor, id: &str, invited: &Invited) -> Vec<Markup> {
    let path = at(id, &format!("/invitations/{}/remove", invited.id));
    vec![
        html! { bdi { (plain(&invited.name)) } },
        html! {
            (role(reader, &invited.role)) ", "
            (reader.fill("portal.staff.invited", &[("day", reader.day(invited.expires))]))
        },
        form(
            reader,
            visitor,
            &path,
            &submit(reader.t("portal.staff.withdraw"), false),
        ),
    ]
}

/// Whether somebody manages the staff of this business here: the staff of those who host themselves is theirs alone.
async fn hosted(portal: &Portal, visitor: &Visitor, id: &str) -> Result<(), PortalError> {
    let (filed, _) = in_force(portal, visitor, id).await?;
    match filed.content.hosting {
        Hosting::Hosted => Ok(()),
        Hosting::Own => Err(PortalError::NotFound),
    }
}

/// Invites somebody; the code for the letter is shown once.
pub(super) async fn invite(State(portal): State<Portal>, Path(id): Path<String>, posted: Posted) -> Answer {
    let Posted { visitor, fields } = posted;
    hosted(&portal, &visitor, &id).await?;
    let name = staff_name(fields.text("staff-name")).ok_or(PortalError::Form("staff-name"))?;
    let role = fields.text("staff-role");
    if !ROLES.iter().any(|(known, _)| *known == role) {
        return Err(PortalError::Form("staff-role"));
    }
    let made = verifier(&portal)?.invite(&id, &name, role, fields.once()?).await;
    let made = made.map_err(refused)?;
    Ok(letter(&portal, &visitor, &id, (&name, &made.code)))
}

/// Takes somebody off the staff.
pub(super) async fn remove(
    State(portal): State<Portal>,
    Path((id, name)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let visitor = posted.visitor;
    hosted(&portal, &visitor, &id).await?;
    let name = staff_name(&name).ok_or(PortalError::NotFound)?;
    verifier(&portal)?.remove_operator(&id, &name).await.map_err(refused)?;
    Ok(portal.to(&visitor, &at(&id, "")))
}

/// Takes an invitation back.
pub(super) async fn withdraw(
    State(portal): State<Portal>,
    Path((id, invitation)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let visitor = posted.visitor;
    hosted(&portal, &visitor, &id).await?;
    let invitation = token_id(&invitation)?;
    verifier(&portal)?.withdraw(&id, invitation).await.map_err(refused)?;
    Ok(portal.to(&visitor, &at(&id, "")))
}

/// A name as it is typed to sign in; `None` for what is none.
fn staff_name(typed: &str) -> Option<String> {
    let name = typed.trim().to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_@".contains(&byte);
    let is_name = (1..=NAME).contains(&name.len()) && name.bytes().all(allowed);
    // A path has no steps of these names.
    (is_name && name != "." && name != "..").then_some(name)
}

/// What the verifier refuses for a reason that people can do something about.
fn refused(error: ProvisionError) -> PortalError {
    let code = match &error {
        ProvisionError::Refused { code } => code.clone(),
        _ => String::new(),
    };
    match code.as_str() {
        "last_operator" => PortalError::LastOperator,
        "operator_exists" => PortalError::OperatorExists,
        "not_found" => PortalError::NotFound,
        _ => PortalError::Verifier(error),
    }
}

/// What goes into the letter: name, code, and where both are typed.
fn letter(portal: &Portal, visitor: &Visitor, id: &str, (name, code): (&str, &str)) -> Response {
    let reader = portal.reader(visitor);
    let title = reader.t("portal.staff.made");
    let page = verifier(portal)
        .ok()
        .and_then(|verifier| verifier.page(&["b", id, "join"]));
    let shown = Field::new("secret", reader.t("portal.letters.code"), code);
    let body = html! {
        (back(&reader, &at(id, ""), "portal.tokens.back"))
        h1 { (title) }
        (remark(Tone::Unsure, reader.t("portal.letters.once")))
        p { (reader.t("portal.staff.name")) ": " bdi { (plain(name)) } }
        (shown.line("text"))
        @if let Some(page) = page {
            p { (reader.t("portal.staff.where")) " " a href=(page.as_str()) { (page.as_str()) } }
        }
    };
    portal.titled(visitor, title, body)
}

#[cfg(test)]
mod tests {
    use super::staff_name;
    use test_case::test_case;

    #[test_case(" Till-1 " => Some("till-1".to_owned()); "as it is typed")]
    #[test_case("a/b" => None; "a path")]
    #[test_case(".." => None; "a step up")]
    #[test_case("" => None; "nothing")]
    fn names(typed: &str) -> Option<String> {
        staff_name(typed)
    }
}
