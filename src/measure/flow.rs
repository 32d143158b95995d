//! Where time goes: for every (operation or source, activity) how many are in it now and the integral of that number.
//!
//! By Little's law the integral over a window is the time spent there, work in progress included; no request needs to
//! end first. Integrals are whole nanoseconds: exact, and independent of the order of events.

use super::counters::row;
use crate::engine::{Activity, ActivityCode};
use crate::model::{LinkId, OperationId, SourceId};
use crate::units::Time;

/// Those in one activity.
#[derive(Clone, Copy, Debug)]
struct Cell {
    code: ActivityCode,
    now_in: i64,
    /// Σ leave times − Σ entry times; with `now_in * t` added it is the integral up to t.
    sum: i128,
    entered: u64,
}

/// What is done: by an operation, or by the clients of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// Executions of an operation.
    Operation(OperationId),
    /// Clients of a source.
    Client(SourceId),
}

impl Doer {
    /// An operation, or without one a source's clients.
    #[inline(always)]
    pub fn of(operation: Option<OperationId>, source: SourceId) -> Self {
        operation.map_or(Self::Client(source), Self::Operation)
    }

    /// The place of its row.
    #[inline(always)]
    const fn place(self) -> u32 {
        match self {
            Self::Operation(id) => id.number() * 2,
            Self::Client(id) => id.number() * 2 + 1,
        }
    }
}

/// Cells of one doer: what it was ever in, in the order of the first time. Few.
#[derive(Clone, Debug, Default)]
struct Row {
    cells: Vec<Cell>,
    /// Where the activities of each hash were last found: mostly the right place at once.
    hints: [u8; 16],
}

impl Row {
    #[inline(always)]
    fn place(&mut self, code: ActivityCode) -> Option<usize> {
        let hint = usize::from(self.hints[code.hash()]);
        if self.cells.get(hint).is_some_and(|cell| cell.code == code) { Some(hint) } else { self.search(code) }
    }

    #[inline(never)]
    fn search(&mut self, code: ActivityCode) -> Option<usize> {
        let place = self.cells.iter().position(|cell| cell.code == code)?;
        self.hints[code.hash()] = u8::try_from(place).unwrap_or(u8::MAX);
        Some(place)
    }

    fn find(&self, activity: Activity) -> Option<&Cell> {
        let code = ActivityCode::of(activity);
        self.cells.iter().find(|cell| cell.code == code)
    }

    /// Counts a change; false and nothing done where one of the two is not known yet.
    #[inline(always)]
    fn go(&mut self, from: ActivityCode, to: ActivityCode, now: Time) -> bool {
        let nowhere = self.cells.len();
        let mut place_of = |code| if code == ActivityCode::NOTHING { Some(nowhere) } else { self.place(code) };
        let (Some(from), Some(to)) = (place_of(from), place_of(to)) else { return false };
        if let Some(cell) = self.cells.get_mut(from) {
            cell.now_in -= 1;
            cell.sum += i128::from(now.0);
        }
        if let Some(cell) = self.cells.get_mut(to) {
            cell.now_in += 1;
            cell.sum -= i128::from(now.0);
            cell.entered += 1;
        }
        true
    }

    /// Makes a cell for an activity that is new here.
    fn add(&mut self, code: ActivityCode) {
        if code != ActivityCode::NOTHING && self.place(code).is_none() {
            self.cells.push(Cell { code, now_in: 0, sum: 0, entered: 0 });
        }
    }
}

/// All cells. Cloning it takes a snapshot; the difference of two is a window.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// Of operations in the even places, of clients in the odd ones.
    rows: Vec<Row>,
}

impl Flow {
    /// Bytes of a copy.
    pub fn footprint(&self) -> usize {
        self.rows.iter().map(|row| size_of::<Row>() + size_of_val(&*row.cells)).sum()
    }

    /// One went from one activity to another at `now`, or began or ended.
    #[inline(always)]
    pub fn go(&mut self, doer: Doer, from: ActivityCode, to: ActivityCode, now: Time) {
        let known = self.rows.get_mut(doer.place() as usize).is_some_and(|row| row.go(from, to, now));
        if !known {
            self.go_first(doer, [from, to], now);
        }
    }

    /// The same for the first time.
    #[cold]
    #[inline(never)]
    fn go_first(&mut self, doer: Doer, ends: [ActivityCode; 2], now: Time) {
        let row = row(&mut self.rows, doer.place());
        ends.into_iter().for_each(|code| row.add(code));
        row.go(ends[0], ends[1], now);
    }

    /// Seconds spent in `activity` up to `now` by all of them together.
    pub fn seconds(&self, doer: Doer, activity: Activity, now: Time) -> f64 {
        self.find(doer, activity).map_or(0.0, |c| (c.sum + i128::from(c.now_in) * i128::from(now.0)) as f64 / 1e9)
    }

    /// How often `activity` was entered.
    pub fn entered(&self, doer: Doer, activity: Activity) -> u64 {
        self.find(doer, activity).map_or(0, |c| c.entered)
    }

    /// Activities a doer was ever in, in the order of their first time.
    pub fn activities(&self, doer: Doer) -> impl Iterator<Item = Activity> + '_ {
        self.row(doer).into_iter().flat_map(|row| row.cells.iter().filter_map(|known| known.code.activity()))
    }

    /// Seconds the calls of every doer spent over `link` up to `now`.
    pub fn call_seconds(&self, link: LinkId, now: Time) -> f64 {
        let cells = self.rows.iter().filter_map(|row| row.find(Activity::Call(link)));
        cells.map(|c| (c.sum + i128::from(c.now_in) * i128::from(now.0)) as f64 / 1e9).sum()
    }

    /// How many calls of every doer left over `link`.
    pub fn calls(&self, link: LinkId) -> u64 {
        self.rows.iter().filter_map(|row| row.find(Activity::Call(link))).map(|cell| cell.entered).sum()
    }

    fn row(&self, doer: Doer) -> Option<&Row> {
        self.rows.get(doer.place() as usize)
    }

    fn find(&self, doer: Doer, activity: Activity) -> Option<&Cell> {
        self.row(doer)?.find(activity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OP: Doer = Doer::Operation(OperationId::new(2));

    #[test]
    fn work_in_progress_counts_up_to_now() {
        let mut f = Flow::default();
        f.go(OP, ActivityCode::NOTHING, ActivityCode::of(Activity::Cpu), Time(-1_000_000_000));
        f.go(OP, ActivityCode::NOTHING, ActivityCode::of(Activity::Cpu), Time(1_000_000_000));
        f.go(OP, ActivityCode::of(Activity::Cpu), ActivityCode::NOTHING, Time(2_000_000_000));
        assert_eq!(f.seconds(OP, Activity::Cpu, Time(4_000_000_000)), 6.0);
        assert_eq!(f.seconds(OP, Activity::Delay, Time(4_000_000_000)), 0.0);
    }

    #[test]
    fn a_window_is_the_difference_of_two_snapshots() {
        let mut f = Flow::default();
        let link = Activity::Call(LinkId::new(0));
        f.go(OP, ActivityCode::NOTHING, ActivityCode::of(link), Time(0));
        let before = f.clone();
        f.go(OP, ActivityCode::NOTHING, ActivityCode::of(link), Time(3_000_000_000));
        let window = f.seconds(OP, link, Time(5_000_000_000)) - before.seconds(OP, link, Time(1_000_000_000));
        assert_eq!(window, 4.0 + 2.0);
        assert_eq!(f.call_seconds(LinkId::new(0), Time(5_000_000_000)), 7.0);
    }
}
