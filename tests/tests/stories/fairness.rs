//! Clients and plugins that take what they can get: the others are answered all the same.
//!
//! Stories of the local edge: on Lambda, each execution environment serves one invocation at a time.

mod local {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::thread;
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};
    use toolcell_tests::http::{self, Exchange, Request};
    use toolcell_tests::{Client, Revision, Server, fixture, log};

    /// The calls that run at a time.
    const SLOTS: usize = 64;

    /// The longest that a server may take to stop.
    const STOP: Duration = Duration::from_secs(20);

    /// The longest wait for anything; a test that reaches it fails.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Starts a server with two plugins: `greedy`, whose calls have this deadline, and `text`, whose calls have 10 s.
    fn server(greedy: &str, deadline: &str) -> Server {
        let hostile = fixture::plugin(greedy, &fixture::component("hostile"));
        let text = fixture::plugin("text", &fixture::sample("text"));
        Server::start_locally(&format!(
            "{hostile}[plugins.{greedy}.limits]\ndeadline = \"{deadline}\"\nnotifications = 100000\n\
             {text}[plugins.text.limits]\ndeadline = \"10 s\"\n"
        ))
    }

    fn client(server: &Server) -> Client {
        server.client(Revision::Modern)
    }

    /// Sends a request, or a part of it, and reads nothing.
    fn send_unread(address: SocketAddr, request: &Request, body_bytes: usize) -> TcpStream {
        let mut stream = http::connect(address);
        let sent = stream.write_all(request.head().as_bytes());
        sent.and_then(|()| stream.write_all(&request.body[..body_bytes])).expect("the server reads requests");
        stream
    }

    /// Sends the same call many times, each on its own connection, and reads nothing.
    fn send_all_unread(server: &Server, count: usize, request: &Request) -> Vec<TcpStream> {
        (0..count).map(|_| send_unread(server.address(), request, request.body.len())).collect()
    }

    /// Makes a call that reports progress so often that its stream fits no buffer.
    fn flood(server: &Server, times: u32) -> Request {
        let arguments = json!({ "times": times });
        client(server).call_request_with("flood_notifications", &arguments, progress())
    }

    fn progress() -> Value {
        json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"})
    }

    /// Calls the neighbour's tool; its deadline is shorter than those of the attacks.
    fn neighbour_is_answered(client: &Client) {
        let called = client.call("make_slug", &json!({"text": "Still here"}));
        assert_eq!(called.text.as_deref(), Some("still-here"));
    }

    /// Waits for a line of the log about a call of this plugin.
    fn logged(plugin: &str) -> Value {
        let start = Instant::now();
        loop {
            let line = log::lines("call").into_iter().find(|line| line["plugin"] == plugin);
            if let Some(line) = line {
                return line;
            }
            assert!(start.elapsed() < PATIENCE, "no call of {plugin} ended");
            thread::sleep(Duration::from_millis(50));
        }
    }

    #[test]
    fn calls_that_sleep_do_not_keep_another_plugin_waiting() {
        let server = server("sleeper", "5 min");
        let sleep = client(&server).call_request("sleep", &json!({"milliseconds": "300000"}));
        let _sleeping = send_all_unread(&server, 2 * SLOTS, &sleep);
        for _ in 0..10 {
            neighbour_is_answered(&client(&server));
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn calls_that_never_end_do_not_slow_another_plugin_down() {
        const CALLS: u32 = 50;
        let server = server("spinner", "5 min");
        let spin = client(&server).call_request("spin", &json!({}));
        let _spinning = send_all_unread(&server, 8, &spin);
        let start = Instant::now();
        for _ in 0..CALLS {
            neighbour_is_answered(&client(&server));
        }
        assert!(start.elapsed() < CALLS * Duration::from_millis(1200), "{:?}", start.elapsed());
    }

    #[test]
    fn clients_that_do_not_read_keep_nobody_waiting() {
        let server = server("unread", "5 min");
        let _unread = send_all_unread(&server, SLOTS, &flood(&server, 20_000));
        for _ in 0..10 {
            neighbour_is_answered(&client(&server));
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_call_whose_client_does_not_read_goes_on_to_its_end() {
        log::capture();
        let server = server("lonely", "5 min");
        let _unread = send_all_unread(&server, 1, &flood(&server, 20_000));
        let line = logged("lonely");
        assert_eq!(line["outcome"], "ok", "{line}");
        assert!(line["dropped_events"].as_u64() > Some(0), "{line}");
    }

    #[test]
    fn a_call_whose_client_does_not_read_ends_at_its_deadline() {
        log::capture();
        let server = server("overdue", "2 s");
        let _unread = send_all_unread(&server, 1, &flood(&server, u32::MAX));
        assert_eq!(logged("overdue")["outcome"], "deadline");
    }

    #[test]
    fn a_client_that_hangs_up_gives_back_all_that_its_call_held() {
        let server = server("left", "15 min");
        for _ in 0..SLOTS {
            let request = client(&server).call_request_with("report_then_spin", &json!({}), progress());
            let mut exchange = request.begin(server.address());
            assert!(exchange.next_event().is_some(), "it runs");
            exchange.hang_up();
        }
        let called = client(&server).call("behave", &json!({}));
        assert_eq!(called.text.as_deref(), Some("still here"));
    }

    #[test]
    fn a_body_that_does_not_come_is_given_up() {
        let server = server("half", "5 min");
        let request = client(&server).call_request("behave", &json!({}));
        let stream = send_unread(server.address(), &request, request.body.len() / 2);
        let (status, code, message) = Exchange::read(stream).expect("an answer").finish().refusal();
        assert_eq!((status, code), (408, -32600), "{message}");
    }

    #[test]
    fn a_client_that_reads_nothing_of_its_response_is_cut_off() {
        const BYTES: usize = 6_000_000; // more than any buffer of the system holds
        let server = server("idle", "5 min");
        let text = client(&server).call_request("huge_text", &json!({"bytes": BYTES.to_string()}));
        let mut stream = send_unread(server.address(), &text, text.body.len());
        thread::sleep(Duration::from_secs(40)); // the server waits for 30 s
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received); // it may also be an error: the connection is gone
        assert!(!received.is_empty() && received.len() < BYTES, "{} bytes", received.len());
    }

    #[test]
    fn health_is_told_when_there_is_no_room_for_another_connection() {
        const MORE_THAN_ALL: usize = 260;
        let server = server("crowd", "5 min");
        let sleep = client(&server).call_request("sleep", &json!({"milliseconds": "300000"}));
        let _crowd = send_all_unread(&server, MORE_THAN_ALL, &sleep);
        let health = Request::post("").start("GET /healthz").send(server.address());
        assert_eq!((health.status, health.body.as_slice()), (200, b"ok\n".as_slice()));
        let refused = client(&server).call_request("behave", &json!({})).send(server.address());
        assert_eq!(refused.status, 503);
        assert_eq!(refused.headers["retry-after"], "1");
    }

    /// Stops a server while `attack` lasts.
    fn stops_in_time(attack: impl FnOnce(&Server) -> Vec<TcpStream>) {
        let server = server("stopped", "15 min");
        let attacking = attack(&server);
        neighbour_is_answered(&client(&server));
        let start = Instant::now();
        server.stop();
        assert!(start.elapsed() < STOP, "{:?}", start.elapsed());
        drop(attacking);
    }

    #[test]
    fn a_server_stops_in_time_beside_calls_that_never_end() {
        stops_in_time(|server| send_all_unread(server, 8, &client(server).call_request("spin", &json!({}))));
    }

    #[test]
    fn a_server_stops_in_time_beside_calls_that_sleep() {
        stops_in_time(|server| {
            let sleep = client(server).call_request("sleep", &json!({"milliseconds": "600000"}));
            send_all_unread(server, SLOTS, &sleep)
        });
    }

    #[test]
    fn a_server_stops_in_time_beside_clients_that_do_not_read() {
        stops_in_time(|server| {
            let text = client(server).call_request("huge_text", &json!({"bytes": "5000000"}));
            let mut unread = send_all_unread(server, 8, &flood(server, u32::MAX));
            unread.extend(send_all_unread(server, 8, &text));
            unread
        });
    }

    #[test]
    fn a_server_stops_in_time_beside_requests_that_do_not_end() {
        stops_in_time(|server| {
            let request = client(server).call_request("behave", &json!({}));
            (0..8).map(|_| send_unread(server.address(), &request, 10)).collect()
        });
    }
}
