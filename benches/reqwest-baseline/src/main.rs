//! Sends GETs with reqwest, as a native program would: for each line `URL TIMES` of the standard input, that many, one
//! after the other over a kept connection, and then a line with the bytes of their bodies.
//!
//! Its TLS is that of toolcell (rustls with ring), and it trusts one authority. With `--threads`, its runtime has a worker
//! for each processor, as `#[tokio::main]` makes it; without, one thread does everything, which takes less time.

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;

use anyhow::{Context, bail};
use reqwest::Client;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::{Builder, Runtime};

const USAGE: &str = "usage: reqwest-baseline CA_FILE [--threads]";

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let authority = arguments.next().context(USAGE)?;
    let runtime = match arguments.next().as_deref() {
        None => Builder::new_current_thread().enable_all().build()?,
        Some("--threads") => Builder::new_multi_thread().enable_all().build()?,
        Some(_) => bail!("{USAGE}"),
    };
    let client = client(&authority)?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (url, times) = line.split_once(' ').context("expected URL TIMES")?;
        let bytes = pull(&runtime, &client, url, times.parse()?)?;
        println!("{bytes}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn client(authority: &str) -> anyhow::Result<Client> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).context("the authority cannot be read")?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut tls = tls.with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?)
}

fn pull(runtime: &Runtime, client: &Client, url: &str, times: u32) -> anyhow::Result<u64> {
    runtime.block_on(async {
        let mut bytes = 0;
        for _ in 0..times {
            let response = client.get(url).send().await?.error_for_status()?;
            bytes += response.bytes().await?.len() as u64;
        }
        Ok(bytes)
    })
}
