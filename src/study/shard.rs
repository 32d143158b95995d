//! Shards: which points of a study are run here, where others run the rest. The kinds are those of cargo-nextest.

use crate::model::hash::hash;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How points are dealt to shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartitionKind {
    /// In turn: the first to the first shard, the second to the second one, and so on.
    #[default]
    Slice,
    /// By the hash of the point's name, so that a point stays in its shard when others are added or taken away.
    Hash,
}

/// One shard of so many. As text `slice:2/8`, `hash:2/8`, or `2/8` for the first kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Partition {
    /// How points are dealt.
    pub kind: PartitionKind,
    /// Which shard, from 1 on.
    pub shard: u32,
    /// How many there are.
    pub of: u32,
}

impl PartitionKind {
    /// "slice"
    pub fn name(self) -> &'static str {
        match self {
            Self::Slice => "slice",
            Self::Hash => "hash",
        }
    }

    /// The kind that a text begins with, and what follows it.
    pub fn split(text: &str) -> (Self, &str) {
        match (text.strip_prefix("slice:"), text.strip_prefix("hash:")) {
            (Some(rest), _) => (Self::Slice, rest),
            (_, Some(rest)) => (Self::Hash, rest),
            (None, None) => (Self::default(), text),
        }
    }
}

impl Partition {
    /// All points.
    pub const WHOLE: Self = Self { kind: PartitionKind::Slice, shard: 1, of: 1 };

    /// A shard of so many.
    ///
    /// # Errors
    /// There is no such shard.
    pub fn new(kind: PartitionKind, shard: u32, of: u32) -> Result<Self, String> {
        if (1..=of).contains(&shard) {
            return Ok(Self { kind, shard, of });
        }
        Err(format!("there is no shard {shard} of {of}: expected K/N with K from 1 to N, such as 2/8"))
    }

    /// Whether a point is in it, by its position from 0 and its name. Each point is in exactly one shard of a number.
    pub fn has(self, position: u32, name: &str) -> bool {
        self.shard_of(position, name) == self.shard
    }

    /// The shard that a point is in.
    pub fn shard_of(self, position: u32, name: &str) -> u32 {
        let dealt = match self.kind {
            PartitionKind::Slice => u64::from(position),
            PartitionKind::Hash => hash(name.as_bytes()),
        };
        (dealt % u64::from(self.of)) as u32 + 1
    }

    /// Another shard of the same number and kind.
    #[must_use]
    pub fn other(self, shard: u32) -> Self {
        Self { shard, ..self }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.kind.name(), self.shard, self.of)
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, numbers) = PartitionKind::split(text);
        let number = |text: &str| text.parse::<u32>().ok();
        let numbers = numbers.split_once('/').and_then(|(shard, of)| Some((number(shard)?, number(of)?)));
        let (shard, of) =
            numbers.ok_or_else(|| format!("`{text}` is no shard: expected K/N, slice:K/N or hash:K/N, such as 2/8"))?;
        Self::new(kind, shard, of)
    }
}

impl TryFrom<String> for Partition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> String {
        partition.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_point_is_in_exactly_one_shard(of in 1_u32..40, points in 0_u32..200, salt in any::<u32>()) {
            for kind in [PartitionKind::Slice, PartitionKind::Hash] {
                let mut sizes = vec![0; of as usize];
                for point in 0..points {
                    let name = format!("services.app.workers={point} {salt}");
                    let shards = (1..=of).map(|shard| Partition::new(kind, shard, of).expect("there is one"));
                    let mine: Vec<u32> =
                        shards.filter(|shard| shard.has(point, &name)).map(|shard| shard.shard).collect();
                    prop_assert_eq!(mine.len(), 1, "{} {} {:?}", kind.name(), name, mine);
                    sizes[mine[0] as usize - 1] += 1;
                }
                let (least, most) = (sizes.iter().min().unwrap_or(&0), sizes.iter().max().unwrap_or(&0));
                prop_assert!(kind == PartitionKind::Hash || most - least <= 1, "{:?}", sizes);
            }
        }

        #[test]
        fn a_partition_reads_back(shard in 1_u32..1_000, more in 0_u32..1_000, hashed: bool) {
            let kind = if hashed { PartitionKind::Hash } else { PartitionKind::Slice };
            let partition = Partition::new(kind, shard, shard + more).expect("there is one");
            prop_assert_eq!(partition.to_string().parse(), Ok(partition));
        }
    }

    #[test]
    fn a_shard_is_read_as_it_is_typed() {
        let read = |text: &str| text.parse::<Partition>().map(|partition| partition.to_string());
        assert_eq!(read("2/8"), Ok("slice:2/8".into()), "in turn unless somebody says otherwise");
        assert_eq!(read("hash:8/8"), Ok("hash:8/8".into()));
        for wrong in ["0/8", "9/8", "1/0", "2", "", "2/8/1", "count:1/2", "-1/2", "a/b", "hash:"] {
            assert!(read(wrong).is_err_and(|told| told.contains("expected K/N")), "{wrong}");
        }
    }

    #[test]
    fn a_hashed_point_stays_where_it_is_when_others_come() {
        let shard =
            |position| Partition { kind: PartitionKind::Hash, ..Partition::WHOLE.other(1) }.shard_of(position, "a=1");
        assert_eq!(shard(0), shard(7));
    }
}
