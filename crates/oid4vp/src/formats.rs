//! The credential formats whose presentations are made and checked here: what they are called, what both sides say of
//! them, and how their presentations stand in a `vp_token`. OpenID4VP 1.0 Appendix B
//!
//! A format is one entry of [`FORMATS`]. Nothing else in requests, responses and sessions tells one from another.

use serde_json::{Value, json};

/// A format.
struct Format {
    /// Its identifier.
    name: &'static str,
    /// Its entry in `vp_formats_supported`: lists of which one value has to suit both sides.
    parameters: fn() -> Value,
    /// A presentation as text: what is a string as it is, what is an object as JSON; `None` for anything else.
    text: fn(&Value) -> Option<String>,
}

/// All of them.
static FORMATS: [Format; 3] = [
    // Appendix B.3.4, B.3.6
    Format {
        name: "dc+sd-jwt",
        parameters: || json!({ "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] }),
        text: string,
    },
    // Appendix B.2.2, B.2.5
    Format {
        name: "mso_mdoc",
        parameters: || json!({ "issuerauth_alg_values": COSE_ES256, "deviceauth_alg_values": COSE_ES256 }),
        text: string,
    },
    // Appendix B.1.3.2
    Format {
        name: "ldp_vc",
        parameters: || {
            json!({
                "proof_type_values": ["DataIntegrityProof"],
                "cryptosuite_values": ["ecdsa-rdfc-2019", "eddsa-rdfc-2022"],
            })
        },
        text: object,
    },
];

/// ES256 under its two numbers: -7, and -9 where the curve is part of the name. RFC 9053 §2.1, HAIP 1.0 §7
const COSE_ES256: [i8; 2] = [-9, -7];

/// Their identifiers.
pub fn supported_formats() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.name)
}

/// `vp_formats_supported` of both sides. OpenID4VP 1.0 §11.1
pub(crate) fn own_formats() -> Value {
    let members = FORMATS
        .iter()
        .map(|format| (format.name.to_owned(), (format.parameters)()));
    Value::Object(members.collect())
}

/// What is said of one of them.
pub(crate) fn parameters(name: &str) -> Option<Value> {
    named(name).map(|format| (format.parameters)())
}

/// A presentation of a format, read from a `vp_token`, as text. Of a format that is not known only a string is read.
pub(crate) fn presentation(name: &str, item: &Value) -> Option<String> {
    let read = named(name).map_or(string as fn(&Value) -> Option<String>, |format| format.text);
    read(item)
}

/// The same on the way out. What begins with a brace is a presentation that is an object: no text of a format that
/// writes strings does.
pub(crate) fn to_wire(presentation: &str) -> Value {
    let object = presentation
        .starts_with('{')
        .then(|| serde_json::from_str(presentation).ok());
    object.flatten().unwrap_or_else(|| presentation.into())
}

fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

fn string(item: &Value) -> Option<String> {
    item.as_str().map(str::to_owned)
}

fn object(item: &Value) -> Option<String> {
    item.is_object().then(|| item.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_object_travels_as_one() {
        assert_eq!(to_wire(r#"{"proof":{}}"#), json!({ "proof": {} }));
        assert_eq!(to_wire("eyJ~"), json!("eyJ~"));
        assert_eq!(to_wire("{no object"), json!("{no object"));
    }

    #[test]
    fn every_parameter_is_a_list_that_names_something() {
        for format in supported_formats() {
            let parameters = parameters(format).unwrap();
            let mut lists = parameters.as_object().unwrap().values();
            assert!(lists.all(|list| !list.as_array().unwrap().is_empty()));
        }
    }
}
