//! The plugin. Each interface that the world exports is a namespace here, with a function for each of its functions.

const std = @import("std");
const wit = @import("wit");

pub const tools = struct {
    pub fn splitBill(total: u32, guests: u32, tip: u32) wit.Result(wit.tools.Share, wit.tools.SplitError) {
        if (guests == 0) return .{ .err = .no_guests };
        const sum = @as(u64, total) + @as(u64, total) * tip / 100;
        const cents = std.math.cast(u32, sum) orelse return .{ .err = .{ .too_large = std.math.maxInt(u32) } };
        return .{ .ok = .{ .each = cents / guests, .rest = cents % guests } };
    }
};

const expectEqual = std.testing.expectEqual;

test "what cannot be shared is left over" {
    try expectEqual(wit.tools.Share{ .each = 3666, .rest = 2 }, tools.splitBill(10_000, 3, 10).ok);
}

test "a bill needs a guest" {
    try expectEqual(wit.tools.SplitError.no_guests, tools.splitBill(10_000, 0, 10).err);
}

test "a tip may make a bill too large" {
    const largest = std.math.maxInt(u32);
    try expectEqual(largest, tools.splitBill(largest, 1, 0).ok.each);
    try expectEqual(largest, tools.splitBill(largest, 2, 1).err.too_large);
}
