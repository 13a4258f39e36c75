//! The canaries, and everything that was said while they were there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::fmt::Debug;
use std::path::Path;
use std::process::Output;

use toolcell_host::digest::Digest;

/// What is looked for, and where.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    canaries: Vec<(String, String)>,
    texts: Vec<(String, Vec<u8>)>,
}

impl Sweep {
    /// Makes a secret for a way in: letters and digits alone, so that it is spelled the same in JSON, URLs and headers, and
    /// long enough to be a key.
    pub(crate) fn plant(&mut self, way: &str) -> String {
        let digest = Digest::of(way.as_bytes()).to_string();
        let canary = format!("canary{:02}x{}", self.canaries.len(), &digest[..32]);
        self.add(way, &canary);
        canary
    }

    /// Makes one that is too short for a key.
    pub(crate) fn plant_short(&mut self, way: &str) -> String {
        let canary =
            format!("canary{:02}short{}", self.canaries.len(), &Digest::of(way.as_bytes()).to_string()[..8]);
        self.add(way, &canary);
        canary
    }

    /// Looks for a secret that somebody else has made.
    pub(crate) fn add(&mut self, way: &str, secret: &str) {
        assert!(secret.len() >= 16, "{way}: what is shorter occurs by chance");
        assert!(self.canaries.iter().all(|(other, _)| other != way), "{way} is there already");
        self.canaries.push((way.to_owned(), secret.to_owned()));
    }

    /// Keeps what was said.
    pub(crate) fn heard(&mut self, who: &str, text: impl Into<Vec<u8>>) {
        self.texts.push((who.to_owned(), text.into()));
    }

    /// Keeps what `Debug` shows.
    pub(crate) fn shown(&mut self, who: &str, value: &dyn Debug) {
        self.heard(who, format!("{value:?} {value:#?}"));
    }

    /// Keeps what a command has said.
    pub(crate) fn said(&mut self, who: &str, output: &Output) {
        self.heard(&format!("{who}: standard output"), output.stdout.clone());
        self.heard(&format!("{who}: standard error"), output.stderr.clone());
    }

    /// Keeps every file below a folder.
    pub(crate) fn found_in(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => self.found_in(&path),
                false => self.heard(&path.display().to_string(), std::fs::read(&path).unwrap()),
            }
        }
    }

    /// Looks for every canary in everything; returns the number of canaries, of texts and of bytes.
    ///
    /// # Panics
    /// Panics if one is found.
    pub(crate) fn judge(self) -> (usize, usize, usize) {
        assert_eq!(self.found(), None);
        let bytes = self.texts.iter().map(|(_, text)| text.len()).sum();
        (self.canaries.len(), self.texts.len(), bytes)
    }

    /// Finds the first canary in any text: its way in, who has shown it, and what stands around.
    fn found(&self) -> Option<(&str, &str, String)> {
        self.canaries.iter().find_map(|(way, canary)| {
            spellings(canary).into_iter().find_map(|spelled| {
                self.texts.iter().find_map(|(who, text)| {
                    let at = memchr::memmem::find(text, spelled.as_bytes())?;
                    let around = &text[at.saturating_sub(200)..(at + 80).min(text.len())];
                    Some((way.as_str(), who.as_str(), String::from_utf8_lossy(around).into_owned()))
                })
            })
        })
    }
}

/// A secret as it is, and as Base64 has it behind no, one or two other bytes.
fn spellings(canary: &str) -> Vec<String> {
    let encoded = (0..3).map(|before| {
        let text = STANDARD_NO_PAD.encode([&vec![b'x'; before], canary.as_bytes()].concat());
        // The ends depend on what stands around.
        text[4..text.len() - 4].to_owned()
    });
    [canary.to_owned(), canary.chars().rev().collect()].into_iter().chain(encoded).collect()
}

#[test]
fn a_canary_is_found_in_every_spelling() {
    let spelled: [fn(&str) -> String; 6] = [
        |canary| format!("{{\"a\":\"{canary}\"}}"),
        |canary| canary.chars().rev().collect(),
        |canary| STANDARD_NO_PAD.encode(canary),
        |canary| STANDARD_NO_PAD.encode(format!("u:{canary}")),
        |canary| STANDARD_NO_PAD.encode(format!("usr:{canary}...")),
        |canary| STANDARD_NO_PAD.encode(format!("user:{canary}@")),
    ];
    for (at, spelled) in spelled.iter().enumerate() {
        let mut sweep = Sweep::default();
        let (_, canary) = (sweep.plant("another way"), sweep.plant("a way"));
        sweep.heard("nobody", "nothing");
        assert_eq!(sweep.found(), None);
        sweep.heard("somebody", spelled(&canary));
        let found = sweep.found().unwrap_or_else(|| panic!("spelling {at}"));
        assert_eq!((found.0, found.1), ("a way", "somebody"));
    }
}
