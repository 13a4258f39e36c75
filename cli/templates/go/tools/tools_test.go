package tools

import (
	"math"
	"testing"

	"wit"
	"wit/tools"
)

func TestSplitBill(t *testing.T) {
	share := func(each, rest uint32) wit.Result[tools.Share, tools.SplitError] {
		return wit.Ok[tools.Share, tools.SplitError](tools.Share{Each: each, Rest: rest})
	}
	failure := wit.Err[tools.Share, tools.SplitError]
	tests := []struct {
		name               string
		total, guests, tip uint32
		want               wit.Result[tools.Share, tools.SplitError]
	}{
		{"what cannot be shared is left over", 10_000, 3, 10, share(3666, 2)},
		{"a bill needs a guest", 10_000, 0, 10, failure(tools.MakeSplitErrorNoGuests())},
		{"the largest bill", math.MaxUint32, 1, 0, share(math.MaxUint32, 0)},
		{"a tip makes it too large", math.MaxUint32, 2, 1, failure(tools.MakeSplitErrorTooLarge(math.MaxUint32))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := SplitBill(test.total, test.guests, test.tip); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
