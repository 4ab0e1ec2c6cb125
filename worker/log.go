// SPDX-License-Identifier: Apache-2.0

package worker

import (
	"io"
	"log/slog"

	"github.com/cupel-network/cupel/worker/logfile"
)

func (c LogConfig) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(c.Level))
	return level, err
}

// OpenLog returns a logger to the log file, or to w if there is none. Done closes
// the file.
func (c Config) OpenLog(w io.Writer) (log *slog.Logger, done func(), err error) {
	done = func() {}
	if c.Log.File != "" {
		f, err := logfile.Open(c.Path(c.Log.File), logfile.Options{MaxBytes: c.Log.MaxMiB << 20, Keep: c.Log.Keep, MaxAge: c.Log.MaxAge})
		if err != nil {
			return nil, nil, err
		}
		w, done = f, func() { _ = f.Close() }
	}
	log, err = c.Log.Logger(w)
	return log, done, err
}

// Logger returns a logger that writes to w as the configuration says.
func (c LogConfig) Logger(w io.Writer) (*slog.Logger, error) {
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return slog.New(slog.NewTextHandler(w, opts)), nil
}
