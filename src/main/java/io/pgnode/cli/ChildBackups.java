package io.pgnode.cli;

import io.pgnode.backup.core.BackupType;
import io.pgnode.backup.schedule.BackupLease;
import io.pgnode.backup.schedule.BackupRunner;
import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import io.pgnode.os.RunningCommand;
import io.pgnode.supervisor.ChildCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Scheduled backups: this program again, at low priority. */
final class ChildBackups implements BackupRunner {
    /** For the manifest of a large cluster; what is copied is outside of the heap. */
    private static final int HEAP_MEGABYTES = 384;

    /** Less than what is left of a lease that was lost. */
    private static final Duration KILL_GRACE = Duration.ofSeconds(5);

    private static final List<List<String>> LOW_PRIORITY =
            List.of(
                    List.of("/usr/bin/nice", "-n", "10"),
                    List.of("/usr/bin/ionice", "-c", "2", "-n", "7"));

    private final Path file;

    /**
     * @param file the configuration of this node
     */
    ChildBackups(Path file) {
        this.file = file.toAbsolutePath();
    }

    @Override
    public Run start(BackupType type, long epoch, Duration maxRunTime) throws IOException {
        List<String> words = new ArrayList<>();
        for (List<String> program : LOW_PRIORITY) {
            if (Files.isExecutable(Path.of(program.getFirst()))) {
                words.addAll(program);
            }
        }
        words.addAll(
                ChildCommand.self()
                        .line(
                                List.of(
                                        "backup",
                                        type.text(),
                                        "-c",
                                        file.toString(),
                                        "--scheduled-by",
                                        String.valueOf(ProcessHandle.current().pid())),
                                HEAP_MEGABYTES));
        Child child = new Child(maxRunTime);
        child.begin(
                Command.of(words)
                        .deadline(maxRunTime)
                        .killGrace(KILL_GRACE)
                        .onOutLine(child::line));
        return child;
    }

    /** One that runs. */
    private static final class Child implements Run {
        private final Duration maxRunTime;
        private volatile BackupLease.Progress progress = BackupLease.Progress.NONE;
        private volatile String label = ""; // one for each repository, separated by commas
        private volatile boolean isCancelled;
        private RunningCommand running;

        @SuppressWarnings("NullAway.Init") // begin comes before anybody else sees it
        Child(Duration maxRunTime) {
            this.maxRunTime = maxRunTime;
        }

        void begin(Command command) throws IOException {
            running = command.start();
        }

        /** Of its standard output; other lines are for people. */
        void line(String line) {
            if (line.startsWith(BackupRunCommand.LABEL)) {
                String more = line.substring(BackupRunCommand.LABEL.length());
                label = label.isEmpty() ? more : label + "," + more;
            } else if (line.matches(BackupProgress.PREFIX + "[0-9]{1,18} [0-9]{1,18}")) {
                String[] numbers = line.substring(BackupProgress.PREFIX.length()).split(" ", -1);
                progress =
                        new BackupLease.Progress(
                                Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
            }
        }

        @Override
        public Outcome await() throws InterruptedException {
            CommandResult result = running.await();
            if (result.isSuccess()) {
                return new Outcome(true, label);
            }
            if (isCancelled) {
                return new Outcome(false, "stopped");
            }
            if (result.timedOut()) {
                return new Outcome(
                        false,
                        "it took longer than max-run-time, " + maxRunTime.toMinutes() + " min");
            }
            return new Outcome(false, reason(result));
        }

        /** The report of an error is the last that such a program says. */
        private static String reason(CommandResult result) {
            String prefix = "pgnode: error: ";
            int at = result.err().lastIndexOf(prefix);
            if (at < 0) {
                return result.explain();
            }
            String text = result.err().substring(at + prefix.length()).strip();
            return text.replaceAll("\\s*\\nHINT: ", "; ").replaceAll("\\s+", " ");
        }

        @Override
        public void cancel() {
            isCancelled = true;
            running.cancel();
        }

        @Override
        public BackupLease.Progress progress() {
            return progress;
        }
    }
}
