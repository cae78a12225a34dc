//go:build !tinygo

package net

import (
	"testing"
	"testing/synctest"
	"time"
)

func ended(d *deadline) bool {
	select {
	case <-d.done():
		return true
	default:
		return false
	}
}

func TestADeadlinePassesWhenItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		if ended(&d) {
			t.Error("a deadline that was never set has passed")
		}
		d.set(time.Now().Add(time.Second))
		waiting := d.done()
		time.Sleep(time.Second - time.Nanosecond)
		synctest.Wait()
		if ended(&d) {
			t.Error("it passed too early")
		}
		d.set(time.Now().Add(time.Minute))
		time.Sleep(time.Minute - time.Nanosecond)
		synctest.Wait()
		if ended(&d) {
			t.Error("it passed at the moment before the last one set")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		select {
		case <-waiting:
		default:
			t.Error("who began to wait before it was moved still waits")
		}
		d.set(time.Time{})
		if ended(&d) {
			t.Error("no deadline has passed")
		}
		d.set(time.Now())
		if _, passed := d.get(); !passed || !ended(&d) {
			t.Error("now has not passed")
		}
	})
}

func TestATimerThatFiresLateEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d deadline
		d.set(time.Now().Add(time.Second))
		d.set(time.Now().Add(time.Hour))
		d.fire() // for the first moment, stopped too late
		if ended(&d) {
			t.Error("it passed an hour early")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if !ended(&d) {
			t.Error("it has not passed")
		}
		d.fire()
		d.set(time.Time{})
		d.fire()
		if ended(&d) {
			t.Error("no deadline has passed")
		}
	})
}
