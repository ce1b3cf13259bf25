//! The entry of the app in the person's menu, which names the schemes it opens. Desktop Entry
//! Specification 1.5

use super::SCHEMES;
use std::path::Path;

/// File name of the entry.
pub(super) const FILE: &str = "holdfast-wallet.desktop";

/// The entry for `program`, started with `arguments` before the link.
pub(super) fn entry(program: &Path, arguments: &[String]) -> String {
    let mut command = vec![quoted(&program.to_string_lossy())];
    command.extend(arguments.iter().map(|argument| quoted(argument)));
    command.push("%u".to_owned());
    let types: String = SCHEMES.iter().map(|scheme| format!("{};", mime_type(scheme))).collect();
    format!(
        "[Desktop Entry]\nType=Application\nName=Holdfast\nComment=Your cards, in your hands\nExec={}\nTerminal=false\n\
         StartupNotify=true\nCategories=Utility;\nMimeType={types}\n",
        command.join(" ")
    )
}

/// How the desktop calls what opens links of a scheme.
pub(super) fn mime_type(scheme: &str) -> String {
    format!("x-scheme-handler/{scheme}")
}

/// Quoting of an argument (§ "The Exec key"), then of the whole value as a string, which doubles
/// each backslash once more. A literal per cent sign is two. What needs no quotes gets none:
/// `xdg-open` takes them for a part of the name.
fn quoted(argument: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+,:@=".contains(character);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    let mut out = String::from("\"");
    for character in argument.chars() {
        match character {
            '\\' => out.push_str("\\\\\\\\"),
            '"' | '`' | '$' => {
                out.push_str("\\\\");
                out.push(character);
            }
            '%' => out.push_str("%%"),
            // A line break would end the value.
            '\n' | '\r' => {}
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("/opt/app" => "/opt/app" ; "plain")]
    #[test_case("" => r#""""# ; "nothing")]
    #[test_case("/a b" => r#""/a b""# ; "space")]
    #[test_case("100%" => r#""100%%""# ; "per cent")]
    #[test_case("$(x)" => r#""\\$(x)""# ; "shell")]
    #[test_case(r"a\b" => r#""a\\\\b""# ; "backslash")]
    #[test_case("a\nExec=evil" => r#""aExec=evil""# ; "line break")]
    fn quoting(argument: &str) -> String {
        quoted(argument)
    }

    #[test]
    fn the_entry_names_all_schemes_and_hands_over_one_link() {
        let entry = entry(Path::new("/opt/app"), &["--profile".into(), "/home/a".into()]);
        assert!(entry.contains("Exec=/opt/app --profile /home/a %u\n"));
        for scheme in SCHEMES {
            assert!(entry.contains(&format!("x-scheme-handler/{scheme};")));
        }
    }
}
