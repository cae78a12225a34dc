package ether

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A setting is one key of an Impairment's text.
type setting struct {
	key   string
	usage string
	set   func(*Impairment, []string) error
	text  func(*Impairment) string // empty when the field is zero
	words int                      // at most
}

var settings = []setting{
	{"loss", "1%", func(i *Impairment, w []string) error { return setPercent(w, &i.Loss) },
		func(i *Impairment) string { return percents(i.Loss) }, 1},
	{"burst", "1% 25% [100%]: enter, leave, loss meanwhile", func(i *Impairment, w []string) error {
		if len(w) < 2 {
			return fmt.Errorf("want two or three percentages, to enter a burst, to leave it, and of its losses, such as 1%% 25%%")
		}
		i.Burst = Burst{}
		return setPercent(w, &i.Burst.Enter, &i.Burst.Leave, &i.Burst.Loss)
	}, func(i *Impairment) string { return percents(i.Burst.Enter, i.Burst.Leave, i.Burst.Loss) }, 3},
	{"delay", "20ms", func(i *Impairment, w []string) error { return setDuration(w[0], &i.Delay) },
		func(i *Impairment) string { return duration(i.Delay) }, 1},
	{"jitter", "5ms", func(i *Impairment, w []string) error { return setDuration(w[0], &i.Jitter) },
		func(i *Impairment) string { return duration(i.Jitter) }, 1},
	{"rate", "1mbit", func(i *Impairment, w []string) error { return setUnits(w[0], rateUnits, &i.Rate) },
		func(i *Impairment) string { return units(i.Rate, rateUnits) }, 1},
	{"limit", "64KiB", func(i *Impairment, w []string) error {
		n := int64(0)
		err := setUnits(w[0], sizeUnits, &n)
		i.Limit = int(n)
		return err
	}, func(i *Impairment) string { return units(int64(i.Limit), sizeUnits) }, 1},
	{"reorder", "5% [10ms]: held back by", func(i *Impairment, w []string) error {
		i.ReorderBy = 0
		if len(w) > 1 {
			if err := setDuration(w[1], &i.ReorderBy); err != nil {
				return err
			}
		}
		return setPercent(w[:1], &i.Reorder)
	}, func(i *Impairment) string {
		if i.ReorderBy == 0 {
			return percents(i.Reorder)
		}
		return percent(i.Reorder) + " " + duration(i.ReorderBy)
	}, 2},
	{"duplicate", "1%", func(i *Impairment, w []string) error { return setPercent(w, &i.Duplicate) },
		func(i *Impairment) string { return percents(i.Duplicate) }, 1},
	{"corrupt", "0.1%", func(i *Impairment, w []string) error { return setPercent(w, &i.Corrupt) },
		func(i *Impairment) string { return percents(i.Corrupt) }, 1},
	{"mtu", "1400", func(i *Impairment, w []string) error {
		n, err := strconv.ParseUint(w[0], 10, 16)
		i.MTU = int(n)
		if err != nil {
			return fmt.Errorf("want a number of bytes such as 1400")
		}
		return nil
	}, func(i *Impairment) string {
		if i.MTU == 0 {
			return ""
		}
		return strconv.Itoa(i.MTU)
	}, 1},
}

// ImpairmentKeys calls f with each key that Set knows, and an example of its
// value with a word on what it is, for the flags of a command.
func ImpairmentKeys(f func(key, usage string)) {
	for _, s := range settings {
		f(s.key, s.usage)
	}
}

// ParseImpairment reads text such as "loss 1%, delay 20ms, rate 1mbit". The
// empty text is no impairment. The error says which word is wrong and what
// would be right.
func ParseImpairment(text string) (Impairment, error) {
	var i Impairment
	if strings.TrimSpace(text) == "" {
		return i, nil
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		if seen[key] {
			return Impairment{}, fmt.Errorf("%s: given twice", key)
		}
		seen[key] = true
		if err := i.Set(key, value); err != nil {
			return Impairment{}, err
		}
	}
	return i, nil
}

// Set changes one field by its key and text, as a flag does: Set("rate",
// "1mbit"). After an error i is as it was.
func (i *Impairment) Set(key, value string) error {
	keys := make([]string, 0, len(settings))
	for _, s := range settings {
		if s.key != key {
			keys = append(keys, s.key)
			continue
		}
		words := strings.Fields(value)
		if len(words) == 0 || len(words) > s.words {
			return fmt.Errorf("%s %q: want %s", key, value, s.usage)
		}
		next := *i
		if err := s.set(&next, words); err != nil {
			return fmt.Errorf("%s %q: %w", key, value, err)
		}
		if err := next.Validate(); err != nil {
			return err
		}
		*i = next
		return nil
	}
	return fmt.Errorf("%q is no impairment: want one of %s", key, strings.Join(keys, ", "))
}

// String returns the text that ParseImpairment reads as i.
func (i Impairment) String() string {
	var parts []string
	for _, s := range settings {
		if v := s.text(&i); v != "" {
			parts = append(parts, s.key+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}

func setPercent(words []string, to ...*float64) error {
	for n, w := range words {
		digits, ok := strings.CutSuffix(w, "%")
		if !ok || strings.Trim(digits, "0123456789.") != "" {
			return fmt.Errorf("%s is no percentage such as 1%%", w)
		}
		// Exact, which dividing by 100 is not.
		p, err := strconv.ParseFloat(digits+"e-2", 64)
		if err != nil {
			return fmt.Errorf("%s is no percentage such as 1%%", w)
		}
		*to[n] = p
	}
	return nil
}

// percents returns the text of p, without zeros at its end.
func percents(p ...float64) string {
	for len(p) > 0 && p[len(p)-1] == 0 {
		p = p[:len(p)-1]
	}
	words := make([]string, len(p))
	for i := range p {
		words[i] = percent(p[i])
	}
	return strings.Join(words, " ")
}

// percent moves the decimal point of p, so that setPercent finds p again.
func percent(p float64) string {
	whole, frac, _ := strings.Cut(strconv.FormatFloat(p, 'f', -1, 64), ".")
	frac += "00"
	whole = strings.TrimLeft(whole+frac[:2], "0")
	frac = strings.TrimRight(frac[2:], "0")
	if whole == "" {
		whole = "0"
	}
	if frac != "" {
		whole += "." + frac
	}
	return whole + "%"
}

func setDuration(w string, to *time.Duration) error {
	d, err := time.ParseDuration(w)
	if err != nil {
		return fmt.Errorf("%s is no duration such as 20ms", w)
	}
	*to = d
	return nil
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// A unit is a word for a number of bits or bytes.
type unit struct {
	name string
	size int64
}

// The largest unit that fits comes first.
var (
	rateUnits = []unit{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}
	sizeUnits = []unit{{"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}
)

func setUnits(w string, all []unit, to *int64) error {
	for _, u := range all {
		digits, ok := strings.CutSuffix(w, u.name)
		if !ok {
			continue
		}
		if strings.Trim(digits, "0123456789.") != "" {
			break
		}
		f, err := strconv.ParseFloat(digits, 64)
		if f *= float64(u.size); err != nil || f >= 1<<53 || f != math.Trunc(f) {
			break
		}
		*to = int64(f)
		return nil
	}
	names := make([]string, len(all))
	for i, u := range all {
		names[i] = u.name
	}
	return fmt.Errorf("%s is no number with a unit of %s", w, strings.Join(names, ", "))
}

func units(n int64, all []unit) string {
	for _, u := range all {
		if n > 0 && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + u.name
		}
	}
	return ""
}
