package io.pgnode.cli;

import io.pgnode.agent.Logging;
import io.pgnode.guard.RunFiles;
import io.pgnode.os.Directories;
import io.pgnode.os.RunLock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pgnode archiver}: WAL into the repositories and out of them, and the schedule. */
@Command(
        name = "archiver",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the archiver: WAL into the repositories and out of them, and the schedule of",
            "backups. Normally a child of \"pgnode run\". While it is away PostgreSQL's",
            "commands do the work themselves.",
            "SIGHUP reloads the configuration, SIGTERM stops."
        })
final class ArchiverCommand implements Callable<Integer> {
    @Mixin NodeFile file = new NodeFile();

    @Override
    public Integer call() throws Exception {
        BackupNode node = BackupNode.load(file.path, System.getenv());
        Logging.apply(node.config().log());
        RunFiles files = new RunFiles(node.config().runDir());
        Directories.create(files.directory(), "rwx------");
        Optional<RunLock> lock = RunLock.tryAcquire(files.lock("archiver"));
        if (lock.isEmpty()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "another archiver runs with run-dir "
                            + files.directory()
                            + ": "
                            + RunLock.holder(files.lock("archiver"))
                                    .map(Object::toString)
                                    .orElse("unknown process"),
                    "stop it first, or give this node a run-dir of its own");
        }
        try (RunLock _ = lock.get()) {
            return new ArchiverProcess(node, files).run();
        }
    }
}
