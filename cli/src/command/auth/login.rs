//! `toolcell auth login`: gets an access token for a server, by browser or on another device.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::time::timeout;
use toolcell_host::catalog::WebUrl;
use toolcell_host::digest::Digest;
use toolcell_host::text::Shown;

use super::callback::Callback;
use super::client::{Client, Reach};
use super::issuer::{self, Issuer};
use super::session::{Session, Tokens, tokens, url};
use super::{device, form, resource};
use crate::command::repository::wait;
use crate::ui::problem::{Problem, Result};
use crate::ui::terminal::{Style, Terminal};

/// The longest time that a person takes to sign in.
const TIME: Duration = Duration::from_secs(600);

/// How the user signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In a browser on this machine, which comes back to this port; 0 is one that is free.
    Browser(u16),
    /// On any device (RFC 8628).
    Device,
}

/// The options of `toolcell auth login`.
#[derive(Debug)]
pub struct LoginRequest<'a> {
    /// The address of the server.
    pub url: &'a WebUrl,
    /// How the user signs in.
    pub way: Way,
    /// The client that is registered at the authorization server; `None` registers one.
    pub client_id: Option<&'a str>,
    /// The scopes; none asks for those that the server names.
    pub scopes: &'a [String],
    /// The file for the token; `None` prints it.
    pub out: Option<&'a Path>,
    /// The addresses that may be asked.
    pub reach: &'a Reach,
}

/// Signs the user in, and prints the token or writes it to a file that only its owner can read.
///
/// # Errors
/// The server or its authorization server cannot be signed in to, or the file cannot be written.
pub fn run(request: &LoginRequest<'_>, terminal: &Terminal) -> Result<()> {
    if let Some(file) = request.out.filter(|file| file.exists()) {
        return Err(unwritten(file, "there is such a file"));
    }
    let tokens = wait(async {
        sign_in(request, terminal).await.map_err(|found| {
            Problem::refused(request.url.as_str(), "cannot be signed in to")
                .found(found)
                .expected("a server that names its authorization server, and a user who signs in there")
                .next(format!(
                    "run `toolcell auth check {}`, which says what is wrong at each step",
                    request.url
                ))
        })
    })?;
    let scope = tokens.scope.map(|scope| format!(" with the scopes `{}`", Shown(&scope))).unwrap_or_default();
    let time = tokens.expires_in.map(|seconds| format!(" for {seconds} s")).unwrap_or_default();
    terminal.note(format!("An access token{scope}, valid{time}:"));
    match request.out {
        None => terminal.print(terminal.style(Style::Strong, Shown(&tokens.access_token).to_string())),
        Some(file) => {
            write(file, &tokens.access_token).map_err(|error| unwritten(file, &error.to_string()))?;
            terminal.note(format!("written to {}", file.display()));
        }
    }
    Ok(())
}

fn unwritten(file: &Path, found: &str) -> Problem {
    Problem::refused(file.display().to_string(), "cannot be made for the token")
        .found(found)
        .expected("a file that does not exist yet, in a directory that can be written to")
        .next("name another file with --out, or remove this one")
}

async fn sign_in(request: &LoginRequest<'_>, terminal: &Terminal) -> std::result::Result<Tokens, String> {
    let client = Client::new(request.url, request.reach);
    let (found, challenge) = resource::find(&client, request.url).await?;
    if found.resource != request.url.as_str() {
        return Err(format!("the metadata are those of another server: `resource` is {:?}", found.resource));
    }
    let identifier =
        found.authorization_servers.first().ok_or("the metadata name no authorization server")?;
    let identifier = url(identifier, "authorization_servers")?;
    let issuer = issuer::find(&client, &identifier).await.map_err(|faults| faults.join("; "))?.issuer;
    let scope = match request.scopes {
        [] => challenge.scope.unwrap_or_else(|| found.scopes_supported.join(" ")),
        scopes => scopes.join(" "),
    };
    let session = Session { client, issuer, resource: found.resource, scope, terminal };
    match request.way {
        Way::Browser(port) => by_browser(&session, request.client_id, port).await,
        Way::Device => {
            let registration = session.registration(request.client_id, None).await?;
            device::sign_in(&session, &registration).await
        }
    }
}

/// Leads the user to the authorization server, and takes the code that the browser brings back.
async fn by_browser(
    session: &Session<'_>,
    client_id: Option<&str>,
    port: u16,
) -> std::result::Result<Tokens, String> {
    if !session.issuer.code_challenge_methods_supported.iter().any(|method| method == "S256") {
        session
            .terminal
            .warning("the authorization server does not advertise PKCE with S256: MCP clients stop here");
    }
    let callback = Callback::listen(port).await.map_err(|error| format!("127.0.0.1:{port}: {error}"))?;
    let registration = session.registration(client_id, Some(callback.address())).await?;
    let (state, verifier) = (random()?, random()?);
    let challenge = URL_SAFE_NO_PAD.encode(Digest::of(verifier.as_bytes()).0);
    let page =
        session.endpoint(session.issuer.authorization_endpoint.as_deref(), "authorization_endpoint")?;
    let question = form::written(&[
        ("response_type", "code"),
        ("client_id", &registration.client_id),
        ("redirect_uri", callback.address()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", &state),
        ("resource", &session.resource),
        ("scope", &session.scope),
    ]);
    let separator = if page.as_str().contains('?') { '&' } else { '?' };
    session
        .terminal
        .note(format!("Open this address in a browser, and sign in:\n\n  {page}{separator}{question}\n"));
    let back = timeout(TIME, callback.query()).await.map_err(|_| "nobody has signed in within 10 minutes")?;
    let code = code(&back.map_err(|error| error.to_string())?, &state, &session.issuer)?;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", callback.address()),
        ("code_verifier", &verifier),
    ];
    tokens(&session.exchange(&registration, &pairs).await?)
}

/// Takes the code out of the answer, if it is the answer to our question and from the server that was asked.
fn code(query: &str, state: &str, issuer: &Issuer) -> std::result::Result<String, String> {
    if form::value(query, "state").as_deref() != Some(state) {
        return Err(
            "the browser came back with another `state`: this is not the answer to our question".to_owned()
        );
    }
    let sender = form::value(query, "iss");
    let must_tell = issuer.authorization_response_iss_parameter_supported;
    if sender.as_ref().map_or(must_tell, |sender| *sender != issuer.issuer) {
        return Err("the browser came back from another authorization server (`iss`)".to_owned());
    }
    if let Some(error) = form::value(query, "error") {
        let description = form::value(query, "error_description").unwrap_or_default();
        return Err(format!("the authorization server refuses: {error} {description}").trim_end().to_owned());
    }
    form::value(query, "code").ok_or_else(|| "the browser came back without a `code`".to_owned())
}

/// Returns 256 random bits as text.
fn random() -> std::result::Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Writes a token to a new file that nobody else can read.
fn write(file: &Path, token: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{token}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issuer(tells: bool) -> Issuer {
        serde_json::from_value(json!({
            "issuer": "https://a.example", "authorization_response_iss_parameter_supported": tells,
        }))
        .unwrap()
    }

    #[test]
    fn a_code_counts_only_in_the_answer_to_our_question_from_the_server_that_was_asked() {
        let iss = "iss=https%3A%2F%2Fa.example";
        for (query, tells, expected) in [
            (format!("code=c&state=s&{iss}"), true, Ok("c")),
            (format!("code=c&state=s&{iss}"), false, Ok("c")),
            ("code=c&state=s".to_owned(), false, Ok("c")),
            ("code=c&state=s".to_owned(), true, Err("(`iss`)")),
            ("code=c&state=s&iss=https%3A%2F%2Fb.example".to_owned(), false, Err("(`iss`)")),
            (format!("code=c&state=t&{iss}"), true, Err("another `state`")),
            (format!("code=c&{iss}"), true, Err("another `state`")),
            (format!("error=access_denied&state=s&{iss}"), true, Err("access_denied")),
            (format!("state=s&{iss}"), true, Err("without a `code`")),
        ] {
            match (code(&query, "s", &issuer(tells)), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{query}: {found}"),
                (found, expected) => panic!("{query}: {found:?}, expected {expected:?}"),
            }
        }
    }
}
