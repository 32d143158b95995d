//! JUnit XML for CI: a suite per scenario, a case per objective.

use crate::measure::results::Results;
use crate::study::Replications;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

/// One suite; a missed objective is a failure whose message is what was observed. Seed and digests are properties.
pub fn junit(results: &Results) -> String {
    let mut suite = TestSuite::new(name(&results.scenario.title, results.variant.as_deref()));
    for (key, value) in [
        ("seed", results.seed.to_string()),
        ("scenario digest", results.scenario.digest.clone()),
        ("digest", results.digest.clone()),
        ("results digest", results.results_digest.clone()),
    ] {
        suite.add_property(Property::new(key, value));
    }
    for row in super::theory::stations(&results.stations) {
        suite.add_property(Property::new(
            format!("theory: {}", row[0]),
            format!("{} predicts {}, simulated {}: {}", row[1], row[2], row[3], row[5]),
        ));
    }
    for objective in &results.objectives {
        let failure = (!objective.pass).then(|| format!("observed {}", objective.observed_text));
        suite.add_test_case(case(&objective.subject, &objective.expression, failure));
    }
    if let Some(stopped) = &results.stopped {
        suite.add_test_case(case(
            "run",
            "reaches its horizon",
            Some(format!("stopped at {} s: {}", stopped.at_s, stopped.reason)),
        ));
    }
    write(suite)
}

/// One suite; an objective fails when any replication missed it.
pub fn junit_replications(study: &Replications) -> String {
    let mut suite = TestSuite::new(name(&study.scenario.title, study.variant.as_deref()));
    for (key, value) in [
        ("seed", study.seed.to_string()),
        ("replications", study.replications.to_string()),
        ("scenario digest", study.scenario.digest.clone()),
        ("results digest", study.results_digest.clone()),
    ] {
        suite.add_property(Property::new(key, value));
    }
    for objective in &study.objectives {
        let failure = (objective.missed > 0)
            .then(|| format!("missed in {} of {} replications", objective.missed, study.replications));
        suite.add_test_case(case(&objective.subject, &objective.expression, failure));
    }
    write(suite)
}

fn name(title: &str, variant: Option<&str>) -> String {
    variant.map_or_else(|| title.to_owned(), |v| format!("{title} [{v}]"))
}

fn case(subject: &str, expression: &str, failure: Option<String>) -> TestCase {
    let status = match failure {
        None => TestCaseStatus::success(),
        Some(message) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message).set_type("objective");
            status
        }
    };
    let mut case = TestCase::new(expression, status);
    case.set_classname(subject);
    case
}

fn write(suite: TestSuite) -> String {
    let mut report = Report::new("surgelab");
    report.add_test_suite(suite);
    report.to_string().expect("names are text, which XML can carry escaped")
}
