// Everything of the scene: one instance a shape, signed distances in pixels, painted in order.

// What does not fit four floats stays out: uniforms are laid out alike everywhere.
struct Screen {
    // The canvas's corner in the window, and the window.
    corner: vec2<f32>,
    size: vec2<f32>,
    clock: f32,
    spare: vec3<f32>,
}

@group(0) @binding(0) var<uniform> screen: Screen;

struct Instance {
    @builtin(vertex_index) corner: u32,
    @location(0) ends: vec4<f32>,
    @location(1) measures: vec4<f32>,
    // Of the inner points, then how far the way is straight before it bends and after.
    @location(2) lean: vec4<f32>,
    @location(3) born: f32,
    @location(4) fill: vec4<f32>,
    @location(5) ink: vec4<f32>,
    @location(6) form: u32,
}

struct Piece {
    @builtin(position) position: vec4<f32>,
    @location(0) local: vec2<f32>,
    @location(1) @interpolate(flat) half_size: vec2<f32>,
    @location(2) @interpolate(flat) measures: vec4<f32>,
    @location(3) @interpolate(flat) fill: vec4<f32>,
    @location(4) @interpolate(flat) ink: vec4<f32>,
    @location(5) @interpolate(flat) form: u32,
}

const BOX: u32 = 0u;
const DISC: u32 = 1u;
const RING: u32 = 2u;
const CROSS: u32 = 3u;
const DIAMOND: u32 = 4u;
const QUARTER: u32 = 5u;
const RIBBON: u32 = 6u;
const HALO: u32 = 7u;
const PERSON: u32 = 8u;
const CRACK: u32 = 9u;
const ARROW: u32 = 10u;
const SERVER: u32 = 16u;
const BALANCER: u32 = 17u;
const CACHE: u32 = 18u;
const DATABASE: u32 = 19u;
const QUEUE: u32 = 20u;
const EXTERNAL: u32 = 21u;

const HATCHED: u32 = 0x100u;
const DASHED: u32 = 0x200u;
const LEVEL: u32 = 0x400u;
const METER: u32 = 0x800u;
const MOVES: u32 = 0x1000u;
const LOOPS: u32 = 0x2000u;
const BOUNCES: u32 = 0x4000u;
const HOLLOWS: u32 = 0x8000u;
const LEFTWARD: u32 = 0x10000u;
const VIA: u32 = 0x20000u;

const TRAVEL_S: f32 = 1.2;
const BOUNCE_S: f32 = 0.25;
const FADE_S: f32 = 0.6;

fn linear(color: vec4<f32>) -> vec4<f32> {
    let low = color.rgb / 12.92;
    let high = pow((color.rgb + 0.055) / 1.055, vec3(2.4));
    return vec4(select(high, low, color.rgb <= vec3(0.04045)), color.a);
}

// Where straight pieces end and begin, as shares of a way: they take their part of the way across.
fn bend(ends: vec4<f32>, lean: vec4<f32>) -> vec2<f32> {
    let across = max(abs(ends.z - ends.x), 1e-4);
    return vec2(lean.z / across, 1.0 - lean.w / across);
}

// A cubic whose inner points lie level with its ends, `lean` away from them, between straight pieces.
fn way(ends: vec4<f32>, lean: vec4<f32>, share: f32) -> vec2<f32> {
    let bends = bend(ends, lean);
    if share < bends.x { return vec2(mix(ends.x, ends.z, share), ends.y); }
    if share > bends.y { return vec2(mix(ends.x, ends.z, share), ends.w); }
    let s = (share - bends.x) / (bends.y - bends.x);
    let first = ends.x + lean.z;
    let last = ends.z - lean.w;
    let b = 1.0 - s;
    let x = b * b * b * first + 3.0 * b * b * s * (first + lean.x) + 3.0 * b * s * s * (last + lean.y) + s * s * s * last;
    let y = (b * b * b + 3.0 * b * b * s) * ends.y + (3.0 * b * s * s + s * s * s) * ends.w;
    return vec2(x, y);
}

fn heading(ends: vec4<f32>, lean: vec4<f32>, share: f32) -> vec2<f32> {
    let bends = bend(ends, lean);
    let s = clamp((share - bends.x) / (bends.y - bends.x), 0.0, 1.0);
    let b = 1.0 - s;
    let x = b * b * lean.x + 2.0 * b * s * (ends.z - lean.w + lean.y - ends.x - lean.z - lean.x) - s * s * lean.y;
    let y = 2.0 * b * s * (ends.w - ends.y);
    let d = vec2(x, y);
    let l = length(d);
    return select(vec2(1.0, 0.0), d / max(l, 1e-4), l > 1e-4);
}

// A way that runs through a point: two curves, each bent half-way, and a straight piece at last.
fn through(ends: vec4<f32>, lean: vec4<f32>) -> f32 {
    return clamp((lean.z - ends.x) / max(ends.z - ends.x, 1.0), 0.05, 0.95);
}

fn half_ends(ends: vec4<f32>, lean: vec4<f32>, second: bool) -> vec4<f32> {
    return select(vec4(ends.xy, lean.zw), vec4(lean.zw, ends.zw), second);
}

fn half_lean(ends: vec4<f32>, after: f32) -> vec4<f32> {
    let reach = (ends.z - ends.x - after) * 0.5;
    return vec4(reach, -reach, 0.0, after);
}

fn any_way(ends: vec4<f32>, lean: vec4<f32>, flags: u32, share: f32) -> vec2<f32> {
    if (flags & VIA) == 0u { return way(ends, lean, share); }
    let split = through(ends, lean);
    let second = share > split;
    let part = half_ends(ends, lean, second);
    return way(part, half_lean(part, select(0.0, lean.y, second)), select(share / split, (share - split) / (1.0 - split), second));
}

fn any_heading(ends: vec4<f32>, lean: vec4<f32>, flags: u32, share: f32) -> vec2<f32> {
    if (flags & VIA) == 0u { return heading(ends, lean, share); }
    let split = through(ends, lean);
    let second = share > split;
    let part = half_ends(ends, lean, second);
    return heading(part, half_lean(part, select(0.0, lean.y, second)), select(share / split, (share - split) / (1.0 - split), second));
}

@vertex
fn vertex(in: Instance) -> Piece {
    var out: Piece;
    let unit = vec2(f32(in.corner & 1u), f32(in.corner >> 1u)) * 2.0 - 1.0;
    var kind = in.form & 0xFFu;
    var flags = in.form & 0xFFFF00u;
    var fill = in.fill;
    var measures = in.measures;
    var middle = in.ends.xy;
    var half_size = in.ends.zw;
    var at: vec2<f32>;
    var local: vec2<f32>;
    if kind == RIBBON {
        let s = select(measures.z, measures.w, unit.x > 0.0);
        let along = any_heading(in.ends, in.lean, flags, s);
        let across = vec2(-along.y, along.x);
        let w = measures.x * 0.5 + 1.0;
        at = any_way(in.ends, in.lean, flags, s) + across * unit.y * w;
        local = vec2(0.0, unit.y * w);
    } else {
        if (flags & MOVES) != 0u {
            var s = measures.z + (screen.clock - in.born) * measures.w;
            var shift = vec2(0.0);
            if (flags & LOOPS) != 0u {
                s = fract(s);
                let extra = select(select(0.0, FADE_S, (flags & HOLLOWS) != 0u), BOUNCE_S, (flags & BOUNCES) != 0u);
                let t = s * (TRAVEL_S + extra);
                s = min(t / TRAVEL_S, 1.0);
                let after = max(t - TRAVEL_S, 0.0);
                let done = after / max(extra, 1e-3);
                fill.a *= smoothstep(0.0, 0.06, s);
                if extra == 0.0 {
                    fill.a *= 1.0 - smoothstep(0.95, 1.0, s);
                } else if after > 0.0 {
                    fill = vec4(in.ink.rgb, in.ink.a * (1.0 - done * done));
                    if (flags & BOUNCES) != 0u {
                        kind = CROSS;
                        measures.x *= 1.5;
                        shift = vec2(-30.0 * (1.0 - (1.0 - done) * (1.0 - done)), -10.0 * done * (1.0 - done));
                    } else {
                        kind = RING;
                        measures = vec4(measures.x * (1.3 + 0.5 * done), 1.5, 1.0, 0.0);
                    }
                }
            }
            middle = any_way(in.ends, in.lean, flags, clamp(s, 0.0, 1.0)) + shift;
            half_size = vec2(measures.x);
            // The share was of the way, not of the form.
            measures.z = 1.0;
        }
        var margin = 1.5;
        if kind == HALO { margin = measures.x + 1.0; }
        if kind == CROSS || kind == DIAMOND { margin = 2.5; }
        local = unit * (half_size + margin);
        at = middle + local;
    }
    let clip = (at + screen.corner) / screen.size * 2.0 - 1.0;
    out.position = vec4(clip.x, -clip.y, 0.0, 1.0);
    out.local = local;
    out.half_size = half_size;
    out.measures = measures;
    out.fill = linear(fill);
    out.ink = linear(in.ink);
    out.form = kind | flags;
    return out;
}

fn round_box(p: vec2<f32>, h: vec2<f32>, r: f32) -> f32 {
    let q = abs(p) - h + r;
    return min(max(q.x, q.y), 0.0) + length(max(q, vec2(0.0))) - r;
}

fn segment(p: vec2<f32>, a: vec2<f32>, b: vec2<f32>) -> f32 {
    let ab = b - a;
    let t = clamp(dot(p - a, ab) / max(dot(ab, ab), 1e-6), 0.0, 1.0);
    return length(p - a - ab * t);
}

fn ellipse(p: vec2<f32>, r: vec2<f32>) -> f32 {
    let k = length(p / r);
    return (k - 1.0) * min(r.x, r.y);
}

// Strokes of the drawn forms, in a square of half extent 1; `w` is half a stroke.
fn drawn(kind: u32, p: vec2<f32>, w: f32) -> f32 {
    var d = 1e3;
    if kind == SERVER {
        d = abs(round_box(p - vec2(0.0, -0.48), vec2(0.88, 0.36), 0.18)) - w;
        d = min(d, abs(round_box(p - vec2(0.0, 0.48), vec2(0.88, 0.36), 0.18)) - w);
        d = min(d, min(length(p - vec2(-0.5, -0.48)), length(p - vec2(-0.5, 0.48))) - 0.14);
    } else if kind == BALANCER {
        d = segment(p, vec2(-0.9, 0.0), vec2(-0.2, 0.0)) - w;
        d = min(d, segment(p, vec2(-0.2, 0.0), vec2(0.62, -0.72)) - w);
        d = min(d, segment(p, vec2(-0.2, 0.0), vec2(0.7, 0.0)) - w);
        d = min(d, segment(p, vec2(-0.2, 0.0), vec2(0.62, 0.72)) - w);
        d = min(d, min(length(p - vec2(0.72, -0.76)), min(length(p - vec2(0.76, 0.0)), length(p - vec2(0.72, 0.76)))) - 0.2);
    } else if kind == CACHE {
        let q = vec2(abs(p.x), p.y);
        d = min(segment(q, vec2(0.0, -0.9), vec2(0.92, -0.42)), segment(q, vec2(0.92, -0.42), vec2(0.0, 0.06))) - w;
        d = min(d, segment(q, vec2(0.92, 0.0), vec2(0.0, 0.48)) - w);
        d = min(d, segment(q, vec2(0.92, 0.42), vec2(0.0, 0.9)) - w);
    } else if kind == DATABASE {
        let r = vec2(0.78, 0.3);
        d = abs(ellipse(p - vec2(0.0, -0.62), r)) - w;
        let q = vec2(abs(p.x), p.y);
        d = min(d, segment(q, vec2(0.78, -0.62), vec2(0.78, 0.6)) - w);
        if p.y > 0.6 { d = min(d, abs(ellipse(p - vec2(0.0, 0.6), r)) - w); }
        if p.y > 0.0 { d = min(d, abs(ellipse(p - vec2(0.0, 0.0), r)) - w); }
    } else if kind == QUEUE {
        let x = p.x - clamp(round(p.x / 0.64), -1.0, 1.0) * 0.64;
        d = abs(round_box(vec2(x, p.y), vec2(0.2, 0.74), 0.12)) - w;
    } else {
        d = length(p - vec2(-0.45, 0.2)) - 0.42;
        d = min(d, length(p - vec2(0.1, -0.12)) - 0.56);
        d = min(d, length(p - vec2(0.55, 0.24)) - 0.38);
        d = min(d, round_box(p - vec2(0.05, 0.42), vec2(0.6, 0.2), 0.18));
        d = abs(d) - w;
    }
    return d;
}

fn over(under: vec4<f32>, color: vec4<f32>, cover: f32) -> vec4<f32> {
    let a = color.a * clamp(cover, 0.0, 1.0);
    return vec4(color.rgb * a, a) + under * (1.0 - a);
}

@fragment
fn fragment(in: Piece) -> @location(0) vec4<f32> {
    let kind = in.form & 0xFFu;
    let p = in.local;
    let h = in.half_size;
    let size = in.measures.x;
    let line = in.measures.y;
    let share = in.measures.z;
    // A pixel of the screen, in ours; across a ribbon only one way counts.
    let px = max(length(fwidth(p)) * select(0.7071, 1.0, kind == RIBBON), 1e-3);
    var color = vec4(0.0);
    var d = 0.0;
    if kind == BOX || kind == DISC {
        d = round_box(p, h, min(size, min(h.x, h.y)));
        var inside = 0.5 - d / px;
        if (in.form & LEVEL) != 0u { inside = min(inside, 0.5 + (p.y - h.y * (1.0 - 2.0 * share)) / px); }
        if (in.form & METER) != 0u { inside = min(inside, 0.5 + (h.x * (2.0 * share - 1.0) - p.x) / px); }
        color = over(color, in.fill, inside);
        if (in.form & HATCHED) != 0u {
            let diagonal = (p.x + p.y) * 0.70711;
            let stripe = abs(fract(diagonal / 5.0) - 0.5) * 5.0 - 1.5;
            color = over(color, in.ink, min(inside, stripe / px + 0.5));
        }
        if line > 0.0 {
            var edge = 0.5 - (abs(d + line * 0.5) - line * 0.5) / px;
            if (in.form & DASHED) != 0u {
                let near_side = h.x - abs(p.x) < h.y - abs(p.y);
                let s = select(p.x, p.y, near_side);
                edge = min(edge, 0.5 + (1.9 - abs(fract(s / 8.0) - 0.5) * 8.0) / px);
            }
            color = over(color, in.ink, edge);
        }
    } else if kind == RIBBON {
        color = over(color, in.fill, 0.5 + (size * 0.5 - abs(p.y)) / px);
    } else if kind == RING {
        d = abs(length(p) - size + line * 0.5) - line * 0.5;
        let turn = fract(atan2(p.x, -p.y) / 6.2831853 + 1.0);
        let shown = select(0.0, 1.0, turn <= share || share >= 1.0);
        color = over(color, in.ink, (0.5 - d / px) * select(0.0, 1.0, share < 1.0) * 0.25);
        color = over(color, in.fill, min(0.5 - d / px, shown));
    } else if kind == CROSS {
        let q = abs(p);
        d = segment(q, vec2(0.0), vec2(size * 0.72)) - max(size * 0.24, 0.7);
        color = over(color, in.fill, 0.5 - d / px);
    } else if kind == DIAMOND {
        d = (abs(p.x) + abs(p.y) - size) * 0.7071;
        color = over(color, in.fill, 0.5 - (abs(d + 0.75) - 0.75) / px);
    } else if kind == QUARTER {
        d = length(p) - size;
        color = over(color, in.fill, 0.5 - (abs(d + 0.75) - 0.75) / px);
        if p.x > -px && p.y < px {
            color = over(color, in.fill, min(0.5 - d / px, min(0.5 + p.x / px, 0.5 - p.y / px)));
        }
    } else if kind == HALO {
        d = max(round_box(p, h, line), 0.0);
        let t = clamp(1.0 - d / size, 0.0, 1.0);
        color = over(color, in.fill, t * t * select(0.0, 1.0, d > 0.0));
    } else if kind == PERSON {
        let head = length(p - vec2(0.0, -0.5 * size)) - 0.36 * size;
        let body = max(round_box(p - vec2(0.0, 0.78 * size), vec2(0.66, 0.78) * size, 0.6 * size), p.y - 0.95 * size);
        d = min(head, body);
        color = over(color, in.fill, 0.5 - d / px);
    } else if kind == CRACK {
        d = segment(p, vec2(-0.12, -1.0) * h, vec2(0.1, -0.42) * h);
        d = min(d, segment(p, vec2(0.1, -0.42) * h, vec2(-0.14, -0.05) * h));
        d = min(d, segment(p, vec2(-0.14, -0.05) * h, vec2(0.16, 0.4) * h));
        d = min(d, segment(p, vec2(0.16, 0.4) * h, vec2(-0.02, 1.0) * h));
        d = min(d, segment(p, vec2(-0.14, -0.05) * h, vec2(-0.4, 0.25) * h));
        d = min(d, segment(p, vec2(0.1, -0.42) * h, vec2(0.36, -0.2) * h));
        color = over(color, in.fill, 0.5 - (d - line * 0.5) / px);
    } else if kind == ARROW {
        let q = select(p.x, -p.x, (in.form & LEFTWARD) != 0u);
        d = max(abs(p.y) * 0.8944 + q * 0.4472 - size * 0.4472, -q - size);
        color = over(color, in.fill, 0.5 - d / px);
    } else {
        let w = line / max(size, 1.0);
        d = drawn(kind, p / size, w * 0.5) * size;
        color = over(color, in.fill, 0.5 - d / px);
    }
    return color;
}
