//! Digests and checksums.

const std = @import("std");
const wit = @import("wit");

const Allocator = std.mem.Allocator;
const Data = wit.types.Data;
const bytesOf = @import("data.zig").bytesOf;
const crypto = std.crypto;
const types = wit.hashes;

pub fn hash(arena: Allocator, data: Data, algorithm: types.HashAlgorithm) ![]const u8 {
    switch (algorithm) {
        inline else => |each| {
            const Hash = HashOf(each);
            var digest: [Hash.digest_length]u8 = undefined;
            Hash.hash(bytesOf(data), &digest, .{});
            return arena.dupe(u8, &std.fmt.bytesToHex(digest, .lower));
        },
    }
}

pub fn verifyHash(
    arena: Allocator,
    data: Data,
    algorithm: types.HashAlgorithm,
    digest: []const u8,
) !wit.Result(bool, types.VerifyError) {
    for (digest) |digit| if (!std.ascii.isHex(digit)) return .{ .err = .not_hexadecimal };
    const found = try hash(arena, data, algorithm);
    if (digest.len != found.len) return .{ .err = .{ .wrong_length = @intCast(found.len) } };
    return .{ .ok = std.ascii.eqlIgnoreCase(digest, found) };
}

pub fn hmac(arena: Allocator, data: Data, key: Data, algorithm: types.HmacAlgorithm) ![]const u8 {
    switch (algorithm) {
        inline else => |each| {
            const Hmac = HmacOf(each);
            var code: [Hmac.mac_length]u8 = undefined;
            Hmac.create(&code, bytesOf(data), bytesOf(key));
            return arena.dupe(u8, &std.fmt.bytesToHex(code, .lower));
        },
    }
}

pub fn checksum(arena: Allocator, data: Data, algorithm: types.ChecksumAlgorithm) !types.CheckValue {
    const bytes = bytesOf(data);
    return switch (algorithm) {
        .crc32 => sum(arena, std.hash.Crc32.hash(bytes)),
        .crc32c => sum(arena, std.hash.crc.@"CRC-32/ISCSI".hash(bytes)),
        .adler32 => adler: {
            var adler: std.hash.Adler32 = .{};
            adler.update(bytes);
            break :adler sum(arena, adler.adler);
        },
        .xxhash32 => sum(arena, std.hash.XxHash32.hash(0, bytes)),
        .xxhash64 => sum(arena, std.hash.XxHash64.hash(0, bytes)),
        .xxhash3 => sum(arena, std.hash.XxHash3.hash(0, bytes)),
    };
}

fn sum(arena: Allocator, number: anytype) !types.CheckValue {
    const digits = std.fmt.comptimePrint("{d}", .{@sizeOf(@TypeOf(number)) * 2});
    return .{ .hex = try std.fmt.allocPrint(arena, "{x:0>" ++ digits ++ "}", .{number}), .number = number };
}

fn HashOf(comptime algorithm: types.HashAlgorithm) type {
    return switch (algorithm) {
        .sha256 => crypto.hash.sha2.Sha256,
        .sha384 => crypto.hash.sha2.Sha384,
        .sha512 => crypto.hash.sha2.Sha512,
        .sha3_256 => crypto.hash.sha3.Sha3_256,
        .sha3_512 => crypto.hash.sha3.Sha3_512,
        .blake2b_512 => crypto.hash.blake2.Blake2b512,
        .blake3 => crypto.hash.Blake3,
        .md5 => crypto.hash.Md5,
        .sha1 => crypto.hash.Sha1,
    };
}

fn HmacOf(comptime algorithm: types.HmacAlgorithm) type {
    return switch (algorithm) {
        .sha256 => crypto.auth.hmac.sha2.HmacSha256,
        .sha384 => crypto.auth.hmac.sha2.HmacSha384,
        .sha512 => crypto.auth.hmac.sha2.HmacSha512,
        .sha1 => crypto.auth.hmac.HmacSha1,
    };
}

const testing = std.testing;

fn expectHash(expected: []const u8, algorithm: types.HashAlgorithm, text: []const u8) !void {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    try testing.expectEqualStrings(expected, try hash(arena.allocator(), .{ .text = text }, algorithm));
}

test "digests are those of the standards' own examples" {
    try expectHash("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", .sha256, "abc");
    try expectHash("3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532", .sha3_256, "abc");
    try expectHash("6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85", .blake3, "abc");
    try expectHash("a9993e364706816aba3e25717850c26c9cd0d89d", .sha1, "abc");
    try expectHash("d41d8cd98f00b204e9800998ecf8427e", .md5, "");
}

test "an HMAC is that of RFC 4231, test case 2" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const code = try hmac(arena.allocator(), .{ .text = "what do ya want for nothing?" }, .{ .bytes = "Jefe" }, .sha256);
    try testing.expectEqualStrings("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", code);
}

test "a checksum keeps its leading zeros" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const data: Data = .{ .text = "123456789" };
    const cases = .{
        .{ .crc32, "cbf43926", 0xcbf43926 },
        .{ .crc32c, "e3069283", 0xe3069283 },
        .{ .adler32, "091e01de", 0x091e01de },
        .{ .xxhash32, "937bad67", 0x937bad67 },
        .{ .xxhash64, "8cb841db40e6ae83", 0x8cb841db40e6ae83 },
    };
    inline for (cases) |case| {
        const found = try checksum(arena.allocator(), data, case[0]);
        try testing.expectEqualStrings(case[1], found.hex);
        try testing.expectEqual(case[2], found.number);
    }
}

test "a digest is compared whatever its letter case" {
    var arena: std.heap.ArenaAllocator = .init(testing.allocator);
    defer arena.deinit();
    const all = arena.allocator();
    const empty: Data = .{ .bytes = "" };
    try testing.expect((try verifyHash(all, empty, .md5, "D41D8CD98F00B204E9800998ECF8427E")).ok);
    try testing.expect(!(try verifyHash(all, empty, .md5, "00000000000000000000000000000000")).ok);
    try testing.expectEqual(32, (try verifyHash(all, empty, .md5, "d41d")).err.wrong_length);
    try testing.expectEqual(.not_hexadecimal, (try verifyHash(all, empty, .md5, "xyz")).err);
}
