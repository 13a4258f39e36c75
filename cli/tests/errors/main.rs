//! Every error that a person can read, in one golden file: `TOOLCELL_BLESS=1` rewrites it.

mod authorization;
mod builder;
mod command;
mod component;
mod configuration;
mod coverage;
mod help;
mod plugin;
mod program;
mod secrets;
mod serving;
mod signing;
#[path = "../story/mod.rs"]
mod story;

use std::fmt::Write as _;
use std::fs;

use story::{Bench, TEXT, golden};
use toolcell_cli::bundle::build::{self, BuildRequest, Components};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::{Cache, LockMode};
use toolcell_cli::plugin::load;
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;

/// Builds what is on the bench, which has to fail.
fn refused(bench: &Bench) -> Problem {
    let (config, out) = (bench.path("toolcell.toml"), bench.path("bundle"));
    let request = BuildRequest {
        config: &config,
        target: Target::X86_64,
        out: &out,
        components: Components::Prebuilt,
        cache: Cache::off(),
        lock: LockMode::Ignore,
        progress: &Silent,
    };
    let problem = build::build(&request).expect_err("refused");
    assert!(!out.join("catalog.bin").exists(), "a refused build leaves no bundle");
    problem
}

/// A story: what is on the bench.
type Story = (&'static str, fn(&Bench));

fn tell(stories: &[Story]) -> String {
    let mut told = String::new();
    for (title, prepare) in stories {
        let bench = Bench::new();
        prepare(&bench);
        let problem = refused(&bench);
        for part in [&problem.wrong, &problem.found, &problem.expected, &problem.next] {
            assert!(!part.is_empty(), "{title}: {problem}");
        }
        let text = problem.to_string().replace(&bench.path("").display().to_string(), "");
        let _ = writeln!(told, "# {title}\n{text}\n");
    }
    told
}

#[test]
fn every_error_in_toolcell_toml_says_what_to_write() {
    golden("errors-configuration.txt", &tell(configuration::STORIES));
}

#[test]
fn every_error_about_callers_says_what_to_write_and_shows_no_token() {
    let told = tell(authorization::STORIES);
    assert!(!told.contains(authorization::TOKEN), "{told}");
    golden("errors-authorization.txt", &told);
}

#[test]
fn every_error_about_secrets_says_what_to_write_and_shows_none() {
    let told = [tell(secrets::STORIES), program::tell(secrets::COMMANDS)].concat();
    assert!(
        !told.replace(&format!("GITHUB_TOKEN={} toolcell", secrets::SECRET), "").contains(secrets::SECRET),
        "{told}"
    );
    assert!(!told.contains("ghp_"), "{told}");
    golden("errors-secrets.txt", &told);
}

#[test]
fn every_error_about_signed_requests_says_what_to_write() {
    golden("errors-signing.txt", &tell(signing::STORIES));
}

#[test]
fn every_error_in_a_plugin_says_what_to_write() {
    golden("errors-plugin.txt", &tell(plugin::STORIES));
}

#[test]
fn every_component_that_cannot_be_served_is_refused_with_the_reason() {
    golden("errors-component.txt", &tell(component::STORIES));
}

#[test]
fn every_build_that_fails_says_what_to_install_or_to_correct() {
    golden("errors-builder.txt", &program::tell(&builder::stories()));
}

#[test]
fn every_command_says_why_it_cannot_do_what_it_was_asked() {
    golden("errors-command.txt", &program::tell(command::STORIES));
}

#[test]
fn every_server_that_cannot_start_says_what_is_in_its_way() {
    golden("errors-serving.txt", &program::tell(serving::STORIES));
}

#[test]
fn a_flipped_bit_never_panics() {
    let bytes = story::component(TEXT);
    let bench = Bench::new();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        bench.write("text.wasm", &flipped);
        let _ = load::load(&bench.path("text.wasm"));
    }
}

#[test]
fn help_of_every_command() {
    let mut told = String::new();
    for (name, mut command) in help::all_commands() {
        let help = command.render_long_help();
        let _ = writeln!(told, "$ {name} --help\n{help}");
    }
    golden("help.txt", &told);
}

#[test]
fn every_command_in_the_documentation_exists_with_its_options() {
    let commands = help::all_commands();
    let mut found = 0;
    for page in help::pages() {
        let text = fs::read_to_string(&page).unwrap();
        for line in help::lines(&text) {
            let fault = help::fault(&line, &commands);
            assert!(fault.is_none(), "{}: `{line}`: {}", page.display(), fault.unwrap_or_default());
            found += 1;
        }
    }
    assert!(found > 150, "only {found} commands were found");
}
