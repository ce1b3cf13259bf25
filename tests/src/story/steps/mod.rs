//! The steps, in order. Each says what it checked.

mod cards;
mod certificates;
mod entitled;
mod formats;
mod founding;
mod ledger;
mod offline;
mod other_ways;
mod portal;
mod showing;
mod status;
mod trust;

use std::pin::Pin;

use anyhow::Result;

use super::world::World;

/// What a step or a tampering does with the world.
pub type Act<T> = for<'w> fn(&'w mut World) -> Pin<Box<dyn Future<Output = Result<T>> + 'w>>;

/// One step of the story.
pub struct Step {
    /// A stable name, which a failure tells.
    pub id: &'static str,
    /// What happens, for people.
    pub title: &'static str,
    /// Does it and says what was checked.
    pub run: Act<String>,
    /// The step that must have been told before, where this one is done beside
    /// the story, by people who have nothing to do with the others.
    pub beside: Option<&'static str>,
}

macro_rules! steps {
    ($($id:literal $title:literal $function:path $(, beside the story after $after:literal)?;)*) => {
        &[$(Step {
            id: $id,
            title: $title,
            run: |world| Box::pin($function(world)),
            beside: steps!(@after $($after)?),
        }),*]
    };
    (@after) => { None };
    (@after $after:literal) => { Some($after) };
}

/// The story.
pub const STEPS: &[Step] = steps![
    "ledger" "the ledger starts" founding::ledger;
    "accredit-population" "an agency for population is accredited" founding::accredit_population;
    "accredit-transport" "an agency for transport is accredited" founding::accredit_transport;
    "register-shop" "a shop is registered for what it may ask" founding::register_shop;
    "services" "agencies and shop start" founding::services;
    "wallet" "a citizen sets up a wallet" cards::wallet;
    "what-can-i-use" "what can I use? The agencies publish services" entitled::before;
    "import-few" "a small register is imported" cards::import_few;
    "card-licence" "an agency issues a card" cards::licence;
    "now-i-can" "what can I use now?" entitled::after;
    "card-mdoc" "the licence as an ISO mdoc, in a wallet that has it in no other format" formats::mdoc;
    "card-in-both" "the licence in both formats is one card" formats::both;
    "status-stopped" "an agency's status listener stops" status::stopped;
    "import" "a large register is imported" cards::import;
    "card-person" "another issues one with a transaction code" cards::person;
    "card-residence" "and a third without" cards::residence;
    "portal" "another business applies at the registrar's portal, and two people approve" portal::comes_in, beside the story after "services";
    "card-w3c" "a student card as a W3C credential, which is shown whole" formats::w3c;
    "card-person-mdoc" "person identification as an ISO mdoc" formats::person;
    "card-business-w3c" "a business registration as a W3C credential" formats::registration;
    "adult-resident" "18 or older and resident here?" showing::adult_resident;
    "optional-left-out" "three claims are asked, one of them optional" showing::optional_left_out;
    "offline-sync" "the shop prepares a device for a place without a network" offline::sync;
    "offline-answer" "18 or older? By codes, where there is none" offline::answer;
    "offline-verdict" "the device judges the answer" offline::verdict;
    "suspend" "an agency suspends a card" status::suspend;
    "refusal" "the citizen refuses" showing::refusal;
    "over-asking" "the shop asks for more than it may" showing::over_asking;
    "witnesses-stopped" "two witnesses stop" ledger::witnesses_stopped;
    "suspended" "the suspended card is shown" status::suspended;
    "reactivate" "it is made valid again, and another is revoked" status::reactivate;
    "mirror-stopped" "the mirror stops" ledger::mirror_stopped;
    "reactivated" "the card that is valid again is shown" status::reactivated;
    "revoked" "the revoked card is shown" status::revoked;
    "status-stale" "the list held is too old by now" status::stale;
    "take-key-out" "an agency takes its key out" trust::take_key_out;
    "cosignatures-stripped" "somebody strips the cosignatures" ledger::cosignatures_stripped;
    "key-retired" "a card under the old key is shown" trust::key_retired;
    "status-back" "the status listener is back" status::back;
    "certificate-services" "an agency and a club known by certificate start" certificates::services, beside the story after "ledger";
    "certificate-wallet" "another citizen sets up a wallet" certificates::wallet, beside the story after "ledger";
    "certificate-cards" "the agency known by certificate issues two cards" certificates::cards, beside the story after "ledger";
    "certificate-account" "three claims are asked by the club, one of them optional" certificates::account, beside the story after "ledger";
    "certificate-shown" "18 or older and resident here, at the club?" certificates::shown, beside the story after "services";
    "certificate-suspended" "a card known by certificate is suspended" certificates::suspended, beside the story after "ledger";
    "certificate-revoked" "it is made valid again, and another is revoked" certificates::revoked, beside the story after "ledger";
    "card-signed-in" "a card after a sign-in" other_ways::signed_in, beside the story after "card-residence";
    "card-deferred" "a card that has to be approved" other_ways::deferred, beside the story after "card-residence";
    "card-refreshed" "the copies of a card are got again" other_ways::refreshed, beside the story after "card-residence";
    "card-collected" "the approved card is fetched" other_ways::collected, beside the story after "card-residence";
    "revoke-accreditation" "an agency loses its accreditation" trust::revoke_accreditation;
    "key-never-anchored" "somebody signs in an agency's name" trust::key_never_anchored;
    "accreditation-revoked" "a card of that agency is shown" trust::accreditation_revoked;
    "certificate-refusal" "the other citizen refuses, then shows a card that the club does not accept" certificates::refusal, beside the story after "ledger";
    "certificate-stale" "the list held by the club is too old" certificates::stale, beside the story after "ledger";
    "replay" "an auditor replays the whole ledger" ledger::replay;
    "false-map" "a log commits to a false map" ledger::false_map;
];
