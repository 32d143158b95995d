//! Which shard this is: as somebody says, or as the array job says that runs it.
//!
//! What each system sets, and from which number it counts:
//! - Slurm, job arrays: <https://slurm.schedmd.com/job_array.html>. Indices are what `--array` says, from any number
//!   on.
//! - Kubernetes, Indexed Jobs: <https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/>. From 0 on;
//!   how many there are is in the manifest only.
//! - AWS Batch, array jobs: <https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html>. From 0 on.
//! - GitLab, `parallel`: <https://docs.gitlab.com/ci/variables/predefined_variables/>. From 1 on.
//! - CircleCI, `parallelism`: <https://circleci.com/docs/variables/>. From 0 on.
//! - Buildkite, `parallelism`: <https://buildkite.com/docs/pipelines/configure/environment-variables>. From 0 on.

use super::failure::Failure;
use crate::study::{Partition, PartitionKind};
use std::str::FromStr;

/// A shard as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardArg {
    /// This one.
    Given(Partition),
    /// The one that the environment says, of so many.
    Auto(PartitionKind, Option<u32>),
}

/// What runs many of one job.
struct System {
    name: &'static str,
    /// The variable that says which one this is, and what the first is called.
    index: &'static str,
    first: First,
    /// The variable that says how many there are.
    count: Option<&'static str>,
}

/// What the first of many is called.
enum First {
    Number(u32),
    /// As these variables say: the least, the greatest, the distance from one to the next.
    Range([&'static str; 3]),
}

const SYSTEMS: [System; 6] = [
    System {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Range(["SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"]),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    System { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", first: First::Number(0), count: None },
    System {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: First::Number(0),
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
    },
    System { name: "GitLab", index: "CI_NODE_INDEX", first: First::Number(1), count: Some("CI_NODE_TOTAL") },
    System { name: "CircleCI", index: "CIRCLE_NODE_INDEX", first: First::Number(0), count: Some("CIRCLE_NODE_TOTAL") },
    System {
        name: "Buildkite",
        index: "BUILDKITE_PARALLEL_JOB",
        first: First::Number(0),
        count: Some("BUILDKITE_PARALLEL_JOB_COUNT"),
    },
];

/// What the environment says of a variable.
type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

impl FromStr for ShardArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, which) = PartitionKind::split(text);
        let Some(of) = which.strip_prefix("auto") else { return text.parse().map(ShardArg::Given) };
        if of.is_empty() {
            return Ok(ShardArg::Auto(kind, None));
        }
        let of = of.strip_prefix('/').and_then(|of| of.parse().ok()).filter(|of| *of > 0);
        let expected = || format!("`{text}` is no shard: expected K/N, auto, or auto/N with a number above 0");
        of.map(|of| ShardArg::Auto(kind, Some(of))).ok_or_else(expected)
    }
}

impl ShardArg {
    /// The shard that this process is.
    pub fn here(self, environment: Environment) -> Result<Partition, Failure> {
        match self {
            ShardArg::Given(partition) => Ok(partition),
            ShardArg::Auto(kind, of) => found(kind, of, environment).map_err(|(message, help)| Failure::Usage {
                message: format!("--shard auto: {message}"),
                help: help.to_owned(),
            }),
        }
    }
}

const SAY: &str = "say which shard this is: --shard 2/8";

fn found(kind: PartitionKind, of: Option<u32>, environment: Environment) -> Result<Partition, (String, &'static str)> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let here: Vec<(&System, String)> = SYSTEMS.iter().filter_map(|system| Some((system, set(system.index)?))).collect();
    let (system, index) = match here.as_slice() {
        [] => {
            let names = SYSTEMS.map(|system| system.index).join(", ");
            return Err((format!("this is no array job: none of {names} is set"), SAY));
        }
        [only] => only,
        several => {
            let said = several.iter().map(|(system, index)| format!("{} ({}={index})", system.name, system.index));
            let said = said.collect::<Vec<_>>().join(" and ");
            return Err((format!("{said} say each which one this is"), SAY));
        }
    };
    let number = |name: &str| -> Result<u32, (String, &'static str)> {
        let value = set(name).ok_or_else(|| (format!("{} is set, and {name} is not", system.index), SAY))?;
        value.parse().map_err(|_| (format!("{name}={value} is no number from 0 on"), SAY))
    };
    let index_number = number(system.index)?;
    let counted = system.count.map(|name| Ok((name, number(name)?))).transpose()?;
    let total = match (counted, of) {
        (None, None) => {
            let message = format!("{} ({}={index}) does not say how many there are", system.name, system.index);
            return Err((message, "say the job's `completions`: --shard auto/8"));
        }
        (Some((name, counted)), Some(of)) if counted != of => {
            return Err((format!("{name}={counted} contradicts /{of}"), SAY));
        }
        (Some((_, total)), _) | (None, Some(total)) => total,
    };
    let contradict = |names: &[&str]| {
        let said = names.iter().map(|name| format!("{name}={}", set(name).unwrap_or_default()));
        (format!("{} contradict each other", said.collect::<Vec<_>>().join(", ")), SAY)
    };
    let shard = match system.first {
        First::Number(first) => index_number.checked_sub(first).map(|from_zero| from_zero + 1),
        First::Range(names) => {
            let [least, greatest, step] = [number(names[0])?, number(names[1])?, number(names[2]).unwrap_or(1).max(1)];
            let even = greatest.checked_sub(least).map(|range| range / step + 1) == Some(total);
            let place = index_number.checked_sub(least).filter(|from| even && from % step == 0);
            place.map(|from| from / step + 1)
        }
    };
    let partition = shard.and_then(|shard| Partition::new(kind, shard, total).ok());
    partition.ok_or_else(|| {
        let mut names = vec![system.index];
        names.extend(system.count);
        if let First::Range(range) = system.first {
            names.extend(range);
        }
        if system.count.is_none() {
            return (format!("{}={index} contradicts /{total}", system.index), SAY);
        }
        contradict(&names)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(text: &str, environment: &[(&str, &str)]) -> Result<String, String> {
        let look =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let partition = text.parse::<ShardArg>()?.here(&look);
        partition.map(|partition| partition.to_string()).map_err(|failure| failure.text(false))
    }

    fn slurm(values: [&str; 5]) -> Vec<(&'static str, &str)> {
        let names = [
            "SLURM_ARRAY_TASK_ID",
            "SLURM_ARRAY_TASK_COUNT",
            "SLURM_ARRAY_TASK_MIN",
            "SLURM_ARRAY_TASK_MAX",
            "SLURM_ARRAY_TASK_STEP",
        ];
        names.into_iter().zip(values).collect()
    }

    #[test]
    fn each_system_counts_in_its_own_way() {
        let shard = |text, environment: &[(&str, &str)]| auto(text, environment).expect("it says which");
        assert_eq!(shard("auto", &slurm(["0", "8", "0", "7", "1"])), "slice:1/8");
        assert_eq!(shard("hash:auto", &slurm(["8", "8", "1", "8", "1"])), "hash:8/8");
        assert_eq!(shard("auto", &slurm(["5", "3", "1", "5", "2"])), "slice:3/3", "--array=1-5:2");
        assert_eq!(shard("auto/8", &[("JOB_COMPLETION_INDEX", "7")]), "slice:8/8");
        assert_eq!(
            shard("auto", &[("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "10")]),
            "slice:1/10"
        );
        assert_eq!(shard("auto", &[("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "3")]), "slice:3/3");
        assert_eq!(shard("auto", &[("CIRCLE_NODE_INDEX", "2"), ("CIRCLE_NODE_TOTAL", "3")]), "slice:3/3");
        assert_eq!(
            shard("auto", &[("BUILDKITE_PARALLEL_JOB", "0"), ("BUILDKITE_PARALLEL_JOB_COUNT", "3")]),
            "slice:1/3"
        );
        assert_eq!(
            shard("2/3", &[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")]),
            "slice:2/3",
            "who says it is obeyed"
        );
    }

    #[test]
    fn what_cannot_be_told_is_an_error_that_names_the_variables() {
        let told = |text, environment: &[(&str, &str)], names: &[&str]| {
            let told = auto(text, environment).expect_err("it cannot be told");
            assert!(names.iter().all(|name| told.contains(name)), "{told}");
            assert!(told.contains("help: say "), "{told}");
        };
        told("auto", &[], &["no array job", "SLURM_ARRAY_TASK_ID", "BUILDKITE_PARALLEL_JOB"]);
        told("auto", &[("CI_NODE_TOTAL", "1")], &["no array job"]);
        told("auto", &[("JOB_COMPLETION_INDEX", "7")], &["Kubernetes (JOB_COMPLETION_INDEX=7)", "completions"]);
        told("auto/7", &[("JOB_COMPLETION_INDEX", "7")], &["JOB_COMPLETION_INDEX=7", "/7"]);
        let two = [("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3"), ("SLURM_ARRAY_TASK_ID", "1")];
        told("auto", &two, &["Slurm (SLURM_ARRAY_TASK_ID=1) and GitLab (CI_NODE_INDEX=1)"]);
        told("auto", &[("CI_NODE_INDEX", "4"), ("CI_NODE_TOTAL", "3")], &["CI_NODE_INDEX=4", "CI_NODE_TOTAL=3"]);
        told("auto", &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")], &["CI_NODE_INDEX=0", "contradict"]);
        told("auto", &[("CI_NODE_INDEX", "1")], &["CI_NODE_INDEX is set, and CI_NODE_TOTAL is not"]);
        told("auto", &[("CI_NODE_INDEX", "one"), ("CI_NODE_TOTAL", "3")], &["CI_NODE_INDEX=one is no number"]);
        told("auto/4", &slurm(["3", "1", "3", "3", "1"]), &["SLURM_ARRAY_TASK_COUNT=1 contradicts /4"]);
        told("auto", &slurm(["7", "3", "1", "7", "1"]), &["SLURM_ARRAY_TASK_COUNT=3", "SLURM_ARRAY_TASK_MAX=7"]);
        for wrong in ["auto/0", "auto/", "auto/x", "autos", "auto:2/3"] {
            assert!(auto(wrong, &[]).is_err_and(|told| told.contains("is no shard")), "{wrong}");
        }
    }
}
