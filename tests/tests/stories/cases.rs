//! Golden cases of the sample plugins, run with `toolcell test` as their authors do.

use std::fs;
use std::path::Path;

use toolcell_cli::command::cases::{self, Mode, TestRequest};
use toolcell_cli::ui::exit::Exit;
use toolcell_cli::ui::format::Format;
use toolcell_cli::ui::progress::Silent;
use toolcell_cli::ui::terminal::Terminal;
use toolcell_tests::fixture;

const SAMPLES: [&str; 9] =
    ["docs", "files", "gallery", "issues", "notes", "primes", "release", "text", "web"];

/// Lists the names in a directory, in order.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

mod local {
    use super::*;

    #[test]
    fn every_case_of_a_sample_plugin_passes() {
        for name in SAMPLES {
            let plugin = fixture::sample(name);
            // JSON keeps the lines that start with `ok` out of the count of `make test`.
            let request = TestRequest {
                plugin: &plugin,
                case: None,
                mode: Mode::Compare,
                loopback: &[],
                format: Format::Json,
            };
            assert_eq!(cases::run(&request, &Silent, &Terminal::new()), Ok(Exit::Done), "{name}");
        }
    }

    #[test]
    fn what_a_case_writes_is_gone_with_it() {
        let plugin = fixture::sample("release");
        let before = names(&plugin.join("sample-data"));
        let case = Some("published");
        let request =
            TestRequest { plugin: &plugin, case, mode: Mode::Compare, loopback: &[], format: Format::Json };
        for _ in 0..2 {
            assert_eq!(
                cases::run(&request, &Silent, &Terminal::new()),
                Ok(Exit::Done),
                "it publishes each time"
            );
        }
        assert_eq!(names(&plugin.join("sample-data")), before);
        assert_eq!(names(&plugin.join("sample-data/pending")), ["alerts.md", "backup-retention.md"]);
    }
}
