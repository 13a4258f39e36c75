//! Reads lines from a pipe, none longer than allowed, on a thread of its own: a pipe cannot be read otherwise without
//! blocking others.

use std::io::{self, BufRead, BufReader, Read};

use hyper::body::Bytes;
use tokio::sync::mpsc;

/// Lines that wait for their turn.
const WAITING: usize = 16;

/// A line of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// All of it, without its end.
    Whole(Bytes),
    /// One with too many bytes; they are gone.
    TooLong,
}

/// Starts the thread. The channel ends with the pipe; blank lines are left out.
pub(super) fn start(input: impl Read + Send + 'static, limit: usize) -> mpsc::Receiver<Line> {
    let (lines, receiver) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        let mut input = BufReader::new(input);
        loop {
            match next(&mut input, limit) {
                Ok(Some(line)) => {
                    if lines.blocking_send(line).is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(error) => return tracing::warn!(%error, "standard input cannot be read"),
            }
        }
    });
    receiver
}

/// Reads the next line that is not blank; `None` at the end.
fn next(input: &mut impl BufRead, limit: usize) -> io::Result<Option<Line>> {
    loop {
        let mut line = Vec::new();
        // With one byte more for each of the two that may end a line.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(2);
        if input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() > limit {
            input.skip_until(b'\n')?;
            return Ok(Some(Line::TooLong));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        match line.len() {
            0 => {}
            bytes if bytes > limit => return Ok(Some(Line::TooLong)),
            _ if line.trim_ascii().is_empty() => {}
            _ => return Ok(Some(Line::Whole(line.into()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads all lines of at most eight bytes.
    fn lines(text: &str) -> Vec<Option<String>> {
        let mut input = BufReader::with_capacity(3, text.as_bytes());
        let mut all = Vec::new();
        while let Some(line) = next(&mut input, 8).unwrap() {
            all.push(match line {
                Line::Whole(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
                Line::TooLong => None,
            });
        }
        all
    }

    #[test]
    fn lines_end_with_either_end_and_the_last_one_with_none() {
        let whole = |texts: &[&str]| texts.iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(lines("a\nb\r\n\n  \n\r\nc"), whole(&["a", "b", "c"]));
        assert_eq!(lines(""), whole(&[]));
        assert_eq!(lines("\n"), whole(&[]));
    }

    #[test]
    fn a_line_that_is_too_long_is_gone_and_the_next_one_is_read() {
        let whole = |text: &str| Some(text.to_owned());
        assert_eq!(lines("12345678\n123456789\nx\n"), [whole("12345678"), None, whole("x")]);
        assert_eq!(lines("12345678\r\n123456789\r\nx"), [whole("12345678"), None, whole("x")]);
        assert_eq!(lines(&format!("{}\nx", "9".repeat(100))), [None, whole("x")]);
        assert_eq!(lines(&"9".repeat(100)), [None]);
        assert_eq!(lines("123456789"), [None]);
    }
}
