// Package compute proves that a value has arrived inside, not only come back.
package compute

import (
	"errors"
	"math"
	"strings"

	"wit"
	types "wit/compute"
	"wit/echo"
)

func Nothing() {}

func Concatenate(a, b, c, d, e, f, g, h, i string) string {
	return strings.Join([]string{a, b, c, d, e, f, g, h, i}, "")
}

func XorU64(values []uint64) uint64 {
	var sum uint64
	for _, value := range values {
		sum ^= value
	}
	return sum
}

func ByteLengths(texts []string) []uint32 {
	lengths := make([]uint32, 0, len(texts))
	for _, text := range texts {
		lengths = append(lengths, uint32(len(text)))
	}
	return lengths
}

func CodePoint(value rune) uint32 {
	return uint32(value)
}

func NextColor(value types.Color) types.Color {
	return (value + 1) % (echo.ColorBlue + 1)
}

func Complement(value types.Permissions) types.Permissions {
	return value ^ (echo.PermissionsRead | echo.PermissionsWrite | echo.PermissionsUse)
}

type corners = wit.Tuple2[types.Point, types.Point]

func Bounds(points []types.Point) (corners, error) {
	if len(points) == 0 {
		return corners{}, types.MakeFailureEmpty()
	}
	low, high := points[0], points[0]
	for _, point := range points {
		low.X, low.Y = min(low.X, point.X), min(low.Y, point.Y)
		high.X, high.Y = max(high.X, point.X), max(high.Y, point.Y)
	}
	return corners{F0: low, F1: high}, nil
}

func CaseName(value types.Shape) string {
	names := [...]string{"nothing", "circle", "polygon", "tagged", "code", "text"}
	return names[value.Tag()]
}

func Root(value int32) (uint32, error) {
	if value < 0 {
		return 0, types.MakeFailureNegative(value)
	}
	return uint32(math.Sqrt(float64(value))), nil
}

func Fail(message string) error {
	if message != "" {
		return errors.New(message)
	}
	return nil
}
