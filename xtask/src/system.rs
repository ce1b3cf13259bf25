//! System packages: installed where we are root on a Debian, otherwise named.

use anyhow::{Result, bail, ensure};
use std::path::{Path, PathBuf};
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
    /// A shared library that is opened by name, the beginning of its file.
    Shared(&'static str),
}

/// Where such libraries lie; a star is any one folder.
const SHARED: [&str; 4] = ["/usr/lib", "/usr/lib64", "/usr/lib/*", "/usr/lib/*/lib"];

/// What the build needs beside Rust: a C compiler, and OpenSSL's headers for
/// JWE (josekit) and the vault (SQLCipher).
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

/// What the wallet's window is built with and stands on.
pub(crate) const WINDOW: &[Package] = &[
    Package {
        name: "libwebkit2gtk-4.1-dev",
        present: Present::Library("webkit2gtk-4.1"),
    },
    Package {
        name: "g++",
        present: Present::Command("c++"),
    },
    Package {
        name: "cmake",
        present: Present::Command("cmake"),
    },
    // The headers of the kernel's cameras are read by bindgen, which stands on it.
    Package {
        name: "libclang-dev",
        present: Present::Shared("libclang"),
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
            Present::Shared(name) => SHARED.iter().any(|pattern| holds(pattern, name)),
            Present::Library(library) => Command::new("pkg-config")
                .args(["--exists", library])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success()),
        }
    }
}

/// Whether one of the folders has a shared library whose name begins so.
fn holds(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return entries(Path::new(pattern)).any(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            file.strip_prefix(name).is_some_and(is_version)
        });
    };
    entries(Path::new(before)).any(|path| holds(&format!("{}{after}", path.display()), name))
}

/// `.so.1`, `-14.so`: what follows a library's name.
fn is_version(rest: &str) -> bool {
    let numbered = rest
        .strip_prefix('-')
        .map(|rest| rest.trim_start_matches(|one: char| one.is_ascii_digit() || one == '.'));
    rest.starts_with(".so") || numbered.is_some_and(|rest| rest.starts_with("so"))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_library_is_found_in_the_folders_of_any_architecture() {
        assert!(SHARED.iter().any(|pattern| holds(pattern, "libc")));
        assert!(!SHARED.iter().any(|pattern| holds(pattern, "libnobodyhas")));
        assert!(is_version(".so.1") && is_version("-14.so") && is_version("-14.0.6.so"));
        assert!(!is_version("-cpp.so.14") && !is_version("APINotes.a"));
    }
}
