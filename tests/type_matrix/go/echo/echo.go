// Package echo returns what it is given.
package echo

import (
	"wit"
	types "wit/echo"
)

func EchoBool(value bool) bool {
	return value
}

func EchoU8(value uint8) uint8 {
	return value
}

func EchoS8(value int8) int8 {
	return value
}

func EchoU16(value uint16) uint16 {
	return value
}

func EchoS16(value int16) int16 {
	return value
}

func EchoU32(value uint32) uint32 {
	return value
}

func EchoS32(value int32) int32 {
	return value
}

func EchoU64(value uint64) uint64 {
	return value
}

func EchoS64(value int64) int64 {
	return value
}

func EchoF32(value float32) float32 {
	return value
}

func EchoF64(value float64) float64 {
	return value
}

func EchoChar(value rune) rune {
	return value
}

func EchoString(value string) string {
	return value
}

func EchoBytes(value []uint8) []uint8 {
	return value
}

func EchoU16s(value []uint16) []uint16 {
	return value
}

func EchoS64s(value []int64) []int64 {
	return value
}

func EchoF32s(value []float32) []float32 {
	return value
}

func EchoBools(value []bool) []bool {
	return value
}

func EchoChars(value []rune) []rune {
	return value
}

func EchoStrings(value []string) []string {
	return value
}

func EchoTable(value [][]string) [][]string {
	return value
}

func EchoPoints(value []types.Point) []types.Point {
	return value
}

func EchoColors(value []types.Color) []types.Color {
	return value
}

func EchoPoint(value types.Point) types.Point {
	return value
}

func EchoCrowd(value types.Crowd) types.Crowd {
	return value
}

func EchoBranch(value types.Branch) types.Branch {
	return value
}

func EchoShape(value types.Shape) types.Shape {
	return value
}

func EchoShapes(value []types.Shape) []types.Shape {
	return value
}

func EchoColor(value types.Color) types.Color {
	return value
}

func EchoPermissions(value types.Permissions) types.Permissions {
	return value
}

func EchoMany(value types.Many) types.Many {
	return value
}

func EchoTuple(value wit.Tuple3[uint8, string, float64]) (uint8, string, float64) {
	return value.F0, value.F1, value.F2
}

func EchoNestedTuple(value wit.Tuple2[wit.Tuple2[bool, rune], []string]) (wit.Tuple2[bool, rune], []string) {
	return value.F0, value.F1
}

func EchoOptionU32(value wit.Option[uint32]) wit.Option[uint32] {
	return value
}

func EchoOptionString(value wit.Option[string]) wit.Option[string] {
	return value
}

func EchoOptionBytes(value wit.Option[[]uint8]) wit.Option[[]uint8] {
	return value
}

func EchoOptionOption(value wit.Option[wit.Option[uint32]]) wit.Option[wit.Option[uint32]] {
	return value
}

func EchoOptions(value []wit.Option[string]) []wit.Option[string] {
	return value
}

func EchoResults(value []wit.Result[uint32, string]) []wit.Result[uint32, string] {
	return value
}

func EchoResultUnit(value []wit.Result[wit.Unit, string]) []wit.Result[wit.Unit, string] {
	return value
}

func EchoResultBare(value []wit.Result[wit.Unit, wit.Unit]) []wit.Result[wit.Unit, wit.Unit] {
	return value
}
