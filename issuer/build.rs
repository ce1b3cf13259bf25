//! A release binary holds the built pages: it is made again when they change. In development they are read from disk.

fn main() {
    let release = std::env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    println!("cargo:rerun-if-changed={}", if release { "pages" } else { "build.rs" });
}
