//! Does what the request's path tells: its first part names the act, the others are arguments.

use std::time::Duration;
use std::{env, fs, process, thread};

use serde_json::{Value, json};

use crate::wire::{Api, Response};

const STREAMING: &str = "lambda-runtime-function-response-mode: streaming";
const INTEGRATION: &str = "content-type: application/vnd.awslambda.http-integration-response";
const PRELUDE: &str =
    "{\"statusCode\":200,\"headers\":{\"content-type\":\"text/plain\"},\"cookies\":[]}\0\0\0\0\0\0\0\0";

/// An invocation and what it asks for.
struct Act<'a> {
    api: &'a mut Api,
    id: String,
    words: Vec<String>,
    invocation: &'a Response,
}

/// Does what an invocation's path tells.
pub(crate) fn act(api: &mut Api, invocation: &Response) {
    let event: Value = serde_json::from_slice(&invocation.body).expect("an event is JSON");
    let path = event["rawPath"].as_str().unwrap_or_default();
    let words = path.split('/').skip(1).map(str::to_owned).collect();
    let id = invocation.headers["lambda-runtime-aws-request-id"].clone();
    let mut act = Act { api, id, words, invocation };
    let name = act.words[0].clone();
    match name.as_str() {
        "echo" | "env" | "told" | "pid" | "write" | "limits" | "cwd" => {
            let text = act.look(&name);
            act.answer(&[text.as_bytes()]);
        }
        "tick" | "split" | "flood" | "headers" | "empty" | "bare" | "unfinished" | "trailers" => {
            act.stream(&name)
        }
        "buffered" => act.buffered(),
        "hang" | "exit" | "abort" | "hang-after" | "exit-after" | "error" => act.fail(&name),
        "detach" | "linger" | "wait" | "log" | "twice" | "early" => act.behave(&name),
        other => act.answer(&[format!("nothing is called {other}").as_bytes()]),
    }
}

impl Act<'_> {
    fn number(&self, place: usize) -> u64 {
        self.words.get(place).and_then(|word| word.parse().ok()).expect("a number in the path")
    }

    fn begin(&mut self) {
        let path = format!("invocation/{}/response", self.id);
        self.api.begin(&path, &[STREAMING, INTEGRATION]);
    }

    fn answer(&mut self, pieces: &[&[u8]]) {
        self.begin();
        self.api.chunk(PRELUDE.as_bytes());
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            self.api.chunk(piece);
        }
        self.api.end(&[]);
    }

    /// Looks something up and returns it as text.
    fn look(&self, name: &str) -> String {
        match name {
            "echo" => String::from_utf8_lossy(&self.invocation.body).into_owned(),
            "env" => json!(env::vars().collect::<std::collections::BTreeMap<_, _>>()).to_string(),
            "told" => json!(self.invocation.headers).to_string(),
            "pid" => process::id().to_string(),
            "cwd" => env::current_dir().map(|path| path.display().to_string()).unwrap_or_default(),
            "limits" => fs::read_to_string("/proc/self/limits").unwrap_or_default(),
            _ => {
                let path = format!("/{}", self.words[1..].join("/"));
                let before = fs::exists(&path).unwrap_or_default();
                match fs::write(&path, b"probe") {
                    Ok(()) => format!("written, before: {before}"),
                    Err(error) => error.to_string(),
                }
            }
        }
    }

    fn stream(&mut self, name: &str) {
        match name {
            "bare" => {
                let path = format!("invocation/{}/response", self.id);
                self.api.begin(&path, &[STREAMING]);
                self.api.chunk(b"bare");
                self.api.end(&[]);
                return;
            }
            "trailers" => return self.trailers(),
            "flood" => return self.flood(),
            _ => self.begin(),
        }
        match name {
            "tick" => self.tick(),
            "split" => PRELUDE.bytes().chain(*b"split").for_each(|byte| self.api.chunk(&[byte])),
            "headers" => self.api.chunk(
                b"{\"statusCode\":203,\"headers\":{\"Content-Length\":\"7\",\"date\":\"then\",\"server\":\"probe\",\
                  \"connection\":\"close\",\"www-authenticate\":\"Bearer\",\"x-two\":[\"one\",\"two\"]},\
                  \"cookies\":[\"a=b\",\"c=d; Secure\"]}\0\0\0\0\0\0\0\0",
            ),
            "empty" => {
                let head = format!("{{\"statusCode\":{}}}\0\0\0\0\0\0\0\0", self.number(1));
                self.api.chunk(head.as_bytes());
            }
            _ => self.api.chunk(b"{\"statusCode\":200}"),
        }
        self.api.end(&[]);
    }

    fn tick(&mut self) {
        let pause = Duration::from_millis(self.number(2));
        self.api.chunk(PRELUDE.as_bytes());
        for tick in 0..self.number(1) {
            thread::sleep(pause);
            self.api.chunk(format!("tick {tick}\n").as_bytes());
        }
        println!("ticked to the end");
    }

    fn flood(&mut self) {
        const PIECE: usize = 64 * 1024;
        const TOO_LARGE: u16 = 413;
        let mut left = usize::try_from(self.number(1)).expect("a size fits");
        self.begin();
        self.api.chunk(PRELUDE.as_bytes());
        while left > 0 {
            let piece = left.min(PIECE);
            self.api.chunk(&vec![b'x'; piece]);
            left -= piece;
        }
        let status = self.api.end(&[]).status;
        println!("flooded: {status}");
        if status == TOO_LARGE {
            self.api.reconnect();
        }
    }

    fn trailers(&mut self) {
        let path = format!("invocation/{}/response", self.id);
        let trailer = "trailer: Lambda-Runtime-Function-Error-Type";
        self.api.begin(&path, &[STREAMING, INTEGRATION, trailer]);
        self.api.chunk([PRELUDE.as_bytes(), b"half"].concat().as_slice());
        self.api.end(&["Lambda-Runtime-Function-Error-Type: Probe.Midway"]);
    }

    /// Answers as a runtime that does not stream.
    fn buffered(&mut self) {
        let body = match self.words[1].as_str() {
            "proxy" => {
                json!({"statusCode": 202, "headers": {"x-probe": "1"}, "cookies": ["a=b"], "body": "aGk=",
                "isBase64Encoded": true})
                .to_string()
            }
            "plain" => "{\"plain\":true}".to_owned(),
            "text" => "\"just text\"".to_owned(),
            "broken" => "<html>".to_owned(),
            _ => format!("\"{}\"", "x".repeat(usize::try_from(self.number(1)).expect("a size fits") - 2)),
        };
        let path = format!("invocation/{}/response", self.id);
        let answer = self.api.post(&path, body.as_bytes());
        println!("posted: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    }

    fn fail(&mut self, name: &str) {
        if name.ends_with("-after") {
            self.begin();
            self.api.chunk(PRELUDE.as_bytes());
            self.api.chunk(b"half");
            thread::sleep(Duration::from_millis(50));
        }
        match name {
            "hang" | "hang-after" => loop {
                thread::sleep(Duration::from_secs(3600));
            },
            "exit" => process::exit(i32::try_from(self.number(1)).expect("a small number")),
            "exit-after" => process::exit(3),
            "abort" => process::abort(),
            _ => {
                let path = format!("invocation/{}/error", self.id);
                self.api
                    .post(&path, br#"{"errorType":"Probe.Told","errorMessage":"a secret","stackTrace":[]}"#);
            }
        }
    }

    fn behave(&mut self, name: &str) {
        match name {
            "wait" => thread::sleep(Duration::from_millis(self.number(1))),
            "log" => {
                println!("to stdout");
                eprintln!("to stderr");
            }
            "early" => println!("early: {}", Api::connect(&runtime_api()).get("invocation/next").status),
            _ => {}
        }
        self.answer(&[process::id().to_string().as_bytes()]);
        match name {
            "linger" => thread::sleep(Duration::from_millis(self.number(1))),
            "detach" => drop(thread::spawn(beat)),
            "twice" => {
                let path = format!("invocation/{}/response", self.id);
                println!("twice: {}", self.api.post(&path, b"{}").status);
            }
            _ => {}
        }
    }
}

fn beat() {
    for beat in 0_u64.. {
        println!("beat {beat}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn runtime_api() -> String {
    env::var("AWS_LAMBDA_RUNTIME_API").expect("Lambda says where the Runtime API is")
}
