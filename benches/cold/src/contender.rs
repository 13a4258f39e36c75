//! Lists the contenders: their programs and environment, their request and how it arrives.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use measure::process::Process;
use measure::workload::{Workload, make_slug, split_bill, tools_list};

use crate::environment;
use crate::language::Sizes;
use crate::options::{Options, Variant};

/// The contender with which the others are compared.
pub(crate) const BARE_HELLO: &str = "hello-buffered";

/// A function, or a server that takes the place of one.
pub(crate) struct Contender {
    pub(crate) name: String,
    /// The label in tables.
    pub(crate) what: String,
    pub(crate) workload: Workload,
    pub(crate) way: Way,
    /// The file for all output of its programs; each start empties it.
    pub(crate) log: PathBuf,
    /// The sizes of the plugin, if the contender is a single plugin.
    pub(crate) sizes: Option<Sizes>,
    programs: Vec<Program>,
}

/// The way in which requests arrive.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// As events of the Runtime API.
    RuntimeApi,
    /// Over HTTP at this address.
    Http(SocketAddr),
}

struct Program {
    file: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

/// Lists every contender whose programs `options` name.
///
/// # Errors
/// Fails when a program is missing, or the folder for the logs cannot be made.
pub(crate) fn all(options: &Options) -> anyhow::Result<Vec<Contender>> {
    let mut contenders = Contenders { options, all: Vec::new() };
    contenders.add_hello();
    // Plugins are compared with each other, not with other ways to ask.
    if options.plugins.is_empty() {
        contenders.add_toolcell()?;
    }
    contenders.add_plugins()?;
    contenders.add_node()?;
    let mut all = contenders.all;
    // The others need it for their ratios.
    all.retain(|contender| contender.name == BARE_HELLO || contender.name.contains(&options.only));
    ensure!(all.iter().any(|contender| contender.name == BARE_HELLO), "--hello names no folder");
    for program in all.iter().flat_map(|contender| &contender.programs) {
        ensure!(program.file.is_file(), "no program {}; see benches/run", program.file.display());
    }
    fs::create_dir_all(logs(options)).with_context(|| format!("cannot make {}", logs(options).display()))?;
    Ok(all)
}

fn logs(options: &Options) -> PathBuf {
    options.out.join("cold")
}

struct Contenders<'o> {
    options: &'o Options,
    all: Vec<Contender>,
}

impl Contenders<'_> {
    fn add_hello(&mut self) {
        let Some(folder) = &self.options.hello else { return };
        let forms = [
            (BARE_HELLO, "bare hello, buffered"),
            ("hello-streamed", "bare hello, streamed as shipped"),
            ("hello-nodelay", "bare hello, streamed, TCP_NODELAY"),
        ];
        for (name, what) in forms {
            let program = Program { file: folder.join(name), arguments: vec![], environment: vec![] };
            self.add(name.into(), what.into(), tools_list(), Way::RuntimeApi, vec![program]);
        }
    }

    fn add_toolcell(&mut self) -> anyhow::Result<()> {
        let options = self.options;
        let Some(bootstrap) = &options.bootstrap else { return Ok(()) };
        let bundle = fs::canonicalize(&options.bundle)
            .with_context(|| format!("no bundle {}", options.bundle.display()))?;
        let shipped = Variant { name: String::new(), file: None, environment: vec![] };
        for variant in [&shipped].into_iter().chain(&options.variants) {
            let asked = [
                ("list", "`tools/list`", tools_list()),
                ("call", "`tools/call`", make_slug()),
                ("events", "`tools/call`, as an event stream", make_slug().as_events()),
            ];
            for (short, long, workload) in asked {
                let suffix = if variant.name.is_empty() { "".into() } else { format!("-{}", variant.name) };
                let program = variant.program(bootstrap, &bundle);
                let name = format!("toolcell-{short}{suffix}");
                let what = format!("toolcell{}, {long}", suffix.replacen('-', " ", 1));
                self.add(name, what, workload, Way::RuntimeApi, vec![program]);
            }
        }
        Ok(())
    }

    /// Adds each plugin as a contender with a bundle of its own, which compares languages.
    fn add_plugins(&mut self) -> anyhow::Result<()> {
        let options = self.options;
        let Some(bootstrap) = &options.bootstrap else { return Ok(()) };
        for (name, directory) in &options.plugins {
            let bundle = directory.join("bundle");
            let bundle =
                fs::canonicalize(&bundle).with_context(|| format!("no bundle {}", bundle.display()))?;
            let shipped = Variant { name: String::new(), file: None, environment: vec![] };
            let program = shipped.program(bootstrap, &bundle);
            self.add(format!("plugin-{name}"), name.clone(), split_bill(), Way::RuntimeApi, vec![program]);
            if let Some(added) = self.all.last_mut() {
                added.sizes = Some(Sizes::of(directory)?);
            }
        }
        Ok(())
    }

    fn add_node(&mut self) -> anyhow::Result<()> {
        let Some(node) = &self.options.node else { return Ok(()) };
        let address = free_address()?;
        let server = self.node_server(node, address)?;
        self.add(
            "node".into(),
            "TypeScript SDK, over HTTP".into(),
            make_slug(),
            Way::Http(address),
            vec![server],
        );
        let Some(adapter) = &self.options.adapter else { return Ok(()) };
        let address = free_address()?;
        let server = self.node_server(node, address)?;
        let environment = vec![
            ("AWS_LWA_PORT".into(), address.port().to_string().into()),
            ("AWS_LWA_READINESS_CHECK_PROTOCOL".into(), "tcp".into()),
        ];
        let adapter = Program { file: adapter.clone(), arguments: vec![], environment };
        let what = "TypeScript SDK behind the Lambda Web Adapter".into();
        self.add("node-adapter".into(), what, make_slug(), Way::RuntimeApi, vec![server, adapter]);
        Ok(())
    }

    fn node_server(&self, node: &Path, address: SocketAddr) -> anyhow::Result<Program> {
        let script = fs::canonicalize(&self.options.script)
            .with_context(|| format!("no bundled server {}", self.options.script.display()))?;
        let cache = script.with_file_name("compile-cache");
        ensure!(cache.is_dir(), "no compile cache {}", cache.display());
        let environment = vec![
            ("NODE_COMPILE_CACHE".into(), cache.into_os_string()),
            ("NODE_ENV".into(), "production".into()),
            ("PORT".into(), address.port().to_string().into()),
        ];
        Ok(Program { file: node.into(), arguments: vec![script.into_os_string()], environment })
    }

    fn add(&mut self, name: String, what: String, workload: Workload, way: Way, programs: Vec<Program>) {
        let log = logs(self.options).join(format!("{name}.log"));
        self.all.push(Contender { name, what, workload, way, log, sizes: None, programs });
    }
}

impl Variant {
    fn program(&self, bootstrap: &Path, bundle: &Path) -> Program {
        let file = self.file.as_deref().unwrap_or(bootstrap).to_owned();
        let mut environment = vec![
            ("TOOLCELL_BUNDLE".into(), bundle.as_os_str().to_owned()),
            ("TOOLCELL_ALLOW_ANONYMOUS".into(), "true".into()),
        ];
        environment.extend(self.environment.iter().map(|(key, value)| (key.clone(), value.into())));
        Program { file, arguments: vec![], environment }
    }
}

impl Contender {
    /// Starts its programs with the Runtime API at `runtime_api`.
    ///
    /// # Errors
    /// Fails when a program does not start.
    pub(crate) fn start(&self, runtime_api: SocketAddr) -> anyhow::Result<Vec<Process>> {
        let log = File::create(&self.log).with_context(|| format!("cannot write {}", self.log.display()))?;
        let start = |program: &Program| {
            let mut command = Command::new(&program.file);
            environment::set(&mut command, program.file.parent().unwrap_or(Path::new("/")), runtime_api);
            command
                .args(&program.arguments)
                .envs(program.environment.iter().map(|(key, value)| (key, value)))
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log.try_clone()?);
            Process::start(&mut command)
        };
        self.programs.iter().map(start).collect()
    }
}

/// Returns a free address for a server that is started again and again.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}
