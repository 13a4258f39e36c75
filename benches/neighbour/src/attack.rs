//! Attacks a server while its neighbour calls.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use measure::workload;
use serde_json::json;

/// The time in which an attack gets going.
const START: Duration = Duration::from_millis(500);

/// Load that runs beside the neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attack {
    /// Nothing.
    None,
    /// Calls that compute for ever.
    Endless(usize),
    /// Calls that sleep for ever.
    Sleeping(usize),
    /// Clients that ask for a flood of events, and read nothing.
    Unread(usize),
}

impl Attack {
    /// Every attack, and first none.
    pub(crate) const ALL: [Self; 5] =
        [Self::None, Self::Endless(2), Self::Endless(32), Self::Sleeping(64), Self::Unread(64)];

    /// Returns its name in the table.
    pub(crate) fn name(self) -> String {
        match self {
            Self::None => "idle".into(),
            Self::Endless(calls) => format!("{calls} endless loops"),
            Self::Sleeping(calls) => format!("{calls} sleeping calls"),
            Self::Unread(calls) => format!("{calls} clients that do not read"),
        }
    }

    /// Starts the attack; it lasts until the connections are dropped.
    ///
    /// # Errors
    /// Fails when the server does not accept a connection.
    pub(crate) fn begin(self, address: SocketAddr) -> anyhow::Result<Vec<TcpStream>> {
        let (calls, tool, arguments) = match self {
            Self::None => return Ok(Vec::new()),
            Self::Endless(calls) => (calls, "spin", json!({})),
            Self::Sleeping(calls) => (calls, "sleep", json!({ "milliseconds": "900000" })),
            Self::Unread(calls) => (calls, "flood_notifications", json!({ "times": u32::MAX })),
        };
        let request = workload::reporting_call(tool, &arguments).request(address);
        let mut connections = Vec::new();
        for _ in 0..calls {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(&request)?;
            connections.push(stream);
        }
        thread::sleep(START);
        Ok(connections)
    }
}
