package netlink

import (
	"context"
	"errors"
	"time"
)

// interruptInterval is how often NetDisconnect is repeated to a NetConnect that
// should end: the first one may have come before the device had begun.
const interruptInterval = 100 * time.Millisecond

// A supervision is one Run, on its goroutine.
type supervision struct {
	*Supervisor
	*signals
	ctx  context.Context
	link Netlinker

	failures int           // in a row, for the back-off
	attempts int           // that failed in this outage, for Retries
	wait     time.Duration // before the next attempt
}

func (r *supervision) loop() error {
	for up := false; ; {
		var err error
		if !up {
			up, err = r.connect()
		}
		if up && err == nil {
			err = r.hold()
		}
		if err == nil {
			up, err = r.pause()
		}
		if r.ctx.Err() != nil {
			r.link.NetDisconnect()
			return r.ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// connect makes one attempt. Its error ends the Run.
func (r *supervision) connect() (up bool, err error) {
	params := r.params()
	retries := params.Retries
	params.Retries = 1

	r.report(StateConnecting, nil)
	r.forget()
	err = r.attempt(&params)
	switch {
	case r.ctx.Err() != nil:
		return false, r.ctx.Err()
	case err == nil, errors.Is(err, ErrConnected):
		return true, nil
	case isPermanent(err):
		return false, err
	}
	// What the device said while it failed is settled by its error.
	r.forget()
	r.report(StateDown, err)
	r.failures++
	r.attempts++
	if retries > 0 && r.attempts >= retries {
		return false, ErrConnectFailed
	}
	r.wait = r.jitter(r.backoff(r.failures))
	return false, nil
}

// attempt calls NetConnect, and NetDisconnect from beside it once ctx is done.
func (r *supervision) attempt(params *ConnectParams) error {
	returned, interrupted := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(r.ctx, func() {
		defer close(interrupted)
		for {
			r.link.NetDisconnect()
			fired, giveUp := r.after(interruptInterval)
			select {
			case <-returned:
				giveUp()
				return
			case <-fired:
			}
		}
	})
	err := r.link.NetConnect(params)
	close(returned)
	if !stop() {
		<-interrupted
	}
	return err
}

// hold waits until the link that is up is lost.
func (r *supervision) hold() error {
	since := r.now()
	r.report(StateUp, nil)
	for {
		again, last := r.take()
		if again {
			r.link.NetDisconnect()
			r.failures, r.wait = 0, 0
			break
		}
		if last == sawDown {
			r.lost(r.now().Sub(since))
			break
		}
		select {
		case <-r.wake:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
	r.attempts = 0
	r.report(StateDown, nil)
	return nil
}

func (r *supervision) lost(held time.Duration) {
	if held >= r.backoff(r.failures+1) {
		r.failures, r.wait = 0, 0
		return
	}
	r.failures++
	r.wait = r.jitter(r.backoff(r.failures))
}

// pause waits before the next attempt. It ends early when the device has
// connected by itself, up, or Reconnect was called.
func (r *supervision) pause() (up bool, err error) {
	if r.wait == 0 {
		return false, nil
	}
	fired, giveUp := r.after(r.wait)
	defer giveUp()
	for {
		again, last := r.take()
		switch {
		case again:
			r.failures = 0
			return false, nil
		case last == sawUp:
			return true, nil
		}
		select {
		case <-r.wake:
		case <-fired:
			return false, nil
		case <-r.ctx.Done():
			return false, r.ctx.Err()
		}
	}
}

// isPermanent tells errors that the same parameters will meet every time.
func isPermanent(err error) bool {
	for _, permanent := range [...]error{
		ErrMissingSSID, ErrShortPassphrase, ErrAuthTypeNoGood, ErrConnectModeNoGood, ErrNotSupported,
	} {
		if errors.Is(err, permanent) {
			return true
		}
	}
	return false
}
