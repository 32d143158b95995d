//! What is put into a system brings what it needs, on whatever ground, and the file stays sound.

use super::sound;
use surgelab::catalog::SCENARIOS;
use surgelab::scenario::wiring::{Ground, added, additions, carried};
use surgelab::scenario::{Loaded, load};

const BLANK: &str = r#"(version: 1, title: "New", horizon: "10min")"#;

fn of(loaded: &Loaded, name: &str, ground: &Ground) -> Result<(Loaded, String), String> {
    let templates = additions(loaded);
    let template = templates.iter().find(|template| template.name == name).expect("it is offered");
    let (edits, path) = added(loaded, template, ground)?;
    let (after, _) = loaded.edited(&edits).unwrap_or_else(|problems| panic!("{name} on {ground:?}: {problems:?}"));
    Ok((after, path))
}

#[test]
fn a_system_grows_from_nothing_by_one_thing_at_a_time() {
    let blank = sound(BLANK);
    let (page, path) = of(&blank, "Server", &Ground::Free).expect("it brings a machine");
    assert_eq!(path.split_once('.').map(|(section, _)| section), Some("services"));
    assert_eq!((page.scenario.machines.len(), page.scenario.services.len()), (1, 1));
    let group = page.scenario.machines.names().next().expect("it is there").to_owned();
    let (both, _) = of(&page, "Database", &Ground::Free).expect("it brings another");
    assert_eq!(both.scenario.machines.len(), 2);
    let (shared, path) = of(&page, "Database", &Ground::Machines(group.clone())).expect("there is room");
    let database = shared.scenario.services.get(path.strip_prefix("services.").unwrap()).expect("it is there");
    assert_eq!((&database.on[..], shared.scenario.machines.len()), (&[group][..], 1));
    let (crowd, _) = of(&shared, "Open", &Ground::Free).expect("there is something to call");
    assert_eq!(crowd.scenario.traffic.len(), 1);
    assert!(of(&blank, "Balancer", &Ground::Free).is_err(), "there is nothing to hand on to");
}

#[test]
fn everything_offered_can_be_put_anywhere_in_every_scenario() {
    for built_in in SCENARIOS {
        let loaded = load(built_in.name, built_in.text).expect("it is sound");
        let group = loaded.scenario.machines.names().next().map(|name| Ground::Machines(name.to_owned()));
        for template in additions(&loaded).iter().filter(|template| template.missing.is_none()) {
            for ground in [Some(Ground::Free), group.clone()].into_iter().flatten() {
                let (edits, path) = added(&loaded, template, &ground)
                    .unwrap_or_else(|why| panic!("{}: {} on {ground:?}: {why}", built_in.name, template.name));
                // What a variant of the file does not bear is refused with its name.
                let (after, splice) = match loaded.edited(&edits) {
                    Ok(done) => done,
                    Err(why) if why[0].message.starts_with("variant `") => continue,
                    Err(why) => panic!("{}: {} on {ground:?}: {}", built_in.name, template.name, why[0].message),
                };
                let (section, name) = path.split_once('.').expect("a section and a name");
                let there = match section {
                    "services" => after.scenario.services.contains(name),
                    "machines" => after.scenario.machines.contains(name),
                    _ => after.scenario.traffic.contains(name),
                };
                assert!(there, "{}: {path}", built_in.name);
                assert_eq!(splice.inverse().apply(&after.text).as_deref(), Some(&*loaded.text));
            }
        }
    }
}

#[test]
fn a_balancer_dropped_on_a_wire_is_called_and_hands_on() {
    let loaded = load("codingame", SCENARIOS.iter().find(|one| one.name == "codingame").unwrap().text).unwrap();
    let ground = Ground::Wire("app".to_owned(), "rds".to_owned());
    let (after, path) = of(&loaded, "Balancer", &ground).expect("a wire has room");
    let name = path.strip_prefix("services.").unwrap();
    let app = after.scenario.services.get("app").unwrap();
    // Its own link stays: the variant `caching` goes on calling the database by itself.
    assert!(app.links.contains(name) && after.text.contains(&format!("Call(\"{name}.query\")")), "{}", after.text);
    assert!(after.scenario.services.get(name).unwrap().links.contains("rds"));
}

#[test]
fn what_shares_a_machine_gets_machines_of_its_own() {
    let text = SCENARIOS.iter().find(|one| one.name == "avocado").unwrap().text;
    let loaded = load("avocado", text).unwrap();
    let (service, group) =
        ("stunnel", loaded.scenario.services.get("stunnel").expect("TLS stands there").on[0].clone());
    let edits = carried(&loaded, service, &group, &Ground::Free).expect("it shares it");
    let (after, _) = loaded.edited(&edits).expect("it is sound");
    let on = &after.scenario.services.get(service).unwrap().on;
    assert!(!on.contains(&group) && after.scenario.machines.len() == loaded.scenario.machines.len() + 1, "{on:?}");
    assert!(carried(&after, service, &on[0], &Ground::Free).is_err(), "it has them already");
}
