//! A DNS server on loopback, over UDP and TCP, that a test tells what to answer.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub use hickory_proto::op::ResponseCode;
use hickory_proto::op::{Message, OpCode};
use hickory_proto::rr::rdata::CNAME;
pub use hickory_proto::rr::{DNSClass, Record, RecordType};
use hickory_proto::rr::{Name, RData};

/// A running server; it runs until the process ends.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Question>>>,
}

/// A question that a server has received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name in lower case, without a dot at its end.
    pub name: String,
    /// The kind of records.
    pub kind: RecordType,
    /// How it came.
    pub transport: Transport,
    /// How many questions for this name and kind came before.
    pub earlier: usize,
}

/// The ways to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram.
    Udp,
    /// A stream.
    Tcp,
}

/// What a server does with a question.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers with records; over UDP with the flag of a truncated answer if they do not fit.
    Records(Vec<Record>),
    /// Answers with a code and no records.
    Code(ResponseCode),
    /// Says that the answer is truncated, and sends none of it.
    Truncated,
    /// Sends bytes that are no message.
    Garbage,
    /// Does not answer.
    Silence,
}

/// The largest answer over UDP.
const MAX_DATAGRAM: usize = 1232;

type Answer = dyn Fn(&Question) -> Reply + Send + Sync;

impl DnsServer {
    /// Starts a server.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub fn start(answer: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> Self {
        let free = (0..100).find_map(|_| sockets(0));
        Self::on(free.expect("a port that is free for UDP and TCP"), answer)
    }

    /// Starts a server at the usual port.
    ///
    /// # Panics
    /// Panics if the port is taken, or may not be used.
    pub fn start_at_53(answer: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(sockets(53).expect("port 53 for UDP and TCP"), answer)
    }

    fn on(
        (udp, tcp): (UdpSocket, TcpListener),
        answer: impl Fn(&Question) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let address = tcp.local_addr().expect("a bound address");
        let log = Arc::new(Mutex::new(Vec::new()));
        let server =
            Arc::new(Running { answer: Box::new(answer), log: Arc::clone(&log), counts: Mutex::default() });
        let serving = Arc::clone(&server);
        thread::spawn(move || serving.datagrams(&udp));
        thread::spawn(move || {
            for stream in tcp.incoming().flatten() {
                let serving = Arc::clone(&server);
                thread::spawn(move || serving.stream(stream));
            }
        });
        Self { address, log }
    }

    /// Returns the server's address, the same for UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns all questions so far.
    ///
    /// # Panics
    /// Panics if a thread of the server has panicked.
    pub fn questions(&self) -> Vec<Question> {
        self.log.lock().expect("a log of questions").clone()
    }
}

/// Makes a record with an address.
///
/// # Panics
/// Panics if `name` is no name.
pub fn address(name: &str, ttl: u32, address: IpAddr) -> Record {
    let data = match address {
        IpAddr::V4(address) => RData::A(address.into()),
        IpAddr::V6(address) => RData::AAAA(address.into()),
    };
    Record::from_rdata(full(name), ttl, data)
}

/// Makes a record that sends on to another name.
///
/// # Panics
/// Panics if `name` or `target` is no name.
pub fn alias(name: &str, ttl: u32, target: &str) -> Record {
    Record::from_rdata(full(name), ttl, RData::CNAME(CNAME(full(target))))
}

fn full(name: &str) -> Name {
    let mut name = Name::from_ascii(name).expect("a name");
    name.set_fqdn(true);
    name
}

/// Binds one port for both ways; any free one for port 0.
fn sockets(port: u16) -> Option<(UdpSocket, TcpListener)> {
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
    let udp = UdpSocket::bind(tcp.local_addr().ok()?).ok()?;
    Some((udp, tcp))
}

struct Running {
    answer: Box<Answer>,
    log: Arc<Mutex<Vec<Question>>>,
    counts: Mutex<HashMap<(String, RecordType), usize>>,
}

impl Running {
    fn datagrams(&self, socket: &UdpSocket) {
        let mut buffer = [0; 4096];
        loop {
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
            if let Some(answer) = self.answer(&buffer[..length], Transport::Udp) {
                // A client that has gone does not matter.
                let _ = socket.send_to(&answer, from);
            }
        }
    }

    fn stream(&self, mut stream: TcpStream) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
        let mut length = [0; 2];
        while stream.read_exact(&mut length).is_ok() {
            let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
            if stream.read_exact(&mut message).is_err() {
                return;
            }
            let Some(answer) = self.answer(&message, Transport::Tcp) else { continue };
            let length = u16::try_from(answer.len()).expect("an answer of 64 KiB at most").to_be_bytes();
            if stream.write_all(&[&length[..], &answer].concat()).is_err() {
                return;
            }
        }
    }

    /// Returns the bytes of an answer, or `None` for silence.
    fn answer(&self, message: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let asked = Message::from_vec(message).ok()?;
        let query = asked.queries.first()?.clone();
        let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
        let earlier = self.count(&name, query.query_type());
        let question = Question { name, kind: query.query_type(), transport, earlier };
        self.log.lock().expect("a log of questions").push(question.clone());
        let mut answer = Message::response(asked.metadata.id, OpCode::Query);
        answer.metadata.recursion_desired = true;
        answer.metadata.recursion_available = true;
        answer.add_query(query);
        match (self.answer)(&question) {
            Reply::Records(records) => {
                answer.add_answers(records);
            }
            Reply::Code(code) => answer.metadata.response_code = code,
            Reply::Truncated => answer.metadata.truncation = true,
            Reply::Garbage => return Some(b"no message of DNS".to_vec()),
            Reply::Silence => return None,
        }
        let bytes = answer.to_vec().expect("an answer that can be written");
        if transport == Transport::Tcp || bytes.len() <= MAX_DATAGRAM {
            return Some(bytes);
        }
        answer.answers.clear();
        answer.metadata.truncation = true;
        Some(answer.to_vec().expect("an answer that can be written"))
    }

    fn count(&self, name: &str, kind: RecordType) -> usize {
        let mut counts = self.counts.lock().expect("the counts of questions");
        let count = counts.entry((name.to_owned(), kind)).or_default();
        *count += 1;
        *count - 1
    }
}
