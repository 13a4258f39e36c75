//! Answers one request in a process of its own: `toolcell-once BUNDLE < request.json`.
//!
//! The smallest program around the host: it serves measurements of a cold start and of a request's peak
//! memory (its last word on stderr is the peak of its resident memory), and proves that a server needs no compiler. The request is the body of a POST under a revision
//! that needs no headers (2025-03-26).

use std::env;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use http_body_util::{BodyExt, Full};
use toolcell_host::auth::{Access, Anonymous};
use toolcell_host::call::{BundleSource, CodeSource, Runner};
use toolcell_host::catalog::{Index, Trust};
use toolcell_host::protocol::Exposure;
use toolcell_host::service::{MCP_PATH, Service};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let Some(bundle) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: toolcell-once BUNDLE < request.json");
        return ExitCode::from(2);
    };
    match answer(bundle) {
        Ok(()) => {
            eprintln!("peak_resident_bytes={}", peak_resident_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("toolcell-once: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(bundle: PathBuf) -> Result<(), Failure> {
    let service = open(bundle)?;
    let mut body = Vec::new();
    io::stdin().read_to_end(&mut body)?;
    let request = http::Request::post(MCP_PATH)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(Full::new(Bytes::from(body)))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let mut answer = service.handle(request).await.into_body();
        while let Some(frame) = answer.frame().await {
            io::stdout().write_all(&frame?.into_data().unwrap_or_default())?;
        }
        Ok(())
    })
}

fn open(path: PathBuf) -> Result<Service, Failure> {
    let bundle = Dir::open_ambient_dir(&path, ambient_authority())?;
    let index = Index::open(&bundle, Trust::Package)?;
    let code = CodeSource::Directory { directory: bundle, trust: Trust::Package };
    let source = BundleSource { code, path: Some(path.clone()), grant_root: path };
    Ok(Service::new(Runner::new(index, source), Exposure::Public, Access::open(Anonymous::Allowed))?)
}

/// The highest resident memory of this process; 0 where the system does not say.
fn peak_resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
