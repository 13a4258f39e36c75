//! The canonical ABI: values of WIT's types in memory and in arguments, worked out from Zig's own types while compiling.
//!
//! An argument of core WebAssembly is kept as the bits of it in a `u64`. The cases of a variant that share an argument
//! then need no conversion between integers and floats.

const std = @import("std");
const builtin = @import("builtin");
const layout = @import("layout.zig");

const Bits = layout.Bits;
const Discriminant = layout.Discriminant;
const alignmentOf = layout.alignmentOf;
const countOf = layout.countOf;
const fieldAt = layout.fieldAt;
const payloadAt = layout.payloadAt;
const sameInMemory = layout.sameInMemory;
const shapeOf = layout.shapeOf;
const sizeOf = layout.sizeOf;

/// Whether this is compiled to WebAssembly, where imports exist; tests of a plugin run without them.
pub const inside = builtin.target.cpu.arch.isWasm();

/// What a function returns that can fail with a value.
pub fn Result(comptime Ok: type, comptime Err: type) type {
    return union(enum) {
        ok: Ok,
        err: Err,
    };
}

/// Everything that a call allocates: arguments, results, and what the plugin takes from its allocator.
var arena: std.heap.ArenaAllocator = .init(if (inside) std.heap.wasm_allocator else std.heap.page_allocator);

/// The allocator of the running call. All of it is freed when the caller has read the result.
pub fn allocator() std.mem.Allocator {
    return arena.allocator();
}

/// Frees what the call has allocated.
pub fn release() void {
    _ = arena.reset(.retain_capacity);
}

/// Memory for arguments and for what imports return.
pub fn realloc(old: usize, old_bytes: usize, alignment: usize, bytes: usize) usize {
    if (bytes == 0) return alignment;
    const log2: std.mem.Alignment = .fromByteUnits(alignment);
    const new = allocator().rawAlloc(bytes, log2, @returnAddress()) orelse @panic("out of memory");
    if (old_bytes != 0) @memcpy(new, @as([*]const u8, @ptrFromInt(old))[0..@min(old_bytes, bytes)]);
    return @intFromPtr(new);
}

/// Calls a function of the plugin, with the call's allocator first if it takes one. An error of Zig ends the call.
pub fn call(comptime Returned: type, comptime function: anytype, arguments: anytype) Returned {
    const params = @typeInfo(@TypeOf(function)).@"fn".param_types;
    const takes_allocator = params.len > 0 and params[0] == std.mem.Allocator;
    const all = if (takes_allocator) .{allocator()} ++ arguments else arguments;
    const returned = @call(.auto, function, all);
    if (@typeInfo(@TypeOf(returned)) != .error_union) return returned;
    return returned catch |err| std.debug.panic("the call fails: {s}", .{@errorName(err)});
}

/// Ends the call; the message goes to the server's log.
pub fn panic(message: []const u8, _: ?usize) noreturn {
    const lines: [3][]const u8 = .{ "panic: ", message, "\n" };
    var written: usize = 0;
    for (lines) |line| _ = std.os.wasi.fd_write(2, &.{.{ .base = line.ptr, .len = line.len }}, 1, &written);
    @trap();
}

/// The bits of an argument.
pub fn pack(value: anytype) u64 {
    return switch (@TypeOf(value)) {
        i32 => @as(u32, @bitCast(value)),
        f32 => @as(u32, @bitCast(value)),
        else => @bitCast(value),
    };
}

/// The argument of a type that has these bits.
pub fn unpack(comptime Core: type, from: u64) Core {
    return switch (Core) {
        i32, f32 => @bitCast(@as(u32, @truncate(from))),
        else => @bitCast(from),
    };
}

/// Reads a value from memory.
pub fn load(comptime T: type, at: usize) T {
    switch (comptime shapeOf(T)) {
        .unit => return {},
        .boolean => return peek(u8, at) != 0,
        .number => return peek(T, at),
        .char => return @intCast(peek(u32, at)),
        .list => return loadList(@typeInfo(T).pointer.child, peek(u32, at), peek(u32, at + 4)),
        .array => {
            var all: T = undefined;
            for (&all, 0..) |*one, index| {
                const Item = @TypeOf(one.*);
                one.* = load(Item, at + index * comptime sizeOf(Item));
            }
            return all;
        },
        .flags => return fromBits(T, peek(Bits(T), at)),
        .names => return @fromBackingInt(@intCast(peek(Discriminant(T), at))),
        .handle => return @fromBackingInt(@intCast(peek(u32, at))),
        .option => {
            if (peek(u8, at) == 0) return null;
            return load(@typeInfo(T).optional.child, at + comptime payloadAt(T));
        },
        .choice => switch (@as(std.meta.Tag(T), @fromBackingInt(@intCast(peek(Discriminant(T), at))))) {
            inline else => |tag| {
                const Payload = @FieldType(T, @tagName(tag));
                return @unionInit(T, @tagName(tag), load(Payload, at + comptime payloadAt(T)));
            },
        },
        .fields => {
            var record: T = undefined;
            inline for (@typeInfo(T).@"struct".field_names, 0..) |name, index| {
                @field(record, name) = load(@FieldType(T, name), at + comptime fieldAt(T, index));
            }
            return record;
        },
    }
}

/// Writes a value to memory; what does not fit into it goes to the call's arena.
pub fn store(comptime T: type, value: T, at: usize) void {
    switch (comptime shapeOf(T)) {
        .unit => {},
        .boolean => poke(u8, @intFromBool(value), at),
        .number => poke(T, value, at),
        .char => poke(u32, value, at),
        .list => {
            poke(u32, addressOfList(@typeInfo(T).pointer.child, value), at);
            poke(u32, @intCast(value.len), at + 4);
        },
        .array => for (value, 0..) |one, index| {
            store(@TypeOf(one), one, at + index * comptime sizeOf(@TypeOf(one)));
        },
        .flags => poke(Bits(T), toBits(T, value), at),
        .names => poke(Discriminant(T), @backingInt(value), at),
        .handle => poke(u32, @backingInt(value), at),
        .option => {
            poke(u8, @intFromBool(value != null), at);
            if (value) |payload| store(@TypeOf(payload), payload, at + comptime payloadAt(T));
        },
        .choice => {
            poke(Discriminant(T), @backingInt(value), at);
            switch (value) {
                inline else => |payload| store(@TypeOf(payload), payload, at + comptime payloadAt(T)),
            }
        },
        .fields => inline for (@typeInfo(T).@"struct".field_names, 0..) |name, index| {
            store(@FieldType(T, name), @field(value, name), at + comptime fieldAt(T, index));
        },
    }
}

/// Reads a value from arguments.
pub fn lift(comptime T: type, from: []const u64) T {
    switch (comptime shapeOf(T)) {
        .unit => return {},
        .boolean => return from[0] != 0,
        .number => return narrow(T, from[0]),
        .char => return @intCast(from[0]),
        .list => return loadList(@typeInfo(T).pointer.child, @truncate(from[0]), @truncate(from[1])),
        .array => {
            var all: T = undefined;
            for (&all, 0..) |*one, index| {
                const Item = @TypeOf(one.*);
                one.* = lift(Item, from[index * comptime countOf(Item) ..]);
            }
            return all;
        },
        .flags => return fromBits(T, @truncate(from[0])),
        .names, .handle => return @fromBackingInt(@intCast(from[0])),
        .option => return if (from[0] == 0) null else lift(@typeInfo(T).optional.child, from[1..]),
        .choice => switch (@as(std.meta.Tag(T), @fromBackingInt(@intCast(from[0])))) {
            inline else => |tag| {
                return @unionInit(T, @tagName(tag), lift(@FieldType(T, @tagName(tag)), from[1..]));
            },
        },
        .fields => {
            var record: T = undefined;
            comptime var next: usize = 0;
            inline for (@typeInfo(T).@"struct".field_names) |name| {
                @field(record, name) = lift(@FieldType(T, name), from[next..]);
                next += comptime countOf(@FieldType(T, name));
            }
            return record;
        },
    }
}

/// Turns a value into arguments.
pub fn lower(comptime T: type, value: T, to: []u64) void {
    switch (comptime shapeOf(T)) {
        .unit => {},
        .boolean => to[0] = @intFromBool(value),
        .number => to[0] = widen(T, value),
        .char => to[0] = value,
        .list => {
            to[0] = addressOfList(@typeInfo(T).pointer.child, value);
            to[1] = value.len;
        },
        .array => for (value, 0..) |one, index| lower(@TypeOf(one), one, to[index * comptime countOf(@TypeOf(one)) ..]),
        .flags => to[0] = toBits(T, value),
        .names, .handle => to[0] = @backingInt(value),
        .option => {
            @memset(to[0..comptime countOf(T)], 0);
            to[0] = @intFromBool(value != null);
            if (value) |payload| lower(@TypeOf(payload), payload, to[1..]);
        },
        .choice => {
            @memset(to[0..comptime countOf(T)], 0);
            to[0] = @backingInt(value);
            switch (value) {
                inline else => |payload| lower(@TypeOf(payload), payload, to[1..]),
            }
        },
        .fields => {
            comptime var next: usize = 0;
            inline for (@typeInfo(T).@"struct".field_names) |name| {
                lower(@FieldType(T, name), @field(value, name), to[next..]);
                next += comptime countOf(@FieldType(T, name));
            }
        },
    }
}

/// Memory for a value that is handed over by its address.
pub fn room(comptime T: type) usize {
    return realloc(0, 0, comptime alignmentOf(T), comptime sizeOf(T));
}

/// Hands a value over by its address.
pub fn place(comptime T: type, value: T) usize {
    const at = room(T);
    store(T, value, at);
    return at;
}

fn loadList(comptime Item: type, at: usize, count: usize) []const Item {
    if (count == 0) return &.{};
    if (comptime sameInMemory(Item)) return @as([*]const Item, @ptrFromInt(at))[0..count];
    const items = allocator().alloc(Item, count) catch @panic("out of memory");
    for (items, 0..) |*item, index| item.* = load(Item, at + index * comptime sizeOf(Item));
    return items;
}

fn addressOfList(comptime Item: type, items: []const Item) u32 {
    if (items.len == 0) return comptime alignmentOf(Item);
    if (comptime sameInMemory(Item)) return @intCast(@intFromPtr(items.ptr));
    const at = realloc(0, 0, comptime alignmentOf(Item), items.len * comptime sizeOf(Item));
    for (items, 0..) |item, index| store(Item, item, at + index * comptime sizeOf(Item));
    return @intCast(at);
}

fn fromBits(comptime T: type, from: Bits(T)) T {
    return @bitCast(@as(@Int(.unsigned, @bitSizeOf(T)), @truncate(from)));
}

fn toBits(comptime T: type, value: T) Bits(T) {
    return @as(@Int(.unsigned, @bitSizeOf(T)), @bitCast(value));
}

fn peek(comptime T: type, at: usize) T {
    return @as(*const T, @ptrFromInt(at)).*;
}

fn poke(comptime T: type, value: T, at: usize) void {
    @as(*T, @ptrFromInt(at)).* = value;
}

fn narrow(comptime T: type, from: u64) T {
    return @bitCast(@as(@Int(.unsigned, @bitSizeOf(T)), @truncate(from)));
}

fn widen(comptime T: type, value: T) u64 {
    const Raw = @Int(.unsigned, @bitSizeOf(T));
    if (@typeInfo(T) == .float or @typeInfo(T).int.signedness == .unsigned) return @as(Raw, @bitCast(value));
    // A core argument of 32 bits carries the sign of a smaller integer.
    const Core = if (@bitSizeOf(T) <= 32) i32 else i64;
    return pack(@as(Core, value));
}
