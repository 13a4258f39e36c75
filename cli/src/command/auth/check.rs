//! `toolcell auth check`: walks discovery as a client does, and judges each step.

use http::StatusCode;
use serde::de::IgnoredAny;
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

/// The most authorization servers that are asked: a stranger may list any number, and each costs requests to others.
const MAX_SERVERS: usize = 8;

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
    for identifier in found.authorization_servers.iter().take(MAX_SERVERS) {
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
        let found = format!("{}; expected 401, at which clients start to sign in", answer.status_text());
        report.wrong(STEP, found, instead_of_401(answer.status));
        return None;
    }
    report.ok(STEP, "status 401");
    judge_challenge(&answer, report);
    Some(resource::challenge(&answer).unwrap_or_default())
}

/// Says what to do about a server that answers a request without a token with another status than 401.
fn instead_of_401(status: StatusCode) -> &'static str {
    match status {
        status if status.is_success() => {
            "the server takes requests without a token: require one, or leave authorization away"
        }
        StatusCode::NOT_FOUND => "check the path of the address: it has to be that of the MCP endpoint",
        status if status.is_redirection() => "use the address at which the server answers by itself",
        status if status.is_server_error() => "read the log of the server, or of the proxy in front of it",
        _ => "answer a request without a token before anything else about it is judged",
    }
}

fn judge_challenge(answer: &Answer, report: &mut Report) {
    const STEP: &str = "the challenge";
    let found = resource::challenge(answer);
    match (answer.header(CHALLENGE), answer.header(RENAMED), found) {
        (Some(_), _, Some(Challenge { resource_metadata: Some(url), .. })) => match url.parse::<WebUrl>() {
            Ok(url) => report.ok(STEP, format!("names the metadata at {url}")),
            Err(error) => {
                let next = "name the https:// address of the metadata in resource_metadata";
                report.wrong(STEP, format!("{url:?}: the address {error}"), next);
            }
        },
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
        (Some(text), _, None) => report.note(
            STEP,
            format!("{CHALLENGE} is not `Bearer ...`: {text}"),
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
    const STEP: &str = "metadata of the server";
    let mut places = resource::places(url);
    let named = named.and_then(|text| text.parse::<WebUrl>().ok());
    if let Some(named) = named.as_ref().filter(|named| !places.contains(named)) {
        places.insert(0, named.clone());
    }
    let mut first = None;
    let mut absent = Vec::new();
    for place in places {
        let got = client.get(&place).await;
        match got.and_then(|answer| Ok((answer.document::<Resource>()?, answer))) {
            Ok((found, answer)) => {
                report.ok(STEP, place.as_str());
                judge_pages(&answer, report);
                first.get_or_insert(found);
            }
            Err(fault) => absent.push((named.as_ref() == Some(&place), resource::at(&place, fault))),
        }
    }
    let is_led_astray = absent.iter().any(|(is_named, _)| *is_named);
    let found = absent.iter().map(|(_, fault)| fault.as_str()).collect::<Vec<_>>().join("; ");
    match &first {
        None => {
            let next =
                "serve metadata in JSON (RFC 9728) at these addresses, to everybody, without a redirect";
            report.wrong(STEP, found, next);
        }
        Some(_) if is_led_astray => {
            report.wrong(
                STEP,
                found,
                "the challenge leads clients there: serve them there, or name another address",
            );
        }
        Some(_) if absent.is_empty() => {}
        Some(_) => report.note(STEP, found, "serve them there, too: some clients look only there"),
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
        servers if servers.len() > MAX_SERVERS => {
            let found = format!("{}, of which the first {MAX_SERVERS} are checked", servers.len());
            report.note(
                "authorization servers",
                found,
                "list fewer: clients take one, most of them the first",
            );
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
    let url = match identifier.parse::<WebUrl>() {
        Ok(url) => url,
        Err(error) => {
            let next = "name it in `authorization_servers` by its https:// address";
            report.wrong(STEP, format!("{identifier:?}: the address {error}"), next);
            return;
        }
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
    const PUBLISH: &str = "publish a key set with public keys (RFC 7517) there, to everybody";
    let Some(text) = &issuer.jwks_uri else {
        let next = "without keys, a server has to ask about each token (RFC 7662)";
        report.note(STEP, "no `jwks_uri`", next);
        return;
    };
    let fetched = match text.parse::<WebUrl>() {
        Ok(url) => client.get(&url).await,
        Err(error) => Err(format!("`jwks_uri` {error}")),
    };
    let read = fetched.and_then(|answer| {
        answer.document::<IgnoredAny>()?;
        KeySet::public_members(&answer.body).map_err(|error| error.to_string())
    });
    match read {
        Ok(set) => report.ok(STEP, counted(set["keys"].as_array().map_or(0, Vec::len), "usable key")),
        Err(fault) if fault.starts_with(text) => report.wrong(STEP, fault, PUBLISH),
        Err(fault) => report.wrong(STEP, format!("{text}: {fault}"), PUBLISH),
    }
}
