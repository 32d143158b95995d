//! Links and the page, as a person or a script meets them.

use super::{PROGRAM, SHOP, stderr, stdout, surgelab};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command as Process, Stdio};
use surgelab::share::picture;

#[test]
fn a_link_runs_as_what_it_was_made_of() {
    let run = ["run", SHOP, "--horizon", "1min", "--set", "services.app.workers=5", "--format", "json"];
    let link = stdout(&["link", SHOP, "--horizon", "1min", "--set", "services.app.workers=5"]);
    let link = link.trim();
    assert!(link.starts_with("#s1.") && link.len() < 2_000, "{link}");
    let output = surgelab(&["run", link, "--format", "json"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("This is the run that was shared, event by event."), "{told}");
    let digest = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["digest"].clone();
    assert_eq!(digest(&String::from_utf8(output.stdout).unwrap()), digest(&stdout(&run)));
    // A moment, a page, what is changed besides.
    let link = stdout(&["link", link, "--at", "30s", "--page", "https://example.org/lab/?theme=light#old"]);
    assert!(link.starts_with("https://example.org/lab/?theme=light#s1."), "{link}");
    let told = surgelab(&["run", link.trim()]).output().unwrap();
    assert!(String::from_utf8(told.stderr).unwrap().contains("This is the run that was shared"));
    let told = surgelab(&["run", link.trim(), "--seed", "5"]).output().unwrap();
    assert!(!String::from_utf8(told.stderr).unwrap().contains("shared"), "another run makes no claim");
}

#[test]
fn a_link_may_come_from_a_file_stdin_or_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let link = stdout(&["link", "backoff", "--horizon", "20s", "--comments"]);
    let plain = stdout(&["run", "backoff", "--horizon", "20s", "--format", "csv"]);
    let (file, image) = (folder.path().join("link.txt"), folder.path().join("picture.png"));
    fs::write(&file, &link).unwrap();
    let bare = link.trim().trim_start_matches('#');
    fs::write(&image, picture::write((2, 2), &[0; 12], Some(bare)).unwrap()).unwrap();
    for path in [&file, &image] {
        assert_eq!(stdout(&["run", path.to_str().unwrap(), "--format", "csv"]), plain);
    }
    let output = surgelab(&["run", "-", "--format", "csv"]).write_stdin(link).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), plain);
    assert_eq!(stdout(&["check", image.to_str().unwrap()]), "scenarios/backoff.ron: valid\n");
    fs::write(&image, picture::write((2, 2), &[0; 12], None).unwrap()).unwrap();
    let told = stderr(&["run", image.to_str().unwrap()], 3);
    assert!(told.contains("no scenario in this picture"), "{told}");
}

#[test]
fn a_link_that_is_none_is_an_error_with_a_reason() {
    for (link, reason) in
        [("s1.AAAA", "damaged"), ("https://example.org/#s2.AAAA", "newer version"), ("#s1.", "damaged")]
    {
        let told = stderr(&["run", link], 3);
        assert!(told.contains(reason), "{told}");
    }
}

/// The answer to a request.
fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_folder_is_served_to_this_computer_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let told = stderr(&["web", folder.path().to_str().unwrap(), "--no-open"], 2);
    assert!(told.contains("no page"), "{told}");
    fs::create_dir(folder.path().join("0.1.0")).unwrap();
    fs::write(folder.path().join("index.html"), "<p>first").unwrap();
    fs::write(folder.path().join("0.1.0/index.html"), "<p>second").unwrap();
    fs::write(folder.path().join("0.1.0/lab.js"), "1").unwrap();
    let mut server = Process::new(PROGRAM)
        .args(["web", folder.path().to_str().unwrap(), "--no-open"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("http://").trim_end_matches('/');
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    let get = |path: &str| ask(address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert!(get("/").ends_with("<p>first") && get("/0.1.0/?a=b").ends_with("<p>second"));
    assert!(get("/0.1.0?a=b").contains("Location: /0.1.0/?a=b"));
    assert!(get("/0.1.0/lab.js").contains("text/javascript"));
    assert!(get("/none").starts_with("HTTP/1.1 404") && get("/../etc/passwd").starts_with("HTTP/1.1 404"));
    assert!(ask(address, "POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    assert!(ask(address, "HEAD / HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
    server.kill().unwrap();
    server.wait().unwrap();
}
