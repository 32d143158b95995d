//! Where there is no window to be had, the program says so in clear words and goes on as it can.

use std::process::{Command, Output};

fn surgelab(arguments: &[&str]) -> Command {
    let mut command = Command::new(crate::stage::program());
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
    command
}

fn said(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A loader that finds no driver at all.
const BLIND: [(&str, &str); 4] = [
    ("VK_ICD_FILENAMES", "/dev/null"),
    ("VK_DRIVER_FILES", "/dev/null"),
    ("WGPU_BACKEND", "vulkan"),
    ("LIBGL_ALWAYS_SOFTWARE", "0"),
];

#[test]
#[ignore = "needs the lab: tests/run lab"]
fn without_a_display_the_incident_runs_in_the_terminal() {
    let output = surgelab(&[]).output().unwrap();
    let (out, err) = said(&output);
    assert!(err.contains("there is no display: DISPLAY is not set"), "{err}");
    assert!(out.contains("rds.cpu saturated") && out.contains("CodinGame"), "{out}");
    assert_eq!(output.status.code(), Some(99));
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
#[ignore = "needs the lab: tests/run lab"]
fn a_display_that_does_not_answer_is_no_display() {
    let output = surgelab(&["lab", "queue-backlog"]).env("DISPLAY", ":9876").output().unwrap();
    let (out, err) = said(&output);
    assert!(err.contains("no window can be opened on DISPLAY=:9876"), "{err}");
    assert!(err.contains("running queue-backlog here instead") && out.contains("surgelab run queue-backlog"), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
#[ignore = "needs the lab: tests/run lab"]
fn without_anything_that_draws_a_picture_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.png");
    let output = surgelab(&["shot", "queue-backlog", "--at", "1min", "-o", file.to_str().unwrap()])
        .envs(BLIND)
        .output()
        .unwrap();
    let (_, err) = said(&output);
    assert!(err.contains("there is no usable graphics"), "{err}");
    assert_eq!(output.status.code(), Some(1));
    assert!(!file.exists() && !err.contains("panicked"), "{err}");
}

#[test]
#[ignore = "needs the lab: tests/run lab"]
fn a_picture_needs_no_window() {
    let folder = tempfile::tempdir().unwrap();
    let shot = |name: &str, more: &[&str]| {
        let file = folder.path().join(name);
        let mut arguments =
            vec!["shot", "codingame", "--at", "6min", "--size", "800x450", "-o", file.to_str().unwrap()];
        arguments.extend(more);
        let output = surgelab(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output).1);
        image::open(&file).unwrap().to_rgb8()
    };
    let dark = shot("dark.png", &[]);
    assert_eq!(dark.dimensions(), (800, 450));
    let near = |pixel: &image::Rgb<u8>, colour: [u8; 3]| pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 14);
    let part = |picture: &image::RgbImage, colour| picture.pixels().filter(|pixel| near(pixel, colour)).count();
    // At six minutes the database has drowned: its island is hot, and the ground is quiet.
    assert!(part(&dark, [0xEB, 0x6A, 0x2E]) > 150, "the culprit is seen");
    assert!(part(&dark, [0x10, 0x16, 0x1D]) > 800 * 450 / 3, "most of the canvas is empty");
    let light = shot("light.png", &["--theme", "light"]);
    assert!(part(&light, [0xB2, 0x34, 0x00]) > 150 && part(&light, [0xF7, 0xF5, 0xF0]) > 800 * 450 / 3);
    assert!(shot("panels.png", &["--panels"]) != dark);
}

#[test]
#[ignore = "needs the lab: tests/run lab"]
fn a_wrong_picture_is_refused_in_words() {
    for (arguments, word) in [
        (vec!["shot", "codingame", "--size", "10x10", "-o", "x.png"], "64 to 8192"),
        (vec!["shot", "codingame", "--at", "soon", "-o", "x.png"], "soon"),
        (vec!["shot", "codingame", "--variant", "no such", "-o", "x.png"], "no variant"),
        (vec!["shot", "no-such-scenario", "-o", "x.png"], "no scenario"),
        (vec!["shot", "codingame"], "--output"),
    ] {
        let output = surgelab(&arguments).output().unwrap();
        assert!(said(&output).1.contains(word) && !output.status.success(), "{arguments:?}: {}", said(&output).1);
    }
}
