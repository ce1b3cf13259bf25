//! `ecosystem`: which one the wallet belongs to, and its next trust pack.

use super::present::{Decided, decide_about};
use crate::arguments::{Arguments, Decision, EcosystemAction};
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::{open, renewal, wait_for};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::Path;
use wallet::{
    Clock as _, Ecosystem, EcosystemLink, EcosystemLinkError, Mode, Network, OfferedEcosystem, Renewed, Settings,
    SystemClock,
};

pub(crate) fn run(arguments: &Arguments, action: &EcosystemAction) -> Result<Done, Failure> {
    match action {
        EcosystemAction::Add { from, confirm } => add(arguments, from, *confirm),
        EcosystemAction::List => list(arguments),
    }
}

/// The settings of a new wallet, once the person has said yes to the ecosystem.
pub(super) fn offered(from: &str, network: Network, confirm: Decision) -> Result<Settings, Failure> {
    let now = SystemClock.now();
    let offered = match Source::of(from)? {
        Source::Link(link) => wait_for(OfferedEcosystem::fetch(&link, &network, now))??,
        Source::Pack(file) => OfferedEcosystem::read(file, now)?,
    };
    let settings = offered.settings(network)?;
    agreed(&offered.told(), confirm)?;
    Ok(settings)
}

/// What cannot be taken is refused before anybody is asked.
fn add(arguments: &Arguments, from: &str, confirm: Decision) -> Result<Done, Failure> {
    let renewal = renewal(arguments)?;
    let offered = match Source::of(from)? {
        Source::Link(link) => wait_for(renewal.fetch(&link))??,
        Source::Pack(file) => renewal.read(file)?,
    };
    let told = offered.told();
    if renewal.foresee(&offered)? == Renewed::Already {
        let text = format!("The wallet has this already.\n{}", screen(&told));
        return Ok(Done::new("ok", described(&told), text));
    }
    agreed(&told, confirm)?;
    renewal.take(&offered)?;
    let text = format!(
        "{}\nAdded. It counts when the wallet is opened the next time.",
        screen(&told)
    );
    Ok(Done::new("added", described(&told), text))
}

fn list(arguments: &Arguments) -> Result<Done, Failure> {
    let told = open(arguments)?.about_ecosystem();
    Ok(Done::new(
        "ok",
        json!({ "ecosystems": [described(&told)] }),
        screen(&told),
    ))
}

fn agreed(told: &Ecosystem, confirm: Decision) -> Result<(), Failure> {
    let screen = format!(
        "{}\nIt decides whose cards and whose requests this wallet believes. Compare the fingerprint with one from \
         another source, such as a letter.",
        screen(told)
    );
    match decide_about(confirm, &screen, "Add this? Type yes to add it: ") {
        Decided::Yes => Ok(()),
        Decided::No => Err(Failure::new(Exit::PersonRefused, "not_added")),
    }
}

fn screen(told: &Ecosystem) -> String {
    let mode = match told.mode {
        Mode::Test => "Test: its cards mean nothing.",
        Mode::Live => "Live: for real.",
    };
    format!(
        "“{}”\n{mode}\nFingerprint: {}",
        wallet::plain_text(&told.name),
        told.fingerprint
    )
}

fn described(told: &Ecosystem) -> Value {
    json!({
        "name": told.name,
        "mode": told.mode,
        "version": told.version,
        "expires_at": told.expires,
        "fingerprint": told.fingerprint,
    })
}

/// Where an ecosystem comes from.
enum Source {
    Link(EcosystemLink),
    Pack(String),
}

impl Source {
    /// A link; or a file that is a trust pack, or else a picture of a link.
    fn of(from: &str) -> Result<Self, Failure> {
        if from.contains("://") {
            return Ok(Self::Link(link(from)?));
        }
        let path = Path::new(from);
        let unreadable = |code| Failure::new(Exit::Usage, code).with_detail(path.display().to_string());
        let bytes = std::fs::read(path).map_err(|_| unreadable("file_unreadable"))?;
        if bytes.trim_ascii_start().starts_with(b"{") {
            return String::from_utf8(bytes)
                .map(Self::Pack)
                .map_err(|_| Failure::new(Exit::WalletRefused, "trust_pack_invalid"));
        }
        let picture = qr_reader::picture(Cursor::new(bytes)).map_err(|_| unreadable("picture_unreadable"))?;
        let codes = qr_reader::codes(&picture);
        let first = codes
            .first()
            .ok_or_else(|| Failure::new(Exit::Usage, "no_code_found"))?;
        let named = codes.iter().find_map(|code| code.text.parse::<EcosystemLink>().ok());
        named.map_or_else(|| link(&first.text), Ok).map(Self::Link)
    }
}

fn link(text: &str) -> Result<EcosystemLink, Failure> {
    text.parse()
        .map_err(|error: EcosystemLinkError| wallet::EcosystemError::from(error).into())
}
