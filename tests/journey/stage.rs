//! A screen without a screen, the real program on it, a real mouse and real keys.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Software rendering on a busy machine is slow: so long is waited for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// Pixels of the screen.
pub const SIZE: (u32, u32) = (1440, 900);

/// The program with the lab: these tests are built without it, so that Bevy is built once.
pub fn program() -> PathBuf {
    std::env::var_os("SURGELAB_LAB")
        .expect("SURGELAB_LAB names the program to be tested (tests/run lab sets it)")
        .into()
}

/// The program at work.
pub struct Stage {
    server: Child,
    program: Child,
    display: String,
    folder: tempfile::TempDir,
    pictures: PathBuf,
    shots: u32,
}

/// A named thing on the screen, as a screen reader is told.
#[derive(Clone, Debug)]
pub struct Named {
    pub role: String,
    pub label: String,
    pub value: String,
    /// Left, top, right, bottom.
    pub bounds: [f64; 4],
}

impl Named {
    pub fn middle(&self) -> (i32, i32) {
        let [left, top, right, bottom] = self.bounds;
        (((left + right) / 2.0) as i32, ((top + bottom) / 2.0) as i32)
    }
}

impl Stage {
    /// Opens a screen and the program with these arguments on it.
    pub fn open(arguments: &[&str]) -> Stage {
        let folder = tempfile::tempdir().expect("a folder");
        let number = folder.path().join("display");
        let listing = fs::File::create(&number).expect("a file");
        let mut server = Command::new("bash")
            .args(["-c", &format!("exec Xvfb -displayfd 1 -screen 0 {}x{}x24", SIZE.0, SIZE.1)])
            .stdout(listing)
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (tests/run installs it)");
        let began = Instant::now();
        let display = loop {
            let text = fs::read_to_string(&number).unwrap_or_default();
            if text.ends_with('\n') {
                break format!(":{}", text.trim());
            }
            assert!(began.elapsed() < PATIENCE && server.try_wait().expect("a child").is_none(), "Xvfb does not start");
            std::thread::sleep(Duration::from_millis(50));
        };
        let program = Command::new(program())
            .args(arguments)
            .current_dir(folder.path())
            .env("DISPLAY", &display)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("XDG_CONFIG_HOME", folder.path().join("config"))
            .env("SURGELAB_TREE", folder.path().join("tree.json"))
            .stdout(fs::File::create(folder.path().join("out")).expect("a file"))
            .stderr(fs::File::create(folder.path().join("log")).expect("a file"))
            .spawn()
            .expect("the program starts");
        let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journey");
        fs::create_dir_all(&pictures).expect("a folder for pictures");
        let mut stage = Stage { server, program, display, folder, pictures, shots: 0 };
        stage.wait("a window", |tree| (!tree.is_empty()).then_some(()));
        // There is no window manager to give it the keyboard.
        stage.xdotool(&["search", "--onlyvisible", "--name", "surgelab", "windowfocus"]);
        std::thread::sleep(Duration::from_millis(500));
        stage
    }

    /// Where the program runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything with a name.
    pub fn tree(&mut self) -> Vec<Named> {
        if let Some(status) = self.program.try_wait().expect("a child") {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            panic!("the program ended by itself ({status}):\n{log}");
        }
        // It may not have written one yet.
        let text = fs::read_to_string(self.folder.path().join("tree.json")).unwrap_or_default();
        let Ok(Value::Array(nodes)) = serde_json::from_str(&text) else { return Vec::new() };
        let text = |node: &Value, key: &str| match &node[key] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let number = |node: &Value, place: usize| node["bounds"][place].as_f64().unwrap_or(0.0);
        nodes
            .iter()
            .map(|node| Named {
                role: text(node, "role"),
                // Plain words are their own value.
                label: if node["label"].is_null() { text(node, "value") } else { text(node, "label") },
                value: text(node, "value"),
                bounds: [0, 1, 2, 3].map(|place| number(node, place)),
            })
            .collect()
    }

    /// Waits until something is so, and gives what made it so.
    pub fn wait<T>(&mut self, what: &str, so: impl Fn(&[Named]) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            let tree = self.tree();
            if let Some(found) = so(&tree) {
                return found;
            }
            if began.elapsed() > PATIENCE {
                self.picture("given-up");
                let names: Vec<_> =
                    tree.iter().map(|n| format!("{} {:?} {:?} {:?}", n.role, n.label, n.value, n.bounds)).collect();
                panic!("never: {what}; there is:\n{}", names.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits for the first thing whose name holds all of these words.
    pub fn find(&mut self, words: &[&str]) -> Named {
        self.wait(&format!("something named {words:?}"), |tree| {
            tree.iter().find(|named| words.iter().all(|word| named.label.contains(word))).cloned()
        })
    }

    /// Clicks the middle of a named thing.
    pub fn click(&mut self, words: &[&str]) {
        let (x, y) = self.find(words).middle();
        self.click_at(x, y);
    }

    /// Clicks a pixel.
    pub fn click_at(&self, x: i32, y: i32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
        // The pointer rests before it presses, as a hand does.
        std::thread::sleep(Duration::from_millis(250));
        self.xdotool(&["mousedown", "1"]);
        std::thread::sleep(Duration::from_millis(120));
        self.xdotool(&["mouseup", "1"]);
        std::thread::sleep(Duration::from_millis(250));
    }

    /// Presses a key, by its X name.
    pub fn key(&self, name: &str) {
        self.xdotool(&["keydown", name]);
        std::thread::sleep(Duration::from_millis(120));
        self.xdotool(&["keyup", name]);
        std::thread::sleep(Duration::from_millis(250));
    }

    /// A key goes down and stays there.
    pub fn hold(&self, name: &str) {
        self.xdotool(&["keydown", name]);
    }

    /// It comes up again.
    pub fn release(&self, name: &str) {
        self.xdotool(&["keyup", name]);
    }

    /// Types a text.
    pub fn write(&self, text: &str) {
        self.xdotool(&["type", "--delay", "60", text]);
    }

    fn xdotool(&self, arguments: &[&str]) {
        let done = Command::new("xdotool").args(arguments).env("DISPLAY", &self.display).status();
        assert!(done.expect("xdotool is installed (tests/run installs it)").success(), "xdotool {arguments:?}");
    }

    /// What is on the screen, kept as an artifact too.
    pub fn picture(&mut self, name: &str) -> image::RgbImage {
        self.shots += 1;
        let file = self.pictures.join(format!("{:02}-{name}.png", self.shots));
        let taken = Command::new("import").args(["-window", "root"]).arg(&file).env("DISPLAY", &self.display).status();
        assert!(taken.expect("imagemagick is installed (tests/run installs it)").success());
        image::open(&file).expect("a picture").to_rgb8()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Whether they end of themselves first does not matter.
        let _ = self.program.kill();
        let _ = self.program.wait();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Share of the pixels within bounds that are nearly of this colour.
pub fn share(picture: &image::RgbImage, bounds: [f64; 4], colour: [u8; 3]) -> f64 {
    let [left, top, right, bottom] = bounds.map(|edge| edge.max(0.0) as u32);
    let (right, bottom) = (right.min(picture.width()), bottom.min(picture.height()));
    assert!(left < right && top < bottom, "nothing of {bounds:?} is on the screen");
    let near = |pixel: &image::Rgb<u8>| pixel.0.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 14);
    let all = f64::from((right - left) * (bottom - top));
    let same = (left..right)
        .flat_map(|x| (top..bottom).map(move |y| (x, y)))
        .filter(|&(x, y)| near(picture.get_pixel(x, y)))
        .count();
    same as f64 / all
}
