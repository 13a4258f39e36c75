//! Reads the command line of the driver.

use std::path::PathBuf;

use anyhow::{Context, bail};

const USAGE: &str =
    "usage: cold run [--hello DIR] [--bootstrap FILE] [--bundle TOOLS=DIR]... [--plugin NAME=DIR]...
                [--toolcell FILE [--release TOOLS=FILE]...]
                [--variant NAME[@FILE][:KEY=VALUE,...]]...
                [--node FILE --script FILE [--adapter FILE]]
                [--rounds N] [--warm N] [--only TEXT] [--out DIR]
       cold profile ...    the same options, but for --variant, --rounds and --warm
       cold report FILE
       cold languages FILE";

/// The task that the command line names.
pub(crate) enum Task {
    /// Measures.
    Run(Box<Options>),
    /// Counts what each contender does instead of taking its time.
    Profile(Box<Options>),
    /// Prints the tables of an earlier measurement.
    Report(PathBuf),
    /// Prints the table of its plugins, by language.
    Languages(PathBuf),
}

/// The contenders and the number of requests.
pub(crate) struct Options {
    /// The folder with the three forms of the bare hello.
    pub(crate) hello: Option<PathBuf>,
    pub(crate) bootstrap: Option<PathBuf>,
    /// Bundles by their number of tools.
    pub(crate) bundles: Vec<(usize, PathBuf)>,
    /// The command that publishes releases.
    pub(crate) toolcell: Option<PathBuf>,
    /// Configurations to publish, by their number of tools.
    pub(crate) releases: Vec<(usize, PathBuf)>,
    /// The bootstrap again, under other settings.
    pub(crate) variants: Vec<Variant>,
    /// The name and the directory of each new plugin, which must be built.
    pub(crate) plugins: Vec<(String, PathBuf)>,
    pub(crate) node: Option<PathBuf>,
    /// The bundled server; its compile cache is in the same folder.
    pub(crate) script: PathBuf,
    /// The Lambda Web Adapter.
    pub(crate) adapter: Option<PathBuf>,
    /// Rounds in which every contender is started once.
    pub(crate) rounds: usize,
    /// The number of requests to each process after the first.
    pub(crate) warm: usize,
    /// The text that a contender's name must contain.
    pub(crate) only: String,
    /// The folder for the JSON file and the contenders' logs.
    pub(crate) out: PathBuf,
}

/// Another bootstrap or other settings, for comparison in the same rounds.
#[derive(Debug, PartialEq)]
pub(crate) struct Variant {
    pub(crate) name: String,
    /// The program; the bootstrap itself if `None`.
    pub(crate) file: Option<PathBuf>,
    pub(crate) environment: Vec<(String, String)>,
}

impl Task {
    /// Reads the arguments that follow the program's name.
    ///
    /// # Errors
    /// Fails on an unknown option, a missing value, or an invalid number.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        match arguments.next().as_deref() {
            Some("run") => Ok(Task::Run(Box::new(Options::parse(arguments)?))),
            Some("profile") => Ok(Task::Profile(Box::new(Options::parse(arguments)?))),
            Some("languages") => Ok(Task::Languages(arguments.next().context(USAGE)?.into())),
            Some("report") => Ok(Task::Report(arguments.next().context(USAGE)?.into())),
            _ => bail!(USAGE),
        }
    }
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Options::default();
        while let Some(name) = arguments.next() {
            let value = arguments.next().with_context(|| format!("{name} needs a value\n{USAGE}"))?;
            options.set(&name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> anyhow::Result<()> {
        match name {
            "--hello" => self.hello = Some(value.into()),
            "--bootstrap" => self.bootstrap = Some(value.into()),
            "--bundle" => self.bundles.push(of_tools(name, &value, "DIR")?),
            "--toolcell" => self.toolcell = Some(value.into()),
            "--release" => self.releases.push(of_tools(name, &value, "FILE")?),
            "--variant" => self.variants.push(Variant::parse(&value)?),
            "--plugin" => self.plugins.push(plugin(&value)?),
            "--node" => self.node = Some(value.into()),
            "--script" => self.script = value.into(),
            "--adapter" => self.adapter = Some(value.into()),
            "--rounds" => self.rounds = number(name, &value)?,
            "--warm" => self.warm = number(name, &value)?,
            "--only" => self.only = value,
            "--out" => self.out = value.into(),
            _ => bail!("unknown option {name}\n{USAGE}"),
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            hello: None,
            bootstrap: None,
            bundles: Vec::new(),
            toolcell: None,
            releases: Vec::new(),
            variants: Vec::new(),
            plugins: Vec::new(),
            node: None,
            script: "target/bench/node/lambda.mjs".into(),
            adapter: None,
            rounds: 40,
            warm: 200,
            only: String::new(),
            out: "target/bench".into(),
        }
    }
}

impl Variant {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (who, settings) = text.split_once(':').unwrap_or((text, ""));
        let (name, file) = match who.split_once('@') {
            Some((name, file)) => (name, Some(file.into())),
            None => (who, None),
        };
        let settings = settings.split(',').filter(|setting| !setting.is_empty());
        let environment = settings.map(|setting| {
            let pair = setting
                .split_once('=')
                .with_context(|| format!("--variant {text}: expected KEY=VALUE, found {setting}\n{USAGE}"));
            pair.map(|(key, value)| (key.to_owned(), value.to_owned()))
        });
        Ok(Variant { name: name.into(), file, environment: environment.collect::<Result<_, _>>()? })
    }
}

fn of_tools(name: &str, text: &str, what: &str) -> anyhow::Result<(usize, PathBuf)> {
    let (tools, path) =
        text.split_once('=').with_context(|| format!("{name} {text}: expected TOOLS={what}\n{USAGE}"))?;
    Ok((number(name, tools)?, path.into()))
}

fn plugin(text: &str) -> anyhow::Result<(String, PathBuf)> {
    let pair =
        text.split_once('=').with_context(|| format!("--plugin {text}: expected NAME=DIR\n{USAGE}"))?;
    Ok((pair.0.to_owned(), pair.1.into()))
}

fn number(name: &str, value: &str) -> anyhow::Result<usize> {
    let number =
        value.parse::<usize>().with_context(|| format!("{name} {value}: expected a whole number"))?;
    Ok(number.max(1))
}

#[cfg(test)]
mod tests {
    use super::Variant;

    #[test]
    fn a_variant_is_a_name_perhaps_a_program_and_settings() {
        let variant = Variant::parse("small@/opt/bootstrap:A=1,B=x=y").unwrap();
        let environment = vec![("A".into(), "1".into()), ("B".into(), "x=y".into())];
        let file = Some("/opt/bootstrap".into());
        assert_eq!(variant, Variant { name: "small".into(), file, environment });
        assert_eq!(Variant::parse("plain").unwrap().environment, vec![]);
        assert!(Variant::parse("wrong:A").is_err());
    }
}
