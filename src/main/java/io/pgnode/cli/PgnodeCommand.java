package io.pgnode.cli;

import io.pgnode.Pgnode;
import io.quarkus.picocli.runtime.annotations.TopCommand;
import picocli.CommandLine.Command;

/** The top command. */
@TopCommand
@Command(
        name = "pgnode",
        mixinStandardHelpOptions = true,
        version = "pgnode " + Pgnode.VERSION,
        description = "Turns a Linux host with PostgreSQL into a node of a production cluster.")
public class PgnodeCommand {}
