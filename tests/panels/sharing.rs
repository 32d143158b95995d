//! A link: made of what is shown, opened elsewhere as exactly that.

use crate::live_changes::{SECOND, Table};
use surgelab::catalog;
use surgelab::engine::Command;
use surgelab::lab::action::Action;
use surgelab::lab::app::PlatformRequest;
use surgelab::lab::opening::first;
use surgelab::model::{Action as Act, SourceId};
use surgelab::scenario::Edit;
use surgelab::share::Shared;
use surgelab::units::Time;

/// The link that the lab gives to the person.
#[track_caller]
fn shared(table: &mut Table) -> String {
    table.lab.platform_requests();
    table.lab.ask(Action::Share);
    let mut link = None;
    for _ in 0..10_000 {
        table.lab.listen();
        link = table.lab.platform_requests().into_iter().find_map(|asked| match asked {
            PlatformRequest::Share(link) => Some(link),
            _ => None,
        });
        if link.is_some() {
            break;
        }
    }
    link.expect("a link is made")
}

fn surged() -> Table {
    let mut table = Table::open(catalog::find("sinkhole").expect("it comes along"));
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.server.workers", "30")]));
    table.until("it is played again", |lab| lab.state.changes().done.len() == 1 && lab.state.frame.digest.is_some());
    table.seek(Time(30 * SECOND));
    table.lab.ask(Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(0), 1.5))));
    table.until("it was done", |lab| lab.state.changes().done.len() == 2);
    table.seek(Time(60 * SECOND + 1));
    table
}

#[test]
fn a_link_opens_as_what_was_shown() {
    let mut sender = surged();
    let link = shared(&mut sender);
    assert!(link.len() < 300, "{} characters", link.len());
    let known = (sender.lab.state.frame.now, sender.lab.state.frame.digest);
    assert!(known.1.is_some() && known.0 == Time(60 * SECOND + 1));

    let mut other = Table::open(catalog::find("backoff").expect("it comes along"));
    for action in first(&format!("https://example.org/#{link}"), None, None) {
        other.lab.ask(action);
    }
    other.until("it stands there", |lab| lab.state.frame.now == known.0 && lab.state.frame.digest == known.1);
    let state = &other.lab.state;
    assert_eq!(state.notice.as_deref(), Some("This is the run that was shared, event by event."));
    assert!(!state.playing, "what the sender saw");
    assert_eq!(state.changes().log().len(), 1);
    assert_eq!(shared(&mut other), link, "shared again it is the same link");
    other.lab.ask(Action::Undo);
    other.until("what was done can be undone", |lab| {
        lab.state.changes().done.is_empty() && lab.state.frame.digest.is_some()
    });
}

#[test]
fn a_link_of_another_version_says_so() {
    let mut sender = surged();
    let read = Shared::read(&shared(&mut sender)).expect("it is sound");
    let old = Shared { engine: "0.0.9".into(), digest: read.digest.map(|digest| digest ^ 1), ..read };
    sender.lab.ask(Action::OpenLink(old.link(surgelab::share::Comments::Kept).expect("it is short")));
    sender.until("it says so", |lab| lab.state.notice.as_deref().is_some_and(|notice| notice.contains("0.0.9")));
}

#[test]
fn a_link_that_cannot_be_opened_leaves_what_runs() {
    let mut table = surged();
    let (now, digest) = (table.lab.state.frame.now, table.lab.state.frame.digest);
    for (link, word) in [("s1.AAAA", "damaged"), ("s9.AAAA", "form 9"), ("s1.", "damaged")] {
        table.lab.ask(Action::OpenLink(link.into()));
        let notice = table.lab.state.notice.clone().unwrap_or_default();
        assert!(notice.contains(word) && notice.starts_with("This link"), "{notice}");
        assert_eq!((table.lab.state.frame.now, table.lab.state.frame.digest), (now, digest));
        assert_eq!(table.lab.state.changes().done.len(), 2);
    }
}

#[test]
fn what_is_asked_for_first_is_opened() {
    assert!(matches!(&first("codingame", None, None)[..], [Action::OpenBuiltIn("codingame", None)]));
    let at = first("codingame", Some("no runbook".into()), Some(Time(1_200 * SECOND)));
    let [Action::OpenLink(link)] = &at[..] else { panic!("{at:?}") };
    let read = Shared::read(link).expect("it is sound");
    assert_eq!(read.experiment.variant.as_deref(), Some("no runbook"));
    assert_eq!((read.experiment.moment, read.digest), (Some(Time(1_200 * SECOND)), None));
    assert!(matches!(&first("s1.AAAA", None, None)[..], [Action::OpenBuiltIn(..), Action::OpenLink(_)]));
    assert!(matches!(&first("mine.ron", None, None)[..], [Action::OpenBuiltIn(..), Action::OpenFile(..)]));
}
