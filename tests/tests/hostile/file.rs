//! Attacks on files: writing where only reading is granted, leaving the directory, and files that are none.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;
use toolcell_tests::{Called, Client, Revision, Server, fixture};

use crate::scene::{Scene, tells_internals};

/// The content of a file that no guest may read.
const SECRET: &str = "secret of the machine";

/// A granted directory `data`, and a secret next to it.
fn tree() -> TempDir {
    let root = tempfile::tempdir().expect("a directory");
    let data = root.path().join("data");
    fs::create_dir_all(data.join("inner")).expect("directories");
    fs::create_dir(root.path().join("outside")).expect("a directory");
    for (path, content) in [("data/file", "public"), ("data/inner/file", "public"), ("outside/file", SECRET)]
    {
        fs::write(root.path().join(path), content).expect("a file");
    }
    symlink("../outside/file", data.join("link-to-file")).expect("a link");
    symlink("../outside", data.join("link-to-directory")).expect("a link");
    symlink("loop", data.join("loop")).expect("a link");
    symlink("absent", data.join("dangling")).expect("a link");
    root
}

fn scene(root: &Path, write: bool, more: &str) -> Scene {
    let data = root.join("data").display().to_string();
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let mut scene = Scene::start(&format!(
        "{plugin}[[plugins.hostile.grants.directories]]\nhost = {data:?}\nguest = \"/data\"\nwrite = {write}\n{more}"
    ));
    scene.prepare(|server| {
        assert_eq!(read(server, "/data/file").text.as_deref(), Some("public"), "what is granted is read");
    });
    scene
}

/// Lists everything below a directory: links with their targets, files with contents and times.
fn contents(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = vec![root.to_owned()];
    while let Some(path) = rest.pop() {
        let metadata = fs::symlink_metadata(&path).expect("metadata");
        let content = match metadata.file_type() {
            kind if kind.is_dir() => {
                rest.extend(
                    fs::read_dir(&path).expect("a directory").map(|entry| entry.expect("an entry").path()),
                );
                "directory".to_owned()
            }
            kind if kind.is_symlink() => format!("{:?}", fs::read_link(&path)),
            _ => format!("{:?} {:?}", metadata.modified(), fs::read(&path)),
        };
        found.insert(path.display().to_string(), content);
    }
    found
}

fn harm(client: &Client, how: &str, path: &str, target: &str) -> Called {
    client.call("harm_file", &json!({"how": how, "path": path, "target": target}))
}

/// Tells what a call that must fail says instead.
fn failed(called: &Called) -> Result<(), String> {
    let text = called.text.clone().unwrap_or_default();
    if !called.is_error || tells_internals(&text) || text.contains(SECRET) {
        return Err(format!("{called:?}"));
    }
    Ok(())
}

/// Harm to a directory that was granted for reading.
const HARM: [(&str, &str, &str, &str); 15] = [
    ("write-to-a-file", "write", "/data/file", ""),
    ("write-a-new-file", "write", "/data/new", ""),
    ("append-to-a-file", "append", "/data/file", ""),
    ("truncate-a-file", "truncate", "/data/file", ""),
    ("remove-a-file", "remove", "/data/file", ""),
    ("remove-a-link", "remove", "/data/loop", ""),
    ("rename-a-file", "rename", "/data/file", "/data/new"),
    ("rename-over-a-file", "rename", "/data/file", "/data/inner/file"),
    ("rename-a-directory", "rename", "/data/inner", "/data/other"),
    ("link-a-file", "link", "/data/file", "/data/new"),
    ("make-a-link", "symlink", "file", "/data/new"),
    ("make-a-directory", "make_directory", "/data/new", ""),
    ("remove-a-directory", "remove_directory", "/data/inner", ""),
    ("set-the-time-of-a-file", "set_times", "/data/file", ""),
    ("set-the-time-of-a-directory", "set_times", "/data/inner", ""),
];

#[test]
fn a_directory_granted_for_reading_stays_as_it_is() {
    let root = tree();
    let before = contents(root.path());
    let mut scene = scene(root.path(), false, "");
    for (name, how, path, target) in HARM {
        scene.attack(name, |server| {
            failed(&harm(&server.client(Revision::Modern), how, path, target))?;
            let after = contents(root.path());
            if before == after { Ok(()) } else { Err(format!("{before:?}\n{after:?}")) }
        });
    }
    scene.end("read-only files");
}

/// Ways out of a directory that was granted for writing: the steps before, and the step that must fail.
type WayOut = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
    (&'static str, &'static str, &'static str),
);

const WAYS_OUT: [WayOut; 18] = [
    ("read-by-two-dots", &[], ("read", "/data/../outside/file", "")),
    ("read-by-two-dots-after-a-directory", &[], ("read", "/data/inner/../../outside/file", "")),
    ("read-through-a-link", &[], ("read", "/data/link-to-file", "")),
    ("read-through-a-link-with-a-slash", &[], ("read", "/data/link-to-file/", "")),
    ("read-through-a-linked-directory", &[], ("read", "/data/link-to-directory/file", "")),
    ("list-a-linked-directory", &[], ("list", "/data/link-to-directory", "")),
    ("list-a-linked-directory-with-a-slash", &[], ("list", "/data/link-to-directory/", "")),
    ("list-a-linked-directory-with-a-dot", &[], ("list", "/data/link-to-directory/.", "")),
    ("read-through-an-own-link", &[("symlink", "../outside/file", "/data/own")], ("read", "/data/own", "")),
    (
        "read-through-an-absolute-link",
        &[("symlink", "/etc/passwd", "/data/passwd")],
        ("read", "/data/passwd", ""),
    ),
    ("list-through-an-own-link", &[("symlink", "..", "/data/up")], ("list", "/data/up/", "")),
    (
        "read-through-a-chain-of-links",
        &[("symlink", "..", "/data/up"), ("symlink", "up/outside", "/data/chain")],
        ("read", "/data/chain/file", ""),
    ),
    ("write-through-a-link", &[], ("write", "/data/link-to-file", "")),
    ("remove-through-a-linked-directory", &[], ("remove", "/data/link-to-directory/file", "")),
    ("rename-out-of-the-directory", &[], ("rename", "/data/file", "/data/../outside/stolen")),
    ("rename-into-the-directory", &[], ("rename", "/data/../outside/file", "/data/stolen")),
    ("link-into-the-directory", &[], ("link", "/data/link-to-directory/file", "/data/stolen")),
    ("make-a-directory-outside", &[], ("make_directory", "/data/link-to-directory/new", "")),
];

fn step(client: &Client, (how, path, target): (&str, &str, &str)) -> Called {
    match how {
        "read" => client.call("read_file", &json!({"path": path})),
        "list" => client.call("list_directory", &json!({"path": path})),
        _ => harm(client, how, path, target),
    }
}

#[test]
fn no_way_leads_out_of_a_directory_granted_for_writing() {
    let root = tree();
    let outside = contents(&root.path().join("outside"));
    let mut scene = scene(root.path(), true, "");
    for (name, before, last) in WAYS_OUT {
        scene.attack(name, |server| {
            let client = server.client(Revision::Modern);
            for prepared in before {
                // Whether the link can be made does not matter, only where it leads.
                step(&client, *prepared);
            }
            failed(&step(&client, last))?;
            let after = contents(&root.path().join("outside"));
            if outside == after { Ok(()) } else { Err(format!("{outside:?}\n{after:?}")) }
        });
    }
    scene.end("ways out of a directory");
}

#[test]
fn a_directory_that_becomes_a_link_while_it_is_read_leads_nowhere() {
    let root = tree();
    let data = root.path().join("data");
    let mut scene = scene(root.path(), true, "");
    scene.attack("directory-swapped-for-a-link", |server| {
        let client = server.client(Revision::Modern);
        let arguments = json!({"path": "/data/inner/file", "word": SECRET, "times": 3000});
        let watch = thread::spawn(move || client.call("watch_file", &arguments));
        while !watch.is_finished() {
            let swaps = [
                ("inner", "away"),
                ("link-to-directory", "inner"),
                ("inner", "link-to-directory"),
                ("away", "inner"),
            ];
            for (from, to) in swaps {
                fs::rename(data.join(from), data.join(to)).expect("the directory is the test's own");
            }
        }
        let called = watch.join().expect("the client of the guest is answered");
        if called.structured == Some(json!({"result": 0})) { Ok(()) } else { Err(format!("{called:?}")) }
    });
    scene.end("races for a directory");
}

/// Makes files that no ordinary program makes.
fn odd_files(data: &Path) {
    use std::os::unix::net::UnixListener;
    use std::time::{Duration, SystemTime};
    let _ended = UnixListener::bind(data.join("socket")).expect("a socket");
    let sparse = fs::File::create(data.join("sparse")).expect("a file");
    sparse.set_len(1 << 40).expect("a file system with sparse files");
    for (name, time) in [
        ("old", SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 31)),
        ("new", SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 33)),
    ] {
        let file = fs::File::create(data.join(name)).expect("a file");
        file.set_modified(time).expect("a file system with such times");
    }
    let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"no\xfftext");
    let odd = data.join("odd-names");
    fs::create_dir(&odd).expect("a directory");
    fs::write(odd.join(name), "").expect("a file system with any name");
    fs::write(odd.join("line\nbreak"), "").expect("a file system with any name");
}

#[test]
fn odd_files_are_an_error_of_their_own_call() {
    let root = tree();
    odd_files(&root.path().join("data"));
    let mut scene = scene(root.path(), false, "");
    let reads = [
        ("file-that-is-a-socket", "/data/socket"),
        ("file-that-is-a-directory", "/data/inner"),
        ("file-of-a-tebibyte", "/data/sparse"),
        ("link-to-itself", "/data/loop"),
        ("link-to-nothing", "/data/dangling"),
        ("path-without-end", "/data/a"),
        ("path-with-a-zero", "/data/fi\0le"),
        ("path-that-is-empty", ""),
        ("path-of-the-process", "/proc/self/environ"),
        ("path-of-a-device", "/dev/zero"),
        ("path-of-a-descriptor", "/dev/fd/0"),
    ];
    for (name, path) in reads {
        let path = if name == "path-without-end" { "/data/a".repeat(100_000) } else { path.to_owned() };
        scene.attack(name, |server| failed(&read(server, &path)));
    }
    for (name, path, seconds) in
        [("time-before-all-times", "/data/old", 0), ("time-far-ahead", "/data/new", 1_i64 << 33)]
    {
        scene.attack(name, |server| {
            let called = server.client(Revision::Modern).call("age_file", &json!({"path": path}));
            let expected = json!({"result": seconds});
            if called.structured == Some(expected) { Ok(()) } else { Err(format!("{called:?}")) }
        });
    }
    scene.attack("names-that-are-no-text", |server| {
        let arguments = json!({"path": "/data/odd-names"});
        let called = server.client(Revision::Modern).call("list_directory", &arguments);
        let text = called.text.unwrap_or_default();
        if tells_internals(&text) { Err(text) } else { Ok(()) }
    });
    scene.end("odd files");
}

/// A story of the local edge: the test lowers the limit of a process that serves many callers.
mod local {
    use std::env;
    use std::process::Command;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// The number of files that a process may open in many shells.
    const OPEN_FILES: usize = 1024;

    /// The calls that hold files; each would hold nearly all that there are.
    const HOARDERS: usize = 4;

    /// The longest wait; a neighbour that reaches it is starved.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn open_files_of_a_guest_leave_room_for_connections() {
        let name = "file::local::files_without_number_leave_room";
        let limited = format!("ulimit -n {OPEN_FILES} && exec \"$0\" --exact {name} --ignored --nocapture");
        let program = env::current_exe().expect("this program has a path");
        let output = Command::new("sh").arg("-c").arg(limited).arg(program).output().expect("a shell");
        let text = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
    }

    #[test]
    #[ignore = "the test above runs it, in a process that may open few files"]
    fn files_without_number_leave_room() {
        let root = tree();
        let mut scene =
            scene(root.path(), false, "[plugins.hostile.tools.hoard_files.limits]\ndeadline = \"8 s\"\n");
        let neighbour = scene.neighbour();
        scene.attack("files-without-number", |server| {
            let client = server.client(Revision::Modern);
            let arguments = json!({"path": "/data/file", "number": OPEN_FILES});
            let hoard = || client.call("hoard_files", &arguments);
            thread::scope(|threads| {
                let hoarders: Vec<_> = (0..HOARDERS).map(|_| threads.spawn(hoard)).collect();
                let all_wait = || hoarders.iter().all(|one| !one.is_finished());
                until(|| hold_all_they_can(open_files));
                let before = neighbour();
                until(|| neighbour() >= before + 20 || !all_wait());
                if !all_wait() {
                    return Err("the neighbour waits until the files are closed".to_owned());
                }
                let texts = hoarders.into_iter().map(|one| one.join().expect("an answer").text);
                let overdue = Some("the tool did not finish within 8000 ms".to_owned());
                let others: Vec<_> = texts.filter(|text| *text != overdue).collect();
                if others.is_empty() { Ok(()) } else { Err(format!("{others:?}")) }
            })
        });
        scene.end("open files");
    }

    /// Tells whether the number of open files is large and no longer grows, but for a connection or two.
    fn hold_all_they_can(count: impl Fn() -> Option<usize>) -> bool {
        let Some(before) = count() else { return true };
        thread::sleep(Duration::from_millis(200));
        count().is_none_or(|after| after > OPEN_FILES / 2 && after.abs_diff(before) <= 8)
    }

    /// Counts the open files of this process, which is the server, too; `None` if it cannot open another one.
    fn open_files() -> Option<usize> {
        Some(fs::read_dir("/proc/self/fd").ok()?.count())
    }

    fn until(mut holds: impl FnMut() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn read(server: &Server, path: &str) -> Called {
    let arguments: Value = json!({"path": path});
    server.client(Revision::Modern).call("read_file", &arguments)
}
