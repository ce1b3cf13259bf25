//! What a program says when it stops.

use std::error::Error;

/// An error and its causes in one line. A cause whose text is in the line already is left
/// out: many errors quote theirs.
#[must_use]
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_named_once() {
        let cause = || std::io::Error::other("the disk is full");
        let quoting = anyhow::Error::from(cause()).context("log.db: the disk is full");
        assert_eq!(in_one_line(quoting.as_ref()), "log.db: the disk is full");
        let silent = anyhow::Error::from(cause()).context("log.db cannot\nbe written");
        assert_eq!(
            in_one_line(silent.as_ref()),
            "log.db cannot be written: the disk is full"
        );
    }
}
