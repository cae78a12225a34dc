package ether

import (
	"strings"
	"testing"
	"time"
)

func TestImpairmentsAreReadFromText(t *testing.T) {
	for text, want := range map[string]Impairment{
		"":                                     {},
		"loss 1%":                              {Loss: 0.01},
		"loss 1%, delay 20ms, rate 1mbit":      {Loss: 0.01, Delay: 20 * time.Millisecond, Rate: 1e6},
		"burst 0.5% 25%":                       {Burst: Burst{Enter: 0.005, Leave: 0.25}},
		"burst 1% 25% 80%,jitter 5ms":          {Burst: Burst{0.01, 0.25, 0.8}, Jitter: 5 * time.Millisecond},
		"reorder 5%":                           {Reorder: 0.05},
		"reorder 5% 3ms, duplicate 100%":       {Reorder: 0.05, ReorderBy: 3 * time.Millisecond, Duplicate: 1},
		"corrupt 0.001%, mtu 1400":             {Corrupt: 0.00001, MTU: 1400},
		"rate 1.5gbit, limit 64KiB":            {Rate: 15e8, Limit: 64 << 10},
		"rate 300bit, limit 100B, delay 1m30s": {Rate: 300, Limit: 100, Delay: 90 * time.Second},
		" rate 56kbit ,  limit 1MiB ":          {Rate: 56e3, Limit: 1 << 20},
	} {
		got, err := ParseImpairment(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		if again, err := ParseImpairment(got.String()); err != nil || again != want {
			t.Errorf("%q became %q: %+v, %v", text, got.String(), again, err)
		}
	}
}

func TestWrongTextIsExplained(t *testing.T) {
	for text, want := range map[string]string{
		"lose 1%":           `"lose" is no impairment: want one of loss, burst, delay, jitter, rate, limit, reorder, duplicate, corrupt, mtu`,
		"loss":              `loss "": want 1%`,
		"loss 1":            `loss "1": 1 is no percentage such as 1%`,
		"loss 1% 2%":        `loss "1% 2%": want 1%`,
		"loss -1%":          `loss "-1%": -1% is no percentage such as 1%`,
		"loss 1e1%":         `loss "1e1%": 1e1% is no percentage such as 1%`,
		"loss .%":           `loss ".%": .% is no percentage such as 1%`,
		"loss 101%":         `loss: 101% is no probability, want 0% to 100%`,
		"loss 1%, loss 2%":  `loss: given twice`,
		"burst 1%":          `burst "1%": want two or three percentages, to enter a burst, to leave it, and of its losses, such as 1% 25%`,
		"burst 1% 0%":       `burst: never ends, want a probability to leave it, as in "1% 25%"`,
		"delay 20":          `delay "20": 20 is no duration such as 20ms`,
		"delay -1s":         `delay: -1s, want 0s to 1h0m0s`,
		"rate 1mbps":        `rate "1mbps": 1mbps is no number with a unit of gbit, mbit, kbit, bit`,
		"rate 1.5bit":       `rate "1.5bit": 1.5bit is no number with a unit of gbit, mbit, kbit, bit`,
		"rate 99999999gbit": `rate "99999999gbit": 99999999gbit is no number with a unit of gbit, mbit, kbit, bit`,
		"limit 10":          `limit "10": 10 is no number with a unit of MiB, KiB, B`,
		"limit 17MiB":       `limit: 17825792 bytes, want at most 16777216`,
		"reorder 5% soon":   `reorder "5% soon": soon is no duration such as 20ms`,
		"mtu big":           `mtu "big": want a number of bytes such as 1400`,
		"mtu 10":            `mtu: 10, want 68 to 65521`,
		"loss 1%,":          `"" is no impairment: want one of loss, burst, delay, jitter, rate, limit, reorder, duplicate, corrupt, mtu`,
	} {
		got, err := ParseImpairment(text)
		if err == nil || err.Error() != want || got != (Impairment{}) {
			t.Errorf("%q: %+v\n got %v\nwant %s", text, got, err, want)
		}
	}
}

func TestFlagsSetOneFieldEach(t *testing.T) {
	var i Impairment
	for _, kv := range [][2]string{{"loss", "1%"}, {"delay", "20ms"}, {"rate", "1mbit"}, {"loss", "2%"}} {
		if err := i.Set(kv[0], kv[1]); err != nil {
			t.Error(err)
		}
	}
	if err := i.Set("delay", "never"); err == nil {
		t.Error("no error for a wrong value")
	}
	if got, want := i.String(), "loss 2%, delay 20ms, rate 1mbit"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEveryKeysUsageBeginsWithAValueThatIsRight(t *testing.T) {
	ImpairmentKeys(func(key, usage string) {
		example, _, _ := strings.Cut(usage, ":")
		for _, value := range []string{strings.NewReplacer("[", "", "]", "").Replace(example)} {
			var i Impairment
			if err := i.Set(key, value); err != nil || i == (Impairment{}) {
				t.Errorf("%s %s: %v", key, value, err)
			}
		}
	})
}

func FuzzParseImpairment(f *testing.F) {
	f.Add(everything)
	f.Add("mtu 1400, rate 1.5gbit, limit 3KiB, corrupt 0.000012345678901234567%")
	f.Fuzz(func(t *testing.T, text string) {
		i, err := ParseImpairment(text)
		if err != nil {
			return
		}
		if again, err := ParseImpairment(i.String()); err != nil || again != i {
			t.Errorf("%q became %q: %v", text, i.String(), err)
		}
	})
}
