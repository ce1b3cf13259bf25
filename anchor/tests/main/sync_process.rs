//! Log, witness and mirror on disks that do not sync: real processes, whose calls to `fsync` fail.

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
    library: PathBuf,
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
            library: library(folder.path()),
            folder,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// From now on, what this program writes is not synced.
    fn breaks(&self, name: &str) {
        File::create(self.path(&format!("{name}.no-sync"))).unwrap();
    }

    fn mends(&self, name: &str) {
        std::fs::remove_file(self.path(&format!("{name}.no-sync"))).unwrap();
    }

    /// What the program of this name said last.
    fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(&format!("{name}.said"))).unwrap()
    }

    fn witness(&self) -> Running {
        self.start(
            "witness",
            Command::new(WITNESS).args(["serve", "--config", &self.cosigners[0]]),
        )
    }

    fn mirror(&self) -> Running {
        self.start(
            "mirror",
            Command::new(ANCHOR).args(["mirror", "serve", "--config", &self.cosigners[1]]),
        )
    }

    fn log(&self) -> Running {
        self.start(
            "log",
            Command::new(ANCHOR).args(["serve", "--config", "town/anchor.toml"]),
        )
    }

    /// Starts a program whose calls to `fsync` can be made to fail.
    fn start(&self, name: &str, command: &mut Command) -> Running {
        let said = File::create(self.path(&format!("{name}.said"))).unwrap();
        let child = command
            .current_dir(self.folder.path())
            .env("LD_PRELOAD", &self.library)
            .env("HOLDFAST_TEST_NO_SYNC", self.path(&format!("{name}.no-sync")))
            .stdout(Stdio::null())
            .stderr(said)
            .spawn();
        Running(child.unwrap())
    }

    /// Breaks the disk of a program that runs, which then ends by itself.
    fn ends(&self, name: &str, mut running: Running) {
        self.breaks(name);
        let ended = running.end(Duration::from_secs(30));
        let said = self.said(name);
        assert!(
            ended.is_some_and(|status| !status.success()),
            "{name}: {ended:?}: {said}"
        );
        assert!(said.contains("the disk does not sync what is written to it"), "{said}");
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

/// What it publishes cannot be synced: it ends, and does not try again. A new start builds on nothing that may be in the
/// memory of the system alone; with a disk that syncs it goes on where it was.
#[test]
fn k2_anchor_a_disk_that_does_not_sync_ends_the_process() {
    let ledger = Ledger::make();
    let _cosigners = [ledger.witness(), ledger.mirror()];
    let log = ledger.log();
    assert!(ledger.is_published(), "{}", ledger.said("log"));
    ledger.ends("log", log);
    let refused = ledger.log().end(Duration::from_secs(30));
    let said = ledger.said("log");
    assert!(refused.is_some_and(|status| !status.success()), "{refused:?}: {said}");
    assert!(said.contains("the store cannot be opened"), "{said}");
    ledger.mends("log");
    let _again = ledger.log();
    assert!(ledger.is_published(), "{}", ledger.said("log"));
}

/// What cannot be synced is not cosigned.
#[test]
fn k2_anchor_a_cosigner_whose_disk_does_not_sync_ends() {
    let ledger = Ledger::make();
    let (witness, mirror, _log) = (ledger.witness(), ledger.mirror(), ledger.log());
    assert!(ledger.is_published(), "{}", ledger.said("log"));
    ledger.ends("witness", witness);
    ledger.mends("witness");
    let _witness = ledger.witness();
    ledger.ends("mirror", mirror);
}
