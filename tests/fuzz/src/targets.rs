//! The list of targets.

mod answer;
mod bundle;
mod challenge;
mod checkpoint;
mod complaint;
mod dcql;
mod did_line;
mod ecosystem_link;
mod issuer_metadata;
mod jwe;
mod jws;
mod landmark;
mod leaf;
mod mdoc;
mod note;
mod offer;
mod qr_frame;
mod registration;
mod request_object;
mod rule;
mod sd_jwt;
mod status_list;
mod tile_path;
mod type_metadata;
mod w3c_vc;
mod x5c;

use crate::{Reached, seeds};

/// A parser of outside bytes under test.
pub struct Target {
    /// Its name: of the folders of seeds and regressions, and on the command line.
    pub name: &'static str,
    /// What the body asserts, in a sentence.
    pub asserts: &'static str,
    body: fn(&[u8]) -> Reached,
    /// Seeds that the project makes and those of the vectors.
    seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 26] = [
    jws::TARGET,
    sd_jwt::TARGET,
    mdoc::TARGET,
    jwe::TARGET,
    status_list::TARGET,
    dcql::TARGET,
    offer::TARGET,
    issuer_metadata::TARGET,
    request_object::TARGET,
    registration::TARGET,
    note::TARGET,
    checkpoint::TARGET,
    tile_path::TARGET,
    leaf::TARGET,
    bundle::TARGET,
    landmark::TARGET,
    did_line::TARGET,
    x5c::TARGET,
    qr_frame::TARGET,
    challenge::TARGET,
    answer::TARGET,
    rule::TARGET,
    type_metadata::TARGET,
    complaint::TARGET,
    ecosystem_link::TARGET,
    w3c_vc::TARGET,
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    /// Runs the body.
    ///
    /// # Panics
    /// Where the input breaks what the body asserts.
    pub fn run(&self, input: &[u8]) -> Reached {
        (self.body)(input)
    }

    /// Every seed, without repetitions: those made here, the files in `seeds/`, the vectors.
    #[must_use]
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let mut all = (self.seeds)();
        all.extend(
            seeds::files(&seeds::folder("seeds", self.name))
                .into_iter()
                .map(|(_, input)| input),
        );
        let mut seen = std::collections::HashSet::new();
        all.retain(|input| seen.insert(input.clone()));
        all
    }

    /// Every input that once broke a promise.
    #[must_use]
    pub fn regressions(&self) -> Vec<Vec<u8>> {
        let files = seeds::files(&seeds::folder("regressions", self.name));
        files.into_iter().map(|(_, input)| input).collect()
    }
}

/// The seeds that are kept as files because making them draws randomness, made anew: path and content.
#[must_use]
pub fn kept_seeds() -> Vec<(String, Vec<u8>)> {
    let [a128gcm, a256gcm] = jwe::make();
    let mut kept = vec![
        ("jws/es256".to_owned(), jws::make_p256().into_bytes()),
        ("jwe/a128gcm".to_owned(), a128gcm.into_bytes()),
        ("jwe/a256gcm".to_owned(), a256gcm.into_bytes()),
    ];
    kept.push(("answer/sealed".to_owned(), answer::make()));
    kept.extend(x5c::make().map(|(name, content)| (format!("x5c/{name}"), content)));
    kept
}
