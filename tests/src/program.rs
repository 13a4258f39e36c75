//! Runs `toolcell` as a process of its own, and keeps everything that it says.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use crate::client::{Client, Revision};
use crate::fixture;

/// Returns the command in a folder, with no variable but those that programs need, and these.
pub fn toolcell(folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Command {
    let mut command = Command::new(fixture::toolcell());
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", path).env("HOME", folder).env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(variables.iter().map(|(name, value)| (name, value.as_str())));
    command
}

/// A running `toolcell serve` or `dev`; dropping it kills it.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    address: SocketAddr,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Serving {
    /// Starts `toolcell serve` on a free port, with more arguments, and waits until it serves.
    ///
    /// # Panics
    /// Panics if it does not serve; the panic shows what it has said.
    pub fn start(folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        Self::start_as("serve", folder, arguments, variables)
    }

    /// Does the same with another command that serves.
    ///
    /// # Panics
    /// Panics as [`Serving::start`] does.
    pub fn start_as(command: &str, folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let arguments = [&[command, "--listen", "127.0.0.1:0"], arguments].concat();
        let mut command = toolcell(folder, &arguments, variables);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("toolcell runs");
        let (said, (tell, told)) = (Arc::<Mutex<String>>::default(), mpsc::channel());
        let outputs: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stderr.take().expect("its standard error")),
            Box::new(child.stdout.take().expect("its standard output")),
        ];
        let readers = outputs.map(|output| {
            let (said, tell) = (Arc::clone(&said), tell.clone());
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let address = line
                        .split_once(" at http://")
                        .and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
                    let mut all = said.lock().expect("nobody panics");
                    all.push_str(&line);
                    all.push('\n');
                    if let Some(address) = address {
                        let _ = tell.send(address);
                    }
                }
            })
        });
        drop(tell);
        let address = told.recv();
        let address =
            address.unwrap_or_else(|_| panic!("it does not serve: {}", said.lock().expect("nobody panics")));
        Self { child, address, said, readers: readers.into() }
    }

    /// Returns the address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a client that speaks the newest revision.
    pub fn client(&self) -> Client {
        Client::new(self.address, Revision::Modern)
    }

    /// Ends it, and returns everything that it has said.
    ///
    /// # Panics
    /// Panics if a thread of the test has panicked.
    pub fn end(mut self) -> String {
        self.kill();
        self.readers.drain(..).for_each(|reader| reader.join().expect("nobody panics"));
        self.said.lock().expect("nobody panics").clone()
    }

    fn kill(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}
