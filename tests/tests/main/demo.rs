//! The demo for people: what it prints, what it registers, and that it leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use e2e::http::Http;
use e2e::stack::Layout;
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the person had chosen before.
const CHOSEN: &str = "[Default Applications]\ntext/html=browser.desktop\n";
const SCHEMES: [&str; 5] = [
    "openid-credential-offer",
    "openid4vp",
    "haip-vci",
    "haip-vp",
    "holdfast-ecosystem",
];

/// A running demo and what it has printed.
struct Demo {
    child: Child,
    printed: String,
}

impl Demo {
    /// Starts it with these arguments beside `--data-dir`, and reads until it says this.
    fn start(folder: &Path, arguments: &[&str], environment: &[(&str, &str)], until: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_holdfast-story"))
            .arg("demo")
            .args(arguments)
            .arg("--data-dir")
            .arg(folder.join("demo"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("share"))
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        while !printed.contains(until) {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {printed}")).unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
        // Whatever else it says must find a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, printed }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    fn end(mut self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    /// The addresses it printed for people.
    fn addresses(&self) -> Vec<&str> {
        let words = self.printed.split_whitespace();
        words.filter(|word| word.starts_with("http://")).collect()
    }
}

/// What these addresses answer, asked by the client that knows the ports of this demo.
fn statuses(folder: &Path, addresses: &[&str]) -> Vec<u16> {
    let layout = Layout::new(&folder.join("demo/window")).unwrap();
    let http = Http::new(layout.ports()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = addresses.iter().map(|address| {
        let answer = runtime.block_on(http.get(address)).unwrap();
        answer.status().as_u16()
    });
    asked.collect()
}

/// Waits until it holds.
fn soon(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Command lines that name something in this folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.display().to_string();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|command| String::from_utf8_lossy(&command).replace('\0', " "))
        .filter(|command| command.contains(&folder))
        .collect()
}

#[test]
fn without_a_display_it_says_so_and_the_pages_work() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path(), &[], &[], "Stop with Ctrl-C.");
    assert!(demo.printed.contains("There is no display here"), "{}", demo.printed);
    assert!(demo.printed.contains("demo --headless"), "{}", demo.printed);
    let addresses = demo.addresses();
    assert_eq!(statuses(folder.path(), &addresses), [200; 4], "{}", demo.printed);
    // A closed terminal ends it as Ctrl-C does.
    demo.end(Signal::HUP);
    assert_eq!(processes_in(folder.path()), Vec::<String>::new());

    // What is there is used again, unless it is to begin anew.
    let ledger = || std::fs::read(folder.path().join("demo/window/ledger.json")).unwrap();
    let first = ledger();
    Demo::start(folder.path(), &[], &[], "Stop with Ctrl-C.").end(Signal::TERM);
    assert_eq!(ledger(), first);
    Demo::start(folder.path(), &["--reset"], &[], "Stop with Ctrl-C.").end(Signal::INT);
    assert_ne!(ledger(), first);
}

#[test]
fn links_open_the_wallet_while_it_runs_and_are_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("config/mimeapps.list");
    std::fs::create_dir_all(list.parent().unwrap()).unwrap();
    std::fs::write(&list, CHOSEN).unwrap();
    let (mut screen, display) = screen();
    let environment = [("DISPLAY", display.as_str())];
    let demo = Demo::start(folder.path(), &[], &environment, "The wallet is open.");
    let chosen = std::fs::read_to_string(&list).unwrap();
    for scheme in SCHEMES {
        let line = format!("x-scheme-handler/{scheme}=");
        assert!(chosen.lines().any(|one| one.starts_with(&line)), "{scheme} in {chosen}");
    }
    let entries = || std::fs::read_dir(folder.path().join("share/applications")).map_or(0, Iterator::count);
    assert!(entries() > 0);
    let wallets = || processes_in(&folder.path().join("demo/window/window")).len();
    soon("the window", || wallets() > 0);
    demo.end(Signal::TERM);
    assert_eq!(std::fs::read_to_string(&list).unwrap(), CHOSEN);
    assert_eq!(entries(), 0);
    assert_eq!(processes_in(folder.path()), Vec::<String>::new());
    screen.kill().unwrap();
    screen.wait().unwrap();
}

/// A display of its own, that nobody looks at.
fn screen() -> (Child, String) {
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1000x760x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(screen.stdout.take().unwrap())
        .read_line(&mut number)
        .unwrap();
    (screen, format!(":{}", number.trim()))
}
