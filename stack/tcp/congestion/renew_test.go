package congestion

import (
	"reflect"
	"testing"
	"time"
)

func TestARenewedControllerIsANewOne(t *testing.T) {
	for _, a := range []Algorithm{Cubic, NewReno} {
		used := a.New()
		used.Init(1000, 10_000)
		used.OnCongestion(time.Second, 9000)
		other := NewReno
		if a == NewReno {
			other = Cubic
		}
		for name, old := range map[string]Controller{"its own": used, "another's": other.New(), "none": nil} {
			got := a.(Renewer).Renew(old)
			if !reflect.DeepEqual(got, a.New()) {
				t.Errorf("%s from %s: %+v", a.Name(), name, got)
			}
			if name == "its own" && got != used {
				t.Errorf("%s does not use its own again", a.Name())
			}
		}
	}
}
