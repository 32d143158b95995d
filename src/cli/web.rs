//! `surgelab web`: serves a folder that `web/build` made, to this computer only, and opens a browser on it.

use super::args::WebArgs;
use super::failure::Failure;
use super::output::Terminal;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Most bytes of a request's head.
const HEAD: u64 = 16 << 10;
/// Whoever says nothing for so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most connections at once.
const CONNECTIONS: usize = 64;

/// Serves until it is interrupted.
pub fn web(args: &WebArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let folder = args.folder.canonicalize();
    let folder = folder.map_err(|error| Failure::io(format!("cannot read {}", args.folder.display()), error))?;
    if !folder.join("index.html").is_file() {
        return Err(Failure::Usage {
            message: format!("there is no page in {}", args.folder.display()),
            help: "web/build makes one, in web/dist".to_owned(),
        });
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .map_err(|error| Failure::io(format!("cannot listen on port {}", args.port), error))?;
    let port = listener.local_addr().map_err(|error| Failure::io("cannot listen", error))?.port();
    let address = format!("http://127.0.0.1:{port}/");
    terminal.print(&format!("{address}\n"))?;
    if !args.no_open && open::that_detached(&address).is_err() {
        terminal.note("no browser could be opened: open that address in one");
    }
    serve(&listener, &folder);
    Ok(ExitCode::SUCCESS)
}

fn serve(listener: &TcpListener, folder: &Path) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        if open.load(Ordering::Relaxed) >= CONNECTIONS {
            continue;
        }
        open.fetch_add(1, Ordering::Relaxed);
        let (folder, done) = (folder.to_owned(), Arc::clone(&open));
        let answered = thread::Builder::new().spawn(move || {
            // Who has gone away needs no answer.
            let _ = answer(stream, &folder);
            done.fetch_sub(1, Ordering::Relaxed);
        });
        if answered.is_err() {
            open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// One request, one answer.
fn answer(mut stream: TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(HEAD));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = first.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !matches!(method, "GET" | "HEAD") {
        return refuse(&mut stream, "405 Method Not Allowed");
    }
    let Some(path) = inside(folder, target) else { return refuse(&mut stream, "404 Not Found") };
    if path.is_dir() && !target.split('?').next().unwrap_or_default().ends_with('/') {
        // Links in a page are relative to its folder.
        let (name, query) =
            target.split_once('?').map_or((target, String::new()), |(name, query)| (name, format!("?{query}")));
        let head = format!(
            "HTTP/1.1 308 Permanent Redirect\r\nLocation: {name}/{query}\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        return stream.write_all(head.as_bytes());
    }
    let path = if path.is_dir() { path.join("index.html") } else { path };
    let Ok(mut file) = File::open(&path) else { return refuse(&mut stream, "404 Not Found") };
    let length = file.metadata()?.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        kind(&path)
    );
    stream.write_all(head.as_bytes())?;
    if method == "GET" {
        io::copy(&mut file, &mut stream)?;
    }
    Ok(())
}

fn refuse(stream: &mut TcpStream, status: &str) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())
}

/// The file that is meant, if it is one of the folder; links that lead out of it are not followed.
fn inside(folder: &Path, target: &str) -> Option<PathBuf> {
    let name = unescaped(target.split(['?', '#']).next()?.strip_prefix('/')?)?;
    let plain = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || name.contains(['\\', '\0', ':']) {
        return None;
    }
    folder.join(name).canonicalize().ok().filter(|path| path.starts_with(folder))
}

/// `%20` and its like.
fn unescaped(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("gz") => "application/gzip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").canonicalize().unwrap();
        let served = |target: &str| inside(&folder, target).is_some();
        assert!(served("/lib.rs") && served("/") && served("/cli/web.rs?a=b") && served("/%63li/web.rs"));
        for target in
            ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "lib.rs", "/none", "/%", "/%zz", "/..", "/a%00"]
        {
            assert!(!served(target), "{target}");
        }
    }
}
