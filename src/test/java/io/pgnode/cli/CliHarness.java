package io.pgnode.cli;

import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import io.pgnode.dcs.ClusterCodec;
import io.pgnode.dcs.ClusterStore;
import io.pgnode.dcs.Dcs;
import io.pgnode.dcs.DcsException;
import io.pgnode.dcs.FakeDcs;
import io.pgnode.dcs.FakeDcsServer;
import io.pgnode.dcs.embedded.KvState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;

/**
 * Runs commands in this process against a fake DCS and fake members. Without a terminal, unless
 * {@link #types} gives it somebody who answers questions.
 */
final class CliHarness {
    static final String SCOPE = "pg-test";
    private static final String PREFIX = "/service/" + SCOPE + "/";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** How a fake member answers a request. */
    interface Behaviour {
        MemberApi.Answer answer(Member member, String method, String path, String body)
                throws IOException;
    }

    /**
     * @param out standard output
     * @param err standard error
     */
    record Run(int code, String out, String err) {}

    private final Dcs dcs =
            new SerialDcs(
                    new FakeDcs(
                            new FakeDcsServer(
                                    new KvState(100, KvState.DEFAULT_HISTORY), System::nanoTime),
                            new FakeDcs.Direct()));
    private final ClusterStore store = new ClusterStore(dcs, "/service/", SCOPE, TIMEOUT);
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> requests = new ArrayList<>();
    private Behaviour behaviour =
            (member, method, path, body) -> {
                throw new MemberApi.NotReached("connection refused", new IOException());
            };
    private boolean terminal;
    private volatile boolean isAway;
    private String input = "";

    /** Writes the keys of a cluster whose leader, if any, is the first member. */
    CliHarness cluster(String leader, String config, List<Member> members) {
        put("initialize", "7300000000000000001");
        put("config", config);
        put("status", "{\"optime\":67108864}");
        put("sync", "{\"leader\":\"pg-test-1\",\"sync_standby\":\"pg-test-2\"}");
        put(
                "history",
                "[[1,50331648,\"no recovery target specified\",\"2026-11-20T10:00:00+00:00\",\"pg-test-1\"]]");
        members.forEach(this::member);
        if (!leader.isEmpty()) {
            put("leader", leader);
        }
        return this;
    }

    void member(Member member) {
        put("members/" + member.name(), ClusterCodec.encodeMember(member));
    }

    void put(String name, String value) {
        var _ =
                dcs.txn(
                                new Dcs.Txn(
                                        List.of(),
                                        List.of(new Dcs.Op.Put(PREFIX + name, value, 0))),
                                TIMEOUT)
                        .join();
    }

    ClusterView view() {
        return store.read().join();
    }

    ClusterStore store() {
        return store;
    }

    CliHarness members(Behaviour behaviour) {
        this.behaviour = behaviour;
        return this;
    }

    /** Gives it a terminal at which somebody types these lines. */
    CliHarness types(String... lines) {
        terminal = true;
        input = String.join("\n", lines) + "\n";
        return this;
    }

    /** To look at it beside the commands. */
    Dcs dcs() {
        return dcs;
    }

    /** From now on the DCS cannot be reached, or can again. */
    CliHarness away(boolean now) {
        isAway = now;
        return this;
    }

    /** Standard input from a pipe. */
    CliHarness pipes(String text) {
        input = text;
        return this;
    }

    CliHarness environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** The requests that members got: {@code pg-test-1 POST /restart {}}. */
    List<String> requests() {
        return requests;
    }

    Run run(String... args) {
        Surroundings surroundings =
                new Surroundings(
                        environment,
                        new Terminal(terminal, false, false, environment),
                        (options, own) ->
                                new ClusterSession(
                                        SCOPE,
                                        isAway ? new AwayDcs() : dcs,
                                        "/service/",
                                        TIMEOUT,
                                        FakeApi::new),
                        new BufferedReader(new StringReader(input)));
        CommandLine line = PgnodeCommandLine.create(new PgnodeCommand(surroundings));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = line.execute(args);
        line.getOut().flush();
        line.getErr().flush();
        return new Run(code, out.toString(), err.toString());
    }

    private final class FakeApi implements MemberApi {
        @Override
        public Answer call(Member member, String method, String path, String body, Duration timeout)
                throws IOException {
            synchronized (requests) {
                requests.add((member.name() + " " + method + " " + path + " " + body).strip());
            }
            return behaviour.answer(member, method, path, body);
        }

        @Override
        public void close() {}
    }

    /** Lets threads share the fake, which is made for one. Closing it keeps the keys. */
    private static final class SerialDcs implements Dcs {
        private final Dcs inner;

        SerialDcs(Dcs inner) {
            this.inner = inner;
        }

        @Override
        public synchronized CompletableFuture<Range> range(String prefix, Duration timeout) {
            return inner.range(prefix, timeout);
        }

        @Override
        public synchronized CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
            return inner.txn(txn, timeout);
        }

        @Override
        public synchronized CompletableFuture<Long> grantLease(Duration ttl, Duration timeout) {
            return inner.grantLease(ttl, timeout);
        }

        @Override
        public synchronized CompletableFuture<Duration> keepAlive(long lease, Duration timeout) {
            return inner.keepAlive(lease, timeout);
        }

        @Override
        public synchronized CompletableFuture<Void> revokeLease(long lease, Duration timeout) {
            return inner.revokeLease(lease, timeout);
        }

        @Override
        public synchronized Watch watch(String prefix, long from, WatchListener listener) {
            Watch watch = inner.watch(prefix, from, listener);
            return () -> {
                synchronized (this) {
                    watch.close();
                }
            };
        }

        @Override
        public void close() {}
    }

    /** Nobody listens. */
    private static final class AwayDcs implements Dcs {
        private static <T> CompletableFuture<T> failed() {
            return CompletableFuture.failedFuture(
                    new DcsException(DcsException.Kind.UNKNOWN, "connection refused", null));
        }

        @Override
        public CompletableFuture<Range> range(String prefix, Duration timeout) {
            return failed();
        }

        @Override
        public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
            return failed();
        }

        @Override
        public CompletableFuture<Long> grantLease(Duration ttl, Duration timeout) {
            return failed();
        }

        @Override
        public CompletableFuture<Duration> keepAlive(long lease, Duration timeout) {
            return failed();
        }

        @Override
        public CompletableFuture<Void> revokeLease(long lease, Duration timeout) {
            return failed();
        }

        @Override
        public Watch watch(String prefix, long from, WatchListener listener) {
            return () -> {};
        }

        @Override
        public void close() {}
    }
}
