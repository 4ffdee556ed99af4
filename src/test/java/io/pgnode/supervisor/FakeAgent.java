package io.pgnode.supervisor;

import io.pgnode.guard.GuardClient;
import io.pgnode.guard.GuardClientListener;
import io.pgnode.guard.RunFiles;
import io.pgnode.guard.core.GuardReply;
import io.pgnode.os.AtomicFile;
import io.pgnode.os.BootClock;
import io.pgnode.os.ProcessIdentity;
import io.pgnode.os.RunLock;
import io.pgnode.os.Signal;
import io.pgnode.os.SignalHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An agent that only speaks to the guard. It leads with what the file {@code lease} says: {@code
 * epoch ttlMillis postmasterPid postmasterTicks}, extends every fifth of it, and writes each
 * deadline to the file {@code deadline} before it says it, and to {@code settled} some time after.
 */
final class FakeAgent {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Path directory;
    private final BootClock clock = new BootClock();
    private final GuardClient guard;
    private final AtomicBoolean stop = new AtomicBoolean();
    private long epoch;

    private FakeAgent(Path directory) throws IOException {
        this.directory = directory;
        this.guard =
                new GuardClient(
                        new RunFiles(directory).guardSocket(), clock, "fake", new Recorder());
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        if (args.length > 1) {
            FakeGateway.run(directory, args.length > 2);
            return;
        }
        Optional<RunLock> lock = RunLock.tryAcquire(new RunFiles(directory).agentLock());
        if (lock.isEmpty()) {
            System.exit(17);
        }
        new FakeAgent(directory).run();
    }

    private void run() throws Exception {
        SignalHandler.on(Signal.TERM, () -> stop.set(true));
        SignalHandler.on(Signal.HUP, () -> record("reloaded", "yes"));
        guard.start();
        guard.ready();
        while (!stop.get()) {
            Path lease = directory.resolve("lease");
            if (Files.exists(lease)) {
                lead(Files.readString(lease).strip().split(" ", -1));
            } else {
                Thread.sleep(20);
            }
            guard.watchdog();
        }
        guard.release(epoch);
        Thread.sleep(100);
        guard.close();
        System.exit(0);
    }

    private void lead(String[] lease) throws InterruptedException {
        long ttlMillis = Long.parseLong(lease[1]);
        ProcessIdentity postmaster =
                new ProcessIdentity(Long.parseLong(lease[2]), Long.parseLong(lease[3]));
        long deadline = clock.getAsLong() + ttlMillis * NANOS_PER_MILLI;
        record("deadline", Long.toString(deadline));
        long leaseEpoch = Long.parseLong(lease[0]);
        if (leaseEpoch == epoch) {
            guard.extend(epoch, deadline);
        } else {
            epoch = leaseEpoch;
            guard.lead(epoch, deadline, postmaster);
        }
        // By now the guard has it.
        Thread.sleep(ttlMillis / 10);
        record("settled", Long.toString(deadline));
        Thread.sleep(ttlMillis / 10);
    }

    private void record(String name, String text) {
        try {
            AtomicFile.write(directory.resolve(name), text, AtomicFile.OWNER_ONLY);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private final class Recorder implements GuardClientListener {
        @Override
        public void connected(GuardReply.State state) {
            record("connected", state.phase() + " " + state.epoch());
        }

        @Override
        public void disconnected() {}

        @Override
        public void fenced(GuardReply.Fenced fenced) {
            record("fenced", fenced.epoch() + " " + fenced.how());
        }
    }
}
