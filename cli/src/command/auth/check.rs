//! `toolcell auth check`: walks discovery as a client does, and judges each step.

use http::StatusCode;
use toolcell_host::auth::oauth::KeySet;
use toolcell_host::catalog::WebUrl;

use super::client::{Answer, Client, Reach};
use super::issuer::{self, Found, Issuer};
use super::report::Report;
use super::resource::{self, CHALLENGE, Challenge, RENAMED, Resource};
use crate::command::repository::wait;
use crate::ui::exit::Exit;
use crate::ui::format::Format;
use crate::ui::problem::Result;
use crate::ui::terminal::{Terminal, counted};

/// Walks discovery at a server, and prints how each step went.
///
/// Ends with [`Exit::Found`] if clients fail at one of them.
///
/// # Errors
/// The system refuses an event loop.
pub fn run(url: &WebUrl, reach: &Reach, format: Format, terminal: &Terminal) -> Result<Exit> {
    let client = Client::new(url, reach);
    let mut report = Report::of(url.as_str());
    wait(async {
        walk(&client, url, &mut report).await;
        Ok(())
    })?;
    match format {
        Format::Json => terminal.print(serde_json::to_string_pretty(&report).expect("a report is JSON")),
        Format::Text => terminal.print(report.render(terminal)),
    }
    Ok(if report.has_wrong() { Exit::Found } else { Exit::Done })
}

async fn walk(client: &Client, url: &WebUrl, report: &mut Report) {
    let Some(challenge) = first_request(client, url, report).await else { return };
    let Some(found) = metadata(client, url, challenge.resource_metadata.as_deref(), report).await else {
        return;
    };
    judge_resource(&found, url, report);
    judge_scopes(&found, &challenge, report);
    for identifier in &found.authorization_servers {
        authorization_server(client, identifier, &found, &challenge, report).await;
    }
}

/// Sends a request without a token, which the server has to refuse with a challenge.
async fn first_request(client: &Client, url: &WebUrl, report: &mut Report) -> Option<Challenge> {
    const STEP: &str = "a request without a token";
    let answer = match resource::knock(client, url).await {
        Ok(answer) => answer,
        Err(fault) => {
            report.wrong(STEP, fault, "check the address; for this machine or a private network, see --help");
            return None;
        }
    };
    if answer.status != StatusCode::UNAUTHORIZED {
        let next =
            "clients start to sign in at status 401; a server that needs no token needs no authorization";
        report.wrong(STEP, format!("status {}, expected 401", answer.status.as_u16()), next);
        return None;
    }
    report.ok(STEP, "status 401");
    judge_challenge(&answer, report);
    Some(resource::challenge(&answer).unwrap_or_default())
}

fn judge_challenge(answer: &Answer, report: &mut Report) {
    const STEP: &str = "the challenge";
    let found = resource::challenge(answer);
    match (answer.header(CHALLENGE), answer.header(RENAMED), found) {
        (Some(_), _, Some(Challenge { resource_metadata: Some(url), .. })) => {
            report.ok(STEP, format!("names the metadata at {url}"));
        }
        (None, Some(_), _) => report.note(
            STEP,
            format!("AWS has renamed {CHALLENGE} to {RENAMED}"),
            "clients find the metadata at the well-known addresses, but never ask for more scopes",
        ),
        (None, None, _) => report.note(
            STEP,
            format!("no {CHALLENGE}"),
            "send `WWW-Authenticate: Bearer resource_metadata=\"...\"` (RFC 9728, section 5.1)",
        ),
        (Some(_), ..) => report.note(
            STEP,
            "names no metadata",
            "add resource_metadata=\"...\" to `WWW-Authenticate: Bearer` (RFC 9728, section 5.1)",
        ),
    }
}

/// Looks for the metadata where the challenge says and at both well-known addresses. What is found first counts.
async fn metadata(
    client: &Client,
    url: &WebUrl,
    named: Option<&str>,
    report: &mut Report,
) -> Option<Resource> {
    let places = resource::places(url);
    let named = named.and_then(|text| text.parse::<WebUrl>().ok()).filter(|named| !places.contains(named));
    let mut first = None;
    let mut absent = Vec::new();
    for place in named.iter().chain(&places) {
        match client.get(place).await.and_then(|answer| Ok((resource::read(&answer)?, answer))) {
            Ok((found, answer)) => {
                report.ok("metadata of the server", place.as_str());
                judge_pages(&answer, report);
                first.get_or_insert(found);
            }
            Err(fault) => absent.push(format!("{place}: {fault}")),
        }
    }
    let found = absent.join("; ");
    match &first {
        None => report.wrong(
            "metadata of the server",
            found,
            "serve metadata (RFC 9728) at these addresses, to everybody",
        ),
        Some(_) if absent.is_empty() => {}
        Some(_) => report.note(
            "metadata of the server",
            found,
            "serve them there, too: some clients look only there",
        ),
    }
    first
}

/// Tells whether pages of other origins may read the metadata, as clients in a browser do.
fn judge_pages(answer: &Answer, report: &mut Report) {
    if answer.header("access-control-allow-origin").is_none() {
        let next =
            "send `access-control-allow-origin: *`: clients that run in a browser cannot read them otherwise";
        report.note("metadata of the server", "no access-control-allow-origin", next);
    }
}

fn judge_resource(found: &Resource, url: &WebUrl, report: &mut Report) {
    const STEP: &str = "`resource` in the metadata";
    if found.resource == url.as_str() {
        report.ok(STEP, "the address of the server, to the letter");
    } else {
        let next =
            "it must be the address that users type; behind another name, tell the server its public address";
        report.wrong(STEP, format!("{:?}", found.resource), next);
    }
    let methods = found.bearer_methods_supported.as_deref().unwrap_or_default();
    if !methods.is_empty() && !methods.iter().any(|method| method == "header") {
        let next = "list \"header\": MCP clients send tokens in no other way";
        report.wrong("`bearer_methods_supported`", methods.join(", "), next);
    }
    match found.authorization_servers.as_slice() {
        [] => {
            let next = "list at least one authorization server in `authorization_servers`";
            report.wrong("authorization servers", "none", next);
        }
        servers => report.ok("authorization servers", servers.join(", ")),
    }
}

fn judge_scopes(found: &Resource, challenge: &Challenge, report: &mut Report) {
    const STEP: &str = "scopes that clients ask for";
    let scopes = asked(found, challenge);
    if scopes.iter().any(|scope| scope == "offline_access") {
        let next = "remove offline_access: clients ask for it by themselves";
        report.wrong(STEP, scopes.join(" "), next);
    } else if scopes.is_empty() {
        report.ok(STEP, "none");
    } else {
        report.ok(STEP, scopes.join(" "));
    }
}

/// Lists the scopes that a client without a token asks for: those of the challenge, or else of the metadata.
fn asked(found: &Resource, challenge: &Challenge) -> Vec<String> {
    match &challenge.scope {
        Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
        None => found.scopes_supported.clone(),
    }
}

async fn authorization_server(
    client: &Client,
    identifier: &str,
    resource: &Resource,
    challenge: &Challenge,
    report: &mut Report,
) {
    const STEP: &str = "metadata of the authorization server";
    let Ok(url) = identifier.parse::<WebUrl>() else {
        report.wrong(STEP, format!("{identifier:?} is no address"), "name it by its https:// address");
        return;
    };
    match issuer::find(client, &url).await {
        Ok(Found { at, issuer }) => {
            report.ok(STEP, at.as_str());
            judge_issuer(&issuer, report);
            judge_known_scopes(&issuer, &asked(resource, challenge), report);
            keys(client, &issuer, report).await;
        }
        Err(faults) => {
            let next = "its metadata must be at one of these addresses, with `issuer` equal to the name to the letter";
            report.wrong(STEP, faults.join("; "), next);
        }
    }
}

fn judge_issuer(issuer: &Issuer, report: &mut Report) {
    for (step, endpoint) in [
        ("`authorization_endpoint`", &issuer.authorization_endpoint),
        ("`token_endpoint`", &issuer.token_endpoint),
    ] {
        match endpoint.as_ref().map(|text| text.parse::<WebUrl>()) {
            Some(Ok(url)) => report.ok(step, url.as_str()),
            Some(Err(error)) => {
                report.wrong(step, format!("the address {error}"), "it must be an https:// address")
            }
            None => report.wrong(step, "missing", "clients sign their users in there"),
        }
    }
    let methods = &issuer.code_challenge_methods_supported;
    if methods.iter().any(|method| method == "S256") {
        report.ok("PKCE", "S256");
    } else {
        let found = if methods.is_empty() { "not advertised".to_owned() } else { methods.join(", ") };
        let next = "advertise \"S256\" in `code_challenge_methods_supported`: MCP clients stop without it";
        report.wrong("PKCE", found, next);
    }
    judge_registration(issuer, report);
    if !issuer.authorization_response_iss_parameter_supported {
        let next =
            "advertise and send `iss` (RFC 9207), which protects clients of several servers from mix-up";
        report.note("`iss` in answers to clients", "not advertised", next);
    }
}

fn judge_registration(issuer: &Issuer, report: &mut Report) {
    const STEP: &str = "registration of clients";
    let document = issuer.client_id_metadata_document_supported.then_some("client ID metadata documents");
    let dynamic = issuer.registration_endpoint.as_ref().map(|_| "dynamic");
    let ways: Vec<_> = document.into_iter().chain(dynamic).collect();
    if ways.is_empty() {
        let next =
            "register each client there, and give it its client ID: most chat products cannot do without";
        report.note(STEP, "neither by metadata documents nor dynamic", next);
    } else {
        report.ok(STEP, ways.join(", "));
    }
}

fn judge_known_scopes(issuer: &Issuer, asked: &[String], report: &mut Report) {
    let Some(known) = &issuer.scopes_supported else { return };
    let unknown: Vec<_> = asked.iter().filter(|scope| !known.contains(scope)).cloned().collect();
    if !unknown.is_empty() {
        let next = "add them there, or it may refuse clients that ask for them";
        report.note("scopes that the authorization server does not list", unknown.join(" "), next);
    }
}

/// Fetches the keys, with which the server verifies tokens.
async fn keys(client: &Client, issuer: &Issuer, report: &mut Report) {
    const STEP: &str = "keys";
    let Some(text) = &issuer.jwks_uri else {
        let next = "without keys, a server has to ask about each token (RFC 7662)";
        report.note(STEP, "no `jwks_uri`", next);
        return;
    };
    let fetched = match text.parse::<WebUrl>() {
        Ok(url) => client.get(&url).await,
        Err(error) => Err(format!("`jwks_uri` {error}")),
    };
    let read = fetched.and_then(|answer| match answer.status {
        StatusCode::OK => KeySet::public_members(&answer.body).map_err(|error| error.to_string()),
        status => Err(format!("status {}", status.as_u16())),
    });
    match read {
        Ok(set) => report.ok(STEP, counted(set["keys"].as_array().map_or(0, Vec::len), "usable key")),
        Err(fault) => {
            report.wrong(STEP, format!("{text}: {fault}"), "publish a key set with public keys (RFC 7517)");
        }
    }
}
