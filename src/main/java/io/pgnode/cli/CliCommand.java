package io.pgnode.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What the commands of this room have in common. Confined to the main thread. */
abstract class CliCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls the command
    CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        return run(Console.of(spec)).code();
    }

    abstract ExitCode run(Console console) throws Exception;
}
