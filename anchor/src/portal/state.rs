//! What becomes of an application: every state, every step, and who may take it. docs/registration.md §3

/// Where an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The applicant writes it.
    Draft,
    /// It was handed in.
    Submitted,
    /// The registrar has asked something.
    Question,
    /// The applicant has answered.
    Answered,
    /// One operator approves it; a second has to.
    ApprovedByOne,
    /// One operator refuses it; a second has to.
    RefusedByOne,
    /// It is approved, and is being written to the ledger.
    Approved,
    /// It is refused.
    Refused,
    /// It is on the ledger.
    Registered,
    /// A later application of the same organisation took its place.
    Replaced,
    /// It was taken off the ledger for the time being.
    Suspended,
    /// It was taken off the ledger.
    Revoked,
    /// Its time is over.
    Expired,
}

/// What is done with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// It is handed in.
    Submit,
    /// It asks for nothing that a person has to look at.
    Pass,
    /// Something is asked.
    Ask,
    /// The question is answered.
    Answer,
    /// It is approved.
    Approve,
    /// It is refused.
    Refuse,
    /// It was written to the ledger.
    Anchor,
    /// It is taken off the ledger at once.
    Suspend,
    /// A second operator stands by the suspension.
    Confirm,
    /// The suspension ends.
    Lift,
    /// It is taken off the ledger for good.
    Revoke,
    /// Its time is over.
    Expire,
    /// A later one took its place.
    Replace,
    /// What was registered is taken off for good, and with it what would have come after it.
    Close,
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    /// The organisation.
    Applicant,
    /// The portal, by a rule that is written down.
    Rule,
    /// An operator of the registrar.
    Registrar {
        /// The name.
        name: &'a str,
        /// What the operator may do.
        role: Role,
    },
}

/// What an operator of the registrar may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Asks, suspends, and is the first to decide.
    Reviewer,
    /// All that, and is the second to decide.
    Approver,
}

/// What the next step depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Where it stands.
    pub state: State,
    /// The operator whose letter let the applicant in, who therefore does not decide.
    pub vouched_by: Option<&'a str>,
    /// The operator who decided first, since the application was last handed in or answered.
    pub decided_by: Option<&'a str>,
    /// The operator who suspended it.
    pub suspended_by: Option<&'a str>,
    /// Whether a second operator stands by the suspension.
    pub is_confirmed: bool,
    /// The operator whose suspension ended last because nobody stood by it.
    pub lapsed_by: Option<&'a str>,
}

/// Why a step cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// Not where it stands now.
    #[error("this cannot be done where the application stands")]
    NotNow,
    /// Not by this actor, or not in this role.
    #[error("this actor may not do this")]
    NotAllowed,
    /// The operator who took the first step may not take the second.
    #[error("a second operator has to do this")]
    SameOperator,
    /// The operator let the applicant in.
    #[error("who let the applicant in does not decide")]
    OwnApplication,
}

/// Where a step leads.
///
/// # Errors
/// [`StepError`]; the application stays as it is.
pub fn next(standing: &Standing<'_>, actor: Actor<'_>, step: Step) -> Result<State, StepError> {
    use State as S;
    let to = match (step, standing.state) {
        (Step::Submit, S::Draft) => S::Submitted,
        (Step::Pass, S::Submitted) => S::Approved,
        (Step::Ask, S::Submitted | S::Answered | S::ApprovedByOne | S::RefusedByOne) => S::Question,
        (Step::Answer, S::Question) => S::Answered,
        (Step::Approve, S::Submitted | S::Answered | S::RefusedByOne) => S::ApprovedByOne,
        (Step::Approve, S::ApprovedByOne) => S::Approved,
        (Step::Refuse, S::Submitted | S::Answered | S::ApprovedByOne) => S::RefusedByOne,
        (Step::Refuse, S::RefusedByOne) => S::Refused,
        (Step::Anchor, S::Approved) | (Step::Lift, S::Suspended) => S::Registered,
        (Step::Suspend, S::Registered) => S::Suspended,
        (Step::Confirm, S::Suspended) if !standing.is_confirmed => S::Suspended,
        (Step::Revoke, S::Registered | S::Suspended) => S::Revoked,
        (Step::Expire, S::Registered | S::Suspended) => S::Expired,
        (Step::Replace, S::Registered) => S::Replaced,
        (Step::Close, state) if state.is_under_way() => S::Refused,
        _ => return Err(StepError::NotNow),
    };
    check(standing, actor, step)?;
    Ok(to)
}

/// Whether this actor may take the step.
fn check(standing: &Standing<'_>, actor: Actor<'_>, step: Step) -> Result<(), StepError> {
    match (actor, step) {
        (Actor::Applicant, Step::Submit | Step::Answer | Step::Revoke)
        | (Actor::Rule, Step::Pass | Step::Anchor | Step::Expire | Step::Replace | Step::Close)
        | (Actor::Registrar { .. }, Step::Ask) => Ok(()),
        // One operator alone suspends for three days, and not for three days again and again.
        (Actor::Registrar { name, .. }, Step::Suspend) => another(standing.lapsed_by, name),
        (Actor::Registrar { name, role }, Step::Approve | Step::Refuse) => decides(standing, name, role),
        (Actor::Registrar { name, .. }, Step::Confirm) => another(standing.suspended_by, name),
        // What a second operator stands by does not end by itself.
        (Actor::Rule, Step::Lift) if !standing.is_confirmed => Ok(()),
        (Actor::Registrar { name, role }, Step::Lift) => {
            approver(role)?;
            another(standing.suspended_by, name)
        }
        (Actor::Registrar { role, .. }, Step::Revoke) => {
            approver(role)?;
            // Two operators stand behind a confirmed suspension, and so behind what follows from it.
            if standing.state == State::Suspended && standing.is_confirmed {
                Ok(())
            } else {
                Err(StepError::NotNow)
            }
        }
        _ => Err(StepError::NotAllowed),
    }
}

/// Four eyes: the first may be anybody's, the second are an approver's, and nobody's are both.
fn decides(standing: &Standing<'_>, name: &str, role: Role) -> Result<(), StepError> {
    if standing.vouched_by == Some(name) {
        return Err(StepError::OwnApplication);
    }
    if !matches!(standing.state, State::ApprovedByOne | State::RefusedByOne) {
        return Ok(());
    }
    another(standing.decided_by, name)?;
    approver(role)
}

fn another(first: Option<&str>, name: &str) -> Result<(), StepError> {
    if first == Some(name) {
        Err(StepError::SameOperator)
    } else {
        Ok(())
    }
}

fn approver(role: Role) -> Result<(), StepError> {
    match role {
        Role::Approver => Ok(()),
        Role::Reviewer => Err(StepError::NotAllowed),
    }
}

impl State {
    /// Every state.
    pub const ALL: [Self; 13] = [
        Self::Draft,
        Self::Submitted,
        Self::Question,
        Self::Answered,
        Self::ApprovedByOne,
        Self::RefusedByOne,
        Self::Approved,
        Self::Refused,
        Self::Registered,
        Self::Replaced,
        Self::Suspended,
        Self::Revoked,
        Self::Expired,
    ];

    /// The name in the store and in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Question => "question",
            Self::Answered => "answered",
            Self::ApprovedByOne => "approved_by_one",
            Self::RefusedByOne => "refused_by_one",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Registered => "registered",
            Self::Replaced => "replaced",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether the applicant may still change what it says.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Question)
    }

    /// Whether it waits for the registrar.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(
            self,
            Self::Submitted | Self::Answered | Self::ApprovedByOne | Self::RefusedByOne
        )
    }

    /// Whether it has neither come onto the ledger nor to an end.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        self.is_open() || self.waits() || self == Self::Approved
    }

    /// Whether nothing more becomes of it.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Refused | Self::Replaced | Self::Revoked | Self::Expired)
    }
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 14] = [
        Self::Submit,
        Self::Pass,
        Self::Ask,
        Self::Answer,
        Self::Approve,
        Self::Refuse,
        Self::Anchor,
        Self::Suspend,
        Self::Confirm,
        Self::Lift,
        Self::Revoke,
        Self::Expire,
        Self::Replace,
        Self::Close,
    ];

    /// The name in the store and in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Pass => "pass",
            Self::Ask => "ask",
            Self::Answer => "answer",
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Anchor => "anchor",
            Self::Suspend => "suspend",
            Self::Confirm => "confirm",
            Self::Lift => "lift",
            Self::Revoke => "revoke",
            Self::Expire => "expire",
            Self::Replace => "replace",
            Self::Close => "close",
        }
    }

    /// The step of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// Whether it is nothing without words: a question, an answer, a reason.
    #[must_use]
    pub fn needs_words(self) -> bool {
        matches!(
            self,
            Self::Ask | Self::Answer | Self::Refuse | Self::Suspend | Self::Revoke
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const A: Actor<'static> = Actor::Registrar {
        name: "a",
        role: Role::Approver,
    };
    const B: Actor<'static> = Actor::Registrar {
        name: "b",
        role: Role::Approver,
    };
    const R: Actor<'static> = Actor::Registrar {
        name: "r",
        role: Role::Reviewer,
    };

    fn at(state: State) -> Standing<'static> {
        Standing {
            state,
            vouched_by: None,
            decided_by: None,
            suspended_by: None,
            is_confirmed: false,
            lapsed_by: None,
        }
    }

    #[test_case(State::Draft, Actor::Applicant, Step::Submit => Ok(State::Submitted); "handed in")]
    #[test_case(State::Submitted, Actor::Applicant, Step::Submit => Err(StepError::NotNow); "handed in twice")]
    #[test_case(State::Draft, A, Step::Submit => Err(StepError::NotAllowed); "handed in by the registrar")]
    #[test_case(State::Submitted, Actor::Rule, Step::Pass => Ok(State::Approved); "passes by the rule")]
    #[test_case(State::Submitted, A, Step::Pass => Err(StepError::NotAllowed); "nobody applies the rule by hand")]
    #[test_case(State::Submitted, R, Step::Ask => Ok(State::Question); "asked")]
    #[test_case(State::Question, Actor::Applicant, Step::Answer => Ok(State::Answered); "answered")]
    #[test_case(State::Answered, R, Step::Approve => Ok(State::ApprovedByOne); "first approval")]
    #[test_case(State::Submitted, Actor::Applicant, Step::Approve => Err(StepError::NotAllowed); "own approval")]
    #[test_case(State::Submitted, Actor::Rule, Step::Approve => Err(StepError::NotAllowed); "approval by the portal")]
    #[test_case(State::Draft, A, Step::Approve => Err(StepError::NotNow); "approved before it was handed in")]
    #[test_case(State::Question, A, Step::Approve => Err(StepError::NotNow); "approved while a question is open")]
    #[test_case(State::Approved, Actor::Rule, Step::Anchor => Ok(State::Registered); "written")]
    #[test_case(State::Submitted, Actor::Rule, Step::Anchor => Err(StepError::NotNow); "written without approval")]
    #[test_case(State::Registered, R, Step::Suspend => Ok(State::Suspended); "suspended")]
    #[test_case(State::Registered, A, Step::Revoke => Err(StepError::NotNow); "revoked by one")]
    #[test_case(State::Registered, Actor::Applicant, Step::Revoke => Ok(State::Revoked); "given up")]
    #[test_case(State::Revoked, Actor::Rule, Step::Lift => Err(StepError::NotNow); "revoked for good")]
    #[test_case(State::Registered, Actor::Rule, Step::Expire => Ok(State::Expired); "ran out")]
    #[test_case(State::Suspended, Actor::Rule, Step::Replace => Err(StepError::NotNow); "replaced while suspended")]
    #[test_case(State::Approved, Actor::Rule, Step::Close => Ok(State::Refused); "ended with what was registered")]
    #[test_case(State::Registered, Actor::Rule, Step::Close => Err(StepError::NotNow); "ended while registered")]
    #[test_case(State::Draft, A, Step::Close => Err(StepError::NotAllowed); "ended by hand")]
    fn steps(state: State, actor: Actor<'_>, step: Step) -> Result<State, StepError> {
        next(&at(state), actor, step)
    }

    #[test_case(State::ApprovedByOne, A, Step::Approve => Err(StepError::SameOperator); "the same approves twice")]
    #[test_case(State::RefusedByOne, A, Step::Refuse => Err(StepError::SameOperator); "the same refuses twice")]
    #[test_case(State::ApprovedByOne, A, Step::Refuse => Err(StepError::SameOperator); "the same changes sides")]
    #[test_case(State::ApprovedByOne, R, Step::Approve => Err(StepError::NotAllowed); "a reviewer is no second")]
    #[test_case(State::ApprovedByOne, B, Step::Approve => Ok(State::Approved); "four eyes approve")]
    #[test_case(State::RefusedByOne, B, Step::Refuse => Ok(State::Refused); "four eyes refuse")]
    #[test_case(State::ApprovedByOne, B, Step::Refuse => Ok(State::RefusedByOne); "two that differ")]
    #[test_case(State::ApprovedByOne, A, Step::Ask => Ok(State::Question); "a question of the first")]
    fn second_decisions(state: State, actor: Actor<'_>, step: Step) -> Result<State, StepError> {
        let standing = Standing {
            decided_by: Some("a"),
            ..at(state)
        };
        next(&standing, actor, step)
    }

    #[test]
    fn who_let_the_applicant_in_decides_neither_first_nor_second() {
        for state in [State::Submitted, State::ApprovedByOne] {
            for step in [Step::Approve, Step::Refuse] {
                let standing = Standing {
                    vouched_by: Some("b"),
                    decided_by: Some("a"),
                    ..at(state)
                };
                assert_eq!(
                    next(&standing, B, step),
                    Err(StepError::OwnApplication),
                    "{state:?} {step:?}"
                );
            }
        }
    }

    #[test_case(false, A, Step::Confirm => Err(StepError::SameOperator); "confirmed by the same")]
    #[test_case(false, R, Step::Confirm => Ok(State::Suspended); "confirmed by another")]
    #[test_case(true, R, Step::Confirm => Err(StepError::NotNow); "confirmed twice")]
    #[test_case(false, B, Step::Revoke => Err(StepError::NotNow); "revoked before it was confirmed")]
    #[test_case(true, B, Step::Revoke => Ok(State::Revoked); "revoked by an approver")]
    #[test_case(true, R, Step::Revoke => Err(StepError::NotAllowed); "revoked by a reviewer")]
    #[test_case(true, A, Step::Lift => Err(StepError::SameOperator); "lifted by the same")]
    #[test_case(true, B, Step::Lift => Ok(State::Registered); "lifted by another")]
    #[test_case(false, Actor::Rule, Step::Lift => Ok(State::Registered); "not confirmed in time")]
    #[test_case(true, Actor::Rule, Step::Lift => Err(StepError::NotAllowed); "confirmed and left alone")]
    #[test_case(true, Actor::Applicant, Step::Lift => Err(StepError::NotAllowed); "lifted by the applicant")]
    fn suspensions(is_confirmed: bool, actor: Actor<'_>, step: Step) -> Result<State, StepError> {
        let standing = Standing {
            suspended_by: Some("a"),
            is_confirmed,
            ..at(State::Suspended)
        };
        next(&standing, actor, step)
    }

    #[test_case(A => Err(StepError::SameOperator); "by the same")]
    #[test_case(R => Ok(State::Suspended); "by another")]
    fn suspended_again_after_nobody_stood_by_it(actor: Actor<'_>) -> Result<State, StepError> {
        let standing = Standing {
            lapsed_by: Some("a"),
            ..at(State::Registered)
        };
        next(&standing, actor, Step::Suspend)
    }

    #[test]
    fn names_are_each_others() {
        for state in State::ALL {
            assert_eq!(State::named(state.as_str()), Some(state));
        }
        for step in Step::ALL {
            assert_eq!(Step::named(step.as_str()), Some(step));
        }
    }

    #[test]
    fn nothing_follows_what_is_final() {
        for state in State::ALL.into_iter().filter(|state| state.is_final()) {
            for step in Step::ALL {
                for actor in [Actor::Applicant, Actor::Rule, A] {
                    assert_eq!(
                        next(&at(state), actor, step),
                        Err(StepError::NotNow),
                        "{state:?} {step:?}"
                    );
                }
            }
        }
    }
}
