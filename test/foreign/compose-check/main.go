// Loads compose files as Docker Compose itself does (its own library, compose-go), and prints the project that they
// make together, as JSON. Ends with 1 and a sentence when Compose would refuse them.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) < 2 {
		fail("Usage: compose-check <file> [<override file> ...]")
	}
	// No environment and no .env file: what the files say by themselves.
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithResolvedPaths(true))
	if err != nil {
		fail(err.Error())
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		fail(err.Error())
	}
	json, err := project.MarshalJSON()
	if err != nil {
		fail(err.Error())
	}
	fmt.Println(string(json))
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
