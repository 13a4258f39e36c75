//! Proves that a value has arrived inside, not only come back.

const std = @import("std");
const wit = @import("wit");

const Allocator = std.mem.Allocator;
const Result = wit.Result;
const types = wit.compute;

pub fn nothing() void {}

pub fn concatenate(
    arena: Allocator,
    a: []const u8,
    b: []const u8,
    c: []const u8,
    d: []const u8,
    e: []const u8,
    f: []const u8,
    g: []const u8,
    h: []const u8,
    i: []const u8,
) ![]const u8 {
    return std.mem.concat(arena, u8, &.{ a, b, c, d, e, f, g, h, i });
}

pub fn xorU64(values: []const u64) u64 {
    var sum: u64 = 0;
    for (values) |value| sum ^= value;
    return sum;
}

pub fn byteLengths(arena: Allocator, texts: []const []const u8) ![]const u32 {
    const lengths = try arena.alloc(u32, texts.len);
    for (lengths, texts) |*length, text| length.* = @intCast(text.len);
    return lengths;
}

pub fn codePoint(value: u21) u32 {
    return value;
}

pub fn nextColor(value: types.Color) types.Color {
    return switch (value) {
        .red => .light_green,
        .light_green => .blue,
        .blue => .red,
    };
}

pub fn complement(value: types.Permissions) types.Permissions {
    return .{ .read = !value.read, .write = !value.write, .use = !value.use };
}

pub fn bounds(points: []const types.Point) Result(struct { types.Point, types.Point }, types.Failure) {
    if (points.len == 0) return .{ .err = .empty };
    var low = points[0];
    var high = points[0];
    for (points[1..]) |point| {
        low = .{ .x = @min(low.x, point.x), .y = @min(low.y, point.y) };
        high = .{ .x = @max(high.x, point.x), .y = @max(high.y, point.y) };
    }
    return .{ .ok = .{ low, high } };
}

pub fn caseName(value: types.Shape) []const u8 {
    return @tagName(value);
}

pub fn root(value: i32) Result(u32, types.Failure) {
    const number = std.math.cast(u32, value) orelse return .{ .err = .{ .negative = value } };
    return .{ .ok = std.math.sqrt(number) };
}

pub fn fail(message: []const u8) Result(void, []const u8) {
    return if (message.len == 0) .{ .ok = {} } else .{ .err = message };
}
