//! Knows the addresses of AWS's services, and of servers in their place.

use http::Uri;

use crate::net::PlainHttp;
use crate::variables::Variables;

/// The variable that names an endpoint of an operator's own for S3.
const S3_VARIABLE: &str = "AWS_ENDPOINT_URL_S3";

/// The variable that names one for every service that has none of its own.
const ANY_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// The variables that name the region, the first one that is set. Lambda sets the first.
const REGION_VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The server that answers for buckets, and the region that requests are signed for.
#[derive(Clone, Debug)]
pub struct Endpoint {
    region: String,
    /// An address in place of AWS's, without a slash at its end.
    own: Option<String>,
}

/// A variable that is missing or malformed.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// There is no region.
    #[error("the environment variable AWS_REGION is not set: expected a region such as eu-central-1")]
    NoRegion,
    /// The region is none.
    #[error("the environment variable {name} is {found:?}, expected a region such as eu-central-1")]
    Region {
        /// The variable.
        name: &'static str,
        /// Its value.
        found: String,
    },
    /// The address is none.
    #[error(
        "the environment variable {name} is not a usable address: expected http:// or https:// and a host, without a \
         user name, query or fragment"
    )]
    Address {
        /// The variable.
        name: &'static str,
    },
}

impl Endpoint {
    /// Reads the region, and the address of a server other than AWS's if there is one.
    ///
    /// # Errors
    ///
    /// Fails if there is no region, or a variable is malformed.
    pub fn of(variables: &Variables) -> Result<Self, EndpointError> {
        Self::of_service(variables, S3_VARIABLE)
    }

    /// Reads the same for another service, whose own address is in the variable `own`.
    ///
    /// # Errors
    ///
    /// Fails if there is no region, or a variable is malformed.
    pub fn of_service(variables: &Variables, own_variable: &'static str) -> Result<Self, EndpointError> {
        let (name, region) = first(variables, &REGION_VARIABLES).ok_or(EndpointError::NoRegion)?;
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !region.bytes().all(is_plain) || region.len() > 40 {
            return Err(EndpointError::Region { name, found: region.chars().take(80).collect() });
        }
        Self::in_region(&region, variables, own_variable)
    }

    /// Makes the endpoint of a service in a region that is known.
    ///
    /// # Errors
    ///
    /// Fails if a variable with a server in place of AWS's is malformed.
    pub fn in_region(
        region: &str,
        variables: &Variables,
        own_variable: &'static str,
    ) -> Result<Self, EndpointError> {
        let own = first(variables, &[own_variable, ANY_VARIABLE]);
        let own = own.map(|(name, url)| own_address(name, &url)).transpose()?;
        Ok(Self { region: region.to_owned(), own })
    }

    /// Returns the region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Tells where requests may go without TLS: to a server that an operator has named so.
    pub fn plain_http(&self) -> PlainHttp {
        if self.own.is_some() { PlainHttp::Anywhere } else { PlainHttp::Loopback }
    }

    /// Returns the address of an object, or with an empty key that of the bucket.
    ///
    /// AWS has the bucket in the host's name, unless the bucket has a dot, which no certificate covers; other servers
    /// have it in the path.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
    pub(crate) fn url(&self, bucket: &str, key: &str, query: &str) -> String {
        let question_mark = if query.is_empty() { "" } else { "?" };
        let tail = format!("{key}{question_mark}{query}");
        let host = format!("s3.{}.{}", self.region, self.domain());
        match &self.own {
            Some(own) => format!("{own}/{bucket}/{tail}"),
            None if bucket.contains('.') => format!("https://{host}/{bucket}/{tail}"),
            None => format!("https://{bucket}.{host}/{tail}"),
        }
    }

    /// Returns the address of a service that has one for each region.
    pub fn service_url(&self, service: &str) -> String {
        match &self.own {
            Some(own) => format!("{own}/"),
            None => format!("https://{service}.{}.{}/", self.region, self.domain()),
        }
    }

    fn domain(&self) -> &'static str {
        if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
    }
}

fn first(variables: &Variables, names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| Some((*name, variables.get(name)?)))
}

/// Reads the address of a server; a mistake in it repeats nothing of it, because it may hold a password.
fn own_address(name: &'static str, url: &str) -> Result<String, EndpointError> {
    let refuse = || EndpointError::Address { name };
    let uri: Uri = url.parse().map_err(|_| refuse())?;
    let authority =
        uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(refuse)?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or_else(refuse)?;
    if uri.query().is_some() || url.contains('#') {
        return Err(refuse());
    }
    Ok(format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(variables: &'static [(&str, &str)]) -> Result<Endpoint, EndpointError> {
        Endpoint::of(&Variables::new(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        }))
    }

    #[test]
    fn aws_is_addressed_by_region() {
        let of = |variables, bucket| endpoint(variables).unwrap().url(bucket, "a/index.json", "");
        assert_eq!(
            of(&[("AWS_REGION", "eu-central-1")], "bucket"),
            "https://bucket.s3.eu-central-1.amazonaws.com/a/index.json"
        );
        assert_eq!(
            of(&[("AWS_DEFAULT_REGION", "cn-north-1")], "my.bucket"),
            "https://s3.cn-north-1.amazonaws.com.cn/my.bucket/a/index.json"
        );
    }

    #[test]
    fn another_server_is_addressed_by_path_and_the_variable_for_s3_comes_first() {
        let variables: &[_] = &[
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_S3", "http://minio:9000/sub/"),
        ];
        let endpoint = endpoint(variables).unwrap();
        assert_eq!(endpoint.url("bucket", "", "list-type=2"), "http://minio:9000/sub/bucket/?list-type=2");
        assert_eq!(endpoint.plain_http(), PlainHttp::Anywhere);
    }

    #[test]
    fn a_service_is_addressed_by_region_unless_its_variable_names_a_server() {
        let of = |pairs: &'static [(&str, &str)]| {
            let lookup = move |name: &str| {
                pairs.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            };
            let endpoint =
                Endpoint::of_service(&Variables::new(lookup), "AWS_ENDPOINT_URL_DYNAMODB").unwrap();
            endpoint.service_url("dynamodb")
        };
        assert_eq!(of(&[("AWS_REGION", "eu-central-1")]), "https://dynamodb.eu-central-1.amazonaws.com/");
        assert_eq!(
            of(&[("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:4567")]),
            "http://127.0.0.1:4567/"
        );
    }

    #[test]
    fn mistakes_are_named_by_their_variable() {
        let error = endpoint(&[]).unwrap_err().to_string();
        assert!(error.contains("AWS_REGION"), "{error}");
        let error = endpoint(&[("AWS_DEFAULT_REGION", "eu.central@1")]).unwrap_err().to_string();
        assert!(error.contains("AWS_DEFAULT_REGION") && error.contains("eu.central@1"), "{error}");
        let of = |url| {
            Endpoint::of(&Variables::new(move |name| {
                let value = if name == "AWS_REGION" { "eu-central-1" } else { url };
                Some(value.to_owned())
            }))
        };
        for url in [
            "minio:9000",
            "ftp://minio",
            "http://user:canary@minio",
            "http://minio/?canary",
            "http://a/#canary",
        ] {
            let error = of(url).unwrap_err().to_string();
            assert!(error.contains("AWS_ENDPOINT_URL_S3") && !error.contains("canary"), "{error}");
        }
    }
}
