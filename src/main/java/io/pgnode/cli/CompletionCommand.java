package io.pgnode.cli;

import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = "Print a script that completes commands and options in a shell.",
        footer = {
            "",
            "bash:  pgnode completion bash > /etc/bash_completion.d/pgnode",
            "zsh:   source <(pgnode completion zsh)",
        })
final class CompletionCommand extends CliCommand {
    /** Shells with programmable completion. */
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    @Nullable Shell shell;

    @Override
    ExitCode run(Console console) {
        // The script works in both: it loads bashcompinit where it finds itself in zsh.
        console.print(AutoComplete.bash("pgnode", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
