//! `--set` and variants: one value changes, the rest of the text stays as it is.
use surgelab::scenario::edit::{Document, Edit, EditError};
use surgelab::scenario::{Loaded, load, render};

const SHOP: &str = include_str!("fixtures/shop.ron");
const HUG: &str = include_str!("fixtures/hug.ron");

fn set(text: &str, path: &str, value: &str) -> Result<String, EditError> {
    let mut document = Document::new(text);
    document.edit(&Edit::set(path, value))?;
    Ok(document.text().to_owned())
}

fn hug_with(path: &str, value: &str) -> Loaded {
    load("hug.ron", HUG)
        .unwrap()
        .with(None, &[Edit::set(path, value)])
        .unwrap_or_else(|problems| panic!("{}", render(&problems, "", "", false)))
}

#[test]
fn a_patch_keeps_every_other_byte() {
    let patched = set(HUG, "machines.web.count", "7").unwrap();
    assert_eq!(patched, HUG.replace("(count: 2,", "(count: 7,"));
    assert!(patched.contains("// What everything runs on."));
}

#[test]
fn units_need_no_quotes_in_a_patch() {
    assert_eq!(
        hug_with("services.app.links.rds.timeout", "3s").scenario,
        hug_with("services.app.links.rds.timeout", "\"3s\"").scenario
    );
    assert_eq!(hug_with("services.app.restart", "None").scenario.services.get("app").unwrap().restart, None);
    assert_eq!(hug_with("title", "rush").scenario.title, "rush");
}

#[test]
fn what_is_absent_is_made_on_the_way() {
    let text = set(SHOP, "services.app.links.rds.retry.budget.earn", "10%").unwrap();
    assert!(text.contains(r#"(timeout: "1s", retry: (budget: (earn: "10%")))"#), "{text}");
    let text = set(SHOP, "warm_up", "1min").unwrap();
    assert!(text.ends_with("{ \"users\": [\"p(95) < 2s\"] }, warm_up: \"1min\",\n)\n"), "{text}");
    let text = set(SHOP, "objectives.rds.query", "[\"failed < 1%\"]").unwrap();
    assert!(text.contains(r#"["p(95) < 2s"], "rds.query": ["failed < 1%"] }"#), "{text}");
    let text = set(SHOP, "machines.cache", "(cores: 8)").unwrap();
    assert!(text.contains(r#""cache": (cores: 8)"#), "{text}");
    load("shop.ron", &text).unwrap();
}

#[test]
fn positions_and_names_lead_into_steps_and_rules() {
    assert_eq!(
        hug_with("runbook.0.action.cores", "32").scenario.runbook,
        hug_with("runbook.0.1.cores", "32").scenario.runbook
    );
    assert_eq!(
        set(SHOP, "runbook.0.action.count", "9").unwrap(),
        SHOP.replace("AddMachines(\"web\", 1)", "AddMachines(\"web\", 9)")
    );
    assert_eq!(set(SHOP, "services.app.operations.page.0.work", "9ms").unwrap(), SHOP.replace("\"8ms\"", "\"9ms\""));
    assert_eq!(set(SHOP, "traffic.users.arrive", "Constant(\"1/s\")").unwrap(), SHOP.replace("\"10/s\"", "\"1/s\""));
    assert_eq!(set(HUG, "traffic.visitors.arrive.peak", "50/s").unwrap(), HUG.replace("\"100/s\"", "\"50/s\""));
}

#[test]
fn variants_build_on_each_other() {
    let text = SHOP.replace(
        "objectives: {",
        "variants: {
            \"two\": (set: { \"machines.web.count\": 2, \"machines.db.cores\": 8 }),
            \"four\": (from: \"two\", set: { \"machines.web.count\": 4 }),
        },
        objectives: {",
    );
    let four = load("shop.ron", &text).unwrap().with(Some("four"), &[Edit::set("seed", "7")]).unwrap();
    assert_eq!(four.scenario.machines.get("web").unwrap().count, 4);
    assert_eq!(four.scenario.machines.get("db").unwrap().cores, 8);
    assert_eq!(four.scenario.seed, 7);
}

#[test]
fn a_wrong_patch_is_told() {
    let shop = load("shop.ron", SHOP).unwrap();
    let mut said = String::new();
    for (path, value) in [
        ("machines.wbe.count", "3"),
        ("machines.web.cuont", "3"),
        ("machines.web.count", "three"),
        ("machines.web.count.more", "3"),
        ("machines.web.count", "3)"),
        ("services.app.workers", "0"),
        ("services.app.on", "[\"wbe\"]"),
        ("services.app.kind.to", "rds"),
        ("traffic.users.arrive.peak", "1/s"),
        ("runbook.7", "At(\"1min\", Crash(\"app\"))"),
        ("machines.web.count", "3 // and no more"),
        ("horizon", "3"),
        ("", "3"),
    ] {
        let problems = shop.with(None, &[Edit::set(path, value)]).unwrap_err();
        said.push_str(&format!("# {path}={value}\n{}\n", render(&problems, "shop.ron", SHOP, false)));
    }
    said.push_str(&render(&shop.with(Some("frou"), &[]).unwrap_err(), "shop.ron", SHOP, false));
    insta::assert_snapshot!(said);
}
