//! `mimeapps.list`: which app opens what. Association between MIME types and applications 1.0.1
//!
//! Edited line by line, so that everything else in the file stays as the person has it.

/// What opened each of the types before: `None` where nothing was chosen.
pub(super) type Before = Vec<(String, Option<String>)>;

const SECTION: &str = "[Default Applications]";

/// The app that the text names for a type.
pub(super) fn chosen(text: &str, mime: &str) -> Option<String> {
    section(text)
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == mime)
        .map(|(_, value)| value.trim().to_owned())
}

/// The text with `app` chosen for a type, or with nothing chosen.
pub(super) fn choose(text: &str, mime: &str, app: Option<&str>) -> String {
    let line = app.map(|app| format!("{mime}={app}"));
    let mut out = Vec::new();
    let (mut inside, mut seen, mut written) = (false, false, false);
    for old in text.lines() {
        if old.trim().starts_with('[') {
            inside = old.trim() == SECTION;
            out.push(old.to_owned());
            if inside && !seen {
                seen = true;
                // A key that is not there yet stands first; one that is, where it was.
                if chosen(text, mime).is_none() {
                    out.extend(line.clone());
                    written = true;
                }
            }
            continue;
        }
        let is_ours = inside && old.split_once('=').is_some_and(|(key, _)| key.trim() == mime);
        if !is_ours {
            out.push(old.to_owned());
        } else if !written {
            out.extend(line.clone());
            written = true;
        }
    }
    if !seen && let Some(line) = line {
        out.push(SECTION.to_owned());
        out.push(line);
    }
    let mut joined = out.join("\n");
    if !joined.is_empty() {
        joined.push('\n');
    }
    joined
}

fn section(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .skip_while(|line| line.trim() != SECTION)
        .skip(1)
        .take_while(|line| !line.trim().starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[Added Associations]\nx-scheme-handler/openid4vp=other.desktop;\n\n\
        [Default Applications]\ntext/html=browser.desktop\nx-scheme-handler/openid4vp=other.desktop\n";
    const MIME: &str = "x-scheme-handler/openid4vp";

    #[test]
    fn a_choice_replaces_the_one_before_where_it_stood() {
        let changed = choose(FILE, MIME, Some("ours.desktop"));
        assert_eq!(chosen(&changed, MIME).as_deref(), Some("ours.desktop"));
        assert_eq!(choose(&changed, MIME, Some("other.desktop")), FILE);
    }

    #[test]
    fn what_is_added_can_be_taken_away() {
        let type_of_ours = "x-scheme-handler/haip-vp";
        let changed = choose(FILE, type_of_ours, Some("ours.desktop"));
        assert_eq!(chosen(&changed, type_of_ours).as_deref(), Some("ours.desktop"));
        assert_eq!(choose(&changed, type_of_ours, None), FILE);
    }

    #[test]
    fn an_empty_file_gets_the_section() {
        let changed = choose("", MIME, Some("ours.desktop"));
        assert_eq!(
            changed,
            "[Default Applications]\nx-scheme-handler/openid4vp=ours.desktop\n"
        );
    }
}
