//! What can be typed.

use crate::session::Opened;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use url::Url;

/// Keeps your cards and shows what you agree to, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "holdfast-wallet", version)]
pub(crate) struct Arguments {
    /// The folder of the wallet.
    #[arg(long, global = true, value_name = "DIR", default_value = ".holdfast-wallet")]
    pub(crate) profile: PathBuf,
    /// A file with the PIN or passphrase; else HOLDFAST_PIN is read.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The wallet, once a command has opened it.
    #[arg(skip)]
    pub(crate) opened: Opened,
}

/// One command of a session.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
pub(crate) struct Line {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a wallet.
    Init(Box<Init>),
    /// Accept a card that somebody offers.
    Accept(Accept),
    /// Ask again for cards that their issuers need time for.
    Collect,
    /// Keep cards that came and wait for your word: "yes, this is me".
    Keep {
        /// The name under which they wait in `list`.
        waiting: String,
    },
    /// Destroy cards that came and wait for your word: "no, this is not me".
    Reject {
        /// The name under which they wait in `list`.
        waiting: String,
    },
    /// List your cards.
    List,
    /// Show one card to yourself.
    Show {
        /// The card's name in `list`.
        card: String,
    },
    /// Destroy one card and all its keys, for good.
    Delete {
        /// The card's name in `list`.
        card: String,
    },
    /// Get the copies of a card again; without a card: what others need to check your cards without a network.
    Refresh {
        /// The card's name in `list`.
        card: Option<String>,
    },
    /// Answer somebody who asks.
    Present(Present),
    /// Answer somebody who asks by codes, without a network.
    Answer(Answer),
    /// Write what was found of a public record that shows two histories.
    Evidence {
        /// The folder to write to.
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
    /// Show no more requests of somebody; whatever they ask is refused.
    #[command(visible_alias = "block")]
    StopAsking {
        /// Their identifier or host in `history`.
        party: String,
        /// Show them again.
        #[arg(long)]
        undo: bool,
    },
    /// List everything asked and answered.
    History,
    /// List those who asked, and what each of them knows.
    Businesses,
    /// Write a complaint about a request that was refused because it asks for too much.
    Complain {
        /// The request's number in `history`.
        history_id: i64,
        /// The file to write to. Whoever asked can recognise the visit in it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show a claim to nobody; without one: list what is shown to nobody.
    NeverShow {
        /// The type of card, as in `list`.
        #[arg(requires = "claim")]
        card_type: Option<String>,
        /// The claim, by its name in `history`.
        claim: Option<String>,
        /// It may be shown again.
        #[arg(long, requires = "claim")]
        undo: bool,
    },
    /// Find out whether your cards are still good.
    Status,
    /// Find out which services of agencies you can use. Nobody is asked; `refresh` gets the newest list.
    Services,
    /// The ecosystem of this wallet: whose cards and whose requests it believes.
    #[command(subcommand)]
    Ecosystem(EcosystemAction),
    /// Change the PIN or passphrase.
    ChangePin {
        /// A file with the new one.
        #[arg(long, value_name = "FILE")]
        new_pin_file: PathBuf,
    },
    /// Stay open: read a command a line, as a JSON array of its arguments, and answer each with one JSON object.
    Session,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The ecosystem: a link, a picture with its code, or its trust pack; the record is read where the pack says.
    #[arg(long, value_name = "LINK|PICTURE|FILE", conflicts_with = "trust_pack")]
    pub(crate) ecosystem: Option<String>,
    /// Whether you add the ecosystem.
    #[arg(long, value_name = "yes|no|ask", default_value = "ask")]
    pub(crate) confirm: Decision,
    /// The trust pack of the ecosystem, taken without a question.
    #[arg(
        long,
        value_name = "FILE",
        requires = "ledger_url",
        required_unless_present = "ecosystem"
    )]
    pub(crate) trust_pack: Option<PathBuf>,
    /// Where the public record answers.
    #[arg(long, value_name = "URL", required_unless_present = "ecosystem")]
    pub(crate) ledger_url: Option<Url>,
    /// Where a mirror of it answers.
    #[arg(long, value_name = "URL")]
    pub(crate) mirror_url: Option<Url>,
    /// Where the attester answers that vouches for wallets of this kind.
    #[arg(long, value_name = "URL")]
    pub(crate) attester_url: Option<Url>,
    /// For trying out on this machine: localhost only, http allowed.
    #[arg(long, requires = "ports")]
    pub(crate) development: bool,
    /// The ports that may be reached under --development.
    #[arg(long, value_delimiter = ',', value_name = "PORT", requires = "development")]
    pub(crate) ports: Vec<u16>,
    /// A folder with PEM files of further issuers' trust anchors.
    #[arg(long, value_name = "DIR")]
    pub(crate) issuer_anchors: Option<PathBuf>,
    /// A folder with PEM files of trust anchors of those who ask.
    #[arg(long, value_name = "DIR")]
    pub(crate) verifier_anchors: Option<PathBuf>,
    /// Protect the wallet by a passphrase alone, without the system keyring.
    #[arg(long)]
    pub(crate) password_only: bool,
}

/// What is done with the ecosystem.
#[derive(Debug, Subcommand)]
pub(crate) enum EcosystemAction {
    /// Take the next trust pack of the ecosystem: from a link, a picture with its code, or the file itself.
    Add {
        /// The link, picture or file.
        #[arg(value_name = "LINK|PICTURE|FILE")]
        from: String,
        /// Whether you add it.
        #[arg(long, value_name = "yes|no|ask", default_value = "ask")]
        confirm: Decision,
    },
    /// Say which one it is.
    List,
}

/// Options of `accept`.
#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// The link of the offer.
    #[arg(required_unless_present = "redirected")]
    pub(crate) offer: Option<String>,
    /// The code that came by another way.
    #[arg(long, value_name = "N")]
    pub(crate) tx_code: Option<String>,
    /// The address that the browser came to after a sign-in.
    #[arg(long, value_name = "URL", conflicts_with_all = ["offer", "tx_code"])]
    pub(crate) redirected: Option<String>,
    /// Do not wait for the browser; give its last address later with --redirected.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

/// Options of `present`.
#[derive(Debug, Args)]
pub(crate) struct Present {
    /// The link of the request.
    pub(crate) request: String,
    #[command(flatten)]
    pub(crate) agreement: Agreement,
    /// Where the wallet does not answer, tell whoever asks; else nothing is sent.
    #[arg(long)]
    pub(crate) tell: bool,
}

/// Options of `answer`.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// A picture with the codes, a folder of pictures, or a video.
    pub(crate) challenge: PathBuf,
    /// Where the answer goes: a video (by its name), or a folder of pictures.
    #[arg(long, value_name = "FILE.mp4|DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) agreement: Agreement,
    /// Pixels of the smallest square of a code.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=40))]
    pub(crate) density: u32,
    /// Codes a second, in a video.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=30))]
    pub(crate) fps: u32,
}

/// What is agreed to.
#[derive(Debug, Args)]
pub(crate) struct Agreement {
    /// Whether you agree.
    #[arg(long, value_name = "yes|no|ask")]
    pub(crate) consent: Decision,
    /// Add an optional claim.
    #[arg(long = "with", value_name = "CLAIM")]
    pub(crate) with: Vec<String>,
    /// Let a card go along that may and need not.
    #[arg(long = "also", value_name = "CARD")]
    pub(crate) also: Vec<String>,
    /// Where every copy of a card was shown before, show one again: whoever saw it can tell that it is you again.
    #[arg(long)]
    pub(crate) show_again: bool,
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decision {
    /// Agreed beforehand.
    Yes,
    /// Refused beforehand.
    No,
    /// Ask at the terminal; without one it is a refusal.
    Ask,
}
