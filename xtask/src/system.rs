//! System packages: installed where we are root on a Debian, otherwise named.

use anyhow::{Result, bail, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// A package, and a way to see that what it brings is there.
#[derive(Clone, Copy)]
pub(crate) struct Package {
    name: &'static str,
    present: Present,
}

#[derive(Clone, Copy)]
enum Present {
    /// A command on the path.
    Command(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A file.
    File(&'static str),
}

/// What the build needs beside Rust: a C compiler, OpenSSL's headers for JWE
/// (josekit) and the vault (SQLCipher), and C++ with cmake for what reads codes (zxing).
pub(crate) const BUILD: &[Package] = &[
    Package {
        name: "gcc",
        present: Present::Command("cc"),
    },
    Package {
        name: "libc6-dev",
        present: Present::Command("cc"),
    },
    Package {
        name: "pkg-config",
        present: Present::Command("pkg-config"),
    },
    Package {
        name: "libssl-dev",
        present: Present::Library("openssl"),
    },
    Package {
        name: "g++",
        present: Present::Command("c++"),
    },
    Package {
        name: "cmake",
        present: Present::Command("cmake"),
    },
    // What cmake writes for; Debian only recommends it beside cmake.
    Package {
        name: "make",
        present: Present::Command("make"),
    },
];

/// What gives the demo's wallet a Secret Service of its own.
pub(crate) const SECRET_SERVICE: &[Package] = &[
    Package {
        name: "dbus",
        present: Present::Command("dbus-run-session"),
    },
    Package {
        name: "gnome-keyring",
        present: Present::Command("gnome-keyring-daemon"),
    },
];

/// What takes the network away from a program.
pub(crate) const NO_NETWORK: &[Package] = &[Package {
    name: "iproute2",
    present: Present::Command("ip"),
}];

/// What the wallet's window is built with and stands on.
pub(crate) const WINDOW: &[Package] = &[
    Package {
        name: "libwebkit2gtk-4.1-dev",
        present: Present::Library("webkit2gtk-4.1"),
    },
    Package {
        name: "xdg-utils",
        present: Present::Command("xdg-mime"),
    },
    Package {
        name: "desktop-file-utils",
        present: Present::Command("update-desktop-database"),
    },
];

/// What tests of the window and the pages look through.
pub(crate) const BROWSERS: &[Package] = &[
    Package {
        name: "chromium",
        present: Present::Command("chromium"),
    },
    Package {
        name: "webkit2gtk-driver",
        present: Present::Command("WebKitWebDriver"),
    },
    Package {
        name: "xvfb",
        present: Present::Command("Xvfb"),
    },
    Package {
        name: "fonts-dejavu-core",
        present: Present::File("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    },
    Package {
        name: "libglib2.0-bin",
        present: Present::Command("gio"),
    },
    Package {
        name: "ffmpeg",
        present: Present::Command("ffmpeg"),
    },
];

/// What a reader of logs by others is built from.
pub(crate) const READERS: &[Package] = &[Package {
    name: "golang-golang-x-mod-dev",
    present: Present::File("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go"),
}];

/// Makes sure that every package is there.
pub(crate) fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !package.is_present())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_root() || !on_path("apt-get") {
        bail!("missing system packages: {list}\nInstall them, for example with: sudo apt-get install {list}");
    }
    eprintln!("Installing system packages: {list}");
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat())
}

impl Package {
    fn is_present(&self) -> bool {
        match self.present {
            Present::Command(command) => on_path(command),
            Present::File(path) => Path::new(path).exists(),
            Present::Library(library) => Command::new("pkg-config")
                .args(["--exists", library])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success()),
        }
    }
}

/// Whether a command is on the path.
pub(crate) fn on_path(command: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(command).is_file()))
}

fn apt(args: &[&str]) -> Result<()> {
    let status = Command::new("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(args)
        .stdout(std::io::stderr())
        .status()?;
    ensure!(status.success(), "apt-get {} failed", args.join(" "));
    Ok(())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|own| own.uid() == 0)
}
