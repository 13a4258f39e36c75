//! Grants: what is granted is reached, what is not is denied, and nothing lies between.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use toolcell_host::catalog::{Directory, Grants};
use toolcell_host::sandbox::{CallSetup, GrantRoots, GuestFailure, LoadError};
use toolcell_host::secrets::SecretValue;
use wasmtime::component::Val;

use crate::support::{Fixture, component, limits, load, load_with, nowhere, setup};
use crate::wasi;

#[tokio::test]
async fn config_holds_exactly_what_was_granted() {
    for version in ["0.2.0-rc.1", "0.2.0-draft"] {
        let config = [("region".to_owned(), "eu-west-1".to_owned())].into();
        let granted = Grants { config, ..Grants::default() };
        let fixture = load_with(&wasi::config(version), limits(), granted, nowhere()).unwrap();
        let region = Val::Option(Some(Box::new(Val::String("eu-west-1".to_owned()))));
        assert_eq!(fixture.call().await.result.unwrap(), [region]);
        let closed = load(&wasi::config(version), limits());
        assert_eq!(closed.call().await.result.unwrap(), [Val::Option(None)]);
    }
}

#[tokio::test]
async fn a_secret_is_read_like_configuration() {
    for version in ["0.2.0-rc.1", "0.2.0-draft"] {
        let fixture = load(&wasi::config(version), limits());
        let secrets = [("region".to_owned(), SecretValue::from("eu-west-1".to_owned()))].into();
        let setup = CallSetup { secrets, ..setup(&fixture.tool) };
        let region = Val::Option(Some(Box::new(Val::String("eu-west-1".to_owned()))));
        assert_eq!(fixture.call_setup(&[], setup).await.result.unwrap(), [region]);
        assert_eq!(fixture.call().await.result.unwrap(), [Val::Option(None)], "the next call has its own");
    }
}

#[tokio::test]
async fn sockets_are_denied_and_the_call_remembers_it() {
    let fixture = load(&wasi::tcp_socket(), limits());
    let ended = fixture.call().await;
    assert_eq!(ended.result.unwrap(), [Val::U32(2)], "access-denied, the interface's own error");
    let denied = ended.usage.denied.expect("the denial is remembered");
    assert_eq!(denied.interface, "wasi:sockets/tcp-create-socket");
}

#[tokio::test]
async fn a_guest_that_fails_after_a_denial_is_said_to_have_been_denied() {
    let failure = load(&wasi::tcp_socket_or_panic(), limits()).failure().await;
    assert!(matches!(failure, GuestFailure::Denied(_)), "{failure:?}");
    assert_eq!(failure.to_string(), "access was denied: wasi:sockets/tcp-create-socket");
}

#[tokio::test]
async fn outbound_http_is_denied_and_the_call_remembers_it() {
    let ended = load(&wasi::request(""), limits()).call().await;
    assert_eq!(ended.result.unwrap(), [Val::U32(0)], "the request is taken, its answer is the error");
    let denied = ended.usage.denied.expect("the denial is remembered");
    assert_eq!(denied.interface, "wasi:http/outgoing-handler");
    let failure = load(&wasi::request("unreachable"), limits()).failure().await;
    assert_eq!(failure.to_string(), "access was denied: wasi:http/outgoing-handler");
}

#[tokio::test]
async fn the_environment_holds_exactly_what_was_granted() {
    let environment = [("LANGUAGE".to_owned(), "en".to_owned())].into();
    let granted = Grants { environment, ..Grants::default() };
    let fixture = load_with(&wasi::environment(), limits(), granted, nowhere()).unwrap();
    let text = |text: &str| Val::String(text.to_owned());
    let entry = Val::Tuple(vec![text("LANGUAGE"), text("en")]);
    assert_eq!(fixture.call().await.result.unwrap(), [Val::List(vec![entry])]);
    assert!(std::env::vars().next().is_some(), "the host itself has one");
    let closed = load(&wasi::environment(), limits()).call().await;
    assert_eq!(closed.result.unwrap(), [Val::List(Vec::new())]);
}

#[test]
fn an_import_that_the_host_lacks_is_refused_by_name() {
    let wat = r#"(component (import "acme:vault/keys@1.0.0" (instance (export "get" (func (result u32)))))
        (core module $m (func (export "run") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))"#;
    let refused = load_with(wat, limits(), Grants::default(), nowhere());
    let Err(LoadError::Import(refused)) = refused else { panic!("nobody offers that") };
    assert!(refused.to_string().contains("`acme:vault/keys@1.0.0`"), "{refused}");
}

#[tokio::test]
async fn an_imported_interface_of_types_alone_needs_no_host() {
    let wat = component(r#"(func (export "run") (result i32) (i32.const 7))"#).replacen(
        "(component",
        r#"(component (import "acme:geometry/types@1.0.0" (instance
            (type $point (record (field "x" u32))) (export "point" (type (eq $point)))))"#,
        1,
    );
    assert_eq!(load(&wat, limits()).number().await, 7);
}

/// Numbers of `wasi:filesystem`'s error codes, one more than their position.
const OPENED: u32 = 0;
const NO_ENTRY: u32 = 21;
const NOT_PERMITTED: u32 = 32;
const NO_DIRECTORY_GRANTED: u32 = 99;

const FOLLOW: u32 = 1;
const CREATE: u32 = 1;
const DIRECTORY: u32 = 2;
const TRUNCATE: u32 = 8;
const READ: u32 = 1;
const WRITE: u32 = 2;

/// A granted directory `data` with a file, and a secret next to it.
fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    fs::create_dir_all(data.join("inner")).unwrap();
    fs::create_dir(root.path().join("outside")).unwrap();
    fs::write(data.join("file"), "public").unwrap();
    fs::write(root.path().join("outside/secret"), "secret").unwrap();
    fs::write(root.path().join("secret"), "secret").unwrap();
    symlink("../secret", data.join("link-to-file")).unwrap();
    symlink("../outside", data.join("link-to-directory")).unwrap();
    symlink(root.path().join("secret"), data.join("absolute-link")).unwrap();
    symlink("link-to-directory", data.join("chain")).unwrap();
    symlink("loop", data.join("loop")).unwrap();
    symlink("file", data.join("link-inside")).unwrap();
    root
}

fn opener(root: &Path, write: bool) -> Fixture {
    let directory = Directory { host: "data".to_owned(), guest: "/data".to_owned(), write };
    let grants = Grants { directories: vec![directory], ..Grants::default() };
    let roots = GrantRoots { grants: root, bundle: None };
    load_with(&wasi::open_at(), limits(), grants, roots).unwrap()
}

async fn open(fixture: &Fixture, path: &str, follow: u32, how: u32, access: u32) -> u32 {
    let arguments = [Val::String(path.to_owned()), Val::U32(follow), Val::U32(how), Val::U32(access)];
    match fixture.call_with(&arguments, None, None).await.result.as_deref() {
        Ok([Val::U32(code)]) => *code,
        other => panic!("{path}: {other:?}"),
    }
}

#[tokio::test]
async fn without_a_grant_there_is_no_directory() {
    let fixture = load(&wasi::open_at(), limits());
    assert_eq!(open(&fixture, "file", FOLLOW, 0, READ).await, NO_DIRECTORY_GRANTED);
}

#[tokio::test]
async fn files_of_a_granted_directory_are_read() {
    let root = tree();
    let fixture = opener(root.path(), false);
    for path in ["file", "./file", "inner/../file", "link-inside"] {
        assert_eq!(open(&fixture, path, FOLLOW, 0, READ).await, OPENED, "{path}");
    }
    assert_eq!(open(&fixture, "inner/", FOLLOW, DIRECTORY, READ).await, OPENED);
    assert_eq!(open(&fixture, "absent", FOLLOW, 0, READ).await, NO_ENTRY);
}

#[tokio::test]
async fn no_path_leads_out_of_a_granted_directory() {
    let root = tree();
    let absolute = root.path().join("secret").display().to_string();
    let long = "a/".repeat(4000);
    let paths = [
        "..",
        "../",
        "../secret",
        "../data/../secret",
        "inner/../../secret",
        "./.././secret",
        "link-to-file",
        "link-to-file/",
        "link-to-directory",
        "link-to-directory/",
        "link-to-directory/secret",
        "link-to-directory/.",
        "link-to-directory//",
        "chain",
        "chain/",
        "chain/secret",
        "absolute-link",
        "absolute-link/",
        "loop",
        "/",
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/environ",
        "",
        "\0",
        "file\0",
        &absolute,
        &long,
    ];
    for write in [false, true] {
        let fixture = opener(root.path(), write);
        for path in paths {
            for how in [0, DIRECTORY] {
                let code = open(&fixture, path, FOLLOW, how, READ).await;
                assert_ne!(code, OPENED, "{path:?} opened with flags {how}");
            }
        }
    }
}

#[tokio::test]
async fn a_directory_granted_for_reading_is_never_written() {
    let root = tree();
    let fixture = opener(root.path(), false);
    for (path, how, access) in [
        ("file", 0, WRITE),
        ("file", 0, READ | WRITE),
        ("file", TRUNCATE, READ),
        ("new", CREATE, READ),
        ("new", CREATE, WRITE),
    ] {
        let code = open(&fixture, path, FOLLOW, how, access).await;
        assert_eq!(code, NOT_PERMITTED, "{path} {how} {access}");
    }
    assert_eq!(fs::read_to_string(root.path().join("data/file")).unwrap(), "public");
    assert!(!root.path().join("data/new").exists());
}

#[tokio::test]
async fn a_path_that_is_denied_is_remembered_and_one_that_is_absent_is_not() {
    let root = tree();
    let fixture = opener(root.path(), false);
    for (path, access, denied) in
        [("file", READ, false), ("absent", READ, false), ("file", WRITE, true), ("../secret", READ, true)]
    {
        let arguments = [Val::String(path.to_owned()), Val::U32(FOLLOW), Val::U32(0), Val::U32(access)];
        let found = fixture.call_with(&arguments, None, None).await.usage.denied;
        let interface = denied.then_some("wasi:filesystem/types");
        assert_eq!(found.map(|denial| denial.interface), interface, "{path}");
    }
}

#[tokio::test]
async fn a_directory_granted_for_writing_is_written() {
    let root = tree();
    let fixture = opener(root.path(), true);
    assert_eq!(open(&fixture, "new", FOLLOW, CREATE, WRITE).await, OPENED);
    assert!(root.path().join("data/new").exists());
}

#[test]
fn directories_that_hold_more_than_data_are_refused_when_the_plugin_is_loaded() {
    let root = tree();
    let bundle = root.path().join("data/inner");
    let data = root.path().join("data").display().to_string();
    symlink("/proc", root.path().join("innocent")).unwrap();
    let innocent = root.path().join("innocent").display().to_string();
    let refused =
        ["/", "/proc", "/proc/self", "/dev", "/dev/shm", "/sys", "/sys/kernel", "..", &data, &innocent];
    for host in refused {
        let host = if host == ".." { format!("{data}/../../../../../../../..") } else { host.to_owned() };
        let directory = Directory { host: host.clone(), guest: "/data".to_owned(), write: false };
        let grants = Grants { directories: vec![directory], ..Grants::default() };
        let roots = GrantRoots { grants: root.path(), bundle: Some(&bundle) };
        let error = match load_with(&wasi::open_at(), limits(), grants, roots) {
            Err(LoadError::Grant(error)) => error.to_string(),
            Err(error) => panic!("{host}: {error}"),
            Ok(_) => panic!("{host} was granted"),
        };
        assert!(error.contains(&format!("`{host}` is refused")), "{error}");
    }
}

#[test]
fn a_granted_directory_that_is_absent_is_named() {
    let root = tree();
    let directory = Directory { host: "absent".to_owned(), guest: "/data".to_owned(), write: false };
    let grants = Grants { directories: vec![directory], ..Grants::default() };
    let roots = GrantRoots { grants: root.path(), bundle: None };
    let Err(error) = load_with(&wasi::open_at(), limits(), grants, roots) else { panic!("loaded") };
    assert!(error.to_string().contains("`absent` cannot be opened"), "{error}");
}
