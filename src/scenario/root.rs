//! The scenario itself, and its variants.
use super::{
    described::record, edit::Edit, key::Key, machine::Machine, named::Named, runbook::Rule, service::Service,
    text::RonText, traffic::Traffic,
};
use crate::units::Span;

record! {
    /// A whole scenario file.
    pub struct Scenario {
        /// Version of the language.
        version: u32,
        /// What the scenario is called in lists and reports.
        title: String as Prose,
        /// What running it teaches, in one sentence.
        teaches: String as Prose = String::new(),
        /// Where the story and its numbers come from.
        source: String as Prose = String::new(),
        /// How long the measured run lasts, from time 0.
        horizon: Span,
        /// How long it runs before time 0, unmeasured: profiles hold their initial value and the runbook sleeps.
        /// Without one, replications and the capacity of a crowd that is the same all the time find one by MSER-5.
        warm_up: Span = Span::ZERO,
        /// The seed of a run that is given none.
        seed: u64 = 1,
        /// What requests are about, by name.
        keys: Named<Key> as Defines(Key) = Named::default(),
        /// What everything runs on, by name.
        machines: Named<Machine> as Defines(Machine) = Named::default(),
        /// The software, by name.
        services: Named<Service> as Defines(Service) = Named::default(),
        /// Who comes, by name.
        traffic: Named<Traffic> as Defines(Source) = Named::default(),
        /// What operators and controllers do.
        runbook: Vec<Rule> = Vec::new(),
        /// Pass or fail: by source, `svc.op`, resource or `cost`, expressions such as `"p(95) < 2s"` or
        /// `"sessions completed > 95%"`. `worst 1min` in front asks it of every such window; `optional` at the end
        /// lets it pass where there is nothing to observe. `surgelab fields --metrics` says what each metric means.
        objectives: Named<Vec<String>> as Subject = Named::default(),
        /// Named patches of this file.
        variants: Named<Variant> as Defines(Variant) = Named::default(),
    }
}

record! {
    /// A named patch of the file.
    pub struct Variant {
        /// What it shows, in one sentence.
        teaches: String as Prose = String::new(),
        /// The variant it builds on.
        from: Option<String> as Refers(Variant) = None,
        /// New values by path, such as `"machines.web.count": 4`.
        set: Named<RonText> as Path = Named::default(),
    }
}

impl Variant {
    /// Its patch, without those it builds on.
    pub fn edits(&self) -> impl Iterator<Item = Edit> {
        self.set.iter().map(|(path, value)| Edit::set(path, value.as_str()))
    }
}
