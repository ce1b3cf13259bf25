//! Questions, one line each.

use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};

use super::InitError;

/// Whoever answers questions; or nobody, and then whatever is missing is an error that names its flag.
pub(super) struct Asker {
    talk: Option<(Box<dyn BufRead>, Box<dyn Write>)>,
}

/// A question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    /// What says the same on the command line.
    pub(super) flag: &'static str,
    /// What it is for, in a sentence or two.
    pub(super) why: &'a str,
    /// The question itself.
    pub(super) asked: &'a str,
    /// What an empty line means.
    pub(super) usual: Option<&'a str>,
}

impl Asker {
    /// There is nobody to ask.
    pub(super) fn nobody() -> Self {
        Self { talk: None }
    }

    /// Questions to standard error, answers from standard input: what was made is told on standard output.
    pub(super) fn terminal() -> Self {
        Self::new(BufReader::new(std::io::stdin()), std::io::stderr())
    }

    /// Answers from here, questions to there.
    pub(super) fn new(answers: impl BufRead + 'static, questions: impl Write + 'static) -> Self {
        Self {
            talk: Some((Box::new(answers), Box::new(questions))),
        }
    }

    /// Whether somebody is there.
    pub(super) fn is_there(&self) -> bool {
        self.talk.is_some()
    }

    /// Says something, where somebody is there.
    pub(super) fn say(&mut self, text: &str) -> Result<(), InitError> {
        match &mut self.talk {
            Some((_, questions)) => writeln!(questions, "{text}").map_err(InitError::Terminal),
            None => Ok(()),
        }
    }

    /// Asks until the answer can be read, and no longer than there are answers.
    pub(super) fn ask<T, E: Display>(
        &mut self,
        question: Question<'_>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, InitError> {
        self.say(&format!("\n{}", question.why))?;
        loop {
            let line = self.line(question)?;
            match read(&line) {
                Ok(answer) => return Ok(answer),
                Err(error) => self.say(&format!("{error}. Once more."))?,
            }
        }
    }

    /// Asks for one thing after the other until an empty line; for one at least.
    pub(super) fn ask_for_all<T, E: Display>(
        &mut self,
        question: Question<'_>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<T>, InitError> {
        self.say(&format!("\n{}", question.why))?;
        let mut all = Vec::new();
        loop {
            let line = self.line(question)?;
            match read(&line) {
                _ if line.is_empty() && !all.is_empty() => return Ok(all),
                Ok(one) => all.push(one),
                Err(error) => self.say(&format!("{error}. Once more."))?,
            }
        }
    }

    /// The next line, or the usual answer where it is empty.
    fn line(&mut self, question: Question<'_>) -> Result<String, InitError> {
        let missing = InitError::Missing(question.flag);
        let Some((answers, questions)) = &mut self.talk else {
            return Err(missing);
        };
        let prompt = match question.usual {
            Some(usual) => format!("{} [{usual}]: ", question.asked),
            None => format!("{}: ", question.asked),
        };
        questions
            .write_all(prompt.as_bytes())
            .and_then(|()| questions.flush())
            .map_err(InitError::Terminal)?;
        let mut line = String::new();
        if answers.read_line(&mut line).map_err(InitError::Terminal)? == 0 {
            return Err(missing);
        }
        Ok(match (line.trim(), question.usual) {
            ("", Some(usual)) => usual.to_owned(),
            (answer, _) => answer.to_owned(),
        })
    }
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_there() { "Asker" } else { "Nobody" })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const NUMBER: Question<'_> = Question {
        flag: "--number",
        why: "A number is needed.",
        asked: "Number",
        usual: None,
    };

    fn answers(text: &'static str) -> Asker {
        Asker::new(Cursor::new(text), std::io::sink())
    }

    fn number(text: &str) -> Result<u32, std::num::ParseIntError> {
        text.parse()
    }

    #[test]
    fn what_cannot_be_read_is_asked_again() {
        assert_eq!(answers("three\n3\n").ask(NUMBER, number).unwrap(), 3);
    }

    #[test]
    fn without_an_answer_the_flag_is_named() {
        for mut asker in [answers(""), answers("three\n"), Asker::nobody()] {
            let refused = asker.ask(NUMBER, number).unwrap_err();
            assert!(matches!(refused, InitError::Missing("--number")), "{refused}");
        }
    }

    #[test]
    fn an_empty_line_is_the_usual_answer() {
        let question = Question {
            usual: Some("7"),
            ..NUMBER
        };
        assert_eq!(answers("\n").ask(question, number).unwrap(), 7);
    }

    #[test]
    fn a_list_has_one_at_least_and_ends_with_an_empty_line() {
        assert_eq!(answers("\n1\nx\n2\n\n3\n").ask_for_all(NUMBER, number).unwrap(), [1, 2]);
    }
}
