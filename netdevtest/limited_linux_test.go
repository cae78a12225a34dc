package netdevtest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// blunt is a device that breaks two rules and says so of one.
type blunt struct{ netdev.Netdever }

func (blunt) Limits() map[string]string {
	return map[string]string{"RECV-7": "the chip wants room for a byte", "RECV-6": "not true"}
}

func (d blunt) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if len(buf) == 0 {
		return 0, errors.New("no room")
	}
	n, err := d.Netdever.Recv(sockfd, buf, flags, deadline)
	if errors.Is(err, netdev.ErrTimeout) {
		err = errors.New("time is over")
	}
	return n, err
}

func TestADeviceIsExcusedFromWhatItSaysItCannot(t *testing.T) {
	r, err := Conform(t.Context(), Config{
		Name: "blunt", New: func(testing.TB) netdev.Netdever { return blunt{host.New()} },
		Rules: []string{"RECV-3", "RECV-6", "RECV-7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Outcome{"RECV-3": Failed, "RECV-6": Passed, "RECV-7": Excused}
	for _, res := range r.Results {
		if res.Outcome != want[res.ID] {
			t.Errorf("%s %v: %s", res.ID, res.Outcome, res.Detail)
		}
		if res.Outcome == Excused && res.Detail != "the chip wants room for a byte" {
			t.Errorf("the reason is %q", res.Detail)
		}
	}
	if n := len(r.Failures()); n != 1 {
		t.Errorf("%d failures", n)
	}
	var matrix strings.Builder
	if r.Matrix(&matrix); !strings.Contains(matrix.String(), "Recv  ✘ 1/2 ~ 1\n") {
		t.Errorf("the matrix is\n%s", &matrix)
	}
}
