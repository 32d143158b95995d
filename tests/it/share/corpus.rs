//! Links that were sent. Each opens for ever; a run of the same version is the same to the last event.
//!
//! A line of `links.txt` is what the link was made of, the version, the digest and the link. Lines are only added. When
//! the behaviour of the engine or of a built-in scenario changes, the version in `Cargo.toml` changes, and the links of
//! the versions before say so to who opens them.

use surgelab::host::digest_at;
use surgelab::share::{ENGINE, Shared, Verdict};

const LINKS: &str = include_str!("links.txt");

#[test]
fn what_was_sent_opens_for_ever() {
    let mut count = 0;
    for line in LINKS.lines() {
        let mut words = line.splitn(4, ' ');
        let [what, engine, digest, link] = [(); 4].map(|()| words.next().unwrap_or_else(|| panic!("{line}")));
        let shared = Shared::read(link).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((shared.engine.as_str(), shared.digest), (engine, u64::from_str_radix(digest, 16).ok()), "{what}");
        let now = digest_at(&shared.experiment).unwrap_or_else(|failure| panic!("{what}: {:?}", failure.problems));
        match shared.verdict(now) {
            Verdict::Same => {}
            Verdict::Other(made_by) => assert!(
                made_by == engine && engine != ENGINE,
                "{what}: version {ENGINE} no longer gives the run that it gave: a change of behaviour is a new version"
            ),
            Verdict::Unknown => panic!("{what}: no digest"),
        }
        count += 1;
    }
    assert!(count >= 12, "{count} links");
}
