use crate::UnixTime;

/// The quorum rule, as a tree with the cosigners as leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Quorum {
    /// `quorum none`
    None,
    /// A witness or group.
    Member(Member),
}

/// A witness or group, with the name that it has in the policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    pub(super) rule: Rule,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// The witness at this position of the policy's list.
    Witness(usize),
    /// At least `threshold` of the members; the threshold is between 1 and their number.
    Group { threshold: usize, members: Vec<Member> },
}

impl Quorum {
    /// The latest instant at which enough of the cosignatures are not older.
    pub(super) fn time(&self, times: &[Option<UnixTime>]) -> Option<UnixTime> {
        match self {
            Self::None => None,
            Self::Member(member) => member.time(times, &|_| false),
        }
    }

    /// Whether all cosigners together fail without the member of this name.
    pub(super) fn needs(&self, name: &[u8]) -> bool {
        match self {
            Self::None => false,
            Self::Member(member) => {
                let everybody = vec![Some(0); member.witness_count()];
                member.time(&everybody, &|left_out| left_out == name).is_none()
            }
        }
    }
}

impl Member {
    fn time(&self, times: &[Option<UnixTime>], left_out: &dyn Fn(&[u8]) -> bool) -> Option<UnixTime> {
        if left_out(&self.name) {
            return None;
        }
        match &self.rule {
            Rule::Witness(at) => times.get(*at).copied().flatten(),
            Rule::Group { threshold, members } => {
                let mut times: Vec<UnixTime> = members
                    .iter()
                    .filter_map(|member| member.time(times, left_out))
                    .collect();
                times.sort_unstable_by(|a, b| b.cmp(a));
                times.get(threshold.checked_sub(1)?).copied()
            }
        }
    }

    /// One above the largest position of a witness in it.
    fn witness_count(&self) -> usize {
        match &self.rule {
            Rule::Witness(at) => at + 1,
            Rule::Group { members, .. } => members.iter().map(Self::witness_count).max().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn group(name: &str, threshold: usize, members: Vec<Member>) -> Member {
        Member {
            name: name.into(),
            rule: Rule::Group { threshold, members },
        }
    }

    fn witness(at: usize) -> Member {
        Member {
            name: format!("w{at}").into_bytes(),
            rule: Rule::Witness(at),
        }
    }

    /// Two of three witnesses (0, 1, 2) and one of two mirrors (3, 4).
    fn quorum() -> Quorum {
        Quorum::Member(group(
            "all",
            2,
            vec![
                group("witnesses", 2, (0..3).map(witness).collect()),
                group("mirrors", 1, (3..5).map(witness).collect()),
            ],
        ))
    }

    #[test_case([Some(10), Some(20), Some(30), Some(40), None] => Some(20); "second newest witness")]
    #[test_case([Some(10), Some(20), Some(99), Some(40), None] => Some(20); "one fast witness")]
    #[test_case([Some(10), Some(20), Some(30), Some(15), None] => Some(15); "the mirror is older")]
    #[test_case([Some(10), Some(20), Some(30), Some(15), Some(18)] => Some(18); "the newer mirror")]
    #[test_case([Some(10), None, None, Some(40), Some(40)] => None; "one witness")]
    #[test_case([Some(10), Some(20), Some(30), None, None] => None; "no mirror")]
    fn time(times: [Option<UnixTime>; 5]) -> Option<UnixTime> {
        quorum().time(&times)
    }

    #[test_case("mirrors" => true; "the group of mirrors")]
    #[test_case("witnesses" => true; "the group of witnesses")]
    #[test_case("all" => true; "the quorum itself")]
    #[test_case("w0" => false; "one of three")]
    #[test_case("w3" => false; "one of two mirrors")]
    #[test_case("unknown" => false; "a name that is not there")]
    fn needs(name: &str) -> bool {
        quorum().needs(name.as_bytes())
    }

    #[test]
    fn none_says_nothing() {
        assert_eq!(Quorum::None.time(&[Some(1)]), None);
        assert!(!Quorum::None.needs(b"none"));
    }
}
