//! Traffic: who comes, and what they do.
use super::{
    amount::{
        Amount,
        Dimension::{Count as Whole, Time},
    },
    described::{choice, record},
    link::{Balance, Cancel, Deadline},
    named::Named,
    profile::{Count, Profile},
    resilience::RateLimit,
    retry::Retry,
    step::Step,
};
use crate::units::{Bandwidth, Percent, Rate, Span};

choice! {
    /// A source of requests. The source is also the caller, over the link `access`.
    pub enum Traffic {
        /// Requests that come by themselves, whatever became of the last.
        Open {
            /// Requests per second.
            rate: Profile<Rate>,
            /// Gaps between arrivals, relative to the mean gap; their own mean is 1.
            gaps: Amount [Whole] = Amount::one_exponential(),
            /// The rate in turn times each factor, each for a time drawn from `exp(mean)`. Empty: as the profile says.
            bursts: Vec<(f64, Span)> = Vec::new(),
            /// Requests per arrival.
            batch: Amount [Whole] = Amount::one(),
            /// What each calls, `"svc.op"`.
            call: String as Call,
            /// Longest wait for an answer, drawn for each attempt. Absent: for ever.
            patience: Option<Amount> [Time] = None,
            /// Rank of its calls and of all they lead to, where a backlog or a door asks for it; 9 is the highest.
            priority: u32 [0.0..=9.0] = 0,
            /// What is tried again.
            retry: Retry = Retry::default(),
            /// How the crowd reaches services.
            access: Access = Access::default(),
        },
        /// Sessions: people who arrive, make their journey and go.
        Users {
            /// Sessions begun per second.
            arrive: Profile<Rate>,
            /// Gaps between arrivals, relative to the mean gap; their own mean is 1.
            gaps: Amount [Whole] = Amount::one_exponential(),
            /// The rate in turn times each factor, each for a time drawn from `exp(mean)`. Empty: as the profile says.
            bursts: Vec<(f64, Span)> = Vec::new(),
            /// Others that a session without a failed call brings. Absent: none.
            invites: Option<Invites> = None,
            /// What each does.
            journey: Vec<Step>,
            /// Longest wait for an answer, drawn for each attempt. Absent: for ever.
            patience: Option<Amount> [Time] = None,
            /// Rank of its calls and of all they lead to, where a backlog or a door asks for it; 9 is the highest.
            priority: u32 [0.0..=9.0] = 0,
            /// What is tried again.
            retry: Retry = Retry::default(),
            /// After a call that failed for good.
            then: Then = Then::Leave,
            /// How the crowd reaches services.
            access: Access = Access::default(),
        },
        /// A population that begins its journey again whenever it ends.
        Closed {
            /// How many there are.
            population: Profile<Count>,
            /// What each does, over and over.
            journey: Vec<Step>,
            /// Longest wait for an answer, drawn for each attempt. Absent: for ever.
            patience: Option<Amount> [Time] = None,
            /// Rank of its calls and of all they lead to, where a backlog or a door asks for it; 9 is the highest.
            priority: u32 [0.0..=9.0] = 0,
            /// What is tried again.
            retry: Retry = Retry::default(),
            /// After a call that failed for good.
            then: Then = Then::Leave,
            /// How the crowd reaches services.
            access: Access = Access::default(),
        },
    }
}

record! {
    /// How the crowd reaches services.
    pub struct Access {
        /// Which instance of the callee is called.
        balance: Balance = Balance::RoundRobin,
        /// One way, per message.
        latency: Amount [Time] = Amount::no_time(),
        /// Of one user's home, towards it. Absent: unlimited.
        bandwidth: Option<Bandwidth> = None,
        /// Of one user's home, from it. Absent: unlimited.
        upload: Option<Bandwidth> = None,
        /// What losing patience does to the work it no longer waits for.
        cancel: Cancel = Cancel::Never,
        /// A dead machine's silence becomes `Unreachable` after this.
        connect_timeout: Span = Span::seconds(30),
        /// A session keeps one connection to each instance it calls open between requests, until the session ends or
        /// the service's `keep_alive` is over; who comes for one request leaves it open and never uses it again.
        keep_alive: bool = false,
        /// What opening a connection costs.
        handshake: Opening = Opening::default(),
        /// Whether services are told until when the user waits.
        deadline: Deadline = Deadline::Ignore,
        /// Share of the messages, each way, that vanish: silence until the patience or `connect_timeout` ends.
        loss: Percent [0.0..=1.0] = Percent(0.0),
        /// Most calls per second of the whole source to one service. Absent: no limit.
        rate_limit: Option<RateLimit> = None,
        /// Other ways to some services, by name: what is said there takes the place of all this. They have no `to`.
        to: Named<Access> as Refers(Service) = Named::default(),
    }
}

record! {
    /// What opening one connection costs a user and the service.
    pub struct Opening {
        /// Further latency before the call.
        latency: Amount [Time] = Amount::no_time(),
        /// CPU at the service: TLS.
        callee: Amount [Time] = Amount::no_time(),
    }
}

impl Traffic {
    /// Rank of its calls.
    #[must_use]
    pub fn priority(&self) -> u32 {
        match self {
            Self::Open { priority, .. } | Self::Users { priority, .. } | Self::Closed { priority, .. } => *priority,
        }
    }

    /// How its crowd reaches services.
    #[must_use]
    pub fn access(&self) -> &Access {
        match self {
            Self::Open { access, .. } | Self::Users { access, .. } | Self::Closed { access, .. } => access,
        }
    }
}

impl Access {
    /// The way to a service.
    #[must_use]
    pub fn way(&self, callee: &str) -> &Self {
        self.to.get(callee).unwrap_or(self)
    }
}

record! {
    /// Growth by word of mouth: it goes on as long as the site works.
    pub struct Invites {
        /// Sessions that each brings, on average (a Poisson number).
        each: f64 [0.0..=1000.0],
        /// From its end until each of them begins.
        after: Amount [Time],
    }
}

choice! {
    /// What a user does after a call that failed for good.
    #[derive(Copy)]
    pub enum Then {
        /// The session ends.
        Leave,
        /// The journey goes on.
        Continue,
    }
}
