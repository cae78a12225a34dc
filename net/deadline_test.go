//go:build !tinygo

package net

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestADeadlinePassesWhenItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s socket
		d := &s.in
		set := func(at time.Time) {
			if err := s.setDeadline(at, d); err != nil {
				t.Error(err)
			}
		}
		set(time.Now().Add(time.Second))
		waiting := make(chan struct{})
		go func() { s.await(d); close(waiting) }()
		time.Sleep(time.Second - time.Nanosecond)
		synctest.Wait()
		if d.passed.Load() {
			t.Error("a deadline has passed too early")
		}
		set(time.Now().Add(time.Minute))
		time.Sleep(time.Minute - time.Nanosecond)
		synctest.Wait()
		if d.passed.Load() {
			t.Error("it passed at the moment before the last one set")
		}
		select {
		case <-waiting:
			t.Error("who waits for it has not waited")
		default:
		}
		time.Sleep(time.Nanosecond)
		<-waiting // who began to wait before it was moved
		if !d.passed.Load() {
			t.Error("it has not passed")
		}
		set(time.Time{})
		if d.passed.Load() {
			t.Error("no deadline has passed")
		}
		set(time.Now())
		if !d.passed.Load() {
			t.Error("now has not passed")
		}
		s.await(d)
	})
}

func TestATimerThatFiresLateEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s socket
		d := &s.in
		s.setDeadline(time.Now().Add(time.Second), d)
		s.setDeadline(time.Now().Add(time.Hour), d)
		s.expire(d) // for the first moment, stopped too late
		if d.passed.Load() {
			t.Error("it passed an hour early")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if !d.passed.Load() {
			t.Error("it has not passed")
		}
		s.expire(d)
		s.setDeadline(time.Time{}, d)
		s.expire(d)
		if d.passed.Load() {
			t.Error("no deadline has passed")
		}
	})
}
