//! The granted directory: notes in `pending/`, releases in `published/`, and what each call has decided in `calls/`.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::exports::samples::release::tools::Release;

/// The notes and releases of one directory.
pub(crate) struct Folder {
    directory: PathBuf,
}

/// The release that a call has decided to publish.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) version: String,
    /// File names in `pending/`.
    pub(crate) notes: Vec<String>,
}

impl Plan {
    fn to_text(&self) -> String {
        format!("{}\n{}\n", self.version, self.notes.join("\n"))
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::to_owned);
        Some(Self { version: lines.next()?, notes: lines.collect() })
    }
}

impl Folder {
    /// The folder at `directory`, an absolute path.
    pub(crate) fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Names of the notes that wait, in order.
    ///
    /// # Errors
    /// Why `pending/` could not be read.
    pub(crate) fn pending(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory.join("pending"))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") && !name.contains('\n') {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Publishes a plan, once for each key: what a key has decided before is what counts, and is brought to its end.
    ///
    /// # Errors
    /// Why it is not published, in words for a client.
    pub(crate) fn publish(&self, key: &str, plan: &Plan) -> Result<Release, String> {
        let said = |cause: io::Error| format!("the release could not be written: {}", cause.kind());
        let decided = match self.decision(key).map_err(said)? {
            Some(decided) => decided,
            None => {
                self.check(plan)?;
                self.decide(key, plan).map_err(said)?
            }
        };
        self.carry_out(&decided).map_err(said)?;
        let path = format!("published/{}.md", decided.version);
        Ok(Release { version: decided.version, notes: decided.notes, path })
    }

    /// Each step is skipped if an earlier attempt has done it.
    fn carry_out(&self, plan: &Plan) -> io::Result<()> {
        let pending = |name: &String| self.directory.join("pending").join(name);
        let release = self.release(&plan.version);
        if !release.exists() {
            let mut text = format!("# {}\n\n", plan.version);
            for name in &plan.notes {
                text.push_str(&fs::read_to_string(pending(name))?);
            }
            replace(&release, &text)?;
        }
        plan.notes.iter().try_for_each(|name| remove(&pending(name)))
    }

    fn check(&self, plan: &Plan) -> Result<(), String> {
        let plain = |character: char| character.is_ascii_alphanumeric() || ".-".contains(character);
        if !plan.version.starts_with(char::is_alphanumeric) || !plan.version.chars().all(plain) {
            return Err(format!("{} is no version", plan.version));
        }
        if self.release(&plan.version).exists() {
            return Err(format!("{} is already published", plan.version));
        }
        Ok(())
    }

    /// Returns the earlier decision of the call with this key.
    fn decision(&self, key: &str) -> io::Result<Option<Plan>> {
        match fs::read_to_string(self.marker(key)) {
            Ok(text) => Ok(Plan::from_text(&text)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Writes the decision down, before anything is done about it.
    fn decide(&self, key: &str, plan: &Plan) -> io::Result<Plan> {
        replace(&self.marker(key), &plan.to_text())?;
        Ok(Plan { version: plan.version.clone(), notes: plan.notes.clone() })
    }

    fn marker(&self, key: &str) -> PathBuf {
        let name: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join("calls").join(name)
    }

    fn release(&self, version: &str) -> PathBuf {
        self.directory.join("published").join(format!("{version}.md"))
    }
}

/// Writes a file so that it is there whole or not at all.
fn replace(place: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent)?;
    }
    let unfinished = place.with_added_extension("unfinished");
    File::create(&unfinished)?.write_all(text.as_bytes())?;
    fs::rename(unfinished, place)
}

fn remove(place: &Path) -> io::Result<()> {
    match fs::remove_file(place) {
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Folder, Plan};

    /// A folder with two notes, of a test's own.
    struct Scratch {
        folder: Folder,
    }

    impl Scratch {
        fn new(test: &str) -> Self {
            let directory = std::env::temp_dir().join(format!("toolcell-{test}-{}", std::process::id()));
            fs::create_dir_all(directory.join("pending")).unwrap();
            fs::write(directory.join("pending/a.md"), "- A\n").unwrap();
            fs::write(directory.join("pending/b.md"), "- B\n").unwrap();
            Self { folder: Folder::new(directory) }
        }

        fn published(&self, version: &str) -> String {
            fs::read_to_string(self.folder.release(version)).unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder.directory);
        }
    }

    fn plan(version: &str, notes: &[&str]) -> Plan {
        Plan { version: version.to_owned(), notes: notes.iter().map(|&note| note.to_owned()).collect() }
    }

    #[test]
    fn chosen_notes_are_published_and_the_others_wait() {
        let scratch = Scratch::new("publish");
        let release = scratch.folder.publish("key", &plan("1.0.0", &["b.md"])).unwrap();
        assert_eq!((release.path.as_str(), release.notes.len()), ("published/1.0.0.md", 1));
        assert_eq!(scratch.published("1.0.0"), "# 1.0.0\n\n- B\n");
        assert_eq!(scratch.folder.pending().unwrap(), ["a.md"]);
    }

    #[test]
    fn the_same_key_publishes_once_and_answers_the_same() {
        let scratch = Scratch::new("once");
        scratch.folder.publish("key", &plan("1.0.0", &["a.md"])).unwrap();
        let again = scratch.folder.publish("key", &plan("2.0.0", &["b.md"])).unwrap();
        assert_eq!(again.version, "1.0.0");
        assert_eq!(scratch.folder.pending().unwrap(), ["b.md"]);
    }

    #[test]
    fn a_release_that_was_interrupted_is_brought_to_its_end() {
        let scratch = Scratch::new("interrupted");
        let plan = plan("1.0.0", &["a.md", "b.md"]);
        scratch.folder.decide("key", &plan).unwrap();
        scratch.folder.carry_out(&plan).unwrap();
        fs::write(scratch.folder.directory.join("pending/b.md"), "- B\n").unwrap();
        scratch.folder.publish("key", &plan).unwrap();
        assert_eq!(scratch.published("1.0.0"), "# 1.0.0\n\n- A\n- B\n");
        assert!(scratch.folder.pending().unwrap().is_empty());
    }

    #[test]
    fn a_version_is_published_by_one_call_only() {
        let scratch = Scratch::new("twice");
        scratch.folder.publish("one", &plan("1.0.0", &["a.md"])).unwrap();
        let other = scratch.folder.publish("other", &plan("1.0.0", &["b.md"]));
        assert_eq!(other.unwrap_err(), "1.0.0 is already published");
    }

    #[test]
    fn a_version_that_would_be_a_path_is_refused() {
        let scratch = Scratch::new("path");
        for version in ["../1.0.0", "", ".hidden", "a/b"] {
            assert!(scratch.folder.publish("key", &plan(version, &["a.md"])).is_err(), "{version}");
        }
    }
}
