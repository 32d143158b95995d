//! JUnit XML for CI: a suite per page, a case per check.

use crate::report::page::{Check, Page, Weight};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

/// One suite; what did not hold is a failure whose message says why.
pub(super) fn junit(page: &Page) -> String {
    let mut suite = TestSuite::new(page.checks.suite.clone());
    for (key, value) in &page.checks.properties {
        suite.add_property(Property::new(key.clone(), value.clone()));
    }
    suite.add_test_cases(page.checks.checks.iter().map(case));
    let mut report = Report::new("surgelab");
    report.add_test_suite(suite);
    report.to_string().expect("names are text, which XML can carry escaped")
}

fn case(check: &Check) -> TestCase {
    let status = match (&check.failure, &check.skipped) {
        (Some(message), _) if check.weight == Weight::Error => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message.clone()).set_type("objective");
            status.set_description(check.words().unwrap_or_default());
            status
        }
        (None, Some(why)) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.clone());
            status
        }
        _ => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(check.expression.clone(), status);
    case.set_classname(check.subject.clone());
    // JUnit knows no warnings.
    if let Some(warning) = check.words().filter(|_| check.weight == Weight::Warning) {
        case.set_system_out(format!("warning: {warning}"));
    }
    case
}
