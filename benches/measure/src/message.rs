//! Finds the end of an HTTP/1.1 message and its body, and understands nothing else of it.

use std::ops::Range;

use anyhow::Context;
use memchr::memmem;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The positions of a whole message's parts.
#[derive(Debug, PartialEq)]
pub struct Frame {
    head: Range<usize>,
    body: Range<usize>,
    chunked: bool,
}

impl Frame {
    /// Finds the parts of the message that `bytes` hold; returns `None` while it is not whole.
    ///
    /// # Errors
    /// Fails on a head that is not text and on a length that is not a number.
    pub fn find(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = memmem::find(bytes, END_OF_HEAD) else { return Ok(None) };
        let (head, start) = (0..end, end + END_OF_HEAD.len());
        let text = std::str::from_utf8(&bytes[..end]).context("a head that is not text")?;
        if field(text, "transfer-encoding") == Some("chunked") {
            let whole = bytes[start..].ends_with(LAST_CHUNK);
            return Ok(whole.then_some(Frame { head, body: start..bytes.len(), chunked: true }));
        }
        let length = field(text, "content-length").unwrap_or("0");
        let body = start..start + length.parse::<usize>().context("Content-Length")?;
        Ok((bytes.len() >= body.end).then_some(Frame { head, body, chunked: false }))
    }

    /// Returns the first line and the fields.
    #[must_use]
    pub fn head<'b>(&self, bytes: &'b [u8]) -> &'b str {
        std::str::from_utf8(&bytes[self.head.clone()]).unwrap_or_default()
    }

    /// Returns the body, with chunks joined.
    ///
    /// # Errors
    /// Fails on malformed chunks.
    pub fn body(&self, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        let body = &bytes[self.body.clone()];
        if self.chunked { join_chunks(body) } else { Ok(body.to_vec()) }
    }
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn join_chunks(mut rest: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = memmem::find(rest, b"\r\n").context("a chunk without a size")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end])?.trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + size).context("a chunk that ends early")?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 2 + size + 2..).context("chunks that end early")?;
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn a_message_is_whole_when_its_length_says_so() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
        assert_eq!(Frame::find(&response[..response.len() - 1]).unwrap(), None);
        let whole = Frame::find(response).unwrap().unwrap();
        assert_eq!(whole.head(response), "HTTP/1.1 200 OK\r\nContent-Length: 4");
        assert_eq!(whole.body(response).unwrap(), b"abcd");
    }

    #[test]
    fn chunks_are_joined_and_the_last_one_ends_the_message() {
        let response =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let whole = Frame::find(response).unwrap().unwrap();
        assert_eq!(whole.body(response).unwrap(), b"abcde");
        assert_eq!(Frame::find(&response[..response.len() - 5]).unwrap(), None);
    }

    #[test]
    fn a_message_without_a_length_has_no_body() {
        let request = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n";
        assert_eq!(Frame::find(request).unwrap().unwrap().body(request).unwrap(), b"");
    }
}
