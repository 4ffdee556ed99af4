package io.pgnode.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a server of a test runs: the machine's loopback, or a network namespace of its own.
 *
 * @param address what it listens on, reachable from the test
 * @param namespace as in {@code ip netns}; null for loopback
 */
public record Place(String address, @Nullable String namespace) {
    public static final Place LOOPBACK = new Place("127.0.0.1", null);

    /**
     * The command that runs this command here. Servers keep the right to read files of the build,
     * and none of the other capabilities that the test may have.
     */
    public List<String> command(List<String> arguments) {
        var all = new ArrayList<String>();
        if (namespace != null) {
            all.addAll(List.of("nsenter", "--net=/run/netns/" + namespace));
        }
        if (Capabilities.some()) {
            all.addAll(
                    List.of(
                            "setpriv",
                            "--inh-caps=-all,+dac_override",
                            "--ambient-caps=-all,+dac_override"));
        }
        all.addAll(arguments);
        return List.copyOf(all);
    }
}
