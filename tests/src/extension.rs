//! Answers as the AWS Parameters and Secrets Lambda Extension does, on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::json;
use toolcell_host::variables::Variables;

/// The extension, and what it holds; it goes on until the process ends.
#[derive(Clone, Debug)]
pub struct Extension {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    secrets: BTreeMap<String, String>,
    parameters: BTreeMap<String, String>,
    requests: Vec<String>,
}

impl Extension {
    /// Starts an extension that holds nothing.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound address").port();
        let extension = Self { port, state: Arc::default() };
        let own = extension.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| own.answer(stream)));
        extension
    }

    /// Stores a secret of AWS Secrets Manager.
    pub fn secret(&self, name: &str, text: &str) {
        self.state().secrets.insert(name.to_owned(), text.to_owned());
    }

    /// Stores a parameter of AWS Systems Manager Parameter Store.
    pub fn parameter(&self, name: &str, text: &str) {
        self.state().parameters.insert(name.to_owned(), text.to_owned());
    }

    /// Returns the port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the targets of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Returns the environment of a function that has it.
    pub fn variables(&self) -> Variables {
        let port = self.port.to_string();
        Variables::new(move |name| match name {
            "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT" => Some(port.clone()),
            "AWS_SESSION_TOKEN" => Some("session".to_owned()),
            _ => None,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no answer panics")
    }

    fn answer(&self, mut stream: TcpStream) {
        let lines = BufReader::new(&stream).lines().map_while(Result::ok);
        let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        let Some(target) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
        let has_token =
            head.iter().any(|line| line.to_ascii_lowercase().starts_with("x-aws-parameters-secrets-token:"));
        let body = if has_token { self.body(target) } else { None };
        let (status, body) =
            body.map_or(("400 Bad Request", "an error of AWS".to_owned()), |body| ("200 OK", body));
        let length = body.len();
        // The client may have hung up already.
        let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
    }

    fn body(&self, target: &str) -> Option<String> {
        let mut state = self.state();
        state.requests.push(target.to_owned());
        if let Some(id) = target.strip_prefix("/secretsmanager/get?secretId=") {
            let text = state.secrets.get(&decoded(id))?;
            return Some(json!({"ARN": "arn", "Name": decoded(id), "SecretString": text}).to_string());
        }
        let name = target.strip_prefix("/systemsmanager/parameters/get?name=")?;
        let name = decoded(name.strip_suffix("&withDecryption=true")?);
        let value = state.parameters.get(&name)?;
        let parameter = json!({"Name": name, "Type": "SecureString", "Value": value, "Version": 1});
        Some(json!({"Parameter": parameter, "ResultMetadata": {}}).to_string())
    }
}

/// Decodes what stands percent-encoded in a query.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| {
        let (digits, rest) = part.split_at(2);
        let byte = u8::from_str_radix(digits, 16).expect("hexadecimal digits");
        format!("{}{rest}", char::from(byte))
    });
    first + &rest.collect::<String>()
}
