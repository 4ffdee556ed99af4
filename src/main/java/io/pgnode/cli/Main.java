package io.pgnode.cli;

import io.pgnode.backup.archive.ArchiveMain;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;
import java.util.Set;

/**
 * The entry point of the program.
 *
 * <p>Commands that stay (they log, and serve requests) run inside Quarkus. The others answer and
 * leave: they do without it, which makes {@code pgnode version} twice as fast.
 */
@QuarkusMain
public final class Main {
    private static final Set<String> SERVICES =
            Set.of("run", "agent", "dcs", "gateway", "pooler", "archiver");

    private Main() {}

    public static void main(String... args) {
        if (ArchiveMain.isMeant(args)) {
            // Before anything else begins: PostgreSQL runs one for each WAL file.
            System.exit(
                    ArchiveMain.run(
                            args, System.getenv(), BackupNode::archiveSettings, System.err));
        }
        if (isService(List.of(args))) {
            Quarkus.run(Service.class, args);
        } else {
            System.exit(PgnodeCommandLine.create(new PgnodeCommand()).execute(args));
        }
    }

    /** The first word that is neither an option nor its value decides. */
    static boolean isService(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i).equals("--color")) {
                i++; // its value
            } else if (!args.get(i).startsWith("-")) {
                return SERVICES.contains(args.get(i));
            }
        }
        return false;
    }

    /** A command that stays. */
    public static final class Service implements QuarkusApplication {
        @Override
        public int run(String... args) {
            return PgnodeCommandLine.create(new PgnodeCommand()).execute(args);
        }
    }
}
