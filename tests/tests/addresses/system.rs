//! Which parts of the system's settings for names and proxies count.

use std::net::IpAddr;

use toolcell_host::net::OutboundError;
use toolcell_tests::dns::{self, DnsServer, RecordType, Reply, ResponseCode};

use crate::network;
use crate::sink::Sinks;
use crate::{TestClock, get, outbound};

#[test]
fn name_servers_count_and_search_domains_hosts_and_proxies_do_not() {
    if !network::is_own("system::name_servers_count_and_search_domains_hosts_and_proxies_do_not") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let address = IpAddr::from([8, 8, 4, 4]);
        let names = DnsServer::start_at_53(move |question| match (&*question.name, question.kind) {
            ("api.test" | "only.search.test", RecordType::A) => {
                Reply::Records(vec![dns::address(&question.name, 0, address)])
            }
            ("api.test", _) => Reply::Records(Vec::new()),
            _ => Reply::Code(ResponseCode::NXDomain),
        });
        let servers = Sinks::open(&[80, 443]).await;
        let sender = outbound(None, &[], &TestClock::new());
        assert_eq!(get(&sender, "api.test", 80, &[]).await.unwrap().status(), 200);
        assert_eq!(servers.take(), [address]);
        for name in ["only", network::NAME_IN_HOSTS] {
            let error = get(&sender, name, 80, &[]).await.unwrap_err();
            assert!(matches!(error, OutboundError::NameNotFound { .. }), "{name}: {error}");
        }
        servers.settle().await;
        assert!(servers.take().is_empty());
        let mut asked: Vec<_> = names.questions().into_iter().map(|question| question.name).collect();
        asked.dedup();
        asked.sort();
        asked.dedup();
        assert_eq!(asked, ["api.test", "in-hosts.test", "only"]);
    });
}
