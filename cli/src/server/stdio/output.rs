//! Writes lines to a pipe, on a thread of its own: a client that does not read must block nobody else.

use std::io::{BufWriter, Write};

use hyper::body::Bytes;
use tokio::sync::{mpsc, oneshot};

/// Lines that wait for a client that reads slowly; senders wait after that.
const WAITING: usize = 64;

/// Takes lines without their ends; closed once the pipe is.
pub(super) type Output = mpsc::Sender<Bytes>;

/// Starts the thread. The second value resolves when the last line was written, or cannot be.
pub(super) fn start(output: impl Write + Send + 'static) -> (Output, oneshot::Receiver<()>) {
    let (sender, lines) = mpsc::channel(WAITING);
    let (done, written) = oneshot::channel();
    std::thread::spawn(move || {
        if let Err(error) = write_all(BufWriter::new(output), lines) {
            tracing::debug!(%error, "standard output is closed");
        }
        let _ = done.send(());
    });
    (sender, written)
}

/// Writes lines as they come. What is ready leaves in one go.
fn write_all(mut output: impl Write, mut lines: mpsc::Receiver<Bytes>) -> std::io::Result<()> {
    while let Some(line) = lines.blocking_recv() {
        write_line(&mut output, &line)?;
        while let Ok(line) = lines.try_recv() {
            write_line(&mut output, &line)?;
        }
        output.flush()?;
    }
    Ok(())
}

/// In JSON, line ends stand only between tokens, where a space means the same.
fn write_line(output: &mut impl Write, line: &[u8]) -> std::io::Result<()> {
    for (at, piece) in line.split(|byte| matches!(byte, b'\n' | b'\r')).enumerate() {
        if at > 0 {
            output.write_all(b" ")?;
        }
        output.write_all(piece)?;
    }
    output.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_whatever_it_holds() {
        let mut out = Vec::new();
        write_line(&mut out, b"{\"a\":\n1,\r\n\"b\":2}").unwrap();
        assert_eq!(out, b"{\"a\": 1,  \"b\":2}\n");
    }
}
