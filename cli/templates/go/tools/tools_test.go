package tools

import (
	"math"
	"testing"

	"wit/tools"
)

func TestSplitBill(t *testing.T) {
	tests := []struct {
		name               string
		total, guests, tip uint32
		want               tools.Share
		err                error
	}{
		{"what cannot be shared is left over", 10_000, 3, 10, tools.Share{Each: 3666, Rest: 2}, nil},
		{"the largest bill", math.MaxUint32, 1, 0, tools.Share{Each: math.MaxUint32}, nil},
		{"a bill needs a guest", 10_000, 0, 10, tools.Share{}, tools.MakeSplitErrorNoGuests()},
		{"a tip makes it too large", math.MaxUint32, 2, 1, tools.Share{}, tools.MakeSplitErrorTooLarge(math.MaxUint32)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := SplitBill(test.total, test.guests, test.tip)
			if got != test.want || err != test.err {
				t.Errorf("got %+v, %v; want %+v, %v", got, err, test.want, test.err)
			}
		})
	}
}
