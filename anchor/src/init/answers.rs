//! What a new ledger needs to know: from the command line, or asked for.

use std::path::{Path, PathBuf};

use clap::Args;
use url::Url;

use super::asking::{Asker, Question};
use super::cosigners::{Named, address};
use super::plan::{Home, Plan};
use super::{CosignerArg, InitError, NewLedger};

/// What is said on the command line. On a terminal, or with `--ask`, what is missing is asked for.
#[derive(Clone, Debug, Default, Args)]
pub struct Answers {
    /// The configuration of the log, TOML; written where it is missing. `anchor.toml` in the folder where nothing is said.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Ask for what is missing, one line each, also without a terminal; show a summary before anything is written.
    #[arg(long)]
    pub ask: bool,
    /// Name of the ecosystem, as people see it.
    #[arg(long)]
    pub name: Option<String>,
    /// Where the ledger will answer, such as `ledger.example`; where there is no configuration yet.
    #[arg(long, value_name = "HOST", value_parser = address)]
    pub host: Option<Url>,
    /// Where settings, keys and entries are kept; where there is no configuration yet.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Name of the log; the first line of every checkpoint. `<host>/log` where nothing is said.
    #[arg(long)]
    pub origin: Option<String>,
    /// A witness that has a key: verifier key, a space, submission address. Once for each.
    #[arg(long = "witness")]
    pub witnesses: Vec<CosignerArg>,
    /// A witness whose key is made along with the ledger: where it will answer. Once for each.
    #[arg(long = "new-witness", value_name = "HOST", value_parser = address)]
    pub new_witnesses: Vec<Url>,
    /// A verifying mirror that has a key, as a witness is given. Once for each; one must always cosign.
    #[arg(long = "mirror")]
    pub mirrors: Vec<CosignerArg>,
    /// A verifying mirror whose key is made along with the ledger: where it will answer. Once for each.
    #[arg(long = "new-mirror", value_name = "HOST", value_parser = address)]
    pub new_mirrors: Vec<Url>,
    /// How many witnesses must cosign; more than half where nothing is said.
    #[arg(long)]
    pub threshold: Option<usize>,
    /// How many status snapshots an agency may write in an hour; six where nothing is said.
    #[arg(long)]
    pub snapshots_per_hour: Option<u32>,
    /// A ledger for real; without it, a test ledger that no live wallet accepts.
    #[arg(long)]
    pub live: bool,
    /// A ledger for trying out, which is also what it is where nothing is said.
    #[arg(long, conflicts_with = "live")]
    pub test: bool,
}

/// Not a name that people could read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A name has 1 to 100 characters and stands on one line")]
struct NotAName;

/// Neither `test` nor `live`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is neither \"test\" nor \"live\"")]
struct NotAMode;

impl Answers {
    /// Whether there is anything to ask.
    pub(super) fn lacks_something(&self) -> bool {
        self.name.is_none()
            || (self.witnesses.is_empty() && self.new_witnesses.is_empty())
            || (self.mirrors.is_empty() && self.new_mirrors.is_empty())
            || (self.host.is_none() && !self.has_settings())
    }

    /// Takes what is said, and asks for the rest.
    ///
    /// # Errors
    /// [`InitError::Missing`] where nobody answers.
    pub(super) fn complete(&self, asker: &mut Asker) -> Result<Plan, InitError> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => asker.ask(NAME, name_of)?,
        };
        let live = match self.live || self.test || !asker.is_there() {
            true => self.live,
            false => asker.ask(MODE, is_live)?,
        };
        let (config, home) = self.place(asker)?;
        let witnesses = named(&self.witnesses, &self.new_witnesses, WITNESSES, asker)?;
        let mirrors = named(&self.mirrors, &self.new_mirrors, MIRRORS, asker)?;
        let ledger = NewLedger {
            name,
            origin: self.origin.clone(),
            witnesses: Vec::new(),
            mirrors: Vec::new(),
            threshold: self.threshold,
            snapshots_per_hour: self.snapshots_per_hour,
            live,
        };
        Ok(Plan::new(config, home, ledger, witnesses, mirrors))
    }

    fn has_settings(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.exists())
    }

    /// The configuration, and what goes into it where it is to be written.
    fn place(&self, asker: &mut Asker) -> Result<(PathBuf, Option<Home>), InitError> {
        if let (Some(config), None, None) = (&self.config, &self.host, &self.folder)
            && config.exists()
        {
            return Ok((config.clone(), None));
        }
        let host = match &self.host {
            Some(host) => host.clone(),
            None => asker.ask(HOST, address)?,
        };
        let folder = match (&self.folder, &self.config) {
            (Some(folder), _) => folder.clone(),
            (None, Some(config)) => config.parent().map(PathBuf::from).unwrap_or_default(),
            (None, None) => asker.ask(FOLDER, |text| Ok::<_, InitError>(PathBuf::from(text)))?,
        };
        // The folder of a bare file name is the one we are in.
        let folder = std::path::absolute(Path::new(".").join(folder))?;
        let config = self.config.clone().unwrap_or_else(|| folder.join("anchor.toml"));
        Ok((config, Some(Home { host, folder })))
    }
}

const NAME: Question<'_> = Question {
    flag: "--name",
    why: "People see this name in their wallet and on every page of the ledger. It cannot be changed later.",
    asked: "Name of the ecosystem",
    usual: None,
};
const MODE: Question<'_> = Question {
    flag: "--live",
    why: "In a test ecosystem nothing counts, and wallets say so everywhere. A live one is for real: no wallet mixes the \
          two, and one does not become the other.",
    asked: "\"test\" or \"live\"",
    usual: Some("test"),
};
const HOST: Question<'_> = Question {
    flag: "--host",
    why: "Where the ledger answers. Everybody reads it there, so the name must stay; a web server that speaks https stands \
          in front of it. For trying out on this machine a name that ends in .localhost, with a port.",
    asked: "Host of the ledger",
    usual: Some("ledger.localhost:7100"),
};
const FOLDER: Question<'_> = Question {
    flag: "--folder",
    why: "Settings, keys and entries are kept in one folder. Make copies of it: a key that is lost does not come back.",
    asked: "Folder",
    usual: Some("ledger"),
};
const WITNESSES: Question<'_> = Question {
    flag: "--witness",
    why: "Witnesses sign that the ledger shows everybody the same. They should belong to others than you: three are a good \
          number, of which two must sign. Give the key and address of a witness that runs already, or only a host: then \
          its key is made here, to be handed over. An empty line ends the list.",
    asked: "Witness",
    usual: None,
};
const MIRRORS: Question<'_> = Question {
    flag: "--mirror",
    why: "A mirror keeps a copy of the ledger and signs only what follows its rules. One must always sign. It is given as a \
          witness is. An empty line ends the list.",
    asked: "Mirror",
    usual: None,
};

/// Those that are said, or whoever is named when asked.
fn named(
    known: &[CosignerArg],
    new: &[Url],
    question: Question<'_>,
    asker: &mut Asker,
) -> Result<Vec<Named>, InitError> {
    if known.is_empty() && new.is_empty() {
        return asker.ask_for_all(question, str::parse::<Named>);
    }
    let known = known.iter().cloned().map(Named::Known);
    Ok(known.chain(new.iter().cloned().map(Named::New)).collect())
}

fn name_of(text: &str) -> Result<String, NotAName> {
    let is_short = (1..=100).contains(&text.chars().count());
    match is_short && !text.chars().any(char::is_control) {
        true => Ok(text.to_owned()),
        false => Err(NotAName),
    }
}

fn is_live(text: &str) -> Result<bool, NotAMode> {
    match text {
        "test" => Ok(false),
        "live" => Ok(true),
        _ => Err(NotAMode),
    }
}
