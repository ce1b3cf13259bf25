//! Who signs in at the desk of a hosted business, managed by whoever acts for it.

use super::{Office, id, registered, sent_twice};

#[tokio::test]
async fn staff_is_invited_by_a_letter_listed_and_taken_away() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    assert!(shop.get(&at).await.text().contains("Nobody yet."));
    let fields = [("staff-name", "Till"), ("staff-role", "staff")];
    let made = shop.submit(&at, &format!("{at}/staff"), &fields).await;
    assert_eq!(made.field("secret").as_deref(), Some("2345-6789-ABCD-EFGH"));
    assert!(
        made.html().contains(&format!("/b/{}/join", id(&path))),
        "{}",
        made.text()
    );
    let page = shop.get(&at).await;
    assert!(
        page.text().contains("till") && !page.html().contains("2345-6789"),
        "{}",
        page.text()
    );
    let taken = shop.submit(&at, &format!("{at}/invitations/i0/remove"), &[]).await;
    assert_eq!(taken.location(), at);
    assert!(office.verifier.told(|told| told.invitations.is_empty()));
    office.verifier.told(|told| {
        told.operators = ["ada", "ben"]
            .map(|name| (name.to_owned(), "owner".to_owned()))
            .to_vec();
    });
    let exists = shop
        .submit(
            &at,
            &format!("{at}/staff"),
            &[("staff-name", "ada"), ("staff-role", "owner")],
        )
        .await;
    assert_eq!(exists.problem(), (409, "operator_exists".to_owned()));
    assert_eq!(
        shop.submit(&at, &format!("{at}/staff/ada/remove"), &[])
            .await
            .location(),
        at
    );
    let last = shop.submit(&at, &format!("{at}/staff/ben/remove"), &[]).await;
    assert_eq!(last.problem(), (409, "last_operator".to_owned()));
    assert_eq!(office.verifier.told(|told| told.operators.len()), 1);
}

#[tokio::test]
async fn an_invitation_that_is_sent_twice_is_one() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    let fields = [("staff-name", "till"), ("staff-role", "staff")];
    let made = sent_twice(&mut shop, &at, &format!("{at}/staff"), &fields).await;
    assert_eq!(made.map(Option::unwrap), ["2345-6789-ABCD-EFGH"; 2]);
    assert_eq!(office.verifier.told(|told| told.invitations.len()), 1);
}

#[tokio::test]
async fn where_there_are_too_many_nobody_is_told_to_try_again() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    office.verifier.told(|told| {
        let one = |number: u32| (format!("till-{number}"), "owner".to_owned());
        told.operators = (0..64).map(one).collect();
    });
    let fields = [("staff-name", "ada"), ("staff-role", "owner")];
    let refused = shop.submit(&at, &format!("{at}/staff"), &fields).await;
    assert_eq!(refused.problem(), (409, "too_many".to_owned()));
}

#[tokio::test]
async fn what_is_no_name_or_no_role_is_not_taken() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    for (name, role) in [
        ("", "staff"),
        ("a/b", "staff"),
        ("..", "staff"),
        ("Erika Muster", "staff"),
        ("till", "approver"),
    ] {
        let fields = [("staff-name", name), ("staff-role", role)];
        let refused = shop.submit(&at, &format!("{at}/staff"), &fields).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{name} {role}");
    }
    assert!(office.verifier.told(|told| told.invitations.is_empty()));
}

#[tokio::test]
async fn h17_anchor_nobody_manages_the_staff_of_another() {
    let office = Office::open().await;
    let (_, path, _) = registered(&office).await;
    office.verifier.told(|told| {
        told.operators = ["ada", "ben"]
            .map(|name| (name.to_owned(), "owner".to_owned()))
            .to_vec();
        told.invitations = vec![("k".to_owned(), "cyd".to_owned(), "staff".to_owned())];
    });
    let at = format!("/portal/checks/{}", id(&path));
    let mut other = office.applicant("Other Shop").await;
    let fields = [("staff-name", "eve"), ("staff-role", "owner")];
    for step in ["/staff", "/staff/ada/remove", "/invitations/i0/remove"] {
        let refused = other
            .submit("/portal/applications", &format!("{at}{step}"), &fields)
            .await;
        assert_eq!(refused.problem(), (404, "not_found".to_owned()), "{step}");
    }
    let mut nobody = office.browser();
    let refused = nobody.submit("/portal", &format!("{at}/staff"), &fields).await;
    assert_eq!(refused.status, 403, "without a form of this portal");
    office.verifier.told(|told| {
        assert_eq!((told.operators.len(), told.invitations.len()), (2, 1));
    });
}
