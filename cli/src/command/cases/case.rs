//! A case: what a client sends, what the plugin is given, what comes back. One file of `cases/` each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use toolcell_host::catalog::Grants;
use toolcell_host::rounds::Replay;
use toolcell_host::sandbox::tape::TapedExchange;

use super::json::{Object, shown, written};
use super::principal::{self, Principal};
use super::secret::{self, Values};
use super::state::{self, Buckets, State};
use super::{exchange, grant, timestamp};
use crate::ui::closest::closest;
use crate::ui::problem::{Problem, Result, one_of};
use crate::ui::read::read_text;

/// The directory of cases in a plugin's directory.
pub(super) const DIRECTORY: &str = "cases";

/// Default time of the wall clock.
const NOW: &str = "2026-01-01T00:00:00Z";

/// The keys for the request; a case has exactly one of them.
const SUBJECTS: [&str; 4] = ["tool", "prompt", "resource", "method"];

/// The parameters that clients add; the runner adds them to a case.
const CLIENTS_OWN: [&str; 3] = ["_meta", "requestState", "inputResponses"];

/// A case, read.
pub(super) struct Case {
    /// The file's name without its ending.
    pub(super) name: String,
    /// The file.
    pub(super) file: PathBuf,
    /// The request.
    pub(super) request: ClientRequest,
    /// The name that stands for the request in the file, such as a tool's name.
    pub(super) subject: Subject,
    /// The caller; `None` for an anonymous one.
    pub(super) principal: Option<Principal>,
    /// Client capabilities as JSON; `None` declares all of them.
    pub(super) capabilities: Option<Box<RawValue>>,
    /// The plugin's grants; paths are relative to its directory.
    pub(super) grants: Grants,
    /// The place of the grants for errors: `file:line: grants`.
    pub(super) grants_place: String,
    /// The values for tests of the secrets that are granted.
    pub(super) secrets: Values,
    /// The recorded exchanges; `None` if none was recorded yet.
    pub(super) exchanges: Option<Vec<TapedExchange>>,
    /// The entries of the plugin's buckets before the call.
    pub(super) state: State,
    /// The entries after the call; `None` if they are the same.
    pub(super) expected_state: Option<State>,
    /// The fixed clock and random seed.
    pub(super) replay: Replay,
    /// Answers to its questions, by their keys.
    pub(super) answers: BTreeMap<String, Box<RawValue>>,
    /// The expected response; `None` in a new case.
    pub(super) expected: Option<Response>,
    /// Every member of the file as it is written.
    pub(super) members: Vec<(String, Box<RawValue>)>,
}

/// The request of a case.
pub(super) struct Subject {
    /// The key: `tool`, `prompt`, `resource` or `method`.
    pub(super) key: &'static str,
    /// The key's value.
    pub(super) value: String,
    /// The place in the file, for errors.
    pub(super) place: String,
}

/// The request as a client sends it.
pub(super) struct ClientRequest {
    /// The method.
    pub(super) method: String,
    /// Its parameters, without what every request has.
    pub(super) params: BTreeMap<String, Box<RawValue>>,
}

/// The expected response.
#[derive(Clone, Debug)]
pub(super) enum Response {
    /// The result, without what every result has.
    Result(Box<RawValue>),
    /// A JSON-RPC error.
    Error(Box<RawValue>),
}

impl Case {
    /// Tells whether its requests have still to be sent, so that they can be recorded.
    pub(super) fn is_to_be_recorded(&self) -> bool {
        self.exchanges.is_none() && !self.grants.http.is_empty()
    }
}

impl Response {
    /// The key under which a case holds it.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Response::Result(_) => "expect",
            Response::Error(_) => "error",
        }
    }

    /// The JSON text as written.
    pub(super) fn raw(&self) -> &RawValue {
        match self {
            Response::Result(raw) | Response::Error(raw) => raw,
        }
    }

    /// The parsed value.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(self.raw().get()).unwrap_or_default()
    }
}

/// Reads the cases of a plugin in the order of their names: all of them, or the one that is named.
///
/// # Errors
/// Fails if there are no cases, or a file is not a valid test case.
pub(super) fn read_all(plugin: &Path, only: Option<&str>) -> Result<Vec<Case>> {
    let directory = plugin.join(DIRECTORY);
    let mut files = files(&directory);
    let names: Vec<String> = files.iter().map(|file| stem(file)).collect();
    if let Some(name) = only {
        if !names.iter().any(|one| one == name) {
            return Err(no_such_case(&directory, name, &names));
        }
        files.retain(|file| stem(file) == name);
    }
    if files.is_empty() {
        return Err(no_cases(&directory));
    }
    files.iter().map(|file| read(file)).collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort_by_key(|file| stem(file));
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn no_cases(directory: &Path) -> Problem {
    Problem::refused(directory.display().to_string(), "has no cases")
        .found("no *.json file")
        .expected("at least one case")
        .next(format!(
            "write {}/first.json:\n{{ \"tool\": \"NAME\", \"arguments\": {{}} }}\nand run `toolcell test --update`, \
             which records the result",
            directory.display()
        ))
}

fn no_such_case(directory: &Path, name: &str, names: &[String]) -> Problem {
    let next = match closest(name, names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "name a file of cases/ without its ending".to_owned(),
    };
    let expected = if names.is_empty() { "a case that is there".into() } else { one_of(names) };
    Problem::refused(format!("--case {name}"), format!("is not in {}", directory.display()))
        .found(name)
        .expected(expected)
        .next(next)
}

/// Reads a case.
///
/// # Errors
/// No JSON, a key that is unknown, missing or of the wrong form.
pub(super) fn read(file: &Path) -> Result<Case> {
    let shown = file.display().to_string();
    let text = read_text(file).map_err(|error| {
        Problem::refused(&shown, "cannot be read")
            .found(error.to_string())
            .expected("a case: JSON in UTF-8")
            .next("make the file readable and save it as UTF-8")
    })?;
    let object = Object::read(&shown, &text)?;
    object.text("description")?;
    let (subject, principal) = (read_subject(&object)?, principal::read(&object)?);
    let grants = grant::read(&object, &shown)?;
    let buckets = Buckets { grants: &grants, has_caller: principal.is_some() };
    let (before, after) = (buckets.read(&object, state::BEFORE)?, buckets.read(&object, state::AFTER)?);
    let case = Case {
        name: stem(file),
        file: file.to_path_buf(),
        request: read_request(&object, &subject)?,
        subject,
        principal,
        grants,
        grants_place: object.place("grants"),
        secrets: secret::read(&object)?,
        exchanges: exchange::read(&object)?,
        state: before.unwrap_or_default(),
        expected_state: after,
        capabilities: object.object("capabilities")?.map(ToOwned::to_owned),
        replay: Replay { now_ms: read_now(&object)?, seed: read_seed(&object)? },
        answers: read_answers(&object)?,
        expected: read_expected(&object)?,
        members: object.members().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    object.finish()?;
    secret::refuse_unknown(&case.grants, &case.secrets, &case.grants_place)?;
    Ok(case)
}

fn read_subject(object: &Object<'_>) -> Result<Subject> {
    let mut given = Vec::new();
    for key in SUBJECTS {
        given.extend(object.text(key)?.map(|value| Subject { key, value, place: object.place(key) }));
    }
    let mut given = given.into_iter();
    let subject = given.next().ok_or_else(|| no_subject(object))?;
    match given.next() {
        None => Ok(subject),
        Some(other) => Err(object
            .wrong(other.key, format!("cannot be combined with `{}`", subject.key))
            .found("both")
            .expected(one_of(&SUBJECTS))
            .next("keep one of them, and move the other to a second case")),
    }
}

fn read_request(object: &Object<'_>, subject: &Subject) -> Result<ClientRequest> {
    let (method, name) = match subject.key {
        "tool" => ("tools/call", "name"),
        "prompt" => ("prompts/get", "name"),
        "resource" => ("resources/read", "uri"),
        _ => return Ok(ClientRequest { method: subject.value.clone(), params: read_params(object)? }),
    };
    let mut params = BTreeMap::from([(name.to_owned(), written(&subject.value))]);
    if subject.key != "resource" {
        let arguments = object.object("arguments")?.map_or_else(|| written(&Map::new()), ToOwned::to_owned);
        params.insert("arguments".to_owned(), arguments);
    }
    Ok(ClientRequest { method: method.to_owned(), params })
}

fn no_subject(object: &Object<'_>) -> Problem {
    let known = SUBJECTS.into_iter();
    let slip = object.members().find_map(|(name, _)| Some((name, closest(name, known.clone())?)));
    let (at, found, next) = match slip {
        Some((name, meant)) => (name, name, format!("did you mean `{meant}`?")),
        None => (SUBJECTS[0], "nothing", "add the tool that is called: \"tool\": \"NAME\"".to_owned()),
    };
    let wrong = if slip.is_some() { "is an unknown key" } else { "is missing" };
    object.wrong(at, wrong).found(found).expected(one_of(&SUBJECTS)).next(next)
}

fn read_params(object: &Object<'_>) -> Result<BTreeMap<String, Box<RawValue>>> {
    let members = object.members_of("params")?;
    if let Some((name, _)) = members.iter().find(|(name, _)| CLIENTS_OWN.contains(&name.as_str())) {
        return Err(object
            .wrong(&format!("params.{name}"), "cannot be set in a case")
            .found(name.clone())
            .expected("parameters of the method; toolcell adds the others")
            .next("remove it; use the keys `capabilities` and `answers` of the case instead"));
    }
    Ok(members.into_iter().map(|(name, value)| (name, value.to_owned())).collect())
}

fn read_now(object: &Object<'_>) -> Result<u64> {
    let text = object.text("now")?.unwrap_or_else(|| NOW.to_owned());
    timestamp::milliseconds(&text).ok_or_else(|| {
        object
            .wrong("now", "is not a timestamp")
            .found(format!("{text:?}"))
            .expected("an RFC 3339 timestamp, 1970 or later")
            .next(format!("write, for example, \"now\": \"{NOW}\""))
    })
}

/// A hexadecimal number of 256 bits.
fn read_seed(object: &Object<'_>) -> Result<[u8; 32]> {
    let text = object.text("seed")?.unwrap_or_else(|| "0".to_owned());
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let Some(digits) = digits.filter(|digits| (1..=64).contains(&digits.len())) else {
        return Err(object
            .wrong("seed", "is not a seed")
            .found(format!("{text:?}"))
            .expected("1 to 64 hexadecimal digits")
            .next("write, for example, \"seed\": \"2a\""));
    };
    let mut seed = [0; 32];
    for (place, digit) in digits.iter().rev().enumerate() {
        seed[31 - place / 2] |= digit << (4 * (place % 2));
    }
    Ok(seed)
}

fn read_answers(object: &Object<'_>) -> Result<BTreeMap<String, Box<RawValue>>> {
    let mut answers = BTreeMap::new();
    for (key, answer) in object.members_of("answers")? {
        if !answer.get().starts_with('{') {
            return Err(object
                .wrong(&format!("answers.{key}"), "is not an answer")
                .found(shown(answer))
                .expected("the client's answer, an object")
                .next("write, for example, { \"action\": \"accept\", \"content\": {} }, or { \"action\": \"decline\" }"));
        }
        answers.insert(key, answer.to_owned());
    }
    Ok(answers)
}

fn read_expected(object: &Object<'_>) -> Result<Option<Response>> {
    match (object.object("expect")?, object.object("error")?) {
        (None, None) => Ok(None),
        (Some(result), None) => Ok(Some(Response::Result(result.to_owned()))),
        (None, Some(error)) => Ok(Some(Response::Error(error.to_owned()))),
        (Some(_), Some(_)) => Err(object
            .wrong("expect", "cannot be combined with `error`")
            .found("both")
            .expected("either `expect` with a result or `error` with a JSON-RPC error")
            .next("remove one of them")),
    }
}
