//! Lists the contenders: their programs and environment, their request and how it arrives.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use measure::process::Process;
use measure::workload::{Workload, make_slug, split_bill, tools_list};

use crate::environment;
use crate::language::Sizes;
use crate::log::Log;
use crate::options::{Options, Variant};
use crate::releases::Releases;
use crate::run;

/// The number of tools of the bundle that is measured in every way.
pub(crate) const HEADLINE: usize = 36;

/// The bare hello with which calls are compared: its answer is as long as that of `make_slug`.
pub(crate) const HELLO_CALL: &str = "hello-call";

/// A function, or a server that takes the place of one.
pub(crate) struct Contender {
    pub(crate) name: String,
    /// The label in tables.
    pub(crate) what: String,
    pub(crate) workload: Workload,
    pub(crate) way: Way,
    /// The name of the bare hello with which it is compared.
    pub(crate) reference: String,
    /// The file for all output of its programs; each start empties it.
    pub(crate) log: PathBuf,
    /// The bundle that it serves.
    pub(crate) bundle: Option<PathBuf>,
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
/// Fails when a program is missing, the folder for the logs cannot be made, or a list cannot be had.
pub(crate) fn all(options: &Options) -> anyhow::Result<Vec<Contender>> {
    fs::create_dir_all(logs(options)).with_context(|| format!("cannot make {}", logs(options).display()))?;
    let mut contenders = Contenders { options, all: Vec::new() };
    contenders.add_bundles()?;
    contenders.add_releases()?;
    contenders.add_plugins()?;
    contenders.add_node()?;
    let mut all = contenders.all;
    all.retain(|contender| contender.name.contains(&options.only));
    add_hellos(options, &mut all)?;
    for program in all.iter().flat_map(|contender| &contender.programs) {
        ensure!(program.file.is_file(), "no program {}; see benches/run", program.file.display());
    }
    Ok(all)
}

fn logs(options: &Options) -> PathBuf {
    options.out.join("cold")
}

/// Puts the bare hellos with which the contenders are compared before them.
fn add_hellos(options: &Options, all: &mut Vec<Contender>) -> anyhow::Result<()> {
    let Some(folder) = &options.hello else { return Ok(()) };
    let mut hellos: Vec<Contender> = Vec::new();
    for contender in all.iter().filter(|contender| matches!(contender.way, Way::RuntimeApi)) {
        let reference = &contender.reference;
        if hellos.iter().any(|hello| hello.name == *reference) {
            continue;
        }
        let bytes = run::first_answer(contender)?.len();
        let mut add = |program: &str, name: &str, form: &str| {
            let what = format!("bare hello, {bytes} bytes{form}");
            let log = logs(options).join(format!("{name}.log"));
            hellos.push(Contender::hello(folder.join(program), (name, what), reference, bytes, log));
        };
        add("hello-buffered", reference, "");
        if *reference == hello_list(HEADLINE) {
            add("hello-streamed", "hello-streamed", ", streamed as shipped");
            add("hello-nodelay", "hello-nodelay", ", streamed, TCP_NODELAY");
        }
    }
    all.splice(0..0, hellos);
    Ok(())
}

/// Returns the name of the bare hello whose answer is as long as the first page of a list of so many tools.
fn hello_list(tools: usize) -> String {
    format!("hello-list-{tools}")
}

struct Contenders<'o> {
    options: &'o Options,
    all: Vec<Contender>,
}

impl Contenders<'_> {
    fn add_bundles(&mut self) -> anyhow::Result<()> {
        let options = self.options;
        let Some(bootstrap) = &options.bootstrap else { return Ok(()) };
        let shipped = Variant { name: String::new(), file: None, environment: vec![] };
        for (tools, directory) in &options.bundles {
            let bundle = bundle(directory)?;
            for variant in [&shipped].into_iter().chain(&options.variants) {
                self.add_bundle(*tools, variant, bootstrap, &bundle);
            }
        }
        Ok(())
    }

    /// Adds the requests to a bundle: its list and a call, and a call as an event stream of the headline's bundle.
    fn add_bundle(&mut self, tools: usize, variant: &Variant, bootstrap: &Path, bundle: &Path) {
        let asked = [
            ("list", "`tools/list`", tools_list(), hello_list(tools)),
            ("call", "`tools/call`", make_slug(), HELLO_CALL.into()),
            ("events", "`tools/call`, as an event stream", make_slug().as_events(), HELLO_CALL.into()),
        ];
        for (short, long, workload, reference) in asked {
            if short == "events" && tools != HEADLINE {
                continue;
            }
            let suffix = if variant.name.is_empty() { "".into() } else { format!("-{}", variant.name) };
            let program = variant.program(bootstrap, bundle);
            let name = format!("toolcell-{short}-{tools}{suffix}");
            let what = format!("toolcell{}, {tools} tools, {long}", suffix.replacen('-', " ", 1));
            self.add(name, what, (workload, Way::RuntimeApi), reference, vec![program]);
            self.served(bundle.to_owned(), None);
        }
    }

    /// Adds the requests to functions that take their plugins from a store: a list and a call.
    fn add_releases(&mut self) -> anyhow::Result<()> {
        let options = self.options;
        let (Some(bootstrap), Some(toolcell)) = (&options.bootstrap, &options.toolcell) else {
            return Ok(());
        };
        let configs = options.releases.iter().map(|(_, config)| config);
        let releases = Releases::new(toolcell, bootstrap, &options.out.join("releases"), configs)?;
        for (tools, config) in &options.releases {
            releases.publish(*tools, config)?;
            let asked = [
                ("list", "`tools/list`", tools_list(), hello_list(*tools)),
                ("call", "`tools/call`", make_slug(), HELLO_CALL.into()),
            ];
            for (short, long, workload, reference) in asked {
                let (file, environment) = releases.function(*tools);
                let program = Program { file, arguments: vec![], environment };
                let what = format!("toolcell, {tools} tools from S3, {long}");
                let way = (workload, Way::RuntimeApi);
                self.add(format!("toolcell-s3-{short}-{tools}"), what, way, reference, vec![program]);
            }
        }
        Ok(())
    }

    /// Adds each plugin as a contender with a bundle of its own, which compares languages.
    fn add_plugins(&mut self) -> anyhow::Result<()> {
        let options = self.options;
        let Some(bootstrap) = &options.bootstrap else { return Ok(()) };
        for (name, directory) in &options.plugins {
            let bundle = bundle(&directory.join("bundle"))?;
            let shipped = Variant { name: String::new(), file: None, environment: vec![] };
            let program = shipped.program(bootstrap, &bundle);
            let way = (split_bill(), Way::RuntimeApi);
            self.add(format!("plugin-{name}"), name.clone(), way, "hello-bill".into(), vec![program]);
            self.served(bundle, Some(Sizes::of(directory)?));
        }
        Ok(())
    }

    fn add_node(&mut self) -> anyhow::Result<()> {
        let Some(node) = &self.options.node else { return Ok(()) };
        let address = free_address()?;
        let server = self.node_server(node, address)?;
        let what = "TypeScript SDK, 3 tools, over HTTP".into();
        let way = (make_slug(), Way::Http(address));
        self.add("node".into(), what, way, HELLO_CALL.into(), vec![server]);
        let Some(adapter) = &self.options.adapter else { return Ok(()) };
        let address = free_address()?;
        let server = self.node_server(node, address)?;
        let environment = vec![
            ("AWS_LWA_PORT".into(), address.port().to_string().into()),
            ("AWS_LWA_READINESS_CHECK_PROTOCOL".into(), "tcp".into()),
        ];
        let adapter = Program { file: adapter.clone(), arguments: vec![], environment };
        let what = "TypeScript SDK, 3 tools, behind the Lambda Web Adapter".into();
        let way = (make_slug(), Way::RuntimeApi);
        self.add("node-adapter".into(), what, way, HELLO_CALL.into(), vec![server, adapter]);
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

    fn add(
        &mut self,
        name: String,
        what: String,
        (workload, way): (Workload, Way),
        reference: String,
        programs: Vec<Program>,
    ) {
        let log = logs(self.options).join(format!("{name}.log"));
        let (bundle, sizes) = (None, None);
        self.all.push(Contender { name, what, workload, way, reference, log, bundle, sizes, programs });
    }

    /// Notes what the contender that was added last serves.
    fn served(&mut self, bundle: PathBuf, sizes: Option<Sizes>) {
        if let Some(added) = self.all.last_mut() {
            (added.bundle, added.sizes) = (Some(bundle), sizes);
        }
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
    /// Makes a bare hello that answers `bytes`.
    fn hello(
        file: PathBuf,
        (name, what): (&str, String),
        reference: &str,
        bytes: usize,
        log: PathBuf,
    ) -> Self {
        let environment = vec![("HELLO_BYTES".into(), bytes.to_string().into())];
        Contender {
            name: name.into(),
            what,
            workload: tools_list().answered_with(bytes),
            way: Way::RuntimeApi,
            reference: reference.into(),
            log,
            bundle: None,
            sizes: None,
            programs: vec![Program { file, arguments: vec![], environment }],
        }
    }

    /// Starts its programs with the Runtime API at `runtime_api`, which write to `log`.
    ///
    /// # Errors
    /// Fails when a program does not start.
    pub(crate) fn start(&self, runtime_api: SocketAddr, log: &Log) -> anyhow::Result<Vec<Process>> {
        self.start_under(&[], runtime_api, log)
    }

    /// Starts its programs as the last arguments of a command, such as a tracer with its options.
    ///
    /// # Errors
    /// Fails when a program does not start.
    pub(crate) fn start_under(
        &self,
        tracer: &[OsString],
        runtime_api: SocketAddr,
        log: &Log,
    ) -> anyhow::Result<Vec<Process>> {
        let start = |program: &Program| {
            let file = program.file.as_os_str().to_owned();
            let words: Vec<&OsString> = tracer.iter().chain([&file]).chain(&program.arguments).collect();
            let mut command = Command::new(words[0]);
            environment::set(&mut command, program.file.parent().unwrap_or(Path::new("/")), runtime_api);
            command
                .args(&words[1..])
                .envs(program.environment.iter().map(|(key, value)| (key, value)))
                .stdin(Stdio::null())
                .stdout(log.writer()?)
                .stderr(log.writer()?);
            Process::start(&mut command)
        };
        self.programs.iter().map(start).collect()
    }
}

fn bundle(directory: &Path) -> anyhow::Result<PathBuf> {
    fs::canonicalize(directory).with_context(|| format!("no bundle {}", directory.display()))
}

/// Returns a free address for a server that is started again and again.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}
