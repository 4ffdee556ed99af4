package io.pgnode.supervisor;

import io.pgnode.guard.RunFiles;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A child that is replaced: the successor asks for the lock with the file {@code asked}; the one
 * before then gives it up, and ends when there is a file {@code leave}.
 */
final class FakeGateway {
    private static final long LOOK_MILLIS = 10;

    private FakeGateway() {}

    static void run(Path directory, boolean takesOver) throws Exception {
        Path asked = directory.resolve("asked");
        Path refused = directory.resolve("refused");
        SignalHandler.on(Signal.TERM, () -> Runtime.getRuntime().halt(0));
        if (takesOver) {
            if (Files.exists(refused)) {
                System.exit(3);
            }
            Files.createFile(asked);
        }
        Path path = new RunFiles(directory).gatewayLock();
        Optional<RunLock> lock = RunLock.tryAcquire(path);
        while (lock.isEmpty()) {
            Thread.sleep(LOOK_MILLIS);
            lock = RunLock.tryAcquire(path);
        }
        Files.deleteIfExists(asked);
        while (!Files.exists(asked)) {
            Thread.sleep(LOOK_MILLIS);
        }
        lock.get().close();
        while (!Files.exists(directory.resolve("leave"))) {
            Thread.sleep(LOOK_MILLIS);
        }
        System.exit(0);
    }
}
