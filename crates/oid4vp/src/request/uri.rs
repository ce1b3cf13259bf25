//! How a request reaches the wallet: a link or QR code that names where the
//! signed request object is. OpenID4VP 1.0 §5.1, §10, RFC 9101 §5.2
//!
//! ```text
//! openid4vp://?client_id=x509_hash%3A…&request_uri=https%3A%2F%2Fshop.example%2F…&request_uri_method=post
//! ```

use url::Url;

use crate::ErrorCode;

/// A link to a signed request. OpenID4VP 1.0 §5.7
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestUri {
    client_id: String,
    request_uri: Url,
    method: RequestUriMethod,
}

/// How the request object is fetched (`request_uri_method`). OpenID4VP 1.0 §5.1
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestUriMethod {
    /// A plain GET, the default.
    Get,
    /// A POST with the wallet's nonce. OpenID4VP 1.0 §5.10
    Post,
}

/// The scheme by which a wallet is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletScheme {
    /// `openid4vp://`. OpenID4VP 1.0 §13.1.2
    Openid4vp,
    /// `haip-vp://`. HAIP 1.0 §5.1
    HaipVp,
}

/// Why a link is no request. OpenID4VP 1.0 §5
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestUriError {
    /// The text is no URL.
    #[error("not a link")]
    NotAUrl,
    /// The scheme is none of [`WalletScheme`].
    #[error("the scheme is not one of a presentation request")]
    WrongScheme,
    /// A parameter stands there twice. RFC 6749 §3.1
    #[error("a parameter stands there twice")]
    RepeatedParameter,
    /// `client_id` is absent.
    #[error("client_id is missing")]
    MissingClientId,
    /// `request_uri` is absent: an unsigned request, or one by value.
    #[error("request_uri is missing: only signed requests by reference are read")]
    MissingRequestUri,
    /// `request_uri` is no absolute http(s) URL without user and fragment.
    #[error("request_uri is not an http address")]
    BadRequestUri,
    /// `request_uri_method` is neither `get` nor `post`.
    #[error("request_uri_method is neither get nor post")]
    BadMethod,
    /// `request` beside `request_uri`. RFC 9101 §5
    #[error("request and request_uri exclude each other")]
    RequestAndRequestUri,
}

impl RequestUriError {
    /// The specification's error code.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::BadMethod => ErrorCode::InvalidRequestUriMethod,
            _ => ErrorCode::InvalidRequest,
        }
    }
}

impl RequestUri {
    /// Makes the link of a verifier's request.
    pub fn new(client_id: &crate::ClientId, request_uri: Url, method: RequestUriMethod) -> Self {
        Self {
            client_id: client_id.to_string(),
            request_uri,
            method,
        }
    }

    /// Reads a link or the text of a QR code. Parameters beside these are
    /// ignored: only the signed request counts. OpenID4VP 1.0 §5.10.1
    ///
    /// Whether `https` is demanded, and which addresses may be reached, is the
    /// business of the caller's outbound client.
    pub fn parse(text: &str) -> Result<Self, RequestUriError> {
        let url = Url::parse(text.trim()).map_err(|_| RequestUriError::NotAUrl)?;
        if !matches!(url.scheme(), "openid4vp" | "haip-vp") {
            return Err(RequestUriError::WrongScheme);
        }
        let client_id = parameter(&url, "client_id")?.ok_or(RequestUriError::MissingClientId)?;
        let by_value = parameter(&url, "request")?;
        let reference = parameter(&url, "request_uri")?.ok_or(RequestUriError::MissingRequestUri)?;
        if by_value.is_some() {
            return Err(RequestUriError::RequestAndRequestUri);
        }
        let method = match parameter(&url, "request_uri_method")?.as_deref() {
            None | Some("get") => RequestUriMethod::Get,
            Some("post") => RequestUriMethod::Post,
            Some(_) => return Err(RequestUriError::BadMethod),
        };
        Ok(Self {
            client_id,
            request_uri: http_url(&reference).ok_or(RequestUriError::BadRequestUri)?,
            method,
        })
    }

    /// The link, or text of the QR code.
    pub fn to_link(&self, scheme: WalletScheme) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &self.client_id);
        query.append_pair("request_uri", self.request_uri.as_str());
        if self.method == RequestUriMethod::Post {
            query.append_pair("request_uri_method", "post");
        }
        let scheme = match scheme {
            WalletScheme::Openid4vp => "openid4vp",
            WalletScheme::HaipVp => "haip-vp",
        };
        format!("{scheme}://?{}", query.finish())
    }

    /// The client identifier as it stands in the link; the signed request must
    /// carry the same bytes. OpenID4VP 1.0 §5.10.1
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where the request object is.
    pub fn request_uri(&self) -> &Url {
        &self.request_uri
    }

    /// How it is fetched.
    pub fn method(&self) -> RequestUriMethod {
        self.method
    }
}

fn parameter(url: &Url, name: &str) -> Result<Option<String>, RequestUriError> {
    let mut found = url.query_pairs().filter(|(key, _)| key == name);
    let first = found.next().map(|(_, value)| value.into_owned());
    if found.next().is_some() {
        return Err(RequestUriError::RepeatedParameter);
    }
    Ok(first)
}

/// An absolute http or https URL with a host, without user and fragment.
pub(crate) fn http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn round_trip() {
        let client: crate::ClientId = "decentralized_identifier:did:example:123".parse().unwrap();
        let target = Url::parse("https://shop.example/r/1?a=b&c=d").unwrap();
        for (method, scheme) in [
            (RequestUriMethod::Get, WalletScheme::Openid4vp),
            (RequestUriMethod::Post, WalletScheme::HaipVp),
        ] {
            let link = RequestUri::new(&client, target.clone(), method);
            assert_eq!(RequestUri::parse(&link.to_link(scheme)), Ok(link));
        }
    }

    #[test_case("nonsense" => RequestUriError::NotAUrl ; "no link")]
    #[test_case("https://w.example/?client_id=a:b&request_uri=https%3A%2F%2Fs.example" => RequestUriError::WrongScheme ; "other scheme")]
    #[test_case("openid4vp://?request_uri=https%3A%2F%2Fs.example" => RequestUriError::MissingClientId ; "no client id")]
    #[test_case("openid4vp://?client_id=a&nonce=n&dcql_query=%7B%7D" => RequestUriError::MissingRequestUri ; "unsigned")]
    #[test_case("openid4vp://?client_id=a&client_id=b&request_uri=https%3A%2F%2Fs.example" => RequestUriError::RepeatedParameter ; "client id twice")]
    #[test_case("openid4vp://?client_id=a&request_uri=file%3A%2F%2F%2Fetc" => RequestUriError::BadRequestUri ; "file")]
    #[test_case("openid4vp://?client_id=a&request_uri=https%3A%2F%2Fu%3Ap%40s.example" => RequestUriError::BadRequestUri ; "with user")]
    #[test_case("openid4vp://?client_id=a&request_uri=https%3A%2F%2Fs.example&request_uri_method=POST" => RequestUriError::BadMethod ; "method in capitals")]
    #[test_case("openid4vp://?client_id=a&request_uri=https%3A%2F%2Fs.example&request=e30" => RequestUriError::RequestAndRequestUri ; "both")]
    fn refused(link: &str) -> RequestUriError {
        RequestUri::parse(link).unwrap_err()
    }

    #[test]
    fn an_unknown_method_has_its_own_code() {
        assert_eq!(RequestUriError::BadMethod.code(), ErrorCode::InvalidRequestUriMethod);
        assert_eq!(RequestUriError::WrongScheme.code(), ErrorCode::InvalidRequest);
    }
}
