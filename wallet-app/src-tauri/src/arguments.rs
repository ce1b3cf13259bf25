//! What the app is started with.

use crate::links::Link;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Keeps your cards and shows what you agree to, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "holdfast-wallet-app", version)]
pub(crate) struct Arguments {
    /// The folder of the wallet; else the one where this system keeps the data of apps.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,
    /// The file that names the ecosystem a new wallet is set up for.
    #[arg(long, global = true, value_name = "FILE", env = "HOLDFAST_WALLET_SETUP")]
    pub(crate) setup: Option<PathBuf>,
    /// A folder with pictures that stands for the camera; only where the set-up is for trying out.
    #[arg(long, value_name = "DIR", env = "HOLDFAST_CAMERA_FOLDER")]
    pub(crate) camera_folder: Option<PathBuf>,
    /// A link that the system hands over.
    pub(crate) link: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What else can be done than opening the window.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Open offers and requests with this app from now on, for this person.
    RegisterLinks {
        /// A program that starts this app with whatever it needs around it, and hands over the link.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
    /// Open them as before.
    UnregisterLinks,
}

/// The link among the arguments of a second start.
pub(crate) fn link_among(arguments: &[String]) -> Option<Link> {
    Arguments::try_parse_from(arguments)
        .ok()?
        .link
        .as_deref()
        .and_then(Link::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn parsed(arguments: &[&str]) -> Arguments {
        Arguments::try_parse_from([&["app"], arguments].concat()).expect("understood")
    }

    #[test]
    fn a_link_comes_last() {
        let arguments = parsed(&["--profile", "/p", "--setup", "/s", "openid4vp://x"]);
        assert_eq!(arguments.link.as_deref(), Some("openid4vp://x"));
        assert_eq!(arguments.profile, Some("/p".into()));
        assert_eq!(arguments.command, None);
    }

    #[test]
    fn links_are_registered_for_this_very_wallet() {
        let arguments = parsed(&["register-links", "--profile", "/p"]);
        assert_eq!(arguments.command, Some(Command::RegisterLinks { program: None }));
        assert_eq!(arguments.profile, Some("/p".into()));
    }

    #[test_case(&["app", "--profile", "/p", "openid4vp://x"] => true ; "a link")]
    #[test_case(&["app", "https://shop.example"] => false ; "another link")]
    #[test_case(&["app", "--endless"] => false ; "not understood")]
    #[test_case(&["app"] => false ; "nothing")]
    fn second_start(arguments: &[&str]) -> bool {
        link_among(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>()).is_some()
    }
}
