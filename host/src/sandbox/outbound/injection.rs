//! Adds the secret of a rule to its requests, and takes it out of the headers that come back.
//!
//! Gateways and frameworks read some names as others: `x_key` as `x-key`, `a[]` and `[a]` as `a`, `A` as `a`. What one
//! of them could take for the place of the secret counts as that place, so a plugin cannot put a value of its own there.

use std::iter::successors;

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

use super::super::denial::Denials;
use crate::catalog::{HeaderFormat, Injection, InjectionPlace};
use crate::percent::{decoded, encoded};
use crate::secrets::SecretValue;

/// Shorter secrets are found in a header only if they are all of it: they occur by chance.
const MIN_PART_BYTES: usize = 8;

/// How often the escapes of a header are undone: a redirect may hold an address that holds another one.
const MAX_LAYERS: usize = 3;

/// The secret that a request holds, to be taken out of what comes back.
pub(super) struct AddedSecret {
    pub(super) value: SecretValue,
    /// The host, as the log shows it.
    pub(super) host: String,
    pub(super) denials: Denials,
}

impl AddedSecret {
    /// Removes the headers that repeat the secret, and logs their names.
    pub(super) fn scrub(&self, headers: &mut HeaderMap) {
        for name in scrub(&self.value, headers) {
            self.denials.repeated_secret(&self.host, name.as_str());
        }
    }
}

/// Tells whether a plugin has set the place of the secret itself.
pub(super) fn is_set<B>(injection: &Injection, request: &Request<B>) -> bool {
    sets_header(injection, request.headers()) || sets_parameter(injection, request.uri())
}

/// Tells whether a plugin has set a header that the secret goes into.
pub(super) fn sets_header(injection: &Injection, headers: &HeaderMap) -> bool {
    let InjectionPlace::Header { name, .. } = &injection.place else { return false };
    let place = folded(name.as_str());
    headers.keys().any(|name| folded(name.as_str()) == place)
}

/// Tells whether a plugin has set a parameter that the secret goes into.
fn sets_parameter(injection: &Injection, uri: &Uri) -> bool {
    let InjectionPlace::Query { name } = &injection.place else { return false };
    let place = folded(name.as_str());
    let mut pairs = uri.query().unwrap_or_default().split(['&', ';']);
    pairs.any(|pair| parameter(pair.split('=').next().unwrap_or_default()).contains(&place))
}

/// Returns the name of a parameter as lenient servers read it, each [`folded`]: all of it, up to a bracket that opens,
/// and up to any bracket.
pub(super) fn parameter(name: &str) -> [String; 3] {
    let decoded = decoded(without_wide_escapes(name));
    let text = String::from_utf8_lossy(&decoded);
    let text = text.trim_start_matches(|letter: char| "+[]".contains(letter) || letter.is_whitespace());
    ["\0", "\0[", "\0[]"].map(|ends| {
        let name = text.split(|letter: char| ends.contains(letter)).next();
        folded(name.unwrap_or_default())
    })
}

/// Undoes the escapes of ASP.NET, `%u` and four digits.
fn without_wide_escapes(text: &str) -> String {
    let mut parts = text.split("%u");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match digits.and_then(char::from_u32) {
            Some(letter) => {
                out.push(letter);
                out.push_str(&part[4..]);
            }
            None => {
                out.push_str("%u");
                out.push_str(part);
            }
        }
    }
    out
}

/// Makes names that some reader takes for the same equal.
fn folded(name: &str) -> String {
    name.chars()
        .map(|letter| if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect()
}

/// Tells whether a secret can be added; any text can be a parameter.
pub fn is_injectable(injection: &Injection, value: &SecretValue) -> bool {
    match &injection.place {
        InjectionPlace::Header { format, .. } => header_value(format, value).is_some(),
        InjectionPlace::Query { .. } => true,
    }
}

/// Adds a secret to a request; `None` if it cannot be part of one.
pub(super) fn add<B>(injection: &Injection, value: &SecretValue, request: &mut Request<B>) -> Option<()> {
    match &injection.place {
        InjectionPlace::Header { name, format } => {
            let name = HeaderName::try_from(name.as_str()).ok()?;
            request.headers_mut().insert(name, header_value(format, value)?);
        }
        InjectionPlace::Query { name } => {
            let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
            let sign = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{sign}{}={}", name.as_str(), encoded(value.as_str()));
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
            *request.uri_mut() = Uri::from_parts(parts).ok()?;
        }
    }
    Some(())
}

/// Puts a secret into its format; `None` if it has a line break or another character that is no visible ASCII, or
/// begins or ends with a space.
fn header_value(format: &HeaderFormat, value: &SecretValue) -> Option<HeaderValue> {
    let text = value.as_str();
    if text.trim() != text || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return None;
    }
    let (before, after) = format.around();
    let mut value = HeaderValue::try_from(format!("{before}{text}{after}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Removes the headers that repeat a secret, as it is or with escapes, and returns their names.
fn scrub(value: &SecretValue, headers: &mut HeaderMap) -> Vec<HeaderName> {
    let (plain, parameter) = (value.as_str(), encoded(value.as_str()));
    let is_in = |bytes: &[u8], text: &str| match plain.len() < MIN_PART_BYTES {
        true => bytes == text.as_bytes(),
        false => memchr::memmem::find(bytes, text.as_bytes()).is_some(),
    };
    let repeats = |header: &HeaderValue| {
        readings(header.as_bytes()).any(|bytes| is_in(&bytes, plain) || is_in(&bytes, &parameter))
    };
    let names: Vec<_> =
        headers.keys().filter(|name| headers.get_all(*name).iter().any(repeats)).cloned().collect();
    for name in &names {
        let kept: Vec<_> = headers.get_all(name).iter().filter(|value| !repeats(value)).cloned().collect();
        headers.remove(name);
        kept.into_iter().for_each(|value| {
            headers.append(name, value);
        });
    }
    names
}

/// Returns a header as it is and without its escapes, layer by layer; a plus sign may stand for a space in each.
fn readings(header: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let inner = |text: &Vec<u8>| Some(decoded(text)).filter(|inner| inner != text);
    successors(Some(header.to_vec()), inner).take(1 + MAX_LAYERS).flat_map(|text| {
        let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        [decoded(spaced), text]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_0123456789";

    fn header(name: &str, format: &str) -> Injection {
        let place = InjectionPlace::Header { name: name.parse().unwrap(), format: format.parse().unwrap() };
        Injection { place, from: "s".to_owned() }
    }

    fn query(name: &str) -> Injection {
        Injection { place: InjectionPlace::Query { name: name.parse().unwrap() }, from: "s".to_owned() }
    }

    fn request(uri: &str) -> Request<()> {
        Request::get(uri).body(()).unwrap()
    }

    fn secret(text: &str) -> SecretValue {
        SecretValue::from(text.to_owned())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_header_that_could_be_taken_for_the_place_of_the_secret_is_noticed() {
        let key = header("x-api-key", "{}");
        for name in ["x-api-key", "x_api_key", "x-api_key", "x.api.key"] {
            assert!(sets_header(&key, &headers(&[("accept", "*/*"), (name, "own")])), "{name}");
        }
        for name in ["x-api-keys", "api-key", "authorization"] {
            assert!(!sets_header(&key, &headers(&[(name, "own")])), "{name}");
        }
        assert!(!sets_header(&query("x-api-key"), &headers(&[("x-api-key", "own")])));
    }

    #[test]
    fn a_parameter_that_could_be_taken_for_the_place_of_the_secret_is_noticed() {
        let sets = |name: &str, asked: &str| {
            sets_parameter(&query(name), &format!("https://a.example/p?{asked}").parse().unwrap())
        };
        for asked in [
            "api.key=1",
            "a=b&api.key=1",
            "a=b;api.key=1",
            "API.KEY=1",
            "%61pi.key=1",
            "%61%70%69%2e%6b%65%79=1",
            "api.key",
            "api.key[]=1",
            "api.key%5B0%5D=1",
            "api_key=1",
            "api%20key=1",
            "api+key=1",
            "+api.key=1",
            "%20api.key=1",
            "api.key%00x=1",
            "&&api.key=1",
            "[api.key]=1",
            "%5B]api.key]=1",
            "[api.key][]=1",
            "api[key=1",
            "api]key=1",
            "%u0061pi.key=1",
            "api%u002ekey=1",
            "%u005bapi.key]=1",
        ] {
            assert!(sets("api.key", asked), "{asked}");
        }
        for asked in [
            "",
            "apikey=1",
            "a=api.key",
            "a=b%26api.key=1",
            "%2561pi.key=1",
            "%zzapi.key=1",
            "a%",
            "%u00zzapi.key=1",
            "%u",
            "[x]api.key=1",
        ] {
            assert!(!sets("api.key", asked), "{asked}");
        }
    }

    #[test]
    fn a_secret_is_added_in_its_format_and_marked_as_sensitive() {
        let mut request = request("https://a.example/p?a=b");
        add(&header("authorization", "Bearer {}"), &secret(TOKEN), &mut request).unwrap();
        let value = &request.headers()["authorization"];
        assert_eq!(value, &format!("Bearer {TOKEN}"));
        assert!(value.is_sensitive() && !format!("{request:?}").contains(TOKEN));
        assert_eq!(request.uri(), "https://a.example/p?a=b");
        add(&header("x-key", "k=\"{}\", v=1"), &secret("a b"), &mut request).unwrap();
        assert_eq!(request.headers()["x-key"], "k=\"a b\", v=1");
    }

    #[test]
    fn a_secret_is_added_to_a_query_with_escapes() {
        for (before, after) in [
            ("https://a.example/p", "https://a.example/p?key=a%26b%3D%C3%A9%0A%20~"),
            ("https://a.example/p?x=1", "https://a.example/p?x=1&key=a%26b%3D%C3%A9%0A%20~"),
            ("https://a.example/p?", "https://a.example/p?&key=a%26b%3D%C3%A9%0A%20~"),
            ("https://a.example:8443/", "https://a.example:8443/?key=a%26b%3D%C3%A9%0A%20~"),
        ] {
            let mut request = request(before);
            add(&query("key"), &secret("a&b=é\n ~"), &mut request).unwrap();
            assert_eq!(request.uri().to_string(), after);
        }
    }

    #[test]
    fn a_secret_that_would_break_a_header_is_not_added() {
        let bearer = header("authorization", "Bearer {}");
        for text in ["a\n", "a\r\nx: y", "\ta", " a", "a ", "é", "a\0", "\u{7f}"] {
            assert!(!is_injectable(&bearer, &secret(text)), "{text:?}");
            let mut request = request("https://a.example/");
            assert!(add(&bearer, &secret(text), &mut request).is_none() && request.headers().is_empty());
            assert!(is_injectable(&query("key"), &secret(text)), "{text:?}");
        }
        assert!(is_injectable(&bearer, &secret("a b~!")));
    }

    #[test]
    fn headers_that_repeat_a_secret_are_removed_and_others_stay() {
        let location = format!("https://a.example/?key={TOKEN}");
        let mut all = headers(&[
            ("x-echo", &format!("Bearer {TOKEN}")),
            ("location", &location),
            ("set-cookie", "a=b"),
            ("set-cookie", TOKEN),
            ("content-type", "text/plain"),
        ]);
        assert_eq!(scrub(&secret(TOKEN), &mut all), ["x-echo", "location", "set-cookie"]);
        assert_eq!(all, headers(&[("set-cookie", "a=b"), ("content-type", "text/plain")]));
        let mut all = headers(&[("x-echo", "p?a%26b%3Dcdefgh"), ("x-other", "a&b=cdefgh!")]);
        assert_eq!(scrub(&secret("a&b=cdefgh"), &mut all).len(), 2);
        for echo in [
            "/?next=abc/def%2Bghi%3Djkl%20(m)",
            "/?next=abc%2fdef%2bghi%3djkl%20%28m%29",
            "/?next=abc%2Fdef%2Bghi%3Djkl%20(m)",
            "/?next=abc/def+ghi=jkl%20(m)&a=+",
            "/?next=abc%2Fdef%2Bghi%3Djkl+%28m%29",
            "/?next=%61bc/def%2Bghi=jkl+(m)",
            "/?next=%2F%3Fkey%3Dabc%252Fdef%252Bghi%253Djkl%2B%2528m%2529",
        ] {
            let mut all = headers(&[("location", echo), ("x-kept", "abc/def ghi=jkl%2520(m)")]);
            assert_eq!(scrub(&secret("abc/def+ghi=jkl (m)"), &mut all), ["location"], "{echo}");
        }
        let mut all = headers(&[("x-echo", "a+%3d"), ("x-other", "a+%3db")]);
        assert_eq!(scrub(&secret("a ="), &mut all), ["x-echo"]);
        let mut all = headers(&[("x-echo", "abc"), ("x-other", "abcd")]);
        assert_eq!(scrub(&secret("abc"), &mut all), ["x-echo"], "a short one only as a whole");
    }
}
