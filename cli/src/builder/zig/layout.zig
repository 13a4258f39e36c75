//! How values of a type lie in memory and in arguments: sizes, alignments, counts.

const std = @import("std");

/// Steps that working out the layout of one type may take: enough for thousands of fields.
const branches = 1_000_000;

/// What a type is to WIT.
pub const Shape = enum { unit, boolean, number, char, list, array, option, choice, names, flags, handle, fields };

/// What a type of Zig's is.
pub fn shapeOf(comptime T: type) Shape {
    return switch (@typeInfo(T)) {
        .void => .unit,
        .bool => .boolean,
        .int => if (T == u21) .char else .number,
        .float => .number,
        .pointer => .list,
        .array => .array,
        .optional => .option,
        .@"union" => .choice,
        .@"enum" => |info| if (info.mode == .exhaustive) .names else .handle,
        .@"struct" => |info| if (info.layout == .@"packed") .flags else .fields,
        else => @compileError(@typeName(T) ++ " is no type of WIT"),
    };
}

/// Whether a list of it is a slice as it is.
pub fn sameInMemory(comptime T: type) bool {
    return switch (shapeOf(T)) {
        .number, .boolean => true,
        else => false,
    };
}

/// The integer that says which case a variant or an enum is.
pub fn Discriminant(comptime T: type) type {
    const cases = switch (@typeInfo(T)) {
        .optional => 2,
        inline .@"union", .@"enum" => |info| info.field_names.len,
        else => comptime unreachable,
    };
    return if (cases <= 1 << 8) u8 else if (cases <= 1 << 16) u16 else u32;
}

/// The types of fields, or of the payloads of cases.
fn Payloads(comptime T: type) []const type {
    return switch (@typeInfo(T)) {
        .optional => |info| &.{ void, info.child },
        inline .@"union", .@"struct" => |info| info.field_types,
        else => &.{},
    };
}

/// The integer that holds flags in memory.
pub fn Bits(comptime T: type) type {
    return if (@bitSizeOf(T) <= 8) u8 else if (@bitSizeOf(T) <= 16) u16 else u32;
}

/// What the address of a value in memory is a multiple of.
pub fn alignmentOf(comptime T: type) usize {
    comptime {
        @setEvalBranchQuota(branches);
        return switch (shapeOf(T)) {
            .unit => 1,
            .boolean, .number => @sizeOf(T),
            .char, .list, .handle => 4,
            .array => alignmentOf(@typeInfo(T).array.child),
            .flags => @sizeOf(Bits(T)),
            .names => @sizeOf(Discriminant(T)),
            .option, .choice => @max(@sizeOf(Discriminant(T)), widest(T, alignmentOf)),
            .fields => @max(1, widest(T, alignmentOf)),
        };
    }
}

/// Bytes of a value in memory.
pub fn sizeOf(comptime T: type) usize {
    comptime {
        @setEvalBranchQuota(branches);
        return switch (shapeOf(T)) {
            .unit => 0,
            .boolean, .number => @sizeOf(T),
            .char, .handle => 4,
            .list => 8,
            .array => @typeInfo(T).array.len * sizeOf(@typeInfo(T).array.child),
            .flags => @sizeOf(Bits(T)),
            .names => @sizeOf(Discriminant(T)),
            .option, .choice => std.mem.alignForward(usize, payloadAt(T) + widest(T, sizeOf), alignmentOf(T)),
            .fields => fieldAt(T, Payloads(T).len),
        };
    }
}

/// The most that any part of a type measures.
fn widest(comptime T: type, comptime measure: fn (comptime type) usize) usize {
    comptime {
        @setEvalBranchQuota(branches);
        var most: usize = 0;
        for (Payloads(T)) |Part| most = @max(most, measure(Part));
        return most;
    }
}

/// Where the payload of a variant begins.
pub fn payloadAt(comptime T: type) usize {
    comptime {
        @setEvalBranchQuota(branches);
        return std.mem.alignForward(usize, @sizeOf(Discriminant(T)), @max(1, widest(T, alignmentOf)));
    }
}

/// Where a field of a record begins; the one after the last is where the record ends.
pub fn fieldAt(comptime T: type, comptime index: usize) usize {
    comptime {
        @setEvalBranchQuota(branches);
        var at: usize = 0;
        for (Payloads(T), 0..) |Field, before| {
            at = std.mem.alignForward(usize, at, alignmentOf(Field));
            if (before == index) return at;
            at += sizeOf(Field);
        }
        return std.mem.alignForward(usize, at, alignmentOf(T));
    }
}

/// How many arguments a value takes.
pub fn countOf(comptime T: type) usize {
    comptime {
        @setEvalBranchQuota(branches);
        return switch (shapeOf(T)) {
            .unit => 0,
            .boolean, .number, .char, .handle, .flags, .names => 1,
            .list => 2,
            .array => @typeInfo(T).array.len * countOf(@typeInfo(T).array.child),
            .option, .choice => 1 + widest(T, countOf),
            .fields => {
                var count: usize = 0;
                for (Payloads(T)) |Field| count += countOf(Field);
                return count;
            },
        };
    }
}
