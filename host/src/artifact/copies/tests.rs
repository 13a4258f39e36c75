//! Copies that are used, planted, cut off, too many, and where there is no room for any.

use std::fs::{self, DirBuilder, Permissions};
use std::future::poll_fn;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, symlink};
use std::process::Command;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use super::*;
use crate::artifact::BucketCode;
use crate::aws::testing::{Answer, Server};
use crate::s3::testing::bucket;

/// The code in the bucket.
const CODE: &str = "code of a plugin";

/// The variable that tells a test, started once more, which folder to use.
const FOLDER: &str = "TOOLCELL_TEST_FOLDER";

/// Puts something in the place of a copy, or of the directory.
type Plant<'p> = &'p dyn Fn(&Path);

/// A folder for temporary files, and a bucket with one object.
struct Scene {
    temporary: tempfile::TempDir,
    server: Server,
    code: String,
}

impl Scene {
    async fn with(code: String) -> Self {
        let server = Server::start(vec![Answer::ok(&code)]).await;
        Self { temporary: tempfile::tempdir().unwrap(), server, code }
    }

    async fn new() -> Self {
        Self::with(CODE.to_owned()).await
    }

    fn digest(&self) -> Digest {
        Digest::of(self.code.as_bytes())
    }

    fn copies(&self) -> Copies {
        Copies::below(self.temporary.path())
    }

    fn directory(&self) -> PathBuf {
        self.copies().directory
    }

    fn copy(&self) -> PathBuf {
        self.directory().join(self.digest().to_string())
    }

    /// Makes the directory, as a process that ran before has.
    fn make(&self) {
        DirBuilder::new().mode(0o700).create(self.directory()).unwrap();
    }

    /// Has a process load the code and keep a copy, and tells whether it asked the bucket.
    async fn load(&self) -> Source {
        let asked = self.server.requests().len();
        let process = BucketCode::new(bucket(&self.server), Some(Arc::new(self.copies())), 1);
        process.fetch(0, self.digest(), self.code.len() as u64).await.unwrap();
        let loaded = process.fetched(0).unwrap();
        let mut bytes = vec![0; self.code.len() + 1];
        let read = loaded.file.read_at(&mut bytes, 0).unwrap();
        assert_eq!(&bytes[..read], self.code.as_bytes());
        let source = if self.server.requests().len() == asked { Source::Copy } else { Source::Bucket };
        process.keep_copies().await;
        source
    }
}

/// Where code has come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Copy,
    Bucket,
}

/// A memory file with bytes of a size.
fn memory(bytes: &[u8]) -> File {
    let mut file = crate::artifact::memory_file(c"test").unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn pipe(path: &Path) {
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mknodat(CWD, path, FileType::Fifo, mode, 0).unwrap();
}

#[tokio::test]
async fn the_next_process_takes_the_copy_and_asks_nobody() {
    let scene = Scene::new().await;
    assert_eq!(scene.load().await, Source::Bucket);
    assert_eq!((mode(&scene.directory()), mode(&scene.copy())), (0o700, 0o600));
    assert_eq!(fs::read_dir(scene.directory()).unwrap().count(), 1);
    assert_eq!(scene.load().await, Source::Copy);
    assert_eq!(scene.load().await, Source::Copy);
}

#[tokio::test]
async fn nothing_is_written_before_the_code_is_loaded_and_nothing_without_copies() {
    let scene = Scene::new().await;
    let process = BucketCode::new(bucket(&scene.server), Some(Arc::new(scene.copies())), 1);
    process.fetch(0, scene.digest(), scene.code.len() as u64).await.unwrap();
    assert!(!scene.directory().exists());
    process.keep_copies().await;
    assert!(scene.copy().exists());
    fs::remove_file(scene.copy()).unwrap();
    let process = BucketCode::new(bucket(&scene.server), None, 1);
    process.fetch(0, scene.digest(), scene.code.len() as u64).await.unwrap();
    process.keep_copies().await;
    assert!(!scene.copy().exists());
}

#[tokio::test]
async fn whatever_is_planted_as_a_copy_costs_a_fetch_and_gives_way_to_the_right_one() {
    let right = tempfile::NamedTempFile::new().unwrap();
    fs::write(right.path(), CODE).unwrap();
    let outside = right.path();
    let table: [(&str, Plant<'_>); 9] = [
        ("other bytes", &|copy| fs::write(copy, "evil of a plugin").unwrap()),
        ("no bytes", &|copy| fs::write(copy, "").unwrap()),
        ("a part", &|copy| fs::write(copy, &CODE[..9]).unwrap()),
        ("more", &|copy| fs::write(copy, format!("{CODE}!")).unwrap()),
        ("a huge file", &|copy| File::create(copy).unwrap().set_len(1 << 40).unwrap()),
        ("a link to the right bytes", &|copy| symlink(outside, copy).unwrap()),
        ("a link to nothing", &|copy| symlink("/nowhere", copy).unwrap()),
        ("a pipe", &pipe),
        ("a directory", &|copy| fs::create_dir(copy).unwrap()),
    ];
    for (name, plant) in table {
        let scene = Scene::new().await;
        scene.make();
        plant(&scene.copy());
        assert_eq!(scene.load().await, Source::Bucket, "{name}");
        assert_eq!(scene.load().await, Source::Copy, "{name}");
        assert!(fs::symlink_metadata(scene.copy()).unwrap().is_file(), "{name}");
        assert_eq!(fs::read_to_string(outside).unwrap(), CODE, "{name}");
    }
}

#[tokio::test]
async fn a_directory_with_files_in_the_place_of_a_copy_costs_a_fetch_each_time() {
    let scene = Scene::new().await;
    fs::create_dir_all(scene.copy().join("inside")).unwrap();
    fs::set_permissions(scene.directory(), Permissions::from_mode(0o700)).unwrap();
    for _ in 0..2 {
        assert_eq!(scene.load().await, Source::Bucket);
    }
    assert!(scene.copy().join("inside").exists());
    assert!(!scene.directory().join("new").exists());
}

#[tokio::test]
async fn whatever_is_planted_in_the_place_of_an_unfinished_copy_gives_way() {
    let victim = tempfile::NamedTempFile::new().unwrap();
    let outside = victim.path();
    let table: [(&str, Plant<'_>); 4] = [
        ("half a copy", &|new| fs::write(new, &CODE[..8]).unwrap()),
        ("a link", &|new| symlink(outside, new).unwrap()),
        ("a pipe", &pipe),
        ("a directory", &|new| fs::create_dir(new).unwrap()),
    ];
    for (name, plant) in table {
        let scene = Scene::new().await;
        scene.make();
        plant(&scene.directory().join("new"));
        assert_eq!(scene.load().await, Source::Bucket, "{name}");
        assert_eq!(scene.load().await, Source::Copy, "{name}");
        assert!(!scene.directory().join("new").exists(), "{name}");
        assert_eq!(fs::read(outside).unwrap(), b"", "{name}");
    }
}

#[tokio::test]
async fn a_directory_of_copies_that_others_may_use_is_not_used() {
    let other = tempfile::tempdir().unwrap();
    fs::set_permissions(other.path(), Permissions::from_mode(0o700)).unwrap();
    let elsewhere = other.path();
    let with_mode = |path: &Path, mode| {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    let table: [(&str, Plant<'_>); 6] = [
        ("readable by others", &|path| with_mode(path, 0o755)),
        ("writable by a group", &|path| with_mode(path, 0o720)),
        ("a link", &|path| symlink(elsewhere, path).unwrap()),
        ("a file", &|path| fs::write(path, "x").unwrap()),
        ("a pipe", &pipe),
        ("of another user", &|path| {
            with_mode(path, 0o700);
            if rustix::process::geteuid().is_root() {
                std::os::unix::fs::chown(path, Some(12_345), None).unwrap();
            } else {
                fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
            }
        }),
    ];
    for (name, plant) in table {
        let scene = Scene::new().await;
        plant(&scene.directory());
        // Where it is a directory, even the right copy in it is not taken.
        let has_copy = fs::write(scene.copy(), CODE).is_ok();
        for _ in 0..2 {
            assert_eq!(scene.load().await, Source::Bucket, "{name}");
        }
        let left = fs::read_dir(scene.directory()).map_or(0, Iterator::count);
        assert_eq!(left, usize::from(has_copy), "{name}");
    }
}

#[tokio::test]
async fn code_does_not_change_when_its_copy_does() {
    let scene = Scene::new().await;
    scene.load().await;
    let (code, _) = scene.copies().find(scene.digest(), 100).await.unwrap();
    fs::write(scene.copy(), "evil of a plugin").unwrap();
    let mut bytes = [0; CODE.len()];
    code.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(bytes, *CODE.as_bytes());
    assert!((&code).write_all(b"evil").is_err() && code.set_len(0).is_err(), "it is sealed");
    assert!(scene.copies().find(scene.digest(), 100).await.is_none());
}

/// The copies of a directory that are there.
fn kept(copies: &Copies, digests: &[Digest]) -> Vec<bool> {
    digests.iter().map(|digest| copies.directory.join(digest.to_string()).exists()).collect()
}

#[tokio::test]
async fn the_copies_that_were_used_longest_ago_make_room() {
    let temporary = tempfile::tempdir().unwrap();
    let copies = Copies { max_bytes: 250, ..Copies::below(temporary.path()) };
    let codes = [[1; 100], [2; 100], [3; 100]];
    let digests = codes.map(|code| Digest::of(&code));
    for at in 0..2 {
        copies.keep(digests[at], &memory(&codes[at])).await.unwrap();
        let file = File::options().write(true).open(copies.directory.join(digests[at].to_string())).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60 - at as u64)).unwrap();
    }
    assert!(copies.find(digests[0], 100).await.is_some(), "the older one is used once more");
    copies.keep(digests[2], &memory(&codes[2])).await.unwrap();
    assert_eq!(kept(&copies, &digests), [true, false, true]);
    let error = copies.keep(Digest::of(&[4; 251]), &memory(&[4; 251])).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(kept(&copies, &digests), [true, false, true], "what is too large removes nothing");
    copies.keep(Digest::of(&[4; 250]), &memory(&[4; 250])).await.unwrap();
    assert_eq!(kept(&copies, &digests), [false; 3]);
}

#[tokio::test]
async fn one_process_writes_at_a_time_and_one_that_stops_leaves_nothing() {
    let scene = Scene::with("x".repeat(10 * CHUNK_BYTES)).await;
    scene.make();
    let other = Locked::new(scene.copies().open().unwrap()).unwrap();
    assert_eq!(scene.load().await, Source::Bucket);
    assert_eq!(fs::read_dir(scene.directory()).unwrap().count(), 0, "another process writes");
    drop(other);
    let copies = scene.copies();
    let code = memory(scene.code.as_bytes());
    {
        let mut keep = std::pin::pin!(copies.keep(scene.digest(), &code));
        let is_pending = poll_fn(|context| Poll::Ready(keep.as_mut().poll(context).is_pending())).await;
        assert!(is_pending);
        assert!(scene.directory().join("new").exists(), "it is being written");
        assert!(!scene.copy().exists());
    }
    assert_eq!(fs::read_dir(scene.directory()).unwrap().count(), 0);
    assert_eq!(scene.load().await, Source::Bucket);
    assert_eq!(scene.load().await, Source::Copy);
}

/// Loads code twice in a folder without room for a copy.
async fn load_without_room(folder: &Path) {
    let scene = Scene::with("x".repeat(100_000)).await;
    for _ in 0..2 {
        let asked = scene.server.requests().len();
        let process = BucketCode::new(bucket(&scene.server), Some(Arc::new(Copies::below(folder))), 1);
        process.fetch(0, scene.digest(), 100_000).await.unwrap();
        process.keep_copies().await;
        assert_eq!(scene.server.requests().len(), asked + 1);
    }
    let files = fs::read_dir(Copies::below(folder).directory).map_or(0, Iterator::count);
    assert_eq!(files, 0);
}

#[tokio::test]
async fn a_full_or_read_only_folder_costs_a_fetch_each_time() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return load_without_room(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    // A folder that nobody can write to, one without space, one without a directory more, one without a file more.
    for options in ["ro", "size=64k", "nr_inodes=1", "nr_inodes=2"] {
        let mount = "mount -t tmpfs -o \"$1\" tmpfs \"$2\" && exec \"$3\" --exact \"$4\"";
        let name = "artifact::copies::tests::a_full_or_read_only_folder_costs_a_fetch_each_time";
        let mut child = Command::new("unshare");
        child.args(["--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", options]);
        child.arg(folder.path()).arg(std::env::current_exe().unwrap()).arg(name);
        let ran = child.env(FOLDER, folder.path()).output().unwrap();
        let printed = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && printed.contains("1 passed"), "{options}: {ran:?}");
    }
}
