package netdevtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// A suite is one run of the rules over one device.
type suite struct {
	cfg    Config
	groups []Group
	slots  chan struct{} // one for each rule that may be tried now

	mu      sync.Mutex
	results map[string]Result
	start   time.Time
}

func newSuite(cfg Config) (*suite, error) {
	if cfg.New == nil {
		return nil, errors.New("netdevtest: Config.New is not set")
	}
	cfg = cfg.withDefaults()
	groups, err := selectGroups(cfg.Rules)
	if err != nil {
		return nil, err
	}
	return &suite{
		cfg:     cfg,
		groups:  groups,
		slots:   make(chan struct{}, cfg.Parallel),
		results: make(map[string]Result),
		start:   time.Now(),
	}, nil
}

// try tries r in a slot that the caller took.
func (s *suite) try(ctx context.Context, g *Group, r Rule, test *testing.T) Result {
	defer func() { <-s.slots }()
	res := try(ctx, &s.cfg, g, r, test)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.results[r.ID] = res
	return res
}

// forget drops what came of a rule that was not tried to its end.
func (s *suite) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results[id].Outcome == Failed {
		delete(s.results, id)
	}
}

func (s *suite) report() *Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	rep := &Report{Device: s.cfg.Name, Elapsed: time.Since(s.start)}
	for _, g := range s.groups {
		for _, r := range g.Rules {
			if res, ok := s.results[r.ID]; ok {
				rep.Results = append(rep.Results, res)
			}
		}
	}
	return rep
}

// Conform tries a device outside "go test" and returns what came of each rule.
// When ctx ends, the rules that were not tried to their end are left out and its
// error is returned beside the report.
func Conform(ctx context.Context, cfg Config) (*Report, error) {
	s, err := newSuite(cfg)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	for i := range s.groups {
		g := &s.groups[i]
		for _, r := range g.Rules {
			if r.goTest || ctx.Err() != nil {
				continue
			}
			select {
			case s.slots <- struct{}{}:
				wg.Go(func() {
					if s.try(ctx, g, r, nil); ctx.Err() != nil {
						s.forget(r.ID)
					}
				})
			case <-ctx.Done():
			}
		}
	}
	wg.Wait()
	return s.report(), ctx.Err()
}
