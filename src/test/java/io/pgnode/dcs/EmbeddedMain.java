package io.pgnode.dcs;

import io.pgnode.dcs.embedded.EmbeddedDcs;
import io.pgnode.model.HostPort;
import java.nio.file.Path;

/** The embedded server as a process; prints a line when it serves. */
final class EmbeddedMain {
    private EmbeddedMain() {}

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedDcs dcs =
                EmbeddedDcs.start(HostPort.parse(arguments[0], 0), Path.of(arguments[1]))) {
            System.out.println("serving");
            dcs.stopped().get();
        }
    }
}
