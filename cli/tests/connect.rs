//! `toolcell connect`, the real program: what it prints for each client, and what it does to their files.

mod story;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Output};

use serde_json::{Value, json};
use story::{Bench, golden};

const CLIENTS: [&str; 7] =
    ["claude-desktop", "claude-code", "vscode", "cursor", "zed", "windsurf", "gemini-cli"];

/// A server whose callers need no token, and one whose callers do.
fn bench() -> Bench {
    let bench = Bench::new();
    let plugin = "[server]\nname = \"bill\"\n[plugins.bill]\nsource = \"bill\"\n";
    bench.write("project/toolcell.toml", plugin);
    let digest = "0".repeat(64);
    let principal = format!("[auth.bearer.principals.alice]\ntokens = [\"sha256:{digest}\"]\n");
    bench.write("project/closed.toml", format!("{plugin}{principal}"));
    bench.write("home/.keep", "");
    bench
}

/// Runs it in the folder of the project.
fn connect(bench: &Bench, arguments: &[&str]) -> Output {
    connect_with(bench, arguments, &[])
}

/// Runs it there with more variables.
fn connect_with(bench: &Bench, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    command.arg("connect").args(arguments).current_dir(bench.path("project"));
    command.env_clear().env("HOME", bench.path("home")).envs(variables.iter().copied()).output().unwrap()
}

fn printed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Both outputs, without the folders of this run.
fn shown(bench: &Bench, output: &Output) -> String {
    let text = [&output.stderr[..], &output.stdout].concat();
    let text = String::from_utf8(text).unwrap();
    let program = fs::canonicalize(env!("CARGO_BIN_EXE_toolcell")).unwrap().display().to_string();
    let root = fs::canonicalize(bench.path("")).unwrap().display().to_string();
    let given = bench.path("").display().to_string();
    let text = text
        .replace(&program, "/usr/bin/toolcell")
        .replace(&format!("{root}/"), "/")
        .replace(given.trim_end_matches('/'), "");
    text.replace("Library/Application Support", ".config")
}

#[test]
fn every_client_gets_its_configuration() {
    let bench = bench();
    let url = "https://abc.lambda-url.eu-central-1.on.aws/mcp";
    let mut told = String::new();
    for client in CLIENTS {
        for arguments in [
            &[client][..],
            &[client, "--config", "closed.toml"],
            &[client, "--url", "http://127.0.0.1:8080/mcp"],
            &[client, "--url", url, "--name", "bill"],
            &[client, "--url", url, "--token"],
        ] {
            let output = connect(&bench, arguments);
            told += &format!("$ toolcell connect {}\n{}\n", arguments.join(" "), shown(&bench, &output));
            let is_refused = client == "claude-desktop" && arguments.contains(&"--url");
            assert_eq!(output.status.code(), Some(if is_refused { 3 } else { 0 }), "{arguments:?}");
            if !is_refused {
                assert!(printed(&output).is_object(), "{arguments:?}");
            }
        }
    }
    assert!(!told.contains("tct_") && !told.contains("sha256:"), "nothing of a token: {told}");
    golden("connect.txt", &told);
}

#[test]
fn a_file_keeps_everything_that_is_not_ours() {
    let bench = bench();
    let before = "// my settings\n{\n  \"theme\": \"dark\", // at night\n  \"context_servers\": {\n    \"other\": { \"command\": \"x\" },\n  },\n}\n";
    bench.write("home/.config/zed/settings.json", before);
    let file = bench.path("home/.config/zed/settings.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let output = connect(&bench, &["zed", "--write", "--url", "http://127.0.0.1:8080/mcp", "--name", "bill"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let after = fs::read_to_string(&file).unwrap();
    let expected = before.replace(
        "\"x\" },\n",
        "\"x\" },\n    \"bill\": {\n      \"url\": \"http://127.0.0.1:8080/mcp\"\n    }\n",
    );
    assert_eq!(after, expected);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "as secret as before");
    let backup = bench.path("home/.config/zed/settings.json.before-toolcell");
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);

    let again = connect(&bench, &["zed", "--write", "--url", "http://127.0.0.1:8080/mcp", "--name", "bill"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("says so already"), "{again:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
    assert_eq!(fs::read_to_string(&backup).unwrap(), before);
}

#[test]
fn a_file_that_is_not_there_is_made_and_a_link_stays_one() {
    let bench = bench();
    assert!(connect(&bench, &["vscode", "--write", "--config", "closed.toml"]).status.success());
    let made: Value =
        serde_json::from_slice(&fs::read(bench.path("project/.vscode/mcp.json")).unwrap()).unwrap();
    assert_eq!(made["servers"]["bill"]["env"]["TOOLCELL_TOKEN"], "${input:toolcell-token}");
    assert_eq!(made["inputs"][0]["password"], true);

    bench.write("home/real.json", "{\"mcpServers\": {\"bill\": {\"command\": \"old\"}, \"z\": {}}}");
    symlink(bench.path("home/real.json"), bench.path("project/link.json")).unwrap();
    assert!(connect(&bench, &["cursor", "--write", "--file", "link.json"]).status.success());
    assert!(fs::symlink_metadata(bench.path("project/link.json")).unwrap().is_symlink());
    let real: Value = serde_json::from_slice(&fs::read(bench.path("home/real.json")).unwrap()).unwrap();
    assert_eq!(real["mcpServers"]["z"], json!({}));
    assert_eq!(real["mcpServers"]["bill"]["args"][1], "--stdio");
}

#[test]
fn a_file_that_cannot_be_read_stays_as_it_is() {
    let bench = bench();
    for text in
        ["{\"mcpServers\": [", "[]", "{\"mcpServers\": 1}", "{\"mcpServers\": {}, \"mcpServers\": {}}"]
    {
        bench.write("project/.cursor/mcp.json", text);
        let output = connect(&bench, &["cursor", "--write"]);
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert_eq!(fs::read_to_string(bench.path("project/.cursor/mcp.json")).unwrap(), text);
        assert_eq!(fs::read_dir(bench.path("project/.cursor")).unwrap().count(), 1, "nothing beside it");
    }
}

/// A file that nobody but its owner may read is at no moment a file that others may read.
#[test]
fn a_new_file_is_for_everybody_and_an_old_one_for_whom_it_was() {
    let bench = bench();
    assert!(connect(&bench, &["cursor", "--write"]).status.success());
    let mode = |name: &str| fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("project/.cursor/mcp.json"), 0o644);
    fs::set_permissions(bench.path("project/.cursor/mcp.json"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(connect(&bench, &["cursor", "--write", "--name", "other"]).status.success());
    assert_eq!(mode("project/.cursor/mcp.json"), 0o640);
    assert_eq!(mode("project/.cursor/mcp.json.before-toolcell"), 0o640);
}

#[test]
fn comments_and_line_ends_of_an_editor_survive_a_write_and_the_next_one() {
    let bench = bench();
    let before = "{\r\n\t// asked once\r\n\t\"inputs\": [\r\n\t\t{ \"id\": \"mine\" }, /* keep */\r\n\t],\r\n\t\"servers\": {\r\n\t\t// first\r\n\t\t\"a\": { \"url\": \"http://x/*y*/\" }, // last\r\n\t}\r\n}\r\n";
    bench.write("project/.vscode/mcp.json", before);
    for name in ["one", "two"] {
        let written = connect(&bench, &["vscode", "--write", "--config", "closed.toml", "--name", name]);
        assert!(written.status.success(), "{written:?}");
    }
    let after = fs::read_to_string(bench.path("project/.vscode/mcp.json")).unwrap();
    let mut rest = after.as_str();
    for piece in before.split_inclusive("\r\n").map(|line| line.trim_end_matches("\r\n")) {
        let at = rest.find(piece).unwrap_or_else(|| panic!("{piece:?} is gone: {after}"));
        rest = &rest[at + piece.len()..];
    }
    assert_eq!(after.matches("toolcell-token\"").count(), 1, "the question is there once: {after}");
    assert!(after.contains("\"one\"") && after.contains("\"two\""), "{after}");
}

#[test]
fn names_with_spaces_and_quotes_are_passed_on_as_they_are() {
    let bench = bench();
    let plugin = "[server]\nname = \"b\"\n[plugins.bill]\nsource = \"bill\"\n";
    for folder in ["my tools", "it's \"mine\"", "%PATH% $HOME ü", "back\\slash"] {
        bench.write(&format!("{folder}/toolcell.toml"), plugin);
        let config = fs::canonicalize(bench.path(&format!("{folder}/toolcell.toml"))).unwrap();
        let config = config.to_str().unwrap();
        for client in CLIENTS {
            let entry = printed(&connect(&bench, &[client, "--config", config]));
            let (_, servers) = entry.as_object().unwrap().iter().next().unwrap();
            assert_eq!(servers["b"]["args"], json!(["serve", "--stdio", "--config", config]), "{client}");
        }
    }
}

#[test]
fn a_client_on_windows_starts_the_server_in_its_linux() {
    let bench = bench();
    let mut told = String::new();
    let wsl = [("WSL_DISTRO_NAME", "Debian GNU")];
    let not_utf8 = bench.path("project").join(OsStr::from_bytes(b"\xff.toml"));
    fs::copy(bench.path("project/toolcell.toml"), &not_utf8).unwrap();
    bench.write("project/${x}/toolcell.toml", fs::read(bench.path("project/toolcell.toml")).unwrap());
    for (arguments, variables) in [
        (&["claude-desktop", "--windows"][..], &wsl[..]),
        (&["claude-desktop", "--windows", "--config", "closed.toml"], &wsl),
        (&["zed", "--windows"], &wsl),
        (&["windsurf", "--windows", "--url", "http://127.0.0.1:8080/mcp"], &[]),
        (&["cursor", "--windows", "--bundle", "."], &wsl),
        (&["claude-desktop", "--windows"], &[]),
        (&["windsurf", "--windows", "--write"], &wsl),
        (&["cursor", "--config", "${x}/toolcell.toml"], &[]),
    ] {
        let output = connect_with(&bench, arguments, variables);
        told += &format!("$ toolcell connect {}\n{}\n", arguments.join(" "), shown(&bench, &output));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolcell"));
    let command = command.args(["connect", "cursor", "--config"]).arg(&not_utf8);
    let output = command.env_clear().current_dir(bench.path("project")).output().unwrap();
    told += &format!("$ toolcell connect cursor --config [not UTF-8]\n{}\n", shown(&bench, &output));
    golden("connect-windows.txt", &told);

    bench.write("c/settings.json", "{ \"theme\": \"dark\" }\n");
    let file = bench.path("c/settings.json").display().to_string();
    assert!(connect_with(&bench, &["zed", "--windows", "--write", "--file", &file], &wsl).status.success());
    let written: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let server = &written["context_servers"]["bill"];
    assert_eq!((&written["theme"], &server["command"]), (&json!("dark"), &json!("wsl.exe")));
    let args: Vec<_> = server["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    assert_eq!(args[..3], ["--distribution", "Debian GNU", "--exec"], "no shell reads them again");
    assert_eq!(args[4..7], ["serve", "--stdio", "--config"]);
}
