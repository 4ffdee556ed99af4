package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.core.Pool;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool with what is needed to open its servers and to greet its clients. Thread-safe; where its
 * servers are is changed under the lock of {@link KnownPools} alone.
 */
final class KnownPool {
    private final Pool<ClientSession, ServerSession> pool;
    private volatile DatabaseSettings database;
    private volatile ServerSecret secret;
    private volatile @Nullable Route route;
    private volatile @Nullable Welcome welcome;
    private volatile long usedAt = System.nanoTime();

    KnownPool(
            Pool<ClientSession, ServerSession> pool,
            DatabaseSettings database,
            ServerSecret secret) {
        this.pool = pool;
        this.database = database;
        this.secret = secret;
    }

    Pool<ClientSession, ServerSession> pool() {
        return pool;
    }

    /** Where its servers are opened; null as long as nobody has served it. */
    @Nullable Target target() {
        Route now = route;
        return now == null ? null : now.target(database, pool.key().user(), secret);
    }

    void database(DatabaseSettings settings) {
        database = settings;
    }

    ServerSecret secret() {
        return secret;
    }

    /** Somebody has proved who he is with this one. */
    void proved(ServerSecret other) {
        if (!(other instanceof ServerSecret.None) && !other.equals(secret)) {
            // The password was changed meanwhile, or somebody whom we trusted was first.
            secret = other;
        }
    }

    /**
     * Its servers are there from now on.
     *
     * @return whether they were elsewhere before
     */
    boolean route(Route next) {
        Route before = route;
        route = next;
        return before != null && !next.isSameAs(before);
    }

    /** What its own servers said last; null when none has been opened yet. */
    @Nullable Welcome welcome() {
        return welcome;
    }

    /** One of its servers said this at its login. */
    void learn(Map<String, String> reported) {
        Welcome known = welcome;
        if (known == null || !known.says(reported)) {
            welcome = new Welcome(reported);
        }
    }

    /** Its servers are others from now on. */
    void forgetWelcome() {
        welcome = null;
    }

    /** When somebody used it last. */
    long usedAt() {
        return usedAt;
    }

    void used(long now) {
        usedAt = now;
    }
}
