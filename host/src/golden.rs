//! Compares what tests see with golden files; `TOOLCELL_BLESS=1` rewrites the files.

use std::path::Path;

/// Compares `text` with the file at `path` in the sources of this crate.
#[track_caller]
pub(crate) fn compare(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path);
    if std::env::var_os("TOOLCELL_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("a golden file has a folder")).expect("it can be made");
        std::fs::write(&file, text).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(golden == text, "{} differs from:\n{text}\nTOOLCELL_BLESS=1 rewrites it", file.display());
}

/// Lists a sample of each variant; a variant without one does not compile.
macro_rules! samples {
    ($($pattern:pat => $sample:expr),+ $(,)?) => {{
        let samples = vec![$($sample),+];
        for (place, sample) in samples.iter().enumerate() {
            let places = [$(matches!(sample, $pattern)),+];
            let _exhaustive = match sample { $($pattern => ()),+ };
            assert!(places[place], "sample {place} is of another variant: {sample:?}");
        }
        samples
    }};
}

pub(crate) use samples;
