//! Names every reason why an access token is refused. The log has it; a client only learns that the token is not valid.

/// The longest token, in bytes. An issuer that lists some 200 groups in a token stays below.
pub const MAX_TOKEN_BYTES: usize = 16 << 10;

/// The reason why a token is refused. No text repeats anything of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is longer than any token that is read.
    #[error("it is longer than {} bytes", MAX_TOKEN_BYTES)]
    TooLong,
    /// It is not a JWT, and no issuer has `introspection`.
    #[error("it is not a JWT: expected three parts in base64url without padding")]
    Form,
    /// It is one of those that `toolcell token` makes.
    #[error(
        "it begins like a token of `toolcell token`, and is not in [auth.bearer]; no issuer is asked about it"
    )]
    Static,
    /// Its head cannot be read.
    #[error("its header is not a JSON object with one member of each name and values of the right types")]
    Header,
    /// Its claims cannot be read.
    #[error("its claims are not a JSON object with one member of each name")]
    Claims,
    /// Its head names no algorithm.
    #[error("`alg` is missing")]
    NoAlgorithm,
    /// It is not signed.
    #[error("`alg` is `none`: it is not signed")]
    Unsigned,
    /// It is signed with a shared secret.
    #[error("`alg` names a shared secret (HMAC)")]
    Symmetric,
    /// It is signed in another way than its issuer is configured for.
    #[error("`alg` is not in `algorithms` of its issuer")]
    Algorithm,
    /// It asks for an extension of JWS.
    #[error("`crit` asks for an extension")]
    Critical,
    /// Its payload is not encoded as that of a JWT.
    #[error("`b64` says that its claims are not encoded")]
    Unencoded,
    /// It is a token of another kind, by its head.
    #[error("`typ` is not that of an access token of its issuer")]
    Type,
    /// It names no issuer.
    #[error("`iss` is missing or not a string")]
    NoIssuer,
    /// It names an issuer that is not configured.
    #[error("`iss` is not one of the configured issuers")]
    Issuer,
    /// Its key is not among those of its issuer.
    #[error("its issuer has no key with its `kid`")]
    UnknownKey,
    /// It does not say which key it is signed with.
    #[error("it has no `kid`, and its issuer has not exactly one key for its `alg`")]
    NoKeyId,
    /// Several keys have its `kid`.
    #[error("its issuer has several keys with its `kid`")]
    AmbiguousKey,
    /// Its key cannot be used.
    #[error("the key with its `kid` cannot be used: {0}")]
    Key(KeyFault),
    /// It was signed with another key, or changed since.
    #[error("its signature is not valid")]
    Signature,
    /// A claim has the wrong type or an impossible value.
    #[error("`{0}` has the wrong type, or an impossible value")]
    Claim(&'static str),
    /// It has no end.
    #[error("`exp` is missing")]
    NoExpiry,
    /// Its time is over.
    #[error("it has expired (`exp`)")]
    Expired,
    /// Its time has not come.
    #[error("it is not valid yet (`nbf`)")]
    NotYet,
    /// It comes from the future.
    #[error("it was issued in the future (`iat`)")]
    Future,
    /// It is for no resource.
    #[error("`aud` is missing")]
    NoAudience,
    /// It is for another resource.
    #[error("`aud` names another resource")]
    Audience,
    /// Nobody knows the address of this server.
    #[error(
        "`aud` cannot be compared: the address of this server is not known. Set `public-url` in [auth.oauth], or \
         `audience`"
    )]
    OwnUrl,
    /// It does not say which client it was issued to.
    #[error("`client_id` and `azp` are missing, and `client-ids` is configured")]
    NoClient,
    /// It was issued to another client.
    #[error("`client_id` is not in `client-ids` of its issuer")]
    Client,
    /// It names no caller.
    #[error("the claim that names the caller is missing")]
    NoSubject,
    /// Its caller's name is not a name.
    #[error("the claim that names the caller is not a string of 1 to 255 visible characters")]
    Subject,
    /// Its scopes cannot be read.
    #[error("the claim with scopes is neither a string nor a list of strings")]
    Scopes,
    /// It is an ID token of OpenID Connect.
    #[error("it is an ID token, not an access token")]
    IdToken,
    /// It is worth something only together with a key that its client has to show.
    #[error("it is bound to a key of its client (`cnf`), which this server cannot check")]
    Bound,
    /// It is a token of another kind, by what its issuer says of it.
    #[error("its issuer says that it is not a bearer token (`token_type`)")]
    NotBearer,
    /// Its issuer does not vouch for it.
    #[error("its issuer says that it is not active")]
    Inactive,
}

/// The reason why a key of an issuer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// A member is missing or malformed.
    #[error("a member is missing or malformed")]
    Malformed,
    /// It is a shared secret, or of an unknown type.
    #[error("its type is not RSA, EC or OKP")]
    Kind,
    /// It lies on another curve.
    #[error("its curve is not P-256, P-384 or Ed25519")]
    Curve,
    /// It is too short to be safe, or so long that it costs too much.
    #[error("its modulus has not 2048 to 8192 bits")]
    Size,
    /// It was published with its private part.
    #[error("it was published with its private part")]
    Private,
    /// It is for something else than signatures.
    #[error("`use` or `key_ops` says that it verifies no signatures")]
    Purpose,
    /// It is for another algorithm than the token's.
    #[error("it is for another algorithm than the token's `alg`")]
    Algorithm,
}
