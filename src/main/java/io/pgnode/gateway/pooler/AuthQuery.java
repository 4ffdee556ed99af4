package io.pgnode.gateway.pooler;

import io.netty.channel.ChannelHandlerContext;
import io.pgnode.net.EventLoops;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.SqlState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Asks databases for the secrets of roles, each time over a connection of its own on which nothing
 * of any client was ever set. Few at a time; those who ask for the same role share the answer.
 * While a database is out of reach, what it answered before still counts for a while. Thread-safe.
 */
final class AuthQuery {
    private static final Logger LOG = Logger.getLogger(AuthQuery.class);
    private static final int AT_A_TIME = 4;
    private static final int MAX_WAITING = 10_000;
    private static final int MAX_REMEMBERED = 10_000;
    private static final Duration KNOWN = Duration.ofSeconds(5);
    private static final Duration UNKNOWN = Duration.ofSeconds(1);
    private static final Duration KEPT = Duration.ofMinutes(15);
    private static final long RETRY_MILLIS = 200;
    private static final long DOWN_NANOS = 1_000_000_000L;

    /**
     * A question.
     *
     * @param key names its answer
     * @param target where to ask, as whom
     * @param patience for how long it is asked again while the database is out of reach
     */
    record Question(RoleMemory.Key key, Target target, String sql, Duration patience) {}

    private final EventLoops loops;
    private final Secrets secrets;
    private final Executor workers;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final RoleMemory memory =
            new RoleMemory(new RoleMemory.Times(KNOWN, UNKNOWN, KEPT), MAX_REMEMBERED);
    private final Map<RoleMemory.Key, List<Consumer<LoginRules.Found>>> asking = new HashMap<>();
    private final ArrayDeque<Question> waiting = new ArrayDeque<>();
    private final Map<String, Long> downSince = new HashMap<>();
    private volatile Consumer<Map<String, String>> listener = _ -> {};
    private int running;

    AuthQuery(EventLoops loops, Secrets secrets, Executor workers, LongSupplier nanos) {
        this.loops = loops;
        this.secrets = secrets;
        this.workers = workers;
        this.nanos = nanos;
    }

    /** Is told what servers report at each login. */
    void listener(Consumer<Map<String, String>> wanted) {
        listener = wanted;
    }

    /**
     * @param then called at once when the answer is known, else later on any loop
     */
    void ask(Question question, Consumer<LoginRules.Found> then) {
        LoginRules.Found known = null;
        boolean isNext = false;
        lock.lock();
        try {
            long now = nanos.getAsLong();
            known = memory.find(question.key(), now);
            if (known == null && isDown(question.key().asked(), now)) {
                known = memory.old(question.key(), now);
            }
            if (known == null) {
                List<Consumer<LoginRules.Found>> others = asking.get(question.key());
                if (others != null) {
                    others.add(then);
                } else if (waiting.size() >= MAX_WAITING) {
                    known =
                            new LoginRules.Found.Failed(
                                    SqlState.TOO_MANY_CONNECTIONS, "too many logins at a time");
                } else {
                    asking.put(question.key(), new ArrayList<>(List.of(then)));
                    isNext = running < AT_A_TIME;
                    if (isNext) {
                        running++;
                    } else {
                        waiting.add(question);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        if (known != null) {
            then.accept(known);
        } else if (isNext) {
            run(question);
        }
    }

    /** What was answered about this role is not to be believed any more. */
    void forget(RoleMemory.Key key) {
        lock.lock();
        try {
            memory.forget(key, nanos.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock: whether it could not be reached a moment ago. */
    private boolean isDown(String asked, long now) {
        Long since = downSince.get(asked);
        return since != null && now - since < DOWN_NANOS;
    }

    private void run(Question question) {
        run(question, nanos.getAsLong());
    }

    private void run(Question question, long since) {
        Run run = new Run(question, since);
        Target target = question.target();
        ServerLogin.begin(loops.loop(loops.take()), target, secrets, workers, run);
    }

    private void answered(Question question, LoginRules.Found found) {
        List<Consumer<LoginRules.Found>> those;
        Question next;
        lock.lock();
        try {
            memory.put(question.key(), found, nanos.getAsLong());
            if (!(found instanceof LoginRules.Found.Failed)) {
                downSince.remove(question.key().asked());
            }
            those = asking.remove(question.key());
            next = waiting.poll();
            if (next == null) {
                running--;
            }
        } finally {
            lock.unlock();
        }
        if (those != null) {
            those.forEach(then -> then.accept(found));
        }
        if (next != null) {
            run(next);
        }
    }

    /** One question on its connection. */
    private final class Run implements ServerLogin.Outcome {
        private final Question question;
        private final long since;
        private boolean isAnswered;

        Run(Question question, long since) {
            this.question = question;
            this.since = since;
        }

        @Override
        public void loggedIn(
                ChannelHandlerContext context, CancelKey key, Map<String, String> reported) {
            listener.accept(reported);
            context.pipeline()
                    .replace(
                            context.handler(),
                            "auth",
                            new AuthAnswer(question, this::answer, this::failed));
        }

        private void answer(LoginRules.Found found) {
            if (!isAnswered) {
                isAnswered = true;
                answered(question, found);
            }
        }

        @Override
        public void failed(String sqlState, String message) {
            if (isAnswered) {
                return;
            }
            boolean isOutOfReach = sqlState.isEmpty() || sqlState.startsWith("08");
            boolean isDown = isOutOfReach || sqlState.startsWith("57");
            LoginRules.Found old = isDown ? kept() : null;
            if (old != null) {
                answer(old);
            } else if (isDown && nanos.getAsLong() - since < question.patience().toNanos()) {
                isAnswered = true;
                var _ =
                        loops.loop(loops.take())
                                .schedule(
                                        () -> AuthQuery.this.run(question, since),
                                        RETRY_MILLIS,
                                        TimeUnit.MILLISECONDS);
            } else {
                LOG.warnf(
                        "auth_query as %s in %s failed: %s",
                        question.target().user(), question.target().database(), message);
                answer(
                        new LoginRules.Found.Failed(
                                isDown ? SqlState.CANNOT_CONNECT_NOW : SqlState.CONFIG_FILE_ERROR,
                                isOutOfReach
                                        ? "cannot connect to the server that knows the roles"
                                        : "bouncer config error: auth_query failed"));
            }
        }

        /** What was answered before; notes that nobody can be asked now. */
        private LoginRules.@Nullable Found kept() {
            lock.lock();
            try {
                long now = nanos.getAsLong();
                downSince.put(question.key().asked(), now);
                return memory.old(question.key(), now);
            } finally {
                lock.unlock();
            }
        }
    }
}
