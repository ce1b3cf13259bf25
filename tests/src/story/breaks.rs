//! Ways to tamper with the system from outside: files, processes, somebody in
//! between. Nothing in the checked code knows of them.

mod files;
mod network;
mod processes;

use std::fmt;

use super::steps::Act;

/// One way to tamper.
#[derive(Clone, Copy)]
pub struct Break {
    /// Its name.
    pub name: &'static str,
    /// What is done, for people.
    pub what: &'static str,
    /// The step before which it is done.
    pub before: &'static str,
    /// The step that must fail.
    pub fails: &'static str,
    /// Does it.
    pub tamper: Act<()>,
}

impl fmt::Debug for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! breaks {
    ($($name:literal before $before:literal fails $fails:literal $function:path, $what:literal;)*) => {
        &[$(Break {
            name: $name, what: $what, before: $before, fails: $fails, tamper: |world| Box::pin($function(world)),
        }),*]
    };
}

/// All of them.
pub const BREAKS: &[Break] = breaks![
    "witnesses-down" before "accredit-population" fails "accredit-population"
        processes::witnesses_down, "two of three witnesses are stopped";
    "mirror-down" before "accredit-transport" fails "accredit-transport"
        processes::mirror_down, "the only mirror is stopped";
    "open-log-key" before "accredit-population" fails "accredit-population"
        files::open_log_key, "the log's key can be read by everybody, and the log starts again";
    "restored-backup" before "register-shop" fails "register-shop"
        files::restored_backup, "the log starts again from yesterday's backup";
    "bad-row" before "import" fails "import"
        files::bad_row, "one row of the register has a date that does not exist";
    "changed-checks" before "services" fails "card-person-mdoc"
        files::changed_checks, "the shop's file of checks asks for the personal number too";
    "changed-trust-pack" before "wallet" fails "wallet"
        files::changed_trust_pack, "a witness key in the trust pack is exchanged";
    "issuer-killed" before "card-person" fails "card-person"
        processes::issuer_killed, "the issuer is killed";
    "changed-credential" before "card-person" fails "card-person"
        network::changed_credential, "somebody in between changes the credentials";
    "changed-vault" before "card-residence" fails "card-residence"
        files::changed_vault, "a byte of the wallet's vault is changed";
    "keyring-gone" before "card-residence" fails "card-residence"
        processes::keyring_gone, "the system's keyring is gone";
    "changed-request" before "adult-resident" fails "adult-resident"
        network::changed_request, "somebody in between changes the shop's request";
    "changed-lists" before "adult-resident" fails "adult-resident"
        network::changed_lists, "somebody in between changes the status lists";
    "changed-codes" before "offline-verdict" fails "offline-verdict"
        files::changed_codes, "every code that the wallet shows is changed a little";
    "old-device" before "offline-answer" fails "offline-verdict"
        files::old_device, "the shop's device was offline for longer than its checks allow";
    "changed-entry" before "replay" fails "replay"
        files::changed_entry, "a bit of an old entry flips in the log's store";
];
