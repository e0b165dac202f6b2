// Command tlog-check holds Vivified's transparency log against implementations that are not ours: golang.org/x/mod's
// sumdb/note and sumdb/tlog, filippo.io/torchwood, and gowebpki's RFC 8785. It is used by tests only.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

const usage = `usage:
  tlog-check check DIR VKEY [SIZE:ROOT…]    every entry and tile of a log, against its checkpoint
  tlog-check export DIR VKEY [SIZE:ROOT…]   an unpacked export of a whole log: every record against its entry and the root
  tlog-check proof FILE ENTRY VKEY [VKEY…]  a .tlog-proof of an entry, signed by all of these keys
  tlog-check witness VKEY                   a witness of the log with this key, until stdin ends
  tlog-check version`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "check":
		return checkLog(args[1], args[2], args[3:])
	case len(args) >= 3 && args[0] == "export":
		return checkExport(args[1], args[2], args[3:])
	case len(args) >= 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3:])
	case len(args) == 2 && args[0] == "witness":
		return serveWitness(args[1])
	case len(args) == 1 && args[0] == "version":
		return printVersion()
	}
	return fmt.Errorf("%s", usage)
}

// printVersion tells the version of torchwood, as set-up expects a tool to tell its version.
func printVersion() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("built without module information")
	}
	for _, module := range info.Deps {
		if module.Path == "filippo.io/torchwood" {
			fmt.Println("torchwood", module.Version)
			return nil
		}
	}
	return fmt.Errorf("built without torchwood")
}
