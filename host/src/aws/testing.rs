//! A server that gives one answer after the other; the last one stays.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::variables::Variables;

pub(crate) const SECRET: &str = "secret-canary";
pub(crate) const TOKEN: &str = "token-canary";

/// Returns variables that hold `pairs`.
pub(crate) fn variables(pairs: &[(&str, &str)]) -> Variables {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Variables::new(move |name| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()))
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Further lines of the head.
    pub(crate) head: String,
    pub(crate) body: String,
    /// The length that the head promises, if it is not that of the body.
    pub(crate) length: Option<usize>,
}

/// The server, and what it was asked.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Answer {
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self { status, head: String::new(), body: body.to_owned(), length: None }
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self { head: "etag: \"tag\"\r\n".to_owned(), ..Self::of(200, body) }
    }

    fn bytes(&self) -> String {
        let Self { status, head, body, length } = self;
        let length = match status {
            204 | 304 => String::new(),
            _ => format!("content-length: {}\r\n", length.unwrap_or(body.len())),
        };
        format!("HTTP/1.1 {status} x\r\n{head}{length}\r\n{body}")
    }
}

impl Server {
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (told, answers) = (Arc::clone(&requests), Arc::new(answers));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (told, answers) = (Arc::clone(&told), Arc::clone(&answers));
                tokio::spawn(async move {
                    while let Ok(request) = read_request(&mut stream).await {
                        let place = {
                            let mut told = told.lock().unwrap();
                            told.push(request);
                            told.len() - 1
                        };
                        let answer = answers.get(place).or(answers.last()).unwrap().bytes();
                        // The client may have hung up already.
                        let _ = stream.write_all(answer.as_bytes()).await;
                    }
                });
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Returns the requests so far, each with its body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(request.clone()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await?;
    request.extend(body);
    Ok(String::from_utf8(request).unwrap())
}
