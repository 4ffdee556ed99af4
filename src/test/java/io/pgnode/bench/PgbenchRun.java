package io.pgnode.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One run of pgbench through a port, and what the processes behind that port used meanwhile.
 *
 * @param transactions that were processed
 * @param perSecond without the time to connect, but with it when each transaction connects anew
 * @param latencyMillis mean of a transaction
 * @param cpuMicros CPU of the processes in between, for one transaction
 */
record PgbenchRun(long transactions, double perSecond, double latencyMillis, double cpuMicros) {
    private static final Pattern PROCESSED =
            Pattern.compile("actually processed: (\\d+)(?:/\\d+)?");
    private static final Pattern LATENCY = Pattern.compile("latency average = ([0-9.]+) ms");
    private static final Pattern TPS = Pattern.compile("tps = ([0-9.]+)");
    private static final Pattern FAILED = Pattern.compile("failed transactions: (\\d+)");

    /**
     * @param between processes whose CPU is counted
     * @param options of pgbench besides address, role and database
     */
    static PgbenchRun of(int port, List<Long> between, List<String> options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("pgbench", "-h", "127.0.0.1", "-p"));
        command.add(Integer.toString(port));
        command.addAll(List.of("-U", "postgres", "-n"));
        command.addAll(options);
        command.add("postgres");
        long before = ProcessorTime.micros(between);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException(command + " failed: " + output);
        }
        long used = ProcessorTime.micros(between) - before;
        if (number(FAILED, output) != 0) {
            throw new IllegalStateException(command + " had failures: " + output);
        }
        double transactions = number(PROCESSED, output);
        return new PgbenchRun(
                (long) transactions,
                number(TPS, output),
                number(LATENCY, output),
                used / transactions);
    }

    /** Latencies of all transactions in microseconds, sorted; for runs of a few seconds. */
    static List<Long> latencies(int port, int clients, int seconds)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("pgbench-log");
        try {
            var _ =
                    of(
                            port,
                            List.of(),
                            List.of(
                                    "-S",
                                    "-c",
                                    Integer.toString(clients),
                                    "-T",
                                    Integer.toString(seconds),
                                    "-l",
                                    "--log-prefix=" + directory.resolve("log")));
            List<Long> all = new ArrayList<>();
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    for (String line : Files.readAllLines(file)) {
                        all.add(Long.parseLong(line.split(" ", -1)[2]));
                    }
                }
            }
            all.sort(Comparator.naturalOrder());
            return all;
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static double number(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }
}
