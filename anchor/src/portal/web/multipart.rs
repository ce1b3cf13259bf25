//! Forms with files. RFC 7578, as browsers write it.

/// What a multipart body holds, by name. `None` where it is none, or has more fields than allowed.
pub(super) fn parse(body: &[u8], boundary: &str, most: usize) -> Option<Vec<(String, Vec<u8>)>> {
    let delimiter = format!("--{boundary}");
    let mut rest = body.strip_prefix(delimiter.as_bytes())?;
    let between = format!("\r\n{delimiter}");
    let mut fields = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(fields);
        }
        let part = rest.strip_prefix(b"\r\n")?;
        let (headers, content) = split(part, b"\r\n\r\n")?;
        let (content, after) = split(content, between.as_bytes())?;
        if fields.len() == most {
            return None;
        }
        fields.push((name(headers)?, content.to_vec()));
        rest = after;
    }
}

/// The boundary that a content type names. RFC 2046 §5.1.1
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))?
        .trim_matches('"');
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

/// The name of a field. RFC 7578 §4.2
fn name(headers: &[u8]) -> Option<String> {
    let headers = std::str::from_utf8(headers).ok()?;
    let disposition = headers.split("\r\n").find_map(|line| {
        let (header, value) = line.split_once(':')?;
        header.eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let name = disposition
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"').to_owned())
}

/// What stands before and after the first place of some bytes.
fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    let (before, after) = bytes.split_at(place);
    Some((before, after.get(at.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const BODY: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--x\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"name=b\"\r\nContent-Type: application/json\r\n\r\n\
        {\r\n}\r\n--x--\r\n";

    #[test]
    fn fields_and_files_come_apart() {
        let fields = parse(BODY, "x", 2).unwrap();
        let expected = [("a", &b"one"[..]), ("file", &b"{\r\n}"[..])];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_vec())));
        assert_eq!(parse(BODY, "x", 1), None, "more than allowed");
    }

    #[test]
    fn what_is_cut_short_is_none() {
        for end in 0..BODY.len() - 4 {
            assert_eq!(parse(&BODY[..end], "x", 9), None, "{end}");
        }
    }

    #[test_case("multipart/form-data; boundary=abc" => Some("abc"); "plain")]
    #[test_case("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"" => Some("a b"); "quoted")]
    #[test_case("multipart/form-data" => None; "none")]
    #[test_case("text/plain; boundary=abc" => None; "another type")]
    #[test_case("multipart/form-data; boundary=" => None; "empty")]
    fn boundaries(content_type: &str) -> Option<&str> {
        boundary(content_type)
    }
}
