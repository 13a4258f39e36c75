//! Names the reasons why S3 did not do what it was asked, for the operator.

use http::{HeaderMap, StatusCode};

use crate::aws::NoCredentials;
use crate::aws::xml;
use crate::net::{NetError, Response};

/// The header in which S3 names the region of a bucket.
const REGION_HEADER: &str = "x-amz-bucket-region";

/// A request to S3 that failed. `object` is where it is, as `s3://BUCKET/KEY`; no text holds credentials.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// There is no such object, or no such bucket.
    #[error("{object} does not exist")]
    NotFound {
        /// The object.
        object: String,
    },
    /// The object is still the same.
    #[error("{object} has not changed")]
    NotModified {
        /// The object.
        object: String,
    },
    /// The object exists already, or is another one by now.
    #[error("{object} was written by somebody else meanwhile")]
    PreconditionFailed {
        /// The object.
        object: String,
    },
    /// S3 refuses these credentials, or their role.
    #[error(
        "S3 refuses access to {object} ({code}): the role needs s3:GetObject for it, and s3:PutObject, s3:DeleteObject \
         and s3:ListBucket to publish. Without s3:ListBucket, S3 also says so if the object does not exist"
    )]
    Denied {
        /// The object.
        object: String,
        /// S3's word for it.
        code: String,
    },
    /// The bucket is in another region.
    #[error(
        "{object} is in the region {region}: set AWS_REGION to it, or use a bucket in the region of the function"
    )]
    OtherRegion {
        /// The object.
        object: String,
        /// The region of the bucket.
        region: String,
    },
    /// S3 has too many requests to answer.
    #[error("S3 has no time for {object} ({status} {code})")]
    Throttled {
        /// The object.
        object: String,
        /// Its status.
        status: StatusCode,
        /// Its word for it.
        code: String,
    },
    /// S3 failed in the middle of the request.
    #[error("S3 failed at {object} ({status} {code})")]
    Failed {
        /// The object.
        object: String,
        /// Its status.
        status: StatusCode,
        /// Its word for it.
        code: String,
    },
    /// S3 answered something else.
    #[error("S3 answers {status} {code} for {object}")]
    Unexpected {
        /// The object.
        object: String,
        /// Its status.
        status: StatusCode,
        /// Its word for it.
        code: String,
    },
    /// S3 cannot be reached, or its response has not arrived as a whole.
    #[error("cannot reach {object}: {source}")]
    Unreachable {
        /// The object.
        object: String,
        /// The reason.
        source: NetError,
    },
    /// There are no credentials.
    #[error("cannot sign a request for {object}: {source}")]
    Credentials {
        /// The object.
        object: String,
        /// The reason.
        source: NoCredentials,
    },
    /// The request cannot be written or signed.
    #[error("cannot sign a request for {object}: {reason}")]
    Unsigned {
        /// The object.
        object: String,
        /// The reason.
        reason: String,
    },
    /// A list is not as S3 writes lists.
    #[error("the list of {location} cannot be read: is the server one that speaks S3?")]
    List {
        /// The start of the keys.
        location: String,
    },
}

/// Reads the reason out of a response that is no success.
pub(super) async fn refusal(object: String, response: Response) -> S3Error {
    let (status, region) = (response.head.status, region(&response.head.headers));
    // The response to a HEAD has no body, and one that breaks off says less.
    let body = response.body.collect().await.unwrap_or_default();
    let code = std::str::from_utf8(&body).ok().and_then(|body| xml::text(body, "Code"));
    let code = code.map_or_else(|| "without a reason".to_owned(), |code| code.chars().take(64).collect());
    match status {
        StatusCode::NOT_MODIFIED => S3Error::NotModified { object },
        StatusCode::NOT_FOUND => S3Error::NotFound { object },
        // 409: another request that writes the object is not finished yet.
        StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => S3Error::PreconditionFailed { object },
        StatusCode::MOVED_PERMANENTLY | StatusCode::TEMPORARY_REDIRECT | StatusCode::BAD_REQUEST
            if region.is_some() =>
        {
            S3Error::OtherRegion { object, region: region.unwrap_or_default() }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => S3Error::Denied { object, code },
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            S3Error::Throttled { object, status, code }
        }
        status if status.is_server_error() => S3Error::Failed { object, status, code },
        status => S3Error::Unexpected { object, status, code },
    }
}

fn region(headers: &HeaderMap) -> Option<String> {
    let region = headers.get(REGION_HEADER)?.to_str().ok()?;
    Some(region.chars().take(40).collect())
}
