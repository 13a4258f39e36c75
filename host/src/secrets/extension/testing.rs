//! A server that answers as the extension does, one scene after the other; the last one stays.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{PORT_VARIABLE, SESSION_VARIABLE};
use crate::variables::Variables;

/// Selects the server's response to a request.
#[derive(Clone, Debug)]
pub(crate) enum Scene {
    /// Answers with this body.
    Body(String),
    /// Says that it has not started.
    NotReady,
    /// Answers with a status and nothing to read.
    Status(u16),
    /// Says nothing.
    Silence,
}

/// The server, and what it was asked.
#[derive(Debug)]
pub(crate) struct Fake {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    /// Answers with a secret of this text.
    pub(crate) fn secret(text: &str) -> Self {
        let secret =
            serde_json::json!({"ARN": "arn", "Name": "name", "SecretString": text, "VersionStages": []});
        Self::Body(secret.to_string())
    }

    /// Answers with a parameter of this value.
    pub(crate) fn parameter(value: &str) -> Self {
        let parameter =
            serde_json::json!({"Name": "/name", "Type": "SecureString", "Value": value, "Version": 1});
        Self::Body(serde_json::json!({"Parameter": parameter, "ResultMetadata": {}}).to_string())
    }

    async fn play(self, stream: &mut TcpStream) {
        let (status, body) = match self {
            Self::Body(body) => (200, body),
            Self::NotReady => (400, "not ready to serve traffic, please wait".to_owned()),
            Self::Status(status) => (status, "AccessDeniedException".to_owned()),
            Self::Silence => return std::future::pending().await,
        };
        let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        // The client may have hung up already.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

impl Fake {
    pub(crate) async fn start(scenes: Vec<Scene>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        tokio::spawn(async move {
            for place in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                told.lock().unwrap().push(String::from_utf8(head).unwrap());
                let scene = scenes.get(place).or(scenes.last()).unwrap().clone();
                tokio::spawn(async move { scene.play(&mut stream).await });
            }
        });
        Self { port, asked }
    }

    /// The heads of the requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The environment of a function that has the extension.
    pub(crate) fn variables(&self) -> Variables {
        let port = self.port.to_string();
        Variables::new(move |name| match name {
            PORT_VARIABLE => Some(port.clone()),
            SESSION_VARIABLE => Some("session-canary".to_owned()),
            _ => None,
        })
    }
}
