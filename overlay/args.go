package overlay

import (
	"slices"
	"strings"
)

// boolFlags are the flags of go build and go test that take no value.
var boolFlags = map[string]bool{
	"a": true, "asan": true, "artifacts": true, "benchmem": true, "buildvcs": true, "c": true, "cover": true,
	"failfast": true, "fullpath": true, "i": true, "json": true, "linkshared": true,
	"modcacherw": true, "msan": true, "n": true, "race": true, "short": true,
	"trimpath": true, "v": true, "work": true, "x": true,
}

// valueFlags are those that take one.
var valueFlags = strings.Fields(`
	C asmflags bench benchtime blockprofile blockprofilerate buildmode compiler count covermode coverpkg
	coverprofile cpu cpuprofile exec fuzz fuzzminimizetime fuzztime gccgoflags gcflags installsuffix ldflags list
	memprofile memprofilerate mod modfile mutexprofile mutexprofilefraction o outputdir overlay p parallel pgo pkgdir
	run shuffle skip tags timeout toolexec trace vet`)

// IsGoFlag reports whether go build or go test has a flag of the name.
func IsGoFlag(name string) bool {
	name = strings.TrimPrefix(name, "test.")
	return boolFlags[name] || name == "args" || slices.Contains(valueFlags, name)
}

// An ArgumentError is a command line that no go command would take.
type ArgumentError struct{ text string }

func (e ArgumentError) Error() string { return e.text }

// CutFlag takes a flag of one dash or two apart; inline tells that it has a value
// behind an equals sign.
func CutFlag(arg string) (name, value string, inline bool) {
	return strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
}

// FlagWidth returns how many arguments a flag of the go command takes up: 2
// where its value follows it.
func FlagWidth(arg string) int {
	name, _, inline := CutFlag(arg)
	if inline || boolFlags[strings.TrimPrefix(name, "test.")] {
		return 1
	}
	return 2
}

// arguments are the command line of a go command, taken apart.
type arguments struct {
	flags    []string // in order, with their values
	tags     []string // of -tags, which is not in flags
	mod      string   // of -mod, which is not in flags
	skip     string   // of -skip, which is not in flags
	out      string   // of -o, which is not in flags
	packages []string
	rest     []string // of the program, or from -args on
}

// parseArgs takes the arguments of "go verb" apart. For run, what follows the
// package, or the .go files, is the program's.
func parseArgs(verb string, args []string) (*arguments, error) {
	a := new(arguments)
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" || verb == "test" && len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if !strings.HasPrefix(arg, "-") {
			a.packages = append(a.packages, arg)
			continue
		}
		name, value, inline := CutFlag(arg)
		if name == "" && !inline {
			break
		}
		if name == "args" && !inline && verb == "test" {
			a.rest = append([]string{"-args"}, args...)
			return a, nil
		}
		if FlagWidth(arg) == 2 {
			if len(args) == 0 {
				return nil, ArgumentError{"flag needs an argument: -" + name}
			}
			value, args = args[0], args[1:]
			arg += "=" + value
		}
		switch strings.TrimPrefix(name, "test.") {
		case "tags":
			a.tags = append(a.tags, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })...)
		case "mod":
			a.mod = value
		case "skip":
			a.skip = value
		case "o":
			a.out = value
		case "overlay", "modfile":
			return nil, ArgumentError{"-" + name + " is what netdev sets itself; it cannot be given"}
		default:
			a.flags = append(a.flags, arg)
		}
	}
	switch {
	case verb == "test":
	case verb == "run":
		n := 0
		for n < len(args) && strings.HasSuffix(args[n], ".go") {
			n++
		}
		if n == 0 && len(args) > 0 {
			n = 1
		}
		a.packages, a.rest = args[:n], args[n:]
		if n == 0 {
			return nil, ArgumentError{"no package given; try: netdev run ./examples/webserver"}
		}
	default:
		a.packages = args
	}
	if len(a.packages) == 0 {
		a.packages = []string{"."}
	}
	return a, nil
}
