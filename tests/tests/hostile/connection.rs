//! Attacks below the protocol: requests that are not HTTP, or that two readers would end at different places.

/// Stories of the local edge: on Lambda the Function URL speaks HTTP.
mod local {
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::net::Shutdown;
    use std::time::Duration;

    use serde_json::json;
    use toolcell_tests::{Revision, Server, fixture, http};

    use crate::scene::{Scene, tells_internals};

    /// The longest silence of a server that has not hung up.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Stands for no response at all.
    const DROPPED: u16 = 0;

    /// Bytes, and the statuses of which the only response has one.
    type Row = (&'static str, Vec<u8>, &'static [u16]);

    const BODY: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

    /// What a client does after its last byte.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum End {
        /// It waits for the response.
        Waits,
        /// It sends no more.
        HangsUp,
    }

    /// Makes a request from its first line and headers.
    fn request(start: &str, headers: &[&str], body: &str) -> Vec<u8> {
        let common = [
            "host: localhost",
            "content-type: application/json",
            "accept: application/json, text/event-stream",
            "connection: close",
        ];
        let head: Vec<_> = std::iter::once(start).chain(common).chain(headers.iter().copied()).collect();
        format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
    }

    fn post(headers: &[&str], body: &str) -> Vec<u8> {
        request("POST /mcp HTTP/1.1", headers, body)
    }

    /// Sends bytes and returns the status of each response until the server hangs up.
    fn send(server: &Server, bytes: &[u8], end: End) -> Result<Vec<u16>, String> {
        let mut stream = http::connect(server.address());
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a read timeout");
        // The server may hang up before it has read everything.
        let _ = stream.write_all(bytes);
        if end == End::HangsUp {
            let _ = stream.shutdown(Shutdown::Write);
        }
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Err("the server does not hang up".to_owned());
            }
            _ => {}
        }
        let text = String::from_utf8_lossy(&answer);
        if tells_internals(&text) {
            return Err(text.into_owned());
        }
        let statuses =
            text.split("HTTP/1.1 ").skip(1).map(|response| response[..3].parse().expect("a status"));
        Ok(statuses.collect())
    }

    /// Requests of which two readers would find the end at different places.
    fn smuggled() -> Vec<Row> {
        let length = format!("content-length: {}", BODY.len());
        let chunked = "transfer-encoding: chunked";
        let chunks = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
        let hidden = format!("0\r\n\r\n{}", String::from_utf8_lossy(&post(&[&length], BODY)));
        vec![
            ("length-and-chunks", post(&[&length, chunked], &chunks), &[400, 200, DROPPED]),
            ("two-lengths", post(&[&length, "content-length: 5"], BODY), &[400, DROPPED]),
            ("length-that-is-negative", post(&["content-length: -1"], BODY), &[400, DROPPED]),
            ("length-with-a-plus", post(&["content-length: +40"], BODY), &[400, DROPPED]),
            (
                "length-beyond-all-numbers",
                post(&["content-length: 99999999999999999999999"], BODY),
                &[400, DROPPED],
            ),
            ("length-as-a-list", post(&["content-length: 40, 40"], BODY), &[400, DROPPED]),
            (
                "encoding-that-is-unknown",
                post(&["transfer-encoding: gzip, chunked, x"], &chunks),
                &[400, DROPPED],
            ),
            (
                "encoding-with-a-tab",
                post(&["transfer-encoding:\u{b}chunked", &length], BODY),
                &[400, DROPPED],
            ),
            (
                "chunk-beyond-all-numbers",
                post(&[chunked], "fffffffffffffffff\r\nx\r\n0\r\n\r\n"),
                &[400, DROPPED],
            ),
            ("chunk-that-is-negative", post(&[chunked], "-1\r\nx\r\n0\r\n\r\n"), &[400, DROPPED]),
            ("chunk-without-end", post(&[chunked], "5\r\nhelloXX0\r\n\r\n"), &[400, DROPPED]),
            (
                "chunk-with-a-long-extension",
                post(&[chunked], &format!("1;{}\r\n", "x".repeat(1 << 20))),
                &[400, DROPPED],
            ),
            ("request-inside-of-a-body", post(&["content-length: 0", chunked], &hidden), &[400, DROPPED]),
            ("header-that-goes-on-in-the-next-line", post(&["x-a: b\r\n c", &length], BODY), &[400, DROPPED]),
            ("header-without-a-colon", post(&["x-a", &length], BODY), &[400, DROPPED]),
            ("header-with-a-zero", post(&["x-a: \0", &length], BODY), &[400, DROPPED]),
            (
                "header-with-a-space-in-its-name",
                post(&["content-length : 5", &length], BODY),
                &[400, DROPPED],
            ),
        ]
    }

    /// Requests that are too large, or no HTTP/1.1.
    fn shapeless() -> Vec<Row> {
        let length = format!("content-length: {}", BODY.len());
        let large = format!("x-a: {}", "a".repeat(1 << 20));
        let names: Vec<_> = (0..5000).map(|at| format!("x-{at}: a")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let path = format!("POST /{} HTTP/1.1", "a".repeat(1 << 20));
        vec![
            ("header-of-a-mebibyte", post(&[&large, &length], BODY), &[431, DROPPED]),
            ("headers-by-the-thousand", post(&names, BODY), &[431, DROPPED]),
            ("path-of-a-mebibyte", request(&path, &[&length], BODY), &[414, 431, DROPPED]),
            ("method-that-is-unknown", request("BREW /mcp HTTP/1.1", &[&length], BODY), &[405]),
            (
                "method-to-a-proxy",
                request("CONNECT evil.example.com:443 HTTP/1.1", &[], ""),
                &[400, 403, 404, 405, DROPPED],
            ),
            (
                "path-to-another-host",
                request("POST http://evil.example.com/mcp HTTP/1.1", &[&length], BODY),
                &[403],
            ),
            ("version-that-is-old", request("POST /mcp HTTP/0.9", &[&length], BODY), &[400, DROPPED]),
            ("version-that-is-unknown", request("POST /mcp HTTP/9.9", &[&length], BODY), &[400, DROPPED]),
            ("preface-of-the-next-version", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[400, DROPPED]),
            (
                "upgrade-to-the-next-version",
                post(&["upgrade: h2c", "http2-settings: AAMAAABkAAQAAP__", &length], BODY),
                &[200],
            ),
            (
                "upgrade-to-a-socket",
                request("GET /mcp HTTP/1.1", &["upgrade: websocket", "sec-websocket-key: dGVzdA=="], ""),
                &[405],
            ),
            (
                "greeting-of-an-encrypted-connection",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
                &[400, DROPPED],
            ),
            ("nothing-but-zeros", vec![0; 1 << 20], &[400, DROPPED]),
        ]
    }

    /// Requests whose client hangs up before their end.
    fn unfinished() -> Vec<Row> {
        vec![
            ("nothing-but-line-breaks", b"\r\n".repeat(100_000), &[400, DROPPED]),
            ("nothing-at-all", Vec::new(), &[DROPPED]),
            ("body-that-never-comes", post(&["content-length: 1000"], "{"), &[400, DROPPED]),
            ("half-of-a-line", b"POST /mcp HT".to_vec(), &[400, DROPPED]),
            ("half-of-a-header", b"POST /mcp HTTP/1.1\r\nhost: loc".to_vec(), &[400, DROPPED]),
            ("half-of-a-chunk", post(&["transfer-encoding: chunked"], "100\r\n{"), &[400, DROPPED]),
        ]
    }

    fn run(area: &str, attacks: Vec<Row>, end: End) {
        let mut scene = Scene::start(&fixture::plugin("hostile", &fixture::component("hostile")));
        for (name, bytes, expected) in attacks {
            scene.attack(name, |server| {
                let statuses = send(server, &bytes, end)?;
                let right = match statuses.as_slice() {
                    [] => expected.contains(&DROPPED),
                    [status] => expected.contains(status),
                    _ => false,
                };
                if right { Ok(()) } else { Err(format!("expected one of {expected:?}, found {statuses:?}")) }
            });
        }
        scene.end(area);
    }

    #[test]
    fn a_request_ends_where_everybody_says_it_ends() {
        run("smuggled requests", smuggled(), End::Waits);
    }

    #[test]
    fn what_is_no_request_is_dropped_or_refused() {
        run("bytes that are no request", shapeless(), End::Waits);
    }

    #[test]
    fn half_a_request_is_dropped_or_refused() {
        run("halves of requests", unfinished(), End::HangsUp);
    }

    #[test]
    fn clients_that_hang_up_leave_nothing_running() {
        let limits = "[plugins.hostile.limits]\ndeadline = \"15 min\"\n";
        let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
        let mut scene = Scene::start(&format!("{plugin}{limits}"));
        // More than there are turns to run calls: each must be given back.
        scene.attack("calls-that-nobody-waits-for", |server| {
            for turn in 0..100 {
                let client = server.client(Revision::ERAS[turn % 2]);
                let meta = json!({"progressToken": 1});
                let request = client.call_request_with("report_then_spin", &json!({}), meta);
                request.begin(server.address()).hang_up();
            }
            Ok(())
        });
        scene.end("clients that hang up");
    }
}
