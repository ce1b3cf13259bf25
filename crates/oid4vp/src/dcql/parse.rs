//! The strict reader: one error for each MUST of OpenID4VP 1.0 §6.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::meta::{non_empty, required, strings};
use super::{
    AuthorityType, ClaimId, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlError, DcqlQuery, HolderBinding,
    Meta, Multiplicity, QueryId, Requirement, TrustedAuthority,
};
use crate::{ClaimsPath, budget};

pub(super) fn query(value: &Value) -> Result<DcqlQuery, DcqlError> {
    let object = object(value, "dcql_query")?;
    let credentials = non_empty(required(object, "credentials")?, "credentials")?
        .iter()
        .map(credential)
        .collect::<Result<Vec<_>, _>>()?;
    let mut ids = HashSet::new();
    if !credentials.iter().all(|query| ids.insert(query.id.as_str())) {
        return Err(DcqlError::DuplicateQueryId);
    }
    let credential_sets = match object.get("credential_sets") {
        None => Vec::new(),
        Some(sets) => non_empty(sets, "credential_sets")?
            .iter()
            .map(|set| credential_set(set, &ids))
            .collect::<Result<_, _>>()?,
    };
    let query = DcqlQuery {
        source: value.clone(),
        credentials,
        credential_sets,
    };
    let mut budget = budget::QUERY;
    query.spend(&mut budget)?;
    Ok(query)
}

fn credential(value: &Value) -> Result<CredentialQuery, DcqlError> {
    let members = object(value, "a credential query")?;
    let id = QueryId(identifier(required(members, "id")?, "id")?);
    let format = string(required(members, "format")?, "format")?;
    let meta = Meta::parse(&format, object(required(members, "meta")?, "meta")?)?;
    let multiple = match flag(members, "multiple", false)? {
        true => Multiplicity::Several,
        false => Multiplicity::One,
    };
    let holder_binding = match flag(members, "require_cryptographic_holder_binding", true)? {
        true => HolderBinding::Cryptographic,
        false => HolderBinding::None,
    };
    let trusted_authorities = match members.get("trusted_authorities") {
        None => Vec::new(),
        Some(items) => non_empty(items, "trusted_authorities")?
            .iter()
            .map(trusted_authority)
            .collect::<Result<_, _>>()?,
    };
    let claims = match members.get("claims") {
        None => Vec::new(),
        Some(items) => claims(items, &format)?,
    };
    let claim_sets = match members.get("claim_sets") {
        None => Vec::new(),
        Some(_) if claims.is_empty() => return Err(DcqlError::ClaimSetsWithoutClaims),
        Some(sets) => claim_sets(sets, &claims)?,
    };
    Ok(CredentialQuery {
        id,
        format,
        meta,
        multiple,
        trusted_authorities,
        holder_binding,
        claims,
        claim_sets,
    })
}

fn trusted_authority(value: &Value) -> Result<TrustedAuthority, DcqlError> {
    let members = object(value, "a trusted authority")?;
    Ok(TrustedAuthority {
        kind: AuthorityType::parse(&string(required(members, "type")?, "type")?),
        values: strings(required(members, "values")?, "values")?,
    })
}

fn claims(items: &Value, format: &str) -> Result<Vec<ClaimsQuery>, DcqlError> {
    let claims = non_empty(items, "claims")?
        .iter()
        .map(|item| claim(item, format))
        .collect::<Result<Vec<_>, _>>()?;
    let mut ids = HashSet::new();
    if !claims
        .iter()
        .filter_map(|claim| claim.id.as_ref())
        .all(|id| ids.insert(id))
    {
        return Err(DcqlError::DuplicateClaimId);
    }
    Ok(claims)
}

fn claim(value: &Value, format: &str) -> Result<ClaimsQuery, DcqlError> {
    let members = object(value, "a claim")?;
    let id = match members.get("id") {
        None => None,
        Some(id) => Some(ClaimId(identifier(id, "id")?)),
    };
    let path = required(members, "path")?;
    if format == "mso_mdoc" && !is_mdoc_path(path) {
        return Err(DcqlError::MdocPath);
    }
    let values = match members.get("values") {
        None => Vec::new(),
        Some(values) => non_empty(values, "values")?.to_vec(),
    };
    if !values.iter().all(is_matchable) {
        return Err(DcqlError::BadValue);
    }
    Ok(ClaimsQuery {
        id,
        path: ClaimsPath::parse(path)?,
        values,
        intent_to_retain: intent_to_retain(members, format)?,
    })
}

/// A member of claims of mdocs alone. Appendix B.2.4
fn intent_to_retain(claim: &Map<String, Value>, format: &str) -> Result<Option<bool>, DcqlError> {
    match claim.get("intent_to_retain").filter(|_| format == "mso_mdoc") {
        None => Ok(None),
        Some(Value::Bool(intent)) => Ok(Some(*intent)),
        Some(_) => Err(DcqlError::WrongType("intent_to_retain")),
    }
}

fn claim_sets(sets: &Value, claims: &[ClaimsQuery]) -> Result<Vec<Vec<usize>>, DcqlError> {
    if claims.iter().any(|claim| claim.id.is_none()) {
        return Err(DcqlError::ClaimWithoutId);
    }
    let places: HashMap<&str, usize> = claims
        .iter()
        .enumerate()
        .filter_map(|(place, claim)| Some((claim.id.as_ref()?.as_str(), place)))
        .collect();
    let place = |id: &Value| {
        let id = id.as_str().ok_or(DcqlError::WrongType("claim_sets"))?;
        places.get(id).copied().ok_or(DcqlError::UnknownClaimId)
    };
    non_empty(sets, "claim_sets")?
        .iter()
        .map(|set| {
            let ids = set.as_array().ok_or(DcqlError::WrongType("claim_sets"))?;
            ids.iter().map(place).collect()
        })
        .collect()
}

fn credential_set(value: &Value, known: &HashSet<&str>) -> Result<CredentialSetQuery, DcqlError> {
    let members = object(value, "a credential set")?;
    let mut options = Vec::new();
    for option in non_empty(required(members, "options")?, "options")? {
        let ids = strings(option, "options")?;
        if !ids.iter().all(|id| known.contains(id.as_str())) {
            return Err(DcqlError::UnknownQueryId);
        }
        options.push(ids.into_iter().map(QueryId).collect());
    }
    let requirement = match flag(members, "required", true)? {
        true => Requirement::Required,
        false => Requirement::Optional,
    };
    Ok(CredentialSetQuery { options, requirement })
}

fn object<'v>(value: &'v Value, name: &'static str) -> Result<&'v Map<String, Value>, DcqlError> {
    value.as_object().ok_or(DcqlError::NotAnObject(name))
}

fn string(value: &Value, name: &'static str) -> Result<String, DcqlError> {
    value.as_str().map(str::to_owned).ok_or(DcqlError::WrongType(name))
}

fn flag(members: &Map<String, Value>, name: &'static str, default: bool) -> Result<bool, DcqlError> {
    match members.get(name) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(DcqlError::WrongType(name)),
    }
}

fn identifier(value: &Value, name: &'static str) -> Result<String, DcqlError> {
    let text = string(value, name)?;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.is_empty() || !text.bytes().all(valid) {
        return Err(DcqlError::BadIdentifier(name));
    }
    Ok(text)
}

fn is_mdoc_path(path: &Value) -> bool {
    path.as_array()
        .is_some_and(|items| items.len() == 2 && items.iter().all(Value::is_string))
}

fn is_matchable(value: &Value) -> bool {
    value.is_string() || value.is_boolean() || value.is_i64() || value.is_u64()
}
