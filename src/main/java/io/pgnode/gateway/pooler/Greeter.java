package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.pgnode.gateway.pooler.core.Pool;
import io.pgnode.gateway.pooler.core.PoolKey;
import io.pgnode.wire.BackendMessages;
import io.pgnode.wire.CancelKey;
import io.pgnode.wire.ErrorMessage;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Greets clients with what servers said at their own logins. Thread-safe; what concerns a client
 * runs on its loop.
 */
final class Greeter {
    private static final long WITHOUT_MILLIS = 250;

    private final KnownPools pools;
    private final PoolLedger ledger;
    private final Supplier<String> notice;
    private volatile @Nullable Welcome lent;

    /**
     * @param notice for every client; empty for none
     */
    Greeter(KnownPools pools, PoolLedger ledger, Supplier<String> notice) {
        this.pools = pools;
        this.ledger = ledger;
        this.notice = notice;
    }

    /** A server of this node said this at its login. */
    void learn(Map<String, String> reported) {
        Welcome last = lent;
        if (last == null || !last.says(reported)) {
            lent = new Welcome(reported);
        }
    }

    /** Greets the client as soon as that can be done, and puts its session in its pipeline. */
    void greet(Newcomer client, ClientSession session, KnownPool known) {
        Welcome welcome = known.pool().isRouted() ? known.welcome() : welcomeOf(known);
        if (welcome != null) {
            welcome(client, session, welcome);
            return;
        }
        client.stopReading();
        new FirstServer(client, session).begin();
    }

    /**
     * What to greet a client with while no server can be asked: what the pool's own servers said,
     * else those of another. Null when nobody has said anything yet.
     */
    private @Nullable Welcome welcomeOf(KnownPool known) {
        Welcome own = known.welcome();
        if (own != null) {
            return own;
        }
        PoolKey key = known.pool().key();
        boolean isPrimary = key.target().equals(PoolKey.PRIMARY);
        for (KnownPool other : pools.all()) {
            Welcome its = other.welcome();
            if (its != null && other.pool().key().database().equals(key.database())) {
                return its.lentTo(key.user(), isPrimary);
            }
        }
        Welcome last = lent;
        return last == null ? null : last.lentTo(key.user(), isPrimary);
    }

    private void welcome(Newcomer client, ClientSession session, Welcome welcome) {
        Welcome.Greeting greeting = welcome.greeting(client.asked().values());
        session.settings().share(greeting.settings());
        ByteBuf out = client.context().alloc().buffer(1024);
        greeting.writeTo(out);
        BackendMessages.backendKeyData(out, CancelKey.of(session.cancelKey()));
        String text = notice.get();
        if (!text.isEmpty()) {
            ErrorMessage.notice(text).writeTo(out);
        }
        BackendMessages.readyForQuery(out, 'I');
        session.meter().loggedIn();
        client.context().pipeline().addLast("session", session);
        session.outlet().begin(session);
        session.outlet().write(out);
        session.outlet().flush();
        client.context().pipeline().remove(client.handler());
    }

    /** The first client of a pool waits for a server, which tells what to greet clients with. */
    private final class FirstServer {
        private final Newcomer client;
        private final ClientSession session;

        FirstServer(Newcomer client, ClientSession session) {
            this.client = client;
            this.session = session;
        }

        void begin() {
            // The session is not in the pipeline yet: nobody else would tell it that the client
            // left.
            client.context().channel().closeFuture().addListener(_ -> session.gone());
            session.waitForWelcome(
                    server -> {
                        KnownPool known = pools.find(server.seat().pool().key());
                        Welcome welcome = known == null ? null : known.welcome();
                        if (welcome == null) {
                            throw new IllegalStateException("a server without parameters");
                        }
                        greet(welcome);
                    },
                    client::refuse);
            lookLater();
        }

        private void greet(Welcome welcome) {
            welcome(client, session, welcome);
            client.goOnReading();
        }

        private void lookLater() {
            var _ =
                    client.context()
                            .executor()
                            .schedule(this::doWithout, WITHOUT_MILLIS, TimeUnit.MILLISECONDS);
        }

        /** No server came: none can be opened, or all are busy. The client may wait inside. */
        private void doWithout() {
            KnownPool known = pools.find(session.pool().key());
            if (known == null || !session.isWaitingForWelcome()) {
                return;
            }
            Pool<?, ?> pool = known.pool();
            boolean isOpening =
                    ledger.look(
                            _ ->
                                    pool.isRouted()
                                            && !pool.isHeld()
                                            && pool.lastFailure() == null
                                            && pool.opening() > 0);
            Welcome welcome = isOpening ? null : welcomeOf(known);
            if (welcome == null) {
                lookLater();
            } else if (session.stopWaitingForWelcome()) {
                greet(welcome);
            }
        }
    }
}
