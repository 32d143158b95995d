//! An experiment as a link, and a picture with its scenario inside: what one person saw, another opens.
//!
//! A link is `s1.` and the experiment behind it, packed (`packing.rs`), in the alphabet of URLs; it stands behind the
//! `#` of an address, which no server is sent. The number is that of the form. Forms are only ever added: what was sent
//! once opens for ever. Two things belong to form 1 for good: its dictionary, and the names of the fields of
//! [`Contents`], of edits, actions and interventions; new ones may join them. A link from a stranger is bounded before
//! it is unpacked, while it is, and once it is; running it is bounded by the limits of every run.

mod packing;
pub mod picture;

use crate::catalog;
use crate::experiment::{Experiment, Intervention, LogEntry};
use crate::scenario::{self, Edit};
use crate::units::Time;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// The version that makes links here.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");
/// Longest link that is read, in characters.
pub const LONGEST: usize = 1 << 20;
/// Most edits, and most that is done to a run.
pub const ENTRIES: usize = 1_000;
/// Longest text of an edit, in bytes.
const VALUE: usize = 64 << 10;
/// Most bytes of text that are read for what a link does to its run: all of it for each change, a part for each edit.
const READ: usize = 8 << 20;
/// Edits of a text that take as long as reading it.
const EDITS: usize = 4;
/// What form 1 begins with.
const FORM: &str = "s1.";

/// What is shared: an experiment, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// What is run, and the moment that is looked at.
    pub experiment: Experiment,
    /// The version that ran it.
    pub engine: String,
    /// Digest of the run at its moment (none: at its end), where it was known.
    pub digest: Option<u64>,
    /// Comments of the scenario were left out.
    pub lean: bool,
}

/// Whether comments of a scenario's text go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// The text as it stands.
    Kept,
    /// What it says, in as few characters.
    LeftOut,
}

/// How a run that was opened from a link compares with the one it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same to the last event.
    Same,
    /// The link does not say.
    Unknown,
    /// Another run, made by this version.
    Other(String),
}

/// Why something is no link that can be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Its form is of a later version.
    #[error("this link has form {0}; surgelab {ENGINE} reads form 1: open it with a newer version")]
    Form(String),
    /// It was made by a version that says more than this one knows.
    #[error("this link was made by surgelab {0} and says what {ENGINE} does not know: open it with that version")]
    Newer(String),
    /// Longer than any is made.
    #[error("this link has {0} characters; at most {LONGEST} are read")]
    TooLong(usize),
    /// Larger than any is made, once unpacked.
    #[error("this link unpacks to more than {0} bytes: it is not opened")]
    TooLarge(usize),
    /// More of something than is read.
    #[error("this link has {count} {what}; at most {most} are read")]
    TooMany {
        /// How many.
        count: usize,
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        most: usize,
    },
    /// What it does to its run takes longer than it is worth.
    #[error(
        "this link changes a file of {bytes} bytes {changes} times: more than {} MiB are read for that; at most {} are",
        bytes.saturating_mul(*changes) >> 20,
        READ >> 20
    )]
    TooMuch {
        /// How often all of it is read.
        changes: usize,
        /// Of the text, with all that is put into it.
        bytes: usize,
    },
    /// Damaged or cut off.
    #[error("this link is damaged: {0}. Copy it again, whole")]
    Damaged(String),
    /// The built-in scenario it names is not there.
    #[error("this link is of the built-in scenario `{0}`, which surgelab {ENGINE} does not have")]
    NoScenario(String),
    /// Not a picture that can be read.
    #[error("this picture cannot be read: {0}")]
    Picture(String),
    /// A picture without a scenario.
    #[error("there is no scenario in this picture: only pictures of surgelab hold one")]
    NoScenarioInside,
    /// Neither a text nor a picture.
    #[error("this is neither a scenario nor a picture of surgelab: it is no text")]
    NoText,
}

/// What a link holds beside the text, as JSON in its first line. Fields are only ever added.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    engine: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    built_in: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lean: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    edits: Vec<Edit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    log: Vec<LogEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moment: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// The one field that is read of a link whatever else it says.
#[derive(Deserialize)]
struct Maker {
    engine: String,
}

impl Shared {
    /// What this version made of an experiment.
    #[must_use]
    pub fn new(experiment: Experiment, digest: Option<u64>) -> Self {
        Self { experiment, engine: ENGINE.to_owned(), digest, lean: false }
    }

    /// The link, to stand behind the `#` of an address. Folders in the experiment's name stay at home.
    ///
    /// # Errors
    /// It says more than is read again.
    pub fn link(&self, comments: Comments) -> Result<String, ShareError> {
        let Experiment { name, text, variant, edits, seed, log, moment } = &self.experiment;
        let built_in = catalog::SCENARIOS.iter().find(|known| is_called(known, name) && known.text == text);
        let lean = built_in.is_none() && comments == Comments::LeftOut;
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let contents = Contents {
            engine: self.engine.clone(),
            built_in: built_in.map(|known| known.name.to_owned()),
            name: built_in.is_none().then(|| file.to_owned()),
            lean: lean || self.lean,
            variant: variant.clone(),
            edits: edits.clone(),
            seed: *seed,
            log: log.clone(),
            moment: moment.map(|moment| moment.0),
            digest: self.digest.map(|digest| format!("{digest:016x}")),
        };
        contents.check()?;
        contents.check_changes(text)?;
        let mut bytes = serde_json::to_vec(&contents).map_err(|error| ShareError::Damaged(error.to_string()))?;
        if built_in.is_none() {
            bytes.push(b'\n');
            bytes.extend(if lean { scenario::compact(text).into_bytes() } else { text.clone().into_bytes() });
        }
        if bytes.len() > packing::LARGEST {
            return Err(ShareError::TooLarge(packing::LARGEST));
        }
        let link = format!("{FORM}{}", BASE64URL_NOPAD.encode(&packing::pack(&bytes)));
        if link.len() > LONGEST { Err(ShareError::TooLong(link.len())) } else { Ok(link) }
    }

    /// Reads a link: an address with one behind its `#`, or that alone.
    ///
    /// # Errors
    /// Why it is not opened.
    pub fn read(link: &str) -> Result<Self, ShareError> {
        if link.len() > LONGEST {
            return Err(ShareError::TooLong(link.len()));
        }
        let (form, packed) = parts(link).ok_or_else(|| ShareError::Damaged("it has no contents".to_owned()))?;
        if form != "1" {
            return Err(ShareError::Form(form.to_owned()));
        }
        let packed =
            BASE64URL_NOPAD.decode(packed.as_bytes()).map_err(|error| ShareError::Damaged(error.to_string()))?;
        let bytes = packing::unpack(&packed)?;
        let text = String::from_utf8(bytes).map_err(|_| ShareError::Damaged("it is no text".to_owned()))?;
        let (head, text) = text.split_once('\n').map_or((text.as_str(), None), |(head, text)| (head, Some(text)));
        Contents::parse(head)?.shared(text)
    }

    /// How a run with this digest, made here, compares.
    #[must_use]
    pub fn verdict(&self, digest: u64) -> Verdict {
        match self.digest {
            None => Verdict::Unknown,
            Some(known) if known == digest => Verdict::Same,
            Some(_) => Verdict::Other(self.engine.clone()),
        }
    }
}

impl Verdict {
    /// In a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Same => "This is the run that was shared, event by event.".to_owned(),
            Self::Unknown => "The link does not say what its run came to.".to_owned(),
            Self::Other(engine) if engine == ENGINE => {
                format!("This is not the run that was shared, though surgelab {engine} made both.")
            }
            Self::Other(engine) => {
                format!("The link was made by surgelab {engine}; this is {ENGINE}, and its run differs.")
            }
        }
    }
}

impl Contents {
    fn parse(head: &str) -> Result<Self, ShareError> {
        let contents: Self = serde_json::from_str(head).map_err(|error| match serde_json::from_str::<Maker>(head) {
            Ok(Maker { engine }) if engine != ENGINE => ShareError::Newer(cut(&engine)),
            Ok(_) | Err(_) => ShareError::Damaged(cut(&error.to_string())),
        })?;
        contents.check()?;
        Ok(contents)
    }

    fn check(&self) -> Result<(), ShareError> {
        let too_many = |count: usize, what: &'static str, most: usize| {
            if count > most { Err(ShareError::TooMany { count, what, most }) } else { Ok(()) }
        };
        too_many(self.edits.len(), "edits", ENTRIES)?;
        too_many(self.log.len(), "acts", ENTRIES)?;
        let longest = self.all_edits().map(|edit| edit.path().len().max(edit.words().len())).max().unwrap_or(0);
        too_many(longest, "characters in one edit", VALUE)
    }

    /// Edits that are put in first, and those of acts.
    fn all_edits(&self) -> impl Iterator<Item = &Edit> {
        let of_acts = self.log.iter().flat_map(|entry| match &entry.intervention {
            Intervention::Edit(edits) => &edits[..],
            Intervention::Act(_) | Intervention::ApplyVariant(_) => &[],
        });
        self.edits.iter().chain(of_acts)
    }

    /// Whether what it does to its run is read in a time that somebody waits.
    fn check_changes(&self, text: &str) -> Result<(), ShareError> {
        let changes = self.log.iter().filter(|entry| entry.intervention.is_a_change()).count();
        let changes = changes + self.all_edits().count() / EDITS;
        let bytes = text.len() + self.all_edits().map(|edit| edit.words().len()).sum::<usize>();
        if changes.saturating_mul(bytes) > READ { Err(ShareError::TooMuch { changes, bytes }) } else { Ok(()) }
    }

    fn shared(self, text: Option<&str>) -> Result<Shared, ShareError> {
        let (name, text) = match (&self.built_in, text) {
            (Some(name), _) => match catalog::find(name) {
                Some(known) => (known.file.to_owned(), known.text.to_owned()),
                None => return Err(ShareError::NoScenario(cut(name))),
            },
            (None, Some(text)) => (self.name.clone().unwrap_or_else(|| "shared.ron".to_owned()), text.to_owned()),
            (None, None) => return Err(ShareError::Damaged("it has no scenario".to_owned())),
        };
        self.check_changes(&text)?;
        let digest = self.digest.map(|digest| u64::from_str_radix(&digest, 16)).transpose();
        let digest = digest.map_err(|_| ShareError::Damaged("its digest is no number".to_owned()))?;
        let mut log = self.log;
        log.sort_by_key(|entry| entry.time);
        let experiment = Experiment {
            name,
            text,
            variant: self.variant,
            edits: self.edits,
            seed: self.seed,
            log,
            moment: self.moment.map(Time),
        };
        Ok(Shared { experiment, engine: self.engine, digest, lean: self.lean })
    }
}

/// The text of a file that is opened: a scenario, or the link in a picture.
///
/// # Errors
/// It is neither.
pub fn text_of(bytes: Vec<u8>) -> Result<String, ShareError> {
    if picture::is_one(&bytes) {
        return picture::link(&bytes);
    }
    String::from_utf8(bytes).map_err(|_| ShareError::NoText)
}

/// Whether a text is a link, of whatever form, and nothing else.
#[must_use]
pub fn is_link(text: &str) -> bool {
    parts(text).is_some()
}

fn is_called(built_in: &catalog::BuiltIn, name: &str) -> bool {
    built_in.name == name || built_in.file == name
}

/// The form of a link and what it holds.
fn parts(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        return None;
    }
    let fragment = text.rsplit_once('#').map_or(text, |(_, fragment)| fragment);
    let (form, packed) = fragment.strip_prefix('s')?.split_once('.')?;
    let is_form = !form.is_empty() && form.len() < 4 && form.bytes().all(|digit| digit.is_ascii_digit());
    let is_packed = packed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (is_form && is_packed).then_some((form, packed))
}

/// As much of a stranger's words as a message has room for.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}
