//! Finds the rule that allows a request, or what the nearest one lacks.

use http::{HeaderMap, HeaderName, Method};

use super::target::{Target, cut};
use crate::catalog::{HeaderClass, Host, HttpGrant, HttpMethod, Scheme};

/// A request as rules see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'r> {
    pub(super) target: &'r Target,
    pub(super) method: &'r Method,
    /// In the one form that `check_path` accepts, without the query.
    pub(super) path: &'r str,
    pub(super) headers: &'r HeaderMap,
}

/// What the nearest rule lacks, from far to near.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// There is no rule for scheme, host and port.
    Host,
    /// The method is not in its list.
    Method,
    /// The path is below none of its prefixes.
    Path,
    /// A header is not in its list.
    Header(String),
    /// No rule can allow this header.
    NoSuchHeader(String),
}

/// Finds the first rule that allows a request in whole.
///
/// # Errors
///
/// What the nearest rule lacks, and the place of that rule.
pub(super) fn find<'g>(
    rules: impl Iterator<Item = &'g HttpGrant>,
    wanted: Wanted<'_>,
) -> Result<usize, (Missing, usize)> {
    let mut nearest = (Missing::Host, 0);
    for (at, rule) in rules.enumerate() {
        match lacks(rule, wanted) {
            None => return Ok(at),
            Some(missing) if missing > nearest.0 => nearest = (missing, at),
            Some(_) => {}
        }
    }
    Err(nearest)
}

/// Returns the first thing that a rule lacks for a request.
fn lacks(rule: &HttpGrant, Wanted { target, method, path, headers }: Wanted<'_>) -> Option<Missing> {
    let Target { scheme, host, port } = target;
    if (rule.scheme, rule.port) != (*scheme, *port) || !rule.host.matches(host) || !may_be_named(rule, host) {
        return Some(Missing::Host);
    }
    if !rule.methods.iter().any(|allowed| allowed.as_str() == method.as_str()) {
        return Some(Missing::Method);
    }
    if !rule.paths.iter().any(|prefix| prefix.covers(path)) {
        return Some(Missing::Path);
    }
    let class = if rule.sign.is_some() { HeaderClass::of_signed } else { HeaderClass::of };
    headers.keys().find_map(|name| lacks_header(rule, name, class(name.as_str())))
}

/// An address as host needs a range of the rule that says so; a name does not.
fn may_be_named(rule: &HttpGrant, host: &Host) -> bool {
    match host {
        Host::Name(_) => true,
        Host::Address(address) => rule.address.iter().any(|range| range.contains(*address)),
    }
}

/// Returns what a rule lacks for a header of this class.
pub(super) fn lacks_header(rule: &HttpGrant, name: &HeaderName, class: HeaderClass) -> Option<Missing> {
    let is_granted = || rule.headers.iter().any(|granted| granted.as_str() == name.as_str());
    match class {
        HeaderClass::Free => None,
        HeaderClass::ByGrant if is_granted() => None,
        HeaderClass::ByGrant => Some(Missing::Header(name.as_str().to_owned())),
        HeaderClass::Never => Some(Missing::NoSuchHeader(name.as_str().to_owned())),
    }
}

impl Missing {
    /// Tells the deployer what to add to `toolcell.toml` so that the request is allowed. Never names its path, which may
    /// hold data of the call.
    pub(super) fn advice(&self, plugin: &str, rule: Option<&HttpGrant>, wanted: Wanted<'_>) -> String {
        let rule = rule.map(|rule| name(plugin, rule)).unwrap_or_default();
        match self {
            Self::Host => format!("[[plugins.{plugin}.grants.http]] {}", lines(wanted)),
            Self::Method => format!("{:?} in `methods` of {rule}", cut(wanted.method.as_str())),
            Self::Path => format!("the beginning of the path in `paths` of {rule}"),
            Self::Header(_) | Self::NoSuchHeader(_) => self.header_advice(&rule),
        }
    }

    /// Tells the same of a header or trailer alone; `rule` is the rule's [`name`].
    pub(super) fn header_advice(&self, rule: &str) -> String {
        match self {
            Self::NoSuchHeader(name) => {
                format!("none: the header {:?} is never sent for a plugin", cut(name))
            }
            Self::Header(name) => format!("{:?} in `headers` of {rule}", cut(name)),
            Self::Host | Self::Method | Self::Path => rule.to_owned(),
        }
    }
}

/// Names a rule as the log does.
pub(super) fn name(plugin: &str, rule: &HttpGrant) -> String {
    format!("the rule for {} in [[plugins.{plugin}.grants.http]]", rule.origin())
}

/// Writes the keys of a rule that would allow the host and the method of a request.
fn lines(Wanted { target, method, .. }: Wanted<'_>) -> String {
    let Target { scheme, host, port } = target;
    let shown = cut(&host.to_string());
    let scheme_line = if *scheme == Scheme::Http { ", scheme = \"http\"" } else { "" };
    let port_line = if *port == scheme.default_port() { String::new() } else { format!(", port = {port}") };
    let method: Option<HttpMethod> = method.as_str().parse().ok();
    let is_default = matches!(method.as_ref().map(HttpMethod::as_str), Some("GET" | "HEAD") | None);
    let method_line = match method {
        Some(method) if !is_default => format!(", methods = [\"{method}\"]"),
        _ => String::new(),
    };
    let address_line = match host {
        Host::Name(_) => "",
        Host::Address(_) => ", address = [its network]",
    };
    format!("host = \"{shown}\"{scheme_line}{port_line}{method_line}{address_line}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(text: &str) -> HttpGrant {
        let mut rule = HttpGrant::new("api.example.com".parse().unwrap());
        rule.paths = vec!["/repos/".parse().unwrap()];
        for change in text.split_whitespace() {
            let (key, value) = change.split_once('=').unwrap();
            match key {
                "host" => rule.host = value.parse().unwrap(),
                "scheme" => (rule.scheme, rule.port) = (Scheme::Http, 80),
                "port" => rule.port = value.parse().unwrap(),
                "method" => rule.methods = vec![value.parse().unwrap()],
                "path" => rule.paths = vec![value.parse().unwrap()],
                "header" => rule.headers = vec![value.parse().unwrap()],
                "address" => rule.address = vec![value.parse().unwrap()],
                _ => panic!("{key}"),
            }
        }
        rule
    }

    fn decide(rules: &[HttpGrant], method: &str, uri: &str, header: &str) -> Result<usize, String> {
        let uri: http::Uri = uri.parse().map_err(|_| "not an address".to_owned())?;
        let target = Target::of(&uri).map_err(|error| error.to_string())?;
        let method = method.parse().unwrap();
        let mut headers = HeaderMap::new();
        if !header.is_empty() {
            headers.insert(header.parse::<HeaderName>().unwrap(), "v".parse().unwrap());
        }
        let wanted = Wanted { target: &target, method: &method, path: uri.path(), headers: &headers };
        find(rules.iter(), wanted).map_err(|(missing, at)| missing.advice("p", rules.get(at), wanted))
    }

    #[test]
    fn a_request_needs_one_rule_that_allows_all_of_it() {
        let rules = [rule(""), rule("method=POST path=/search"), rule("header=x-forwarded-for")];
        let table = [
            ("GET", "https://api.example.com/repos/a?b=c", "accept", Ok(0)),
            ("HEAD", "https://API.Example.com:443/repos/", "", Ok(0)),
            ("POST", "https://api.example.com/search", "", Ok(1)),
            ("GET", "https://api.example.com/repos/a", "x-forwarded-for", Ok(2)),
            ("POST", "https://api.example.com/repos/a", "", Err("beginning of the path in `paths`")),
            ("GET", "https://api.example.com/search", "", Err("beginning of the path in `paths`")),
            ("DELETE", "https://api.example.com/repos/a", "", Err("\"DELETE\" in `methods`")),
            ("GET", "https://api.example.com/repos/a", "forwarded", Err("\"forwarded\" in `headers`")),
            (
                "GET",
                "https://api.example.com/repos/a",
                "proxy-a",
                Err("none: the header \"proxy-a\" is never sent"),
            ),
            (
                "GET",
                "http://api.example.com/repos/a",
                "",
                Err("host = \"api.example.com\", scheme = \"http\""),
            ),
            (
                "GET",
                "https://api.example.com:8443/repos/a",
                "",
                Err("host = \"api.example.com\", port = 8443"),
            ),
            ("PUT", "https://evil.example/repos/a", "", Err("host = \"evil.example\", methods = [\"PUT\"]")),
            ("TRACE", "https://evil.example/", "", Err("[[plugins.p.grants.http]] host = \"evil.example\"")),
        ];
        for (method, uri, header, expected) in table {
            match (decide(&rules, method, uri, header), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{method} {uri} {header}"),
                (Err(found), Err(expected)) => {
                    assert!(found.contains(expected), "{method} {uri} {header}: {found}");
                    assert!(!found.contains("/repos/a"), "a path is data of the call: {found}");
                }
                (found, _) => panic!("{method} {uri} {header}: {found:?}"),
            }
        }
    }

    /// The spellings of a host that programs have taken for a name or address on a list.
    fn spellings() -> Vec<String> {
        let hosts = [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "127.0.0.01",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::ffff:7f00:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:169.254.169.254]",
            "[0:0:0:0:0:0:0:1]",
            "169.254.169.254",
            "169.254.43518",
            "[fd00:ec2::254]",
            "[fe80::1%25eth0]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "api.example.com.",
            "api.example.com.evil.net",
            "evil-api.example.net",
            "xapi.example.net",
            "api.example.com@evil.net",
            "api.example.com:443@evil.net",
            "user:pass@api.example.com",
            "@api.example.com",
            "api.example.com%2eevil.net",
            "api.example.com\\.evil.net",
            "evil.net#api.example.com",
            "api_example.com",
            "api.example.com:0",
            "api.example.com:65536",
            "api.example.com:0443",
            "api.example.com:+443",
            "api.example.com:",
            "api.example.com:443:443",
            "api..example.com",
            ".api.example.com",
            "[api.example.com]",
            "[api.example.com",
            "api.example.com]",
            "api.example.com,evil.net",
            "１２７.０.０.１",
            "apı.example.com",
            "*.example.com",
            "a.b.example.com",
            "example.com",
            "",
        ];
        hosts.map(str::to_owned).to_vec()
    }

    #[test]
    fn no_other_spelling_of_a_host_passes_any_rule() {
        let forms = [
            rule("path=/"),
            rule("host=*.example.com path=/"),
            rule("host=127.0.0.1 path=/"),
            rule("host=[::1] path=/"),
            rule("host=10.0.0.1 address=10.0.0.0/8 path=/"),
            rule("scheme=http path=/"),
        ];
        let mut tried = 0;
        for host in spellings() {
            for scheme in ["https", "http"] {
                for path in ["/", "/a?b"] {
                    for form in &forms {
                        let uri = format!("{scheme}://{host}{path}");
                        let found = decide(std::slice::from_ref(form), "GET", &uri, "");
                        assert!(found.is_err(), "{uri} passes {form:?}");
                        tried += 1;
                    }
                }
            }
        }
        assert!(tried >= 1_200, "{tried}");
    }

    #[test]
    fn an_address_needs_its_own_rule_and_a_range_that_allows_it() {
        let granted = rule("host=10.0.0.1 address=10.0.0.0/8 path=/");
        assert_eq!(decide(std::slice::from_ref(&granted), "GET", "https://10.0.0.1/", ""), Ok(0));
        for (rule, uri) in [
            (&granted, "https://10.0.0.2/"),
            (&granted, "https://10.1/"),
            (&rule("host=10.0.0.1 path=/"), "https://10.0.0.1/"),
            (&rule("address=10.0.0.0/8 path=/"), "https://10.0.0.1/"),
        ] {
            let refused = decide(std::slice::from_ref(rule), "GET", uri, "").unwrap_err();
            assert!(refused.contains("address") || refused.contains("the host"), "{refused}");
        }
        let v6 = rule("host=[fd12::1] address=fd12::/16 path=/");
        assert_eq!(decide(std::slice::from_ref(&v6), "GET", "https://[fd12::1]:443/", ""), Ok(0));
    }

    #[test]
    fn a_path_with_a_second_reading_is_refused_before_rules_are_asked() {
        let all = rule("path=/");
        for path in ["/a/../b", "/%2e%2e/b", "//b", "/a;b", "/a%2fb", "/a%5Cb", "/./b"] {
            let refused =
                decide(std::slice::from_ref(&all), "GET", &format!("https://api.example.com{path}"), "");
            assert!(refused.unwrap_err().starts_with("the path has"), "{path}");
        }
        let query = "https://api.example.com/a?b=../c;d=%2e%2f//&e=http://evil.net/";
        assert_eq!(decide(std::slice::from_ref(&all), "GET", query, ""), Ok(0), "a query is passed as it is");
    }

    proptest! {
        #[test]
        fn whatever_passes_a_rule_has_its_host_scheme_and_port(
            scheme in "https?", host in "[a-zA-Z0-9.@:\\[\\]-]{0,12}(api\\.example\\.com|\\.example\\.com)[.@:0-9a-z]{0,6}"
        ) {
            let uri = format!("{scheme}://{host}/repos/x");
            if decide(&[rule("")], "GET", &uri, "").is_ok() {
                let found = host.to_ascii_lowercase();
                prop_assert!(found == "api.example.com" || found == "api.example.com:443", "{}", uri);
                prop_assert_eq!(scheme, "https");
            }
        }

        #[test]
        fn any_address_is_read_or_refused(text in "\\PC{0,60}") {
            if let Ok(uri) = text.parse::<http::Uri>() {
                let _ = Target::of(&uri);
            }
        }
    }
}
