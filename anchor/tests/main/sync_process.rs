//! `holdfast-anchor serve` on a disk that does not sync: a real process, whose calls to `fsync` fail.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const ANCHOR: &str = env!("CARGO_BIN_EXE_holdfast-anchor");
const WITNESS: &str = env!("CARGO_BIN_EXE_holdfast-witness");

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Running {
    /// How it ended by itself; `None` where it has not in that time.
    fn end(&mut self, within: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + within;
        while Instant::now() < end {
            if let Some(status) = self.0.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

/// A ledger with one witness and one mirror, in a folder.
struct Ledger {
    folder: tempfile::TempDir,
    url: String,
    /// Settings of witness and mirror.
    cosigners: [String; 2],
    pack: String,
}

/// Ports that are free for three services, each with the one after it for operations: below those that systems take
/// outgoing ports from.
fn free_ports() -> [u16; 3] {
    let offset = u16::try_from(std::process::id() % 1000).unwrap() * 6;
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut starts = (12_000 + offset..20_000).step_by(6);
    let start = starts.find(|start| (*start..start + 6).all(is_free));
    [0, 2, 4].map(|port| start.expect("free ports") + port)
}

impl Ledger {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [log, witness, mirror] = free_ports().map(|port| format!("p{port}.localhost:{port}"));
        let flags: [[&str; 2]; 5] = [
            ["--name", "Weir"],
            ["--folder", "town"],
            ["--host", &log],
            ["--new-witness", &witness],
            ["--new-mirror", &mirror],
        ];
        let made = Command::new(ANCHOR)
            .args(["init", "--test"])
            .args(flags.as_flattened())
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        // Confirmed anew every second, so that there is something to write.
        let settings = folder.path().join("town/anchor.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, format!("cosign_seconds = 1\n{text}")).unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let path = |value: &Value| folder.path().join(value.as_str().unwrap()).display().to_string();
        Self {
            url: format!("http://{log}"),
            cosigners: [0, 1].map(|at: usize| path(&made["cosigners"][at])),
            pack: path(&made["trust_pack"]),
            folder,
        }
    }

    fn marker(&self) -> PathBuf {
        self.folder.path().join("no-sync")
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said")).unwrap()
    }

    fn cosigning(&self) -> [Running; 2] {
        let [witness, mirror] = &self.cosigners;
        [
            self.start(
                Command::new(WITNESS).args(["serve", "--config", witness]),
                Stdio::null(),
            ),
            self.start(
                Command::new(ANCHOR).args(["mirror", "serve", "--config", mirror]),
                Stdio::null(),
            ),
        ]
    }

    /// The log, with `library` loaded into it.
    fn log(&self, library: &Path) -> Running {
        let mut command = Command::new(ANCHOR);
        command
            .args(["serve", "--config", "town/anchor.toml"])
            .env("LD_PRELOAD", library)
            .env("HOLDFAST_TEST_NO_SYNC", self.marker());
        self.start(&mut command, File::create(self.folder.path().join("said")).unwrap())
    }

    fn start(&self, command: &mut Command, said: impl Into<Stdio>) -> Running {
        let command = command.current_dir(self.folder.path());
        Running(command.stdout(Stdio::null()).stderr(said).spawn().unwrap())
    }

    /// Until a quorum has signed what the log publishes.
    fn is_published(&self) -> bool {
        (0..120).any(|_| {
            std::thread::sleep(Duration::from_millis(250));
            let arguments = ["verify", self.url.as_str(), "--trust-pack", self.pack.as_str()];
            let checked = Command::new(ANCHOR).args(arguments).output().unwrap();
            checked.status.success()
        })
    }
}

/// The C compiler that links our programs makes it.
fn library(folder: &Path) -> PathBuf {
    let made = folder.join("nosync.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/main/nosync.c");
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&made, &source])
        .status()
        .unwrap();
    assert!(status.success());
    made
}

#[test]
fn k2_anchor_a_disk_that_does_not_sync_ends_the_process() {
    let ledger = Ledger::make();
    let library = library(ledger.folder.path());
    let _cosigners = ledger.cosigning();
    let mut log = ledger.log(&library);
    assert!(ledger.is_published(), "{}", ledger.said());
    // What it publishes next cannot be synced: it ends, and does not try again.
    File::create(ledger.marker()).unwrap();
    let ended = log.end(Duration::from_secs(30));
    let said = ledger.said();
    assert!(ended.is_some_and(|status| !status.success()), "{ended:?}: {said}");
    assert!(said.contains("the disk does not sync what is written to it"), "{said}");
    // A new start builds on nothing that may be in the memory of the system alone.
    let refused = ledger.log(&library).end(Duration::from_secs(30));
    let said = ledger.said();
    assert!(refused.is_some_and(|status| !status.success()), "{refused:?}: {said}");
    assert!(said.contains("the store cannot be opened"), "{said}");
    // With a disk that does, it goes on where it was.
    std::fs::remove_file(ledger.marker()).unwrap();
    let _again = ledger.log(&library);
    assert!(ledger.is_published(), "{}", ledger.said());
}
